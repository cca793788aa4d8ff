package fc

import (
	"regexp"
	"slices"

	"github.com/layerbuild/layerbuild/runtimes"
)

// publication is the body of a CreateLayerVersion.
type publication struct {
	CompatibleRuntime []string `json:"compatibleRuntime"`
	Description       string   `json:"description"`
	License           string   `json:"license"`
	code              code
}

func (s *Service) publish(x *exchange) (any, error) {
	in, err := s.publication(x)
	if err != nil {
		return nil, err
	}
	checksum := in.code.Checksum
	if x.api == api2 {
		checksum, in.License = "", "" // 2.0 has neither
	}
	name := x.parts["layer"]
	kept, err := s.keep(x, in.code, checksum, "layers/"+name)
	if err != nil {
		return nil, err
	}
	v := &version{
		Created: s.o.Clock().UTC(), Description: in.Description, License: in.License,
		Runtimes: in.CompatibleRuntime, stored: kept,
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	id := layerID{x.account, x.region, name}
	l := s.layers[id]
	if l == nil {
		l = &layer{Account: id.account, Region: id.region, Name: id.name}
	}
	err = s.update(l, func(l *layer) {
		l.Last++
		v.Number = l.Last
		l.Versions = append(l.Versions, v)
	})
	if err != nil {
		return nil, err
	}
	x.record.Version = v.Number
	x.w.Header().Set("ETag", etag(kept.Object))
	return s.describe(x, l, v), nil
}

// publication reads the request and holds it against the limits.
func (s *Service) publication(x *exchange) (publication, error) {
	in := publication{CompatibleRuntime: []string{}}
	if err := x.decode(&in); err != nil {
		return in, err
	}
	member := "code"
	if x.api == api2 {
		member = "Code"
	}
	if err := x.member(member, &in.code); err != nil {
		return in, err
	}
	cloud := s.cloud(x.api)
	if problem := cloud.Limits.CheckName(x.parts["layer"]); problem != "" {
		return in, invalid("layerName is invalid: %s", problem)
	}
	if problem := cloud.Limits.CheckDescription(in.Description); problem != "" {
		return in, invalid("description is invalid: %s", problem)
	}
	if problem := cloud.Limits.CheckRuntimes(len(in.CompatibleRuntime)); problem != "" {
		return in, invalid("compatibleRuntime is invalid: %s", problem)
	}
	for _, runtime := range in.CompatibleRuntime {
		if _, ok := cellOf(cloud, runtime); !ok {
			return in, invalid("compatibleRuntime is invalid: runtime '%s' is not supported", runtime)
		}
	}
	return in, nil
}

// cellOf looks a runtime up by the service's own name for it.
func cellOf(cloud runtimes.Service, identifier string) (runtimes.Cell, bool) {
	i := slices.IndexFunc(cloud.Cells, func(c runtimes.Cell) bool { return c.Identifier == identifier })
	if i < 0 {
		return runtimes.Cell{}, false
	}
	return cloud.Cells[i], true
}

// etag makes an entity tag of an object's name, of which the last part is
// random.
func etag(object string) string { return lastPart.FindString(object) }

var lastPart = regexp.MustCompile(`[^/]*$`)
