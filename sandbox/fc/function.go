package fc

import (
	"crypto/rand"
	"fmt"
	"slices"
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

// deployed is a function. It never changes.
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
	Code        stored            `json:"code"`
	// Layers are in the order of the request: the first wins.
	Layers []mounted `json:"layers"`
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

// function returns the one that the path names. The lock is held.
func (s *Service) function(x *exchange) (*deployed, error) {
	if _, err := s.service(x); err != nil {
		return nil, err
	}
	id := functionID{x.account, x.region, x.parts["service"], x.parts["function"]}
	f := s.functions[id]
	switch {
	case f != nil:
		return f, nil
	case id.service == "":
		return nil, notFound("FunctionNotFound", "function '%s' does not exist", id.name)
	}
	return nil, notFound("FunctionNotFound", "function '%s' does not exist in service '%s'", id.name, id.service)
}

func (s *Service) getFunction(x *exchange) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, err := s.function(x)
	if err != nil {
		return nil, err
	}
	return s.describeFunction(x, f), nil
}

func (s *Service) listFunctions(x *exchange) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.service(x); err != nil {
		return nil, err
	}
	var all []*deployed
	for id, f := range s.functions {
		if id.account == x.account && id.region == x.region && id.service == x.parts["service"] {
			all = append(all, f)
		}
	}
	p, err := cut(x, all, func(f *deployed) string { return f.Name })
	if err != nil {
		return nil, err
	}
	doc := struct {
		Functions []any  `json:"functions"`
		NextToken string `json:"nextToken,omitempty"`
	}{Functions: []any{}, NextToken: p.next}
	for _, f := range p.items {
		doc.Functions = append(doc.Functions, s.describeFunction(x, f))
	}
	return doc, nil
}

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
	for _, m := range append(slices.Clone(f.Layers), mounted{Object: f.Code.Object}) {
		if err := s.release(f.Region, m.Object); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

// uuid returns a random UUID, RFC 9562 section 5.4.
func uuid() string {
	var b [16]byte
	rand.Read(b[:]) // never fails, see crypto/rand
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
