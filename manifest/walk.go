package manifest

import (
	"fmt"
	"slices"
)

// A walk collects what is wrong with a document while it is compared with the
// table of keys.
type walk struct {
	places   *place
	problems []Problem
	// spoiled are the keys whose value is of no use, partly those of arrays
	// that have such elements.
	spoiled, partly map[string]bool
}

func newWalk(places *place) *walk {
	return &walk{places: places, spoiled: map[string]bool{}, partly: map[string]bool{}}
}

// wrong reports a problem with a value that can be decoded all the same.
func (w *walk) wrong(at, format string, args ...any) {
	w.problems = append(w.problems, Problem{Key: at, Message: fmt.Sprintf(format, args...)})
}

// bad reports a problem with a value that cannot be decoded.
func (w *walk) bad(at, format string, args ...any) {
	w.wrong(at, format, args...)
	w.spoiled[at] = true
}

// findings adds what a check found, besides what only follows from a problem that
// the walk has reported, and besides repetitions.
func (w *walk) findings(problems []Problem) {
	for _, p := range problems {
		if !w.partly[p.Key] && !w.within(p.Key) && !slices.Contains(w.problems, p) {
			w.problems = append(w.problems, p)
		}
	}
}

// within reports whether the key lies in a value that could not be decoded.
func (w *walk) within(key string) bool {
	at := ""
	for _, s := range splitPath(key) {
		if s.isIndex {
			at = index(at, s.index)
		} else {
			at = join(at, s.name)
		}
		if w.spoiled[at] {
			return true
		}
	}
	return false
}
