package fc

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/layerbuild/layerbuild/layer"
)

// parallel is how many requests of a survey are under way at once.
const parallel = 8

// Usage asks both APIs, whatever the publisher's own is, for the layers of all
// functions and of all their published versions; an alias is but a name for one
// of those. Functions of 3.0 are spelled "function" and "function:3", those of
// 2.0, where versions are of a service, "service/function" and
// "service.3/function". Requests that fail are tried again for a while.
//
// A layer that has no versions is not used, and nothing more is asked.
func (p *Publisher) Usage(ctx context.Context, name string) (map[int64][]string, error) {
	versions, err := p.Versions(ctx, name)
	if err != nil || len(versions) == 0 {
		return nil, err
	}
	f, err := familyOf(versions[0])
	if err != nil {
		return nil, err
	}
	u := users{family: f, of: map[int64][]string{}}
	for _, generation := range []string{V3, V2} {
		o := p.o
		o.API, o.Account = generation, f.account
		a, err := reach(o)
		if err == nil {
			err = a.survey(ctx, u.add)
		}
		if err != nil {
			return nil, fmt.Errorf("asking for the functions of function compute %s: %w", generation, err)
		}
	}
	return u.sorted()
}

// A family is the versions of a layer.
type family struct {
	name, account string
	// prefix is what all their ARNs begin with, all before the number.
	prefix string
}

// The two forms of a version's name. What the sum in the older one is of is
// not documented.
var (
	arnForm      = regexp.MustCompile(`^acs:fc:[^:]*:([^:]*):layers/[^/]+/versions/(\d+)$`)
	olderArnForm = regexp.MustCompile(`^[^#]*#([^#]+)#(\d+)$`)
)

// familyOf reads what all versions have in common off one of them.
func familyOf(v layer.Version) (family, error) {
	m := arnForm.FindStringSubmatch(v.ARN)
	if m == nil {
		return family{}, fmt.Errorf("version %d of layer %q has the ARN %q, which is none", v.Number, v.Name, v.ARN)
	}
	return family{v.Name, m[1], strings.TrimSuffix(v.ARN, m[2])}, nil
}

// number returns the number of the version that an ARN names, 0 for one of
// another layer. An ARN that cannot be read might be either.
func (f family) number(arn string) (int64, error) {
	text := ""
	if m := olderArnForm.FindStringSubmatch(arn); m != nil {
		if m[1] != f.name {
			return 0, nil
		}
		text = m[2]
	} else if m := arnForm.FindStringSubmatch(arn); m != nil {
		if !strings.HasPrefix(arn, f.prefix) {
			return 0, nil
		}
		text = m[2]
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n <= 0 {
		return 0, fmt.Errorf("%q is no ARN of a layer version", arn)
	}
	return n, nil
}

// users are the functions that use the versions of a family.
type users struct {
	family
	mu  sync.Mutex
	of  map[int64][]string
	bad error
}

// add takes a function with its layers. It is safe for concurrent use.
func (u *users) add(user string, layers []string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, arn := range layers {
		n, err := u.number(arn)
		if err != nil {
			u.bad = errors.Join(u.bad, fmt.Errorf("reading the layers of function %q: %w", user, err))
		}
		if n > 0 {
			u.of[n] = append(u.of[n], user)
		}
	}
}

func (u *users) sorted() (map[int64][]string, error) {
	for n, list := range u.of {
		slices.Sort(list)
		u.of[n] = slices.Compact(list)
	}
	if u.bad != nil {
		return nil, u.bad
	}
	return u.of, nil
}

// gone reports whether what was listed a moment ago is not there any more.
// That something else is missing says nothing about a function.
func gone(err error) bool {
	f, ok := errors.AsType[*layer.Fault](err)
	if !ok {
		return false
	}
	return f.Code == "FunctionNotFound" || f.Code == "ServiceNotFound" || f.Code == "VersionNotFound"
}
