package packages

import (
	"cmp"
	"slices"
	"strings"
)

// weigh gives each package the size of its files.
func (a *archive) weigh(list []finding) {
	c := claimed(list)
	// Paths and folders are walked in one order, in which everything within a
	// folder stands together: around is the stack of those that hold the path.
	var around []claim
	folders := c.folders
	for _, name := range a.names {
		for len(folders) > 0 && folders[0].path <= name {
			around = append(holding(around, folders[0].path), folders[0])
			folders = folders[1:]
		}
		around = holding(around, name)
		owner, ok := c.owner(name)
		if !ok && len(around) > 0 {
			owner, ok = around[len(around)-1].by, true
		}
		if ok {
			list[owner].Size += int64(a.files[name].UncompressedSize64)
		}
	}
}

// holding drops the innermost folders that do not hold the path.
func holding(around []claim, path string) []claim {
	for len(around) > 0 && !strings.HasPrefix(path, around[len(around)-1].path) {
		around = around[:len(around)-1]
	}
	return around
}

// A claim says that a path belongs to the finding of that index.
type claim struct {
	path string
	by   int
}

// Claims are those of all findings. Where two claim the same, the first has it.
type claims struct {
	files, modules map[string]int
	// folders are sorted.
	folders []claim
}

func claimed(list []finding) claims {
	c := claims{files: map[string]int{}, modules: map[string]int{}}
	for i, f := range list {
		for _, name := range f.files {
			first(c.files, name, i)
		}
		for _, name := range f.modules {
			first(c.modules, name, i)
			c.folders = append(c.folders, claim{name + "/", i})
		}
		for _, name := range f.folders {
			c.folders = append(c.folders, claim{name, i})
		}
	}
	slices.SortStableFunc(c.folders, func(a, b claim) int { return cmp.Compare(a.path, b.path) })
	c.folders = slices.CompactFunc(c.folders, func(a, b claim) bool { return a.path == b.path })
	return c
}

func first(owners map[string]int, name string, by int) {
	if _, taken := owners[name]; !taken {
		owners[name] = by
	}
}

// owner returns whose a file is by its own path, or by that of the source that
// it was compiled from.
func (c claims) owner(name string) (by int, ok bool) {
	folder, base := split(name)
	stem, _, _ := strings.Cut(base, ".")
	if by, ok = c.files[name]; ok {
		return by, true
	}
	// PEP 3147: __pycache__/module.cpython-312.pyc.
	if outer, compiled := strings.CutSuffix(folder, "__pycache__/"); compiled {
		if by, ok = c.files[outer+stem+".py"]; ok {
			return by, true
		}
		folder = outer
	}
	by, ok = c.modules[folder+stem]
	return by, ok
}
