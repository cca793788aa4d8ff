package scf

import (
	"maps"
	"slices"
	"strings"
	"time"
)

type functionID struct{ account, region, namespace, name string }

// deployed is a function. It never changes but for its wait.
type deployed struct {
	Account     string            `json:"account"`
	Region      string            `json:"region"`
	Namespace   string            `json:"namespace"`
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
	// Layers are in the order of the request: the last wins.
	Layers []mounted `json:"layers"`
	wait
}

// mounted is how a function names a layer version.
type mounted struct {
	LayerName    string
	LayerVersion int64
}

func (f *deployed) id() functionID { return functionID{f.Account, f.Region, f.Namespace, f.Name} }
func (f *deployed) file() string {
	return documentFile("functions", f.Account, f.Region, f.Namespace, f.Name)
}

func (f *deployed) status(now time.Time) string {
	if f.over(now) {
		return "Active"
	}
	return "Creating"
}

// function returns the one that a request names. The lock is held.
func (s *Service) function(x *exchange) (*deployed, error) {
	var in struct{ FunctionName, Namespace string }
	if err := x.decode(&in); err != nil {
		return nil, err
	}
	if in.FunctionName == "" {
		return nil, missing("FunctionName")
	}
	space, err := s.namespace(x, in.Namespace)
	if err != nil {
		return nil, err
	}
	f := s.functions[functionID{x.account, x.region, space, in.FunctionName}]
	if f == nil {
		return nil, fail("ResourceNotFound.Function")
	}
	return f, nil
}

// describe is what all answers say of a function.
func (f *deployed) describe(now time.Time) answer {
	return answer{
		"FunctionName": f.Name, "FunctionId": f.ID, "Namespace": f.Namespace, "Description": f.Description, "Runtime": f.Runtime,
		"AddTime": addTime(f.Created), "ModTime": addTime(f.Created), "Status": f.status(now), "StatusDesc": "", "Type": "Event",
	}
}

// getFunction describes a function. Each time counts for its wait.
func (s *Service) getFunction(x *exchange) (answer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, err := s.function(x)
	if err != nil {
		return nil, err
	}
	now := s.o.Clock()
	doc := f.describe(now)
	layers := []answer{}
	for _, m := range f.Layers {
		l, v, err := s.find(layerID{f.Account, f.Region, m.LayerName}, m.LayerVersion)
		if err != nil {
			return nil, err
		}
		layers = append(layers, l.describe(v, now))
	}
	doc["Layers"], doc["Environment"] = layers, answer{"Variables": f.variables()}
	doc["Handler"], doc["Role"], doc["FunctionVersion"] = f.Handler, f.Role, "$LATEST"
	doc["CodeSize"], doc["Timeout"], doc["MemorySize"] = f.Code.Size, f.Timeout, f.Memory
	if f.Polls > 0 {
		next := *f
		next.Polls--
		if err := s.o.Folder.Save(next.file(), next); err != nil {
			return nil, err
		}
		s.functions[f.id()] = &next
	}
	return doc, nil
}

// variables is the environment by name.
func (f *deployed) variables() []answer {
	list := []answer{}
	for _, name := range slices.Sorted(maps.Keys(f.Env)) {
		list = append(list, answer{"Key": name, "Value": f.Env[name]})
	}
	return list
}

func (s *Service) listFunctions(x *exchange) (answer, error) {
	var in struct {
		Namespace, SearchKey string
		Offset, Limit        *int64
	}
	if err := x.decode(&in); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	space, err := s.namespace(x, in.Namespace)
	if err != nil {
		return nil, err
	}
	var all []*deployed
	for id, f := range s.functions {
		if id.account == x.account && id.region == x.region && id.namespace == space && strings.Contains(f.Name, in.SearchKey) {
			all = append(all, f)
		}
	}
	slices.SortFunc(all, func(a, b *deployed) int { return strings.Compare(a.Name, b.Name) })
	from, to, err := page(len(all), in.Offset, in.Limit)
	if err != nil {
		return nil, err
	}
	list := []answer{}
	for _, f := range all[from:to] {
		list = append(list, f.describe(s.o.Clock()))
	}
	return answer{"Functions": list, "TotalCount": len(all)}, nil
}

func (s *Service) deleteFunction(x *exchange) (answer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, err := s.function(x)
	if err != nil {
		return nil, err
	}
	if !f.over(s.o.Clock()) {
		return nil, fail("FailedOperation.DeleteFunction")
	}
	if err := s.o.Folder.Remove(f.file()); err != nil {
		return nil, err
	}
	delete(s.functions, f.id())
	return nil, s.o.Objects.Discard(s.ownBucket(f.Region), f.Code.Object)
}
