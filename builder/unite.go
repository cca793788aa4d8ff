package builder

import (
	"fmt"
	"slices"

	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/runtimes"
)

// unite makes one tree of those that the places of a layout have, each sorted.
//
// Where each runtime has a packages folder of its own the trees of the runtimes
// are laid over each other. Nothing else keeps places apart: the trees of two
// architectures, and those of runtimes without such folders, must be the same.
func unite(l runtimes.Layout, trees [][]layer.Entry) ([]layer.Entry, error) {
	united := trees[0]
	for i := 1; i < len(trees); i++ {
		j := rival(l.Places, i)
		if !l.Versioned || l.Places[i].Cell.Runtime == l.Places[j].Cell.Runtime {
			path, err := firstDifference(trees[i], trees[j])
			if err != nil {
				return nil, err
			}
			if path != "" {
				return nil, different(l.Places[j], l.Places[i], path)
			}
			continue
		}
		var err error
		if united, err = overlay(l, united, trees, i); err != nil {
			return nil, err
		}
	}
	return united, nil
}

// rival returns the earlier place that place i is compared with: one that
// differs in nothing but the architecture, else in nothing but the runtime.
func rival(places []runtimes.Place, i int) int {
	for j := range i {
		if places[j].Cell.Runtime == places[i].Cell.Runtime {
			return j
		}
	}
	for j := range i {
		if places[j].Arch == places[i].Arch {
			return j
		}
	}
	return 0
}

// overlay adds to the united tree the entries of place i that it lacks.
func overlay(l runtimes.Layout, united []layer.Entry, trees [][]layer.Entry, i int) ([]layer.Entry, error) {
	added := slices.Clone(united)
	for _, e := range trees[i] {
		at, found := slices.BinarySearchFunc(united, e, byPath)
		if !found {
			added = append(added, e)
			continue
		}
		why, err := differ(united[at], e)
		if err != nil {
			return nil, err
		}
		if why != "" {
			return nil, different(l.Places[owner(trees[:i], e)], l.Places[i], e.Path)
		}
	}
	slices.SortFunc(added, byPath)
	return added, nil
}

// owner returns which of the trees has an entry's path.
func owner(trees [][]layer.Entry, e layer.Entry) int {
	return max(0, slices.IndexFunc(trees, func(t []layer.Entry) bool {
		_, found := slices.BinarySearchFunc(t, e, byPath)
		return found
	}))
}

// firstDifference returns the first path at which two sorted trees are not the
// same, "" if they are.
func firstDifference(a, b []layer.Entry) (string, error) {
	for i := range max(len(a), len(b)) {
		switch {
		case i == len(a):
			return b[i].Path, nil
		case i == len(b):
			return a[i].Path, nil
		case a[i].Path != b[i].Path:
			return min(a[i].Path, b[i].Path), nil
		}
		why, err := differ(a[i], b[i])
		if err != nil {
			return "", err
		}
		if why != "" {
			return a[i].Path, nil
		}
	}
	return "", nil
}

func different(a, b runtimes.Place, path string) error {
	const format = "%s %q and %q stage different files (first: %q): put %s in layer.name"
	if a.Cell.Runtime == b.Cell.Runtime {
		return fmt.Errorf(format, "architectures", a.Arch, b.Arch, path, "{arch}")
	}
	if a.Arch == b.Arch {
		return fmt.Errorf(format, "runtimes", a.Cell.Runtime, b.Cell.Runtime, path, "{runtime}")
	}
	return fmt.Errorf(format, "runtimes and architectures", a.Cell.Runtime+" "+a.Arch, b.Cell.Runtime+" "+b.Arch, path, "{runtime} and {arch}")
}
