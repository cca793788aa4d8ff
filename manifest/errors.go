package manifest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// An Error is everything that is wrong with a manifest.
type Error struct {
	// File is the name that Parse was given.
	File string
	// Problems has at least one element and is sorted by line. Problems of
	// the same line stand in the order in which they were found.
	Problems []Located
}

// A Located problem has the line that it stands on, counted from 1. A key that
// is not in the file stands on the line of the table that lacks it.
type Located struct {
	Line int
	Problem
}

// Error returns one line per problem: file, line, key and message.
func (e *Error) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = fmt.Sprintf("%s:%d: %s", e.File, p.Line, p.Problem)
	}
	return strings.Join(lines, "\n")
}

// String returns key and message. Indexes are left out of the key, since
// people count from 1 and have the line to go by.
func (p Problem) String() string {
	if p.Key == "" {
		return p.Message
	}
	var names []string
	for _, s := range splitPath(p.Key) {
		if !s.isIndex {
			names = append(names, quoteKey(s.name))
		}
	}
	return strings.Join(names, ".") + ": " + p.Message
}

// locate sorts problems by the lines that their keys stand on. It returns nil
// when there are none.
func locate(file string, root *place, problems []Problem) error {
	if len(problems) == 0 {
		return nil
	}
	e := &Error{File: file}
	for _, p := range problems {
		e.Problems = append(e.Problems, Located{Line: root.lineOf(p.Key), Problem: p})
	}
	slices.SortStableFunc(e.Problems, func(a, b Located) int { return cmp.Compare(a.Line, b.Line) })
	return e
}

// alone returns the error of a file with one problem.
func alone(file string, line int, message string) error {
	return locate(file, &place{line: line}, []Problem{{Message: message}})
}
