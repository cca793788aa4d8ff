package fc

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

type serviceID struct{ account, region, name string }

// A service is what 2.0 puts functions into.
type service struct {
	Account     string    `json:"account"`
	Region      string    `json:"region"`
	Name        string    `json:"name"`
	ID          string    `json:"id"`
	Description string    `json:"description"`
	Role        string    `json:"role"`
	Created     time.Time `json:"created"`
	// Published has the functions that the service had.
	Published releases `json:"published,omitzero"`
}

func (one *service) id() serviceID { return serviceID{one.Account, one.Region, one.Name} }

func (one *service) file() string {
	return documentFile("services", fmt.Sprintf("acs:fc:%s:%s:services/%s", one.Region, one.Account, one.Name))
}

// serviceDocument is a service as the answers have it.
type serviceDocument struct {
	ServiceName      string `json:"serviceName"`
	ServiceID        string `json:"serviceId"`
	Description      string `json:"description"`
	Role             string `json:"role"`
	InternetAccess   bool   `json:"internetAccess"`
	CreatedTime      string `json:"createdTime"`
	LastModifiedTime string `json:"lastModifiedTime"`
}

func (one *service) document() serviceDocument {
	at := one.Created.UTC().Format(timeFormat)
	return serviceDocument{one.Name, one.ID, one.Description, one.Role, true, at, at}
}

func (s *Service) createService(x *exchange) (any, error) {
	var in struct{ ServiceName, Description, Role string }
	if err := x.decode(&in); err != nil {
		return nil, err
	}
	x.parts["service"] = in.ServiceName
	if x.forbidden() {
		return nil, s.denied(x)
	}
	if !nameForm.MatchString(in.ServiceName) {
		return nil, invalid("serviceName '%s' is invalid", in.ServiceName)
	}
	one := &service{
		Account: x.account, Region: x.region, Name: in.ServiceName, ID: uuid(),
		Description: in.Description, Role: in.Role, Created: s.o.Clock().UTC(),
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.services[one.id()] != nil {
		return nil, conflict("ServiceAlreadyExists", "service '%s' already exists", one.Name)
	}
	if err := s.putService(one); err != nil {
		return nil, err
	}
	x.w.Header().Set("ETag", one.ID)
	return one.document(), nil
}

// putService puts a service in place of the one with its name. The lock is
// held.
func (s *Service) putService(one *service) error {
	if err := s.o.Folder.Save(one.file(), one); err != nil {
		return err
	}
	s.services[one.id()] = one
	return nil
}

// inService returns the functions of a service as they are, in the order of
// their names. The lock is held.
func (s *Service) inService(one *service) []*deployed {
	list := []*deployed{}
	for id, f := range s.functions {
		if id.account == one.Account && id.region == one.Region && id.service == one.Name {
			list = append(list, f.frozen())
		}
	}
	slices.SortFunc(list, func(a, b *deployed) int { return strings.Compare(a.Name, b.Name) })
	return list
}

// service returns the one that the path names, nil if it names none. The lock
// is held.
func (s *Service) service(x *exchange) (*service, error) {
	name := x.parts["service"]
	if name == "" {
		return nil, nil
	}
	one := s.services[serviceID{x.account, x.region, name}]
	if one == nil {
		return nil, notFound("ServiceNotFound", "service '%s' does not exist", name)
	}
	return one, nil
}

func (s *Service) getService(x *exchange) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	one, err := s.service(x)
	if err != nil {
		return nil, err
	}
	return one.document(), nil
}

func (s *Service) listServices(x *exchange) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []*service
	for id, one := range s.services {
		if id.account == x.account && id.region == x.region {
			all = append(all, one)
		}
	}
	p, err := cut(x, all, func(one *service) string { return one.Name })
	if err != nil {
		return nil, err
	}
	doc := struct {
		Services  []serviceDocument `json:"services"`
		NextToken string            `json:"nextToken,omitempty"`
	}{Services: []serviceDocument{}, NextToken: p.next}
	for _, one := range p.items {
		doc.Services = append(doc.Services, one.document())
	}
	return doc, nil
}

// deleteService deletes a service that has no functions left. Its published
// versions go with it.
func (s *Service) deleteService(x *exchange) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	one, err := s.service(x)
	if err != nil {
		return nil, err
	}
	if len(s.inService(one)) > 0 {
		return nil, conflict("ServiceNotEmpty", "service '%s' is not empty: delete its functions first", one.Name)
	}
	if err := s.o.Folder.Remove(one.file()); err != nil {
		return nil, err
	}
	delete(s.services, one.id())
	return nil, s.releaseAll(one.Published.functions()...)
}
