package publisher

import (
	"fmt"
	"slices"
	"strings"

	"github.com/layerbuild/layerbuild/layer"
)

// Outdated says in words what of a version is not what r would declare now:
// its description (markers left aside), licence, runtimes and architectures.
// No service can change these: they take a new version. What r does not say
// is not compared.
func Outdated(v layer.Version, r Request) []string {
	var list []string
	add := func(what, is, want string) {
		if is != want {
			list = append(list, fmt.Sprintf("%s is %q, now %q", what, is, want))
		}
	}
	add("description", unmarked(v.Description), unmarked(r.Description))
	if r.License != "" {
		add("license", v.License, r.License)
	}
	if len(r.Runtimes) > 0 {
		add("runtimes", listed(v.Runtimes), listed(r.Runtimes))
	}
	if len(r.Architectures) > 0 {
		add("architectures", listed(v.Architectures), listed(r.Architectures))
	}
	return list
}

// unmarked returns a description without the marker that [Describe] adds.
func unmarked(description string) string {
	if _, ok := Marked(description); !ok {
		return description
	}
	return strings.TrimSuffix(description[:max(0, len(description)-MarkerLen)], " ")
}

func listed(names []string) string {
	names = slices.Clone(names)
	slices.Sort(names)
	return strings.Join(slices.Compact(names), ", ")
}
