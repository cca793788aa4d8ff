package scf

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"time"
)

// latest is how the service calls what can be changed.
const latest = "$LATEST"

// A revision is a version of a function, or what the next one will be.
type revision struct {
	// Number is 0 for the latest.
	Number      int64             `json:"number,omitempty"`
	Description string            `json:"description"`
	Runtime     string            `json:"runtime"`
	Handler     string            `json:"handler"`
	Memory      int64             `json:"memory"`
	Timeout     int64             `json:"timeout"`
	Role        string            `json:"role"`
	Env         map[string]string `json:"env"`
	Modified    time.Time         `json:"modified"`
	Code        stored            `json:"code"`
	// Layers are in the order of the request: the last wins.
	Layers []mounted `json:"layers"`
	// Pending is the state until the wait is over.
	Pending string `json:"pending"`
	wait
}

// mounted is how a function names a layer version.
type mounted struct {
	LayerName    string
	LayerVersion int64
}

// revisions are the latest and all versions, the newest first.
func (f *deployed) revisions() []*revision {
	list := []*revision{&f.revision}
	for i := range slices.Backward(f.Published) {
		list = append(list, &f.Published[i])
	}
	return list
}

// uses reports whether any revision mounts the layer version.
func (f *deployed) uses(m mounted) bool {
	return slices.ContainsFunc(f.revisions(), func(r *revision) bool { return slices.Contains(r.Layers, m) })
}

func (r *revision) version() string {
	if r.Number == 0 {
		return latest
	}
	return strconv.FormatInt(r.Number, 10)
}

func (r *revision) status(now time.Time) string {
	if r.over(now) {
		return "Active"
	}
	return r.Pending
}

// revision returns the one that a request names. Aliases are not emulated. The
// lock is held.
func (s *Service) revision(x *exchange) (*deployed, *revision, error) {
	var in struct{ Qualifier string }
	if err := x.decode(&in); err != nil {
		return nil, nil, err
	}
	f, err := s.function(x)
	if err != nil {
		return nil, nil, err
	}
	list, qualifier := f.revisions(), cmp.Or(in.Qualifier, latest)
	i := slices.IndexFunc(list, func(r *revision) bool { return r.version() == qualifier })
	if i < 0 {
		return nil, nil, fail("ResourceNotFound.Version")
	}
	return f, list[i], nil
}

// variables is the environment by name.
func (r *revision) variables() []answer {
	list := []answer{}
	for _, name := range slices.Sorted(maps.Keys(r.Env)) {
		list = append(list, answer{"Key": name, "Value": r.Env[name]})
	}
	return list
}
