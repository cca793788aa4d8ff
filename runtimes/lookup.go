package runtimes

import "slices"

// Service returns the service with the id "lambda", "fc3", "fc2" or "scf".
func (c *Catalogue) Service(id string) (Service, bool) {
	return c.find(func(s Service) bool { return s.ID == id })
}

// ByCloud returns the service that a target's cloud ("aws", "aliyun",
// "tencent") and api select. An api of "" selects the cloud's newest.
func (c *Catalogue) ByCloud(cloud, api string) (Service, bool) {
	return c.find(func(s Service) bool { return s.Cloud == cloud && (api == "" || s.API == api) })
}

// ByLayout returns the service that a local target with this layout ("aws",
// "fc", "scf") stands in for, the newest where several share it.
func (c *Catalogue) ByLayout(layout string) (Service, bool) {
	return c.find(func(s Service) bool { return s.Layout == layout })
}

// find returns the first match; the file has a cloud's newest service first.
func (c *Catalogue) find(match func(Service) bool) (Service, bool) {
	i := slices.IndexFunc(c.Services, match)
	if i < 0 {
		return Service{}, false
	}
	return c.Services[i], true
}

// Cell returns the runtime of our name; see [Catalogue.Canonical] for other
// spellings.
func (s Service) Cell(runtime string) (Cell, bool) {
	i := slices.IndexFunc(s.Cells, func(c Cell) bool { return c.Runtime == runtime })
	if i < 0 {
		return Cell{}, false
	}
	return s.Cells[i], true
}
