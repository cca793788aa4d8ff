package runtimes

import (
	"fmt"
	"iter"
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
	return fmt.Sprintf("unknown runtime %q%s", e.Name, didYouMean(e.Nearest))
}

// didYouMean is the end of a message about an unknown word, "" when no word is
// near it.
func didYouMean(nearest []string) string {
	if len(nearest) == 0 {
		return ""
	}
	text := "; did you mean "
	for i, name := range nearest {
		switch {
		case i == 0:
		case i == len(nearest)-1:
			text += " or "
		default:
			text += ", "
		}
		text += fmt.Sprintf("%q", name)
	}
	return text + "?"
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
	return "", &UnknownRuntimeError{Name: name, Nearest: nearest(lower, c.names)}
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

// names yields our name of every spelling.
func (c *Catalogue) names(yield func(string) bool) {
	c.spellings(func(_, runtime string) bool { return yield(runtime) })
}

// nearest returns the words that begin with what was written, in lower case,
// else those at the smallest edit distance, unless more than half of what was
// written would change.
func nearest(lower string, words iter.Seq[string]) []string {
	const suggestions, tooLong = 3, 64
	length := utf8.RuneCountInString(lower)
	if length == 0 || length > tooLong {
		return nil
	}
	best := length / 2
	var names []string
	for word := range words {
		d := 0
		if !strings.HasPrefix(word, lower) {
			d = levenshtein.ComputeDistance(lower, word)
		}
		if d < best {
			best, names = d, nil
		}
		if d == best && len(names) < suggestions && !slices.Contains(names, word) {
			names = append(names, word)
		}
	}
	return names
}

// Token returns the form of a runtime's name that {runtime} stands for, which
// has no dots: "python312" for "python3.12".
func Token(runtime string) string { return strings.ReplaceAll(runtime, ".", "") }
