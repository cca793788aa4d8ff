package pipeline

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/layerbuild/layerbuild/runtimes"
)

// ErrNothing: a filter left nothing to do.
var ErrNothing = errors.New("nothing matches")

// A Filter restricts a plan. Empty lists restrict nothing.
type Filter struct {
	// Targets are patterns such as "aws", "aws/eu-west-1" or "*/cn-*".
	Targets []string
	// Runtimes (in any spelling) and Architectures restrict the matrix.
	Runtimes, Architectures []string
}

// IsZero reports whether the filter lets everything through.
func (f Filter) IsZero() bool {
	return len(f.Targets)+len(f.Runtimes)+len(f.Architectures) == 0
}

// Only returns the plan without the items that the filter does not match, and
// without the products that no item is left for. What a product holds and what
// a version is declared for never depend on a filter. The error wraps
// ErrNothing when a target pattern, or the filter as a whole, matches nothing.
func (p *Plan) Only(f Filter, c *runtimes.Catalogue) (*Plan, error) {
	wantRuntimes, err := canonicalAll(c, f.Runtimes)
	if err != nil {
		return nil, err
	}
	matched := make([]bool, len(f.Targets))
	out := &Plan{Manifest: p.Manifest, Notes: p.Notes}
	moved := map[int]int{}
	for _, item := range p.Items {
		ok, err := f.target(item, matched)
		if err != nil {
			return nil, err
		}
		if !ok || !item.group.has(wantRuntimes, f.Architectures) {
			continue
		}
		i, seen := moved[item.Product]
		if !seen {
			i = len(out.Products)
			moved[item.Product] = i
			out.Products = append(out.Products, p.Products[item.Product])
		}
		item.Product = i
		out.Items = append(out.Items, item)
	}
	for i, pattern := range f.Targets {
		if !matched[i] {
			return nil, fmt.Errorf("--target %q: %w: the targets are %s", pattern, ErrNothing, strings.Join(p.targets(), ", "))
		}
	}
	if len(out.Items) == 0 {
		return nil, fmt.Errorf("--target, --runtime and --arch together: %w: the manifest has %s on %s for %s", ErrNothing,
			strings.Join(p.Manifest.Layer.Runtimes, ", "), strings.Join(p.Manifest.Layer.Architectures, ", "), strings.Join(p.targets(), ", "))
	}
	return out, nil
}

// target reports whether the item's target matches, and marks the patterns
// that did.
func (f Filter) target(item Item, matched []bool) (bool, error) {
	take := len(f.Targets) == 0
	for i, pattern := range f.Targets {
		ok, err := path.Match(pattern, item.Where())
		if err != nil {
			return false, fmt.Errorf("--target %q: %w", pattern, err)
		}
		if ok || pattern == item.Target.Cloud {
			matched[i], take = true, true
		}
	}
	return take, nil
}

// has reports whether the group holds a cell of the wanted ones.
func (g group) has(wantRuntimes, wantArchs []string) bool {
	runtime := len(wantRuntimes) == 0 || slices.ContainsFunc(g.cells, func(c runtimes.Cell) bool {
		return slices.Contains(wantRuntimes, c.Runtime)
	})
	arch := len(wantArchs) == 0 || slices.ContainsFunc(g.archs, func(a string) bool {
		return slices.Contains(wantArchs, a)
	})
	return runtime && arch
}

// targets returns the names of the plan's targets, each once.
func (p *Plan) targets() []string {
	var names []string
	for _, i := range p.Items {
		if w := i.Where(); !slices.Contains(names, w) {
			names = append(names, w)
		}
	}
	return names
}
