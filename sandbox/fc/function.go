package fc

import (
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"time"
)

// A functionID has no service in 3.0.
type functionID struct{ account, region, service, name string }

func (id functionID) arn() string {
	if id.service == "" {
		return fmt.Sprintf("acs:fc:%s:%s:functions/%s", id.region, id.account, id.name)
	}
	return fmt.Sprintf("acs:fc:%s:%s:services/%s/functions/%s", id.region, id.account, id.service, id.name)
}

// deployed is a function. It never changes: an update puts another in its
// place.
type deployed struct {
	Account     string            `json:"account"`
	Region      string            `json:"region"`
	Service     string            `json:"service,omitempty"`
	Name        string            `json:"name"`
	ID          string            `json:"id"`
	Description string            `json:"description"`
	Runtime     string            `json:"runtime"`
	Handler     string            `json:"handler"`
	Memory      int64             `json:"memory"`
	Timeout     int64             `json:"timeout"`
	Role        string            `json:"role"`
	Env         map[string]string `json:"env"`
	Created     time.Time         `json:"created"`
	Modified    time.Time         `json:"modified"`
	Code        stored            `json:"code"`
	// Layers are in the order of the request: the first wins.
	Layers []mounted `json:"layers"`
	// Published are the versions of its own, which functions of 3.0 have.
	Published releases `json:"published,omitzero"`
}

// mounted is a layer version as a function keeps it, also when the version
// was deleted since.
type mounted struct {
	Arn    string `json:"arn"`
	OldArn string `json:"old_arn"`
	Size   int64  `json:"size"`
	Object string `json:"object"`
}

func (f *deployed) id() functionID { return functionID{f.Account, f.Region, f.Service, f.Name} }
func (f *deployed) file() string   { return documentFile("functions", f.id().arn()) }

// frozen returns the function as a version of it or of its service keeps it.
func (f *deployed) frozen() *deployed {
	one := *f
	one.Published = releases{}
	return &one
}

// objects returns the zips that the function needs.
func (f *deployed) objects() []string {
	list := []string{f.Code.Object}
	for _, m := range f.Layers {
		list = append(list, m.Object)
	}
	return list
}

// putFunction puts a function in place of the one with its name. The lock is
// held.
func (s *Service) putFunction(f *deployed) error {
	if err := s.o.Folder.Save(f.file(), f); err != nil {
		return err
	}
	s.functions[f.id()] = f
	return nil
}

// function returns the one that the path names; 3.0 takes its own name for one
// of 2.0. The lock is held.
func (s *Service) function(x *exchange) (*deployed, error) {
	if _, err := s.service(x); err != nil {
		return nil, err
	}
	id := functionID{x.account, x.region, x.parts["service"], x.parts["function"]}
	if service, name, ok := strings.Cut(id.name, "$"); ok && x.api == api3 {
		id.service, id.name = service, name
	}
	if f := s.functions[id]; f != nil {
		return f, nil
	}
	return nil, noFunction(id)
}

func noFunction(id functionID) error {
	if id.service == "" {
		return notFound("FunctionNotFound", "function '%s' does not exist", id.name)
	}
	return notFound("FunctionNotFound", "function '%s' does not exist in service '%s'", id.name, id.service)
}

// qualified returns the function that the path names, in the version that the
// query names. The lock is held.
func (s *Service) qualified(x *exchange) (*deployed, error) {
	v, err := s.versioned(x)
	if err != nil {
		return nil, err
	}
	list, err := v.at(x)
	if err != nil {
		return nil, err
	}
	name := x.parts["function"]
	if i := slices.IndexFunc(list, func(f *deployed) bool { return f.nameIn(x.api) == name }); i >= 0 {
		return list[i], nil
	}
	return nil, noFunction(functionID{x.account, x.region, x.parts["service"], name})
}

func (s *Service) getFunction(x *exchange) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, err := s.qualified(x)
	if err != nil {
		return nil, err
	}
	return s.describeFunction(x, f), nil
}

// deleteFunction deletes a function with the versions of its own.
func (s *Service) deleteFunction(x *exchange) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, err := s.function(x)
	if err != nil {
		return nil, err
	}
	if err := s.o.Folder.Remove(f.file()); err != nil {
		return nil, err
	}
	delete(s.functions, f.id())
	return nil, s.releaseAll(append(f.Published.functions(), f)...)
}

// uuid returns a random UUID, RFC 9562 section 5.4.
func uuid() string {
	var b [16]byte
	rand.Read(b[:]) // never fails, see crypto/rand
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
