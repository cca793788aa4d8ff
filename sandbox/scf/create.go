package scf

import (
	"regexp"
	"slices"
)

// creation is the body of a CreateFunction.
type creation struct {
	FunctionName string
	Namespace    string
	Description  string
	Runtime      string
	Handler      string
	MemorySize   int64
	Timeout      int64
	Role         string
	Code         *content
	Layers       []mounted
	Environment  environment
}

// An environment is how requests name variables.
type environment struct {
	Variables []struct{ Key, Value string }
}

func (e environment) values() map[string]string {
	values := map[string]string{}
	for _, v := range e.Variables {
		values[v.Key] = v.Value
	}
	return values
}

// functionName is "2 to 60 letters, digits, hyphens and underscores, a letter
// first and neither hyphen nor underscore last".
var functionName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]{0,58}[A-Za-z0-9]$`)

func (s *Service) createFunction(x *exchange) (answer, error) {
	in := creation{Runtime: "Python2.7", MemorySize: 128, Timeout: 3}
	if err := x.decode(&in); err != nil {
		return nil, err
	}
	if err := s.checkFunction(in); err != nil {
		return nil, err
	}
	now := s.o.Clock().UTC()
	f := &deployed{
		Account: x.account, Region: x.region, Namespace: in.Namespace, Name: in.FunctionName, ID: "lam-" + uuid()[:8], Created: now,
		revision: revision{
			Description: in.Description, Runtime: in.Runtime, Handler: in.Handler, Memory: in.MemorySize, Timeout: in.Timeout,
			Role: in.Role, Env: in.Environment.values(), Modified: now, Layers: in.Layers, Pending: "Creating", wait: s.newWait(),
		},
	}
	kept, zipped, err := s.keep(x, *in.Code, "functions/"+f.Name)
	if err != nil {
		return nil, err
	}
	f.Code = kept
	s.mu.Lock()
	defer s.mu.Unlock()
	switch err = s.admit(x, f); {
	case err != nil:
	case !zipped:
		err = fail("InvalidParameterValue.ZipFile")
	default:
		err = s.o.Folder.Save(f.file(), f)
	}
	if err != nil {
		if discarding := s.o.Objects.Discard(s.ownBucket(f.Region), kept.Object); discarding != nil {
			return nil, discarding
		}
		return nil, err
	}
	s.functions[f.id()] = f
	return nil, nil
}

// checkFunction holds the members against the API reference.
func (s *Service) checkFunction(in creation) error {
	_, known := s.cell(in.Runtime)
	switch {
	case in.FunctionName == "":
		return missing("FunctionName")
	case in.Code == nil:
		return missing("Code")
	case !functionName.MatchString(in.FunctionName):
		return fail("InvalidParameter.FunctionName")
	case !known:
		return fail("InvalidParameterValue.Runtime")
	case in.Handler == "":
		return fail("InvalidParameterValue.Handler")
	}
	return s.checkSizes(in.MemorySize, in.Timeout, in.Layers)
}

// checkSizes holds what can be updated against the API reference.
func (s *Service) checkSizes(memory, timeout int64, layers []mounted) error {
	switch {
	case memory != 64 && (memory < 128 || memory%128 != 0):
		return fail("InvalidParameterValue.MemorySize")
	case timeout < 1 || timeout > 900:
		return fail("LimitExceeded.Timeout")
	case len(layers) > s.limits.LayersPerFunction:
		return fail("InvalidParameterValue.Layers")
	}
	return nil
}

// admit sees to it that there is a place for a new function, and that its
// layers are there. The lock is held.
func (s *Service) admit(x *exchange, f *deployed) error {
	var err error
	if f.Namespace, err = s.namespace(x, f.Namespace); err != nil {
		return err
	}
	if s.functions[f.id()] != nil {
		return fail("ResourceInUse.FunctionName")
	}
	return s.checkLayers(x, f.Layers, f.Runtime)
}

// checkLayers finds the layers of a function. The lock is held.
func (s *Service) checkLayers(x *exchange, layers []mounted, runtime string) error {
	for _, m := range layers {
		_, v, err := s.find(layerID{x.account, x.region, m.LayerName}, m.LayerVersion)
		if err != nil {
			return err
		}
		if v.status(s.o.Clock()) != "Active" || !slices.Contains(v.Runtimes, runtime) {
			return fail("InvalidParameterValue.Layers")
		}
	}
	return nil
}
