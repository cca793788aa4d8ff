package main

import (
	"fmt"
	"strings"

	"github.com/layerbuild/layerbuild/layer"
)

// A fileChange is a file or symlink that is not the same in both layers.
type fileChange struct {
	// Change is "added", "removed" or "changed".
	Change string `json:"change"`
	Path   string `json:"path"`
	// Old and New are null where there is no such file.
	Old *fileState `json:"old"`
	New *fileState `json:"new"`
}

// A fileState is a file in one of the layers.
type fileState struct {
	// Mode is four octal digits, or "link".
	Mode   string    `json:"mode"`
	Size   int64     `json:"size"`
	SHA256 layer.Sum `json:"sha256"`
	// Target is a symlink's, "" for a file.
	Target string `json:"target"`
}

// fileChanges compares two listings that are sorted by path. There are none
// exactly if the tree digests are equal: of paths that occur more than once, the
// first ones are compared, the second ones, and so on.
func fileChanges(old, now side) []fileChange {
	var list []fileChange
	a, b := old.entries, now.entries
	for len(a) > 0 || len(b) > 0 {
		switch {
		case len(b) == 0 || len(a) > 0 && a[0].Path < b[0].Path:
			list = append(list, fileChange{Change: "removed", Path: a[0].Path, Old: old.state(a[0])})
			a = a[1:]
		case len(a) == 0 || b[0].Path < a[0].Path:
			list = append(list, fileChange{Change: "added", Path: b[0].Path, New: now.state(b[0])})
			b = b[1:]
		default:
			if a[0].Mode != b[0].Mode || a[0].SHA256 != b[0].SHA256 {
				list = append(list, fileChange{Change: "changed", Path: a[0].Path, Old: old.state(a[0]), New: now.state(b[0])})
			}
			a, b = a[1:], b[1:]
		}
	}
	return list
}

func (s side) state(l layer.Listed) *fileState {
	f := &fileState{Mode: l.Mode.Perm(), Size: l.Size, SHA256: l.SHA256}
	if l.Mode == layer.Symlink {
		f.Target = s.links[l.Path]
	}
	return f
}

// details says in words what changed.
func (f fileChange) details() string {
	switch {
	case f.Old == nil:
		return f.New.details()
	case f.New == nil:
		return f.Old.details()
	}
	var list []string
	if f.Old.Mode != f.New.Mode {
		list = append(list, fromTo(f.Old.Mode, f.New.Mode))
	}
	switch {
	case f.Old.Target != f.New.Target:
		list = append(list, printable(f.Old.what())+" -> "+printable(f.New.what()))
	case f.Old.Size != f.New.Size:
		list = append(list, fmt.Sprintf("%d -> %d bytes (%+d)", f.Old.Size, f.New.Size, f.New.Size-f.Old.Size))
	case f.Old.SHA256 != f.New.SHA256:
		list = append(list, fmt.Sprintf("%d bytes, other content", f.New.Size))
	}
	return strings.Join(list, ", ")
}

func (f *fileState) details() string { return f.Mode + ", " + printable(f.what()) }

// what is the size of a file, or where a link leads.
func (f *fileState) what() string {
	if f.Target != "" {
		return "to " + f.Target
	}
	return fmt.Sprintf("%d bytes", f.Size)
}
