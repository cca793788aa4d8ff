package lambda

import (
	"slices"
	"strconv"
	"strings"
)

func (s *Service) get(x *exchange) (any, error) {
	id, number, err := x.targetVersion()
	if err != nil {
		return nil, err
	}
	return s.lookUp(x, id, number)
}

func (s *Service) getByArn(x *exchange) (any, error) {
	arn := x.r.URL.Query().Get("Arn")
	var p problems
	if arn == "" {
		p.missing("arn")
	} else {
		p.length(arn, "arn", 1, maxName)
		p.pattern(arn, "arn", arnRE, arnPattern)
	}
	if err := p.err(); err != nil {
		return nil, err
	}
	cut := strings.LastIndexByte(arn, ':')
	id, err := x.parseArn(arn)
	if err != nil {
		return nil, err
	}
	x.number = arn[cut+1:]
	number, err := x.versionNumber()
	if err != nil {
		return nil, err
	}
	return s.lookUp(x, id, number)
}

func (s *Service) lookUp(x *exchange, id layerID, number int64) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l, v := s.find(id, number)
	if v == nil {
		return nil, noSuchResource()
	}
	return s.detail(x, l, v), nil
}

// remove deletes a version. One that is not there is no error.
func (s *Service) remove(x *exchange) (any, error) {
	id, number, err := x.targetVersion()
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	l, v := s.find(id, number)
	if v == nil {
		return nil, nil
	}
	err = s.update(l, func(l *layer) {
		l.Versions = slices.DeleteFunc(l.Versions, func(one *version) bool { return one == v })
	})
	if err != nil {
		return nil, err
	}
	return nil, s.o.Objects.Discard(ownBucket(l.Region), v.Object)
}

func (s *Service) listVersions(x *exchange) (any, error) {
	id, err := x.target()
	if err != nil {
		return nil, err
	}
	q, err := x.listing()
	if err != nil {
		return nil, err
	}
	before := int64(1 << 62)
	if q.marker != "" {
		if before, err = strconv.ParseInt(q.marker, 10, 64); err != nil {
			return nil, invalidParameter("Invalid value for the parameter Marker")
		}
	}
	doc := struct {
		LayerVersions []summary
		NextMarker    string `json:",omitempty"`
	}{LayerVersions: []summary{}}
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.layers[id]
	if l == nil {
		return doc, nil
	}
	for _, v := range slices.Backward(l.Versions) { // the newest first
		if v.Number >= before || !q.takes(v) {
			continue
		}
		if len(doc.LayerVersions) == q.most {
			last := doc.LayerVersions[q.most-1].Version
			doc.NextMarker = encodeMarker(strconv.FormatInt(last, 10))
			break
		}
		doc.LayerVersions = append(doc.LayerVersions, l.summary(v))
	}
	return doc, nil
}
