package runtimes

import (
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
)

// NewLayout returns the layout of one zip: a place for each of the runtimes on
// each of the architectures that it has, in the order given. Where several
// runtimes share the zip and every one has a versioned packages folder, these
// are used and the layout is versioned; one runtime on two architectures has
// one packages folder. It is an error when no place is left.
func NewLayout(cloud, name string, cells []Cell, archs []string) (Layout, error) {
	l := Layout{Cloud: cloud, Name: name}
	runtimes := make(map[string]bool)
	versioned := true
	for _, c := range cells {
		if runtimes[c.Runtime] {
			continue
		}
		for i, arch := range archs {
			if slices.Contains(archs[:i], arch) || !slices.Contains(c.Architectures, arch) {
				continue
			}
			runtimes[c.Runtime] = true
			versioned = versioned && c.Versioned != ""
			l.Places = append(l.Places, Place{Cell: c, Arch: arch, Slots: maps.Clone(c.Slots)})
		}
	}
	if len(l.Places) == 0 {
		return Layout{}, noPlace(cloud, name, cells, archs)
	}
	l.Versioned = versioned && len(runtimes) > 1
	if l.Versioned {
		for _, p := range l.Places {
			p.Slots["packages"] = p.Cell.Versioned
		}
	}
	return l, nil
}

func noPlace(cloud, name string, cells []Cell, archs []string) error {
	if len(cells) == 0 || len(archs) == 0 {
		return fmt.Errorf("layer %q for %s: no runtime and architecture to build for", name, cloud)
	}
	var list []string
	for _, c := range cells {
		list = append(list, fmt.Sprintf("%s (%s)", c.Runtime, strings.Join(c.Architectures, ", ")))
	}
	return fmt.Errorf("layer %q for %s: none of its runtimes has the architecture %s: %s",
		name, cloud, strings.Join(archs, " or "), strings.Join(list, ", "))
}

// Folder returns the folder within the zip that source.into names: a slot, or
// a slot and a folder below it, as in "packages/vendor". "" is the zip's root.
func (p Place) Folder(into string) (string, error) {
	if !fs.ValidPath(into) || strings.ContainsAny(into, "\\\x00") {
		return "", fmt.Errorf("into %q: want a slot, or a slot and a clean path below it", into)
	}
	slot, below, _ := strings.Cut(into, "/")
	if !slices.Contains(slotNames(), slot) {
		return "", fmt.Errorf("into %q: no slot %q: want packages, bin, lib or root", into, slot)
	}
	folder, ok := p.Slots[slot]
	if !ok {
		return "", fmt.Errorf("into %q: %s has no slot %q: %s", into, p.Cell.Runtime, slot, p.Cell.Note)
	}
	return path.Join(folder, below), nil
}
