package fc

import "encoding/json"

// updateFunction changes what the request names and leaves the rest.
func (s *Service) updateFunction(x *exchange) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, err := s.function(x)
	if err != nil {
		return nil, err
	}
	in, err := s.revision(x, f)
	if err != nil {
		return nil, err
	}
	next := *f
	next.Description, next.Runtime, next.Handler, next.Role = in.Description, in.Runtime, in.Handler, in.Role
	next.Memory, next.Timeout, next.Modified = in.MemorySize, in.Timeout, s.o.Clock().UTC()
	if in.EnvironmentVariables != nil {
		next.Env = in.EnvironmentVariables
	}
	if in.Layers != nil {
		if next.Layers, err = s.mount(x, next.Runtime, in.Layers); err != nil {
			return nil, err
		}
	}
	if err := s.putFunction(&next); err != nil {
		return nil, err
	}
	return s.describeFunction(x, &next), s.releaseAll(f)
}

// revision returns what a function is to be: without layers and environment
// where they stay.
func (s *Service) revision(x *exchange, f *deployed) (creation, error) {
	in := creation{
		Description: f.Description, Runtime: f.Runtime, Handler: f.Handler,
		MemorySize: f.Memory, Timeout: f.Timeout, Role: f.Role,
	}
	if err := x.decode(&in); err != nil {
		return in, err
	}
	named := map[string]json.RawMessage{}
	if err := x.decode(&named); err != nil {
		return in, err
	}
	if _, ok := named["code"]; ok {
		return in, invalid("the sandbox replaces no code: delete the function and create it again")
	}
	return in, s.check(x, in)
}
