package scf

import "slices"

// A configuration is the body of an UpdateFunctionConfiguration. What a
// request leaves out stays.
type configuration struct {
	Description string
	Runtime     string
	MemorySize  int64
	Timeout     int64
	Role        string
	Layers      []mounted
	Environment *environment
}

func (s *Service) updateFunctionConfiguration(x *exchange) (answer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, err := s.function(x)
	if err != nil {
		return nil, err
	}
	in := configuration{
		Description: f.Description, Runtime: f.Runtime, MemorySize: f.Memory, Timeout: f.Timeout, Role: f.Role,
		Layers: slices.Clone(f.Layers),
	}
	if err := x.decode(&in); err != nil {
		return nil, err
	}
	// "To unbind a layer pass an empty string", says the data type.
	in.Layers = slices.DeleteFunc(in.Layers, func(m mounted) bool { return m.LayerName == "" })
	if in.Runtime != f.Runtime { // "cannot be changed at present"
		return nil, fail("InvalidParameterValue.Runtime")
	}
	if err := s.checkSizes(in.MemorySize, in.Timeout, in.Layers); err != nil {
		return nil, err
	}
	if err := s.checkLayers(x, in.Layers, f.Runtime); err != nil {
		return nil, err
	}
	if !f.over(s.o.Clock()) {
		return nil, fail("FailedOperation.UpdateFunctionConfiguration")
	}
	return nil, s.replace(f, func(next *deployed) {
		next.Description, next.Memory, next.Timeout, next.Role, next.Layers = in.Description, in.MemorySize, in.Timeout, in.Role, in.Layers
		if in.Environment != nil {
			next.Env = in.Environment.values()
		}
		next.Modified, next.Pending, next.wait = s.o.Clock().UTC(), "Updating", s.newWait()
	})
}
