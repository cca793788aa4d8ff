package pipeline

import (
	"fmt"
	"slices"
	"strings"

	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/manifest"
	"github.com/layerbuild/layerbuild/publisher"
	"github.com/layerbuild/layerbuild/runtimes"
)

// Check returns what only the catalogue can say of a manifest, for
// [manifest.Parse]: runtimes and regions that do not exist, and values that a
// target's cloud would refuse.
func Check(c *runtimes.Catalogue) func(*manifest.Manifest) []manifest.Problem {
	return func(m *manifest.Manifest) []manifest.Problem {
		k := &checker{catalogue: c}
		k.runtimes("layer.runtimes", m.Layer.Runtimes)
		for i, s := range m.Sources {
			k.runtimes(fmt.Sprintf("source[%d].runtimes", i), s.Runtimes)
		}
		for i, t := range m.Targets {
			k.runtimes(fmt.Sprintf("target[%d].runtimes", i), t.Runtimes)
		}
		ours := canonical(m, c)
		for i, t := range ours.Targets {
			if s, ok := ServiceOf(c, t); ok {
				k.target(ours, i, s)
				k.regions(i, t, s)
			}
		}
		k.meetings(ours)
		return k.problems
	}
}

type checker struct {
	catalogue *runtimes.Catalogue
	problems  []manifest.Problem
}

// add reports a problem once: several targets may stumble over the same key.
func (k *checker) add(key, format string, args ...any) {
	p := manifest.Problem{Key: key, Message: fmt.Sprintf(format, args...)}
	if !slices.Contains(k.problems, p) {
		k.problems = append(k.problems, p)
	}
}

func (k *checker) runtimes(key string, names []string) {
	seen := map[string]string{}
	for i, name := range names {
		at := fmt.Sprintf("%s[%d]", key, i)
		ours, err := k.catalogue.Canonical(name)
		if err != nil {
			k.add(at, "%s", err)
			continue
		}
		if first, ok := seen[ours]; ok && first != name {
			k.add(at, "%q and %q are the same runtime", first, name)
		}
		seen[ours] = name
	}
}

// target reports what the service of target i would refuse.
func (k *checker) target(m *manifest.Manifest, i int, s runtimes.Service) {
	t := m.Targets[i]
	key := fmt.Sprintf("target[%d]", i)
	if !k.known(matrixRuntimes(m, t)) {
		return // reported where they are unknown everywhere
	}
	lacks := false
	for j, name := range t.Runtimes {
		if _, ok := s.Cell(name); !ok {
			k.add(fmt.Sprintf("%s.runtimes[%d]", key, j), "%s has no runtime %q", s.Title, name)
			lacks = true
		}
	}
	groups := (&Plan{Manifest: m}).cells(s, t)
	if len(groups) == 0 && len(matrixRuntimes(m, t)) > 0 && !lacks {
		k.add(key+".cloud", "%s has none of the runtimes %s on %s", s.Title,
			strings.Join(matrixRuntimes(m, t), ", "), strings.Join(matrixArchs(m, t), ", "))
	}
	for _, g := range groups {
		if m.Layer.Name != "" {
			if wrong := s.Limits.CheckName(g.name); wrong != "" {
				k.add("layer.name", "%s", wrong)
			}
		}
		if wrong := s.Limits.CheckRuntimes(len(g.cells)); wrong != "" {
			k.add("layer.runtimes", "%s: put {runtime} in layer.name", wrong)
		}
		k.slots(m, t, g)
	}
	k.texts(m, t, s)
}

func (k *checker) known(names []string) bool {
	for _, n := range names {
		if _, err := k.catalogue.Canonical(n); err != nil {
			return false
		}
	}
	return true
}

// texts counts the marker into the description, with a digest of the length
// that every digest has.
func (k *checker) texts(m *manifest.Manifest, t manifest.Target, s runtimes.Service) {
	description := m.Layer.Description
	if t.Marker {
		description = publisher.Describe(description, layer.Digests{})
	}
	if wrong := s.Limits.CheckDescription(description); wrong != "" {
		if t.Marker {
			wrong += fmt.Sprintf(", %d of these are the marker (target.marker)", publisher.MarkerLen)
		}
		k.add("layer.description", "%s", wrong)
	}
	if wrong := s.Limits.CheckLicense(m.Layer.License); wrong != "" {
		k.add("layer.license", "%s", wrong)
	}
}

// slots reports sources that go where one of the cells has no folder.
func (k *checker) slots(m *manifest.Manifest, t manifest.Target, g group) {
	for i, src := range m.Sources {
		if src.Into == "" || !wanted(src.Clouds, t.Cloud) {
			continue
		}
		for _, cell := range g.cells {
			if !wanted(src.Runtimes, cell.Runtime) {
				continue
			}
			place := runtimes.Place{Cell: cell, Slots: cell.Slots}
			if _, err := place.Folder(src.Into); err != nil {
				k.add(fmt.Sprintf("source[%d].into", i), "%s", err)
			}
		}
	}
}

func wanted(list []string, v string) bool { return len(list) == 0 || slices.Contains(list, v) }
