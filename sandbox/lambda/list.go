package lambda

import (
	"encoding/base64"
	"slices"
	"strings"
)

// listing is the query of ListLayers and ListLayerVersions.
type listing struct {
	marker, runtime, arch string
	most                  int
}

func (x *exchange) listing() (listing, error) {
	q := x.r.URL.Query()
	l := listing{runtime: q.Get("CompatibleRuntime"), arch: q.Get("CompatibleArchitecture")}
	var p problems
	p.filters(l.runtime, l.arch)
	l.most = p.page(q.Get("MaxItems"))
	if err := p.err(); err != nil {
		return l, err
	}
	var err error
	l.marker, err = decodeMarker(q.Get("Marker"))
	return l, err
}

func encodeMarker(at string) string { return base64.URLEncoding.EncodeToString([]byte(at)) }

func decodeMarker(marker string) (string, error) {
	at, err := base64.URLEncoding.DecodeString(marker)
	if err != nil {
		return "", invalidParameter("Invalid value for the parameter Marker")
	}
	return string(at), nil
}

// takes says whether a version passes the filters.
func (l listing) takes(v *version) bool {
	has := func(list *[]string, one string) bool { return one == "" || list != nil && slices.Contains(*list, one) }
	return has(v.Runtimes, l.runtime) && has(v.Architectures, l.arch)
}

func (s *Service) listLayers(x *exchange) (any, error) {
	q, err := x.listing()
	if err != nil {
		return nil, err
	}
	type entry struct {
		LayerName             string
		LayerArn              string
		LatestMatchingVersion summary
	}
	doc := struct {
		Layers     []entry
		NextMarker string `json:",omitempty"`
	}{Layers: []entry{}}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, l := range s.layersOf(x) {
		latest := l.latest(q)
		if latest == nil || l.Name <= q.marker {
			continue
		}
		if len(doc.Layers) == q.most {
			doc.NextMarker = encodeMarker(doc.Layers[q.most-1].LayerName)
			break
		}
		doc.Layers = append(doc.Layers, entry{l.Name, l.id().arn(), l.summary(latest)})
	}
	return doc, nil
}

// layersOf returns the layers that the sender has in the region, by name.
func (s *Service) layersOf(x *exchange) []*layer {
	var list []*layer
	for id, l := range s.layers {
		if id.account == x.account && id.region == x.region {
			list = append(list, l)
		}
	}
	slices.SortFunc(list, func(a, b *layer) int { return strings.Compare(a.Name, b.Name) })
	return list
}

// latest returns the newest version that passes the filters, nil if none.
func (l *layer) latest(q listing) *version {
	for _, v := range slices.Backward(l.Versions) {
		if q.takes(v) {
			return v
		}
	}
	return nil
}
