package fc

import (
	"regexp"
	"slices"
)

// creation is the body of a CreateFunction.
type creation struct {
	FunctionName         string            `json:"functionName"`
	Description          string            `json:"description"`
	Runtime              string            `json:"runtime"`
	Handler              string            `json:"handler"`
	MemorySize           int64             `json:"memorySize"`
	Timeout              int64             `json:"timeout"`
	Role                 string            `json:"role"`
	EnvironmentVariables map[string]string `json:"environmentVariables"`
	Layers               []string          `json:"layers"`
	code                 code
}

// nameForm is that of services and functions: "letters, digits, underscores and
// hyphens; it cannot start with a digit or hyphen; 1 to 64 characters".
var nameForm = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_-]{0,63}$`)

func (s *Service) createFunction(x *exchange) (any, error) {
	in, err := s.creation(x)
	if err != nil {
		return nil, err
	}
	checksum := x.r.Header.Get("X-Fc-Code-Checksum")
	if x.api == api3 && in.code.Checksum != "" {
		checksum = in.code.Checksum
	}
	f := &deployed{
		Account: x.account, Region: x.region, Service: x.parts["service"], Name: in.FunctionName, ID: uuid(),
		Description: in.Description, Runtime: in.Runtime, Handler: in.Handler, Memory: in.MemorySize,
		Timeout: in.Timeout, Role: in.Role, Env: in.EnvironmentVariables, Created: s.o.Clock().UTC(),
	}
	f.Modified = f.Created
	if err := s.mountable(x, f, in.Layers); err != nil {
		return nil, err
	}
	if f.Code, err = s.keep(x, in.code, checksum, "functions/"+f.Name); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	err = s.admit(x, f, in.Layers) // what was looked at may have changed since
	if err == nil {
		err = s.putFunction(f)
	}
	if err != nil {
		if discarding := s.release(f.Region, f.Code.Object); discarding != nil {
			return nil, discarding
		}
		return nil, err
	}
	x.w.Header().Set("ETag", etag(f.Code.Object))
	return s.describeFunction(x, f), nil
}

// creation reads the request and holds it against the limits.
func (s *Service) creation(x *exchange) (creation, error) {
	in := creation{MemorySize: 128, Timeout: 3, EnvironmentVariables: map[string]string{}}
	if err := x.decode(&in); err != nil {
		return in, err
	}
	x.parts["function"] = in.FunctionName
	if x.forbidden() {
		return in, s.denied(x)
	}
	if err := x.member("code", &in.code); err != nil {
		return in, err
	}
	if !nameForm.MatchString(in.FunctionName) {
		return in, invalid("functionName '%s' is invalid", in.FunctionName)
	}
	return in, s.check(x, in)
}

// check holds what a function is to be against the limits.
func (s *Service) check(x *exchange, in creation) error {
	longest := int64(86400)
	if x.api == api2 {
		longest = 600
	}
	limits := s.cloud(x.api).Limits
	_, known := cellOf(s.cloud(x.api), in.Runtime)
	switch {
	case !known:
		return invalid("runtime '%s' is not supported", in.Runtime)
	case in.Handler == "":
		return invalid("handler is required")
	case in.MemorySize < 128 || in.MemorySize%64 != 0:
		return invalid("memorySize %d is invalid: it must be a multiple of 64, and 128 at least", in.MemorySize)
	case in.Timeout < 1 || in.Timeout > longest:
		return invalid("timeout %d is invalid: it must be between 1 and %d", in.Timeout, longest)
	case len(in.Layers) > limits.LayersPerFunction:
		return invalid("the number of layers exceeds the limit: %d", limits.LayersPerFunction)
	}
	return nil
}

// mountable is admit by itself, to refuse before the code is taken.
func (s *Service) mountable(x *exchange, f *deployed, arns []string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.admit(x, f, arns)
}

// admit finds the layers of a new function and sees to it that there is a
// place for it. The lock is held.
func (s *Service) admit(x *exchange, f *deployed, arns []string) error {
	if _, err := s.service(x); err != nil {
		return err
	}
	if s.functions[f.id()] != nil {
		if f.Service == "" {
			return conflict("FunctionAlreadyExists", "function '%s' already exists", f.Name)
		}
		return conflict("FunctionAlreadyExists", "function '%s' already exists in service '%s'", f.Name, f.Service)
	}
	var err error
	f.Layers, err = s.mount(x, f.Runtime, arns)
	return err
}

// mount finds the layers for a function. The lock is held.
func (s *Service) mount(x *exchange, runtime string, arns []string) ([]mounted, error) {
	list := []mounted{}
	for _, arn := range arns {
		l, v, err := s.resolve(x, arn)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(v.Runtimes, runtime) {
			return nil, invalid("runtime: %s is not supported by layer: %s", runtime, arn)
		}
		list = append(list, mounted{l.versionArn(v.Number), l.oldArn(v.Number), v.Size, v.Object})
	}
	return list, nil
}
