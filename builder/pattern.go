package builder

import (
	"fmt"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
	"github.com/layerbuild/layerbuild/manifest"
)

// Patterns decide which paths of a source are taken in. They are matched with
// slash-separated paths relative to the source, before strip.
type patterns struct {
	include, exclude, executable []string
}

func newPatterns(s manifest.Source) (patterns, error) {
	p := patterns{include: s.Include, exclude: s.Exclude, executable: s.Executable}
	for _, list := range [][]string{s.Include, s.Exclude, s.Executable} {
		for _, text := range list {
			if !doublestar.ValidatePattern(text) {
				return patterns{}, fmt.Errorf("pattern %q is malformed", text)
			}
		}
	}
	return p, nil
}

// take reports whether the file or link at a path is taken in.
func (p patterns) take(name string) bool {
	return (len(p.include) == 0 || matchesAny(p.include, name)) && !matchesAny(p.exclude, name)
}

// prune reports whether nothing below a folder can be taken in, so that it need
// not be readable.
func (p patterns) prune(folder string) bool {
	for _, text := range p.exclude {
		if strings.HasSuffix(text, "/**") && doublestar.MatchUnvalidated(text, folder) {
			return true
		}
	}
	return false
}

// String names the patterns for messages, "" if there are none.
func (p patterns) String() string {
	var parts []string
	if len(p.include) > 0 {
		parts = append(parts, fmt.Sprintf("include %q", p.include))
	}
	if len(p.exclude) > 0 {
		parts = append(parts, fmt.Sprintf("exclude %q", p.exclude))
	}
	return strings.Join(parts, " and ")
}

func matchesAny(list []string, name string) bool {
	for _, text := range list {
		if doublestar.MatchUnvalidated(text, name) {
			return true
		}
	}
	return false
}

// leftOut names what never becomes part of a layer: what version control, the
// Mac's Finder and layerbuild itself put beside the content.
func leftOut(name string, folder bool) bool {
	switch name {
	case ".git", ".DS_Store":
		return true
	case ".layerbuild":
		return folder
	}
	return !folder && strings.HasPrefix(name, "layer.lock")
}
