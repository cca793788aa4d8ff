package scf

import (
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// addTime spells a time as the service does: China's, without saying so.
func addTime(t time.Time) string {
	return t.In(time.FixedZone("", 8*60*60)).Format("2006-01-02 15:04:05")
}

// aVersion is how requests name a version.
type aVersion struct {
	LayerName    *string
	LayerVersion *int64
}

func (x *exchange) target() (layerID, int64, error) {
	var in aVersion
	if err := x.decode(&in); err != nil {
		return layerID{}, 0, err
	}
	switch {
	case in.LayerName == nil:
		return layerID{}, 0, missing("LayerName")
	case in.LayerVersion == nil:
		return layerID{}, 0, missing("LayerVersion")
	}
	x.record.Version = *in.LayerVersion
	return layerID{x.account, x.region, *in.LayerName}, *in.LayerVersion, nil
}

// get describes a version. Each time counts for its wait.
func (s *Service) get(x *exchange) (answer, error) {
	id, number, err := x.target()
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	l, v, err := s.find(id, number)
	if err != nil {
		return nil, err
	}
	doc := l.describe(v, s.o.Clock())
	doc["CodeSha256"] = v.SHA256
	doc["Location"] = s.o.Link(x.base(), l.Region, s.ownBucket(l.Region), v.Object)
	if v.Polls > 0 {
		err = s.update(l, func(l *layer) {
			next := *v
			next.Polls--
			l.Versions[slices.Index(l.Versions, v)] = &next
		})
	}
	return doc, err
}

// base is where the client reached the service: the host that it asked for may
// be the cloud's own.
func (x *exchange) base() url.URL {
	host := x.r.Host
	if at, ok := x.r.Context().Value(http.LocalAddrContextKey).(net.Addr); ok {
		host = at.String()
	}
	return url.URL{Scheme: "http", Host: host}
}

// describe is what all answers say of a version.
func (l *layer) describe(v *version, now time.Time) answer {
	doc := answer{
		"CompatibleRuntimes": v.Runtimes, "AddTime": addTime(v.Created), "Description": v.Description, "LicenseInfo": v.License,
		"LayerVersion": v.Number, "LayerName": l.Name, "Status": v.status(now),
	}
	if len(v.Tags) > 0 {
		doc["Tags"] = v.Tags
	}
	return doc
}

func (s *Service) listVersions(x *exchange) (answer, error) {
	var in struct {
		LayerName         *string
		CompatibleRuntime []string
	}
	if err := x.decode(&in); err != nil {
		return nil, err
	}
	if in.LayerName == nil {
		return nil, missing("LayerName")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.layers[layerID{x.account, x.region, *in.LayerName}]
	if l == nil || len(l.Versions) == 0 {
		return nil, fail("ResourceNotFound.Layer")
	}
	list := []answer{}
	for _, v := range slices.Backward(l.Versions) { // the newest first
		suits := func(runtime string) bool { return slices.Contains(v.Runtimes, runtime) }
		if len(in.CompatibleRuntime) == 0 || slices.ContainsFunc(in.CompatibleRuntime, suits) {
			list = append(list, l.describe(v, s.o.Clock()))
		}
	}
	return answer{"LayerVersions": list}, nil
}

// listLayers lists the newest version of each layer.
func (s *Service) listLayers(x *exchange) (answer, error) {
	var in struct {
		CompatibleRuntime, SearchKey string
		Offset, Limit                *int64
	}
	if err := x.decode(&in); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []*layer
	for id, l := range s.layers {
		if id.account == x.account && id.region == x.region && len(l.Versions) > 0 && strings.Contains(l.Name, in.SearchKey) &&
			(in.CompatibleRuntime == "" || slices.Contains(l.newest().Runtimes, in.CompatibleRuntime)) {
			all = append(all, l)
		}
	}
	slices.SortFunc(all, func(a, b *layer) int { return strings.Compare(a.Name, b.Name) })
	from, to, err := page(len(all), in.Offset, in.Limit)
	if err != nil {
		return nil, err
	}
	list := []answer{}
	for _, l := range all[from:to] {
		list = append(list, l.describe(l.newest(), s.o.Clock()))
	}
	return answer{"Layers": list, "TotalCount": len(all)}, nil
}

func (l *layer) newest() *version { return l.Versions[len(l.Versions)-1] }

// remove deletes a version that no function uses.
func (s *Service) remove(x *exchange) (answer, error) {
	id, number, err := x.target()
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	l, v, err := s.find(id, number)
	if err != nil {
		return nil, err
	}
	for _, f := range s.functions {
		if f.Account == l.Account && f.Region == l.Region && f.uses(mounted{l.Name, v.Number}) {
			return nil, fail("ResourceInUse.LayerVersion")
		}
	}
	err = s.update(l, func(l *layer) {
		l.Versions = slices.DeleteFunc(l.Versions, func(one *version) bool { return one == v })
	})
	if err != nil {
		return nil, err
	}
	return nil, s.o.Objects.Discard(s.ownBucket(l.Region), v.Object)
}
