package volume

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/layerbuild/layerbuild/layer"
)

// An index holds the nodes of an archive by path, the folders that no entry
// stands for included.
type index struct {
	nodes    map[string]Node
	children map[string][]string
	// implied is how many folders no entry stands for.
	implied int
}

// maxImplied keeps a few names of many elements from filling memory.
const maxImplied = DefaultEntries

func newIndex() *index {
	return &index{
		nodes:    map[string]Node{"": {Kind: Folder}},
		children: map[string][]string{},
	}
}

// Find implements [Volume].
func (x *index) Find(p string) (Node, error) {
	if n, ok := x.nodes[p]; ok {
		return n, nil
	}
	return Node{}, fs.ErrNotExist
}

// List implements [Volume].
func (x *index) List(folder string) ([]Node, error) {
	list := make([]Node, len(x.children[folder]))
	for i, p := range x.children[folder] {
		list[i] = x.nodes[p]
	}
	return list, nil
}

// add puts a record in its place and returns its node. A second file of the
// same name replaces the first if replaces is set, as in a tar, which can be
// appended to; else both must be the same.
func (x *index) add(r record, replaces bool) (Node, error) {
	if r.hard {
		original, err := x.original(r)
		if err != nil {
			return Node{}, err
		}
		original.Path = r.Path
		r.Node = original
	}
	if err := x.addFolder(parent(r.Path)); err != nil {
		return Node{}, err
	}
	before, twice := x.nodes[r.Path]
	switch {
	case !twice:
		x.children[parent(r.Path)] = append(x.children[parent(r.Path)], r.Path)
	case before.Kind == Folder && r.Kind == Folder:
		return before, nil
	case before.Kind == Folder || r.Kind == Folder:
		return Node{}, fmt.Errorf("is in the archive as a %v too", before.Kind)
	case !replaces && !same(before, r.Node):
		return Node{}, errors.New("is in the archive twice, with different content")
	case !replaces:
		return before, nil
	}
	x.nodes[r.Path] = r.Node
	return r.Node, nil
}

// same compares what is known of two entries without reading them.
func same(a, b Node) bool {
	return a.Kind == b.Kind && a.Size == b.Size && a.Exec == b.Exec && a.Target == b.Target && a.crc == b.crc
}

// addFolder makes a folder and those above it, unless they are there.
func (x *index) addFolder(p string) error {
	n, ok := x.nodes[p]
	switch {
	case !ok:
		if err := x.addFolder(parent(p)); err != nil {
			return err
		}
		if x.implied++; x.implied > maxImplied {
			return fmt.Errorf("more than %d folders: %w", maxImplied, layer.ErrLimit)
		}
		x.nodes[p] = Node{Path: p, Kind: Folder}
		x.children[parent(p)] = append(x.children[parent(p)], p)
	case n.Kind != Folder:
		return fmt.Errorf("lies below %q, which is a %v", p, n.Kind)
	}
	return nil
}

// original returns what a hard link stands for. A tar holds it before the link.
func (x *index) original(r record) (Node, error) {
	p, err := cleanEntry(r.Target)
	if err != nil {
		return Node{}, fmt.Errorf("a hard link to %q: %w", r.Target, err)
	}
	n, ok := x.nodes[p]
	switch {
	case !ok:
		return Node{}, fmt.Errorf("a hard link to %q, which the archive does not hold before it", r.Target)
	case n.Kind == Folder:
		return Node{}, errors.New("a hard link to a folder")
	}
	return n, nil
}
