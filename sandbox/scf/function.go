package scf

import (
	"slices"
	"strings"
	"time"
)

type functionID struct{ account, region, namespace, name string }

// deployed is a function: what can be changed, and copies of it as it was when
// each version was published.
type deployed struct {
	Account   string    `json:"account"`
	Region    string    `json:"region"`
	Namespace string    `json:"namespace"`
	Name      string    `json:"name"`
	ID        string    `json:"id"`
	Created   time.Time `json:"created"`
	revision
	// Published are the versions, the oldest first, and Last is the number
	// that was given out last.
	Published []revision `json:"published,omitempty"`
	Last      int64      `json:"last,omitempty"`
}

func (f *deployed) id() functionID { return functionID{f.Account, f.Region, f.Namespace, f.Name} }
func (f *deployed) file() string {
	return documentFile("functions", f.Account, f.Region, f.Namespace, f.Name)
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

// replace changes a function in memory and on disk. The lock is held. If the
// document cannot be written the function is as before.
func (s *Service) replace(f *deployed, change func(*deployed)) error {
	next := *f
	next.Published = slices.Clone(f.Published)
	change(&next)
	if err := s.o.Folder.Save(next.file(), next); err != nil {
		return err
	}
	s.functions[f.id()] = &next
	return nil
}

// describe is what all answers say of a function.
func (f *deployed) describe(r *revision, now time.Time) answer {
	return answer{
		"FunctionName": f.Name, "FunctionId": f.ID, "Namespace": f.Namespace, "Description": r.Description, "Runtime": r.Runtime,
		"AddTime": addTime(f.Created), "ModTime": addTime(r.Modified), "Status": r.status(now), "StatusDesc": "", "Type": "Event",
	}
}

// getFunction describes a function. Each time counts for its wait.
func (s *Service) getFunction(x *exchange) (answer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, r, err := s.revision(x)
	if err != nil {
		return nil, err
	}
	now := s.o.Clock()
	doc := f.describe(r, now)
	layers := []answer{}
	for _, m := range r.Layers {
		l, v, err := s.find(layerID{f.Account, f.Region, m.LayerName}, m.LayerVersion)
		if err != nil {
			return nil, err
		}
		layers = append(layers, l.describe(v, now))
	}
	doc["Layers"], doc["Environment"] = layers, answer{"Variables": r.variables()}
	doc["Handler"], doc["Role"], doc["FunctionVersion"], doc["Qualifier"] = r.Handler, r.Role, r.version(), r.version()
	doc["CodeSize"], doc["Timeout"], doc["MemorySize"] = r.Code.Size, r.Timeout, r.Memory
	if r.Polls > 0 {
		err = s.replace(f, func(next *deployed) {
			for _, one := range next.revisions() {
				if one.Number == r.Number {
					one.Polls--
				}
			}
		})
	}
	return doc, err
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
		list = append(list, f.describe(&f.revision, s.o.Clock()))
	}
	return answer{"Functions": list, "TotalCount": len(all)}, nil
}

// deleteFunction removes a function with its versions, or the one version that
// Qualifier names.
func (s *Service) deleteFunction(x *exchange) (answer, error) {
	var in struct{ Qualifier string }
	if err := x.decode(&in); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	f, r, err := s.revision(x)
	switch {
	case err != nil:
		return nil, err
	case in.Qualifier == latest:
		return nil, fail("InvalidParameterValue.Qualifier")
	case !r.over(s.o.Clock()):
		return nil, fail("FailedOperation.DeleteFunction")
	case in.Qualifier != "":
		return nil, s.replace(f, func(next *deployed) {
			next.Published = slices.DeleteFunc(next.Published, func(one revision) bool { return one.Number == r.Number })
		})
	}
	if err := s.o.Folder.Remove(f.file()); err != nil {
		return nil, err
	}
	delete(s.functions, f.id())
	return nil, s.o.Objects.Discard(s.ownBucket(f.Region), f.Code.Object)
}
