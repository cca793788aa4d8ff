package scf

import (
	"slices"

	"github.com/layerbuild/layerbuild/runtimes"
)

// publication is the body of a PublishLayerVersion.
type publication struct {
	LayerName          *string
	CompatibleRuntimes *[]string
	Content            *content
	Description        string
	LicenseInfo        string
	Tags               []tag
}

func (s *Service) publish(x *exchange) (answer, error) {
	var in publication
	if err := x.decode(&in); err != nil {
		return nil, err
	}
	if err := s.check(in); err != nil {
		return nil, err
	}
	id := layerID{x.account, x.region, *in.LayerName}
	if err := s.room(id); err != nil {
		return nil, err
	}
	kept, zipped, err := s.keep(x, *in.Content, "layers/"+id.name)
	if err != nil {
		return nil, err
	}
	v := &version{
		Created: s.o.Clock().UTC(), Description: in.Description, License: in.LicenseInfo,
		Runtimes: *in.CompatibleRuntimes, Tags: in.Tags, Broken: !zipped, stored: kept, wait: s.newWait(),
	}
	s.mu.Lock()
	defer s.mu.Unlock()
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
	return answer{"LayerVersion": v.Number}, nil
}

// check holds the members against the API reference.
func (s *Service) check(in publication) error {
	switch {
	case in.LayerName == nil:
		return missing("LayerName")
	case in.CompatibleRuntimes == nil:
		return missing("CompatibleRuntimes")
	case in.Content == nil:
		return missing("Content")
	case s.limits.CheckName(*in.LayerName) != "":
		return fail("InvalidParameterValue.LayerName")
	case s.limits.CheckDescription(in.Description) != "":
		return fail("InvalidParameterValue.Description")
	case len(*in.CompatibleRuntimes) == 0, s.limits.CheckRuntimes(len(*in.CompatibleRuntimes)) != "":
		return fail("InvalidParameterValue.CompatibleRuntimes")
	}
	for _, runtime := range *in.CompatibleRuntimes {
		if _, ok := s.cell(runtime); !ok {
			return fail("InvalidParameterValue.CompatibleRuntimes")
		}
	}
	return nil
}

// room sees to it that there is a place for one version more. The number of
// layers is a region's.
func (s *Service) room(id layerID) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	layers, versions := 0, 0
	for other, l := range s.layers {
		switch {
		case other == id:
			versions = len(l.Versions)
		case other.account == id.account && other.region == id.region && len(l.Versions) > 0:
			layers++
		}
	}
	switch {
	case versions == 0 && layers >= s.limits.LayersPerRegion:
		return fail("LimitExceeded.Layers")
	case versions >= s.limits.VersionsPerLayer:
		return fail("LimitExceeded.LayerVersions")
	}
	return nil
}

// cell looks a runtime up by the service's own name for it.
func (s *Service) cell(identifier string) (runtimes.Cell, bool) {
	i := slices.IndexFunc(s.cells, func(c runtimes.Cell) bool { return c.Identifier == identifier })
	if i < 0 {
		return runtimes.Cell{}, false
	}
	return s.cells[i], true
}
