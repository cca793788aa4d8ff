package fc

import (
	"net/http"
	"regexp"
	"slices"
)

// target returns the layer that the path names.
func (x *exchange) target() layerID { return layerID{x.account, x.region, x.parts["layer"]} }

func (s *Service) get(x *exchange) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l, v, err := s.find(x.target(), x.parts["version"])
	if err != nil {
		return nil, err
	}
	return s.describe(x, l, v), nil
}

// The two forms of a version's name.
var (
	arnForm    = regexp.MustCompile(`^acs:fc:([a-z0-9-]+):([A-Za-z0-9]+):layers/([^/]+)/versions/(\d+)$`)
	oldArnForm = regexp.MustCompile(`^[0-9a-f]{32}#([^#]+)#(\d+)$`)
)

func (s *Service) getByArn(x *exchange) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l, v, err := s.resolve(x, x.parts["arn"])
	if err != nil {
		return nil, err
	}
	x.record.Layer, x.record.Version = l.Name, v.Number
	return s.describe(x, l, v), nil
}

// resolve finds a version by its ARN, whoever's it is: those of others must be
// public. 2.0 knows the older form too. The lock is held.
func (s *Service) resolve(x *exchange, arn string) (*layer, *version, error) {
	if m := oldArnForm.FindStringSubmatch(arn); m != nil && x.api == api2 {
		l, v, err := s.find(layerID{x.account, x.region, m[1]}, m[2])
		if err == nil && l.oldArn(v.Number) != arn {
			return nil, nil, noLayer(m[1])
		}
		return l, v, err
	}
	m := arnForm.FindStringSubmatch(arn)
	if m == nil {
		return nil, nil, invalid("layer ARN '%s' is invalid", arn)
	}
	id := layerID{m[2], m[1], m[3]}
	if id.region != x.region {
		return nil, nil, invalid("layer ARN '%s' is not in region '%s'", arn, x.region)
	}
	l, v, err := s.find(id, m[4])
	if err == nil && l.Account != x.account && !l.Public {
		return nil, nil, &failure{status: http.StatusForbidden, code: "AccessDenied",
			message: "the caller is not authorized to perform 'fc:GetLayerVersion' on resource '" + arn + "'"}
	}
	return l, v, err
}

// remove deletes a version.
func (s *Service) remove(x *exchange) (any, error) {
	if x.record.Version < 1 {
		return nil, invalid("version '%s' is invalid", x.parts["version"])
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	l, v, err := s.find(x.target(), x.parts["version"])
	if err != nil {
		return nil, err
	}
	err = s.update(l, func(l *layer) {
		l.Versions = slices.DeleteFunc(l.Versions, func(one *version) bool { return one == v })
	})
	if err != nil {
		return nil, err
	}
	return nil, s.release(l.Region, v.Object)
}

// share sets who may use a layer with all its versions.
func (s *Service) share(x *exchange) (any, error) {
	q := x.r.URL.Query()
	var public bool
	switch {
	case x.api == api3 && q.Has("acl"):
		acl := q.Get("acl")
		if acl != "0" && acl != "1" {
			return nil, invalid("acl '%s' is invalid: it must be 0 or 1", acl)
		}
		public = acl == "1"
	default:
		text := q.Get("public")
		if text != "true" && text != "false" {
			return nil, invalid("public '%s' is invalid: it must be true or false", text)
		}
		public = text == "true"
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.layers[x.target()]
	if l == nil || len(l.Versions) == 0 {
		return nil, noLayer(x.parts["layer"])
	}
	return nil, s.update(l, func(l *layer) { l.Public = public })
}
