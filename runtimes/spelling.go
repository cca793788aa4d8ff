package runtimes

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/agnivade/levenshtein"
)

// An UnknownRuntimeError is a name that no cloud has for a runtime.
type UnknownRuntimeError struct {
	Name string
	// Nearest are up to three of our names that look most like it, in the
	// order of the catalogue; none when nothing does.
	Nearest []string
}

func (e *UnknownRuntimeError) Error() string {
	text := fmt.Sprintf("unknown runtime %q", e.Name)
	for i, name := range e.Nearest {
		switch {
		case i == 0:
			text += "; did you mean "
		case i == len(e.Nearest)-1:
			text += " or "
		default:
			text += ", "
		}
		text += fmt.Sprintf("%q", name)
	}
	if len(e.Nearest) > 0 {
		text += "?"
	}
	return text
}

// Canonical returns our name for a runtime that is spelled in our way or in
// any cloud's ("nodejs20.x", "Nodejs20.19", "Php7"), in either case. The error
// is an [*UnknownRuntimeError].
func (c *Catalogue) Canonical(name string) (string, error) {
	lower := strings.ToLower(name)
	for spelling, runtime := range c.spellings {
		if spelling == lower {
			return runtime, nil
		}
	}
	return "", &UnknownRuntimeError{Name: name, Nearest: c.nearest(lower)}
}

// spellings yields every spelling in lower case with our name for it, in the
// order of the catalogue.
func (c *Catalogue) spellings(yield func(spelling, runtime string) bool) {
	for _, s := range c.Services {
		for _, cell := range s.Cells {
			if !yield(cell.Runtime, cell.Runtime) || !yield(strings.ToLower(cell.Identifier), cell.Runtime) {
				return
			}
		}
	}
}

// nearest returns our names that begin with the name, else those at the
// smallest edit distance, unless more than half of the name would change.
func (c *Catalogue) nearest(lower string) []string {
	const suggestions, tooLong = 3, 64
	length := utf8.RuneCountInString(lower)
	if length == 0 || length > tooLong {
		return nil
	}
	best := length / 2
	var names []string
	for _, runtime := range c.spellings {
		d := 0
		if !strings.HasPrefix(runtime, lower) {
			d = levenshtein.ComputeDistance(lower, runtime)
		}
		if d < best {
			best, names = d, nil
		}
		if d == best && len(names) < suggestions && !slices.Contains(names, runtime) {
			names = append(names, runtime)
		}
	}
	return names
}

// Token returns the form of a runtime's name that {runtime} stands for, which
// has no dots: "python312" for "python3.12".
func Token(runtime string) string { return strings.ReplaceAll(runtime, ".", "") }
