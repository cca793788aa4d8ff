package packages

import (
	"cmp"
	"slices"
)

// A Kind says what became of a package.
type Kind string

// The kinds of changes. A package is Changed when its versions differ, and
// neither is the newer one.
const (
	Added      Kind = "added"
	Removed    Kind = "removed"
	Upgraded   Kind = "upgraded"
	Downgraded Kind = "downgraded"
	Changed    Kind = "changed"
)

// A Change is a version of a package that is in only one of two zips, or one
// in each.
type Change struct {
	Kind      Kind   `json:"change"`
	Ecosystem string `json:"ecosystem"`
	Name      string `json:"name"`
	// Old and New are versions, "" where there is none.
	Old string `json:"old"`
	New string `json:"new"`
}

// Changes tells what became of the packages, in the order of Find. Where a
// package was there in several versions, those that stayed are left out, and
// the others are taken to have replaced each other from the newest down. Where
// a package lies has no part in it.
func Changes(old, now []Package) []Change {
	type key struct{ ecosystem, name string }
	type versions = map[string]bool
	before, after := map[key]versions{}, map[key]versions{}
	var keys []key
	collect := func(list []Package, into map[key]versions) {
		for _, p := range list {
			k := key{p.Ecosystem, p.Name}
			keys = append(keys, k)
			if into[k] == nil {
				into[k] = versions{}
			}
			into[k][p.Version] = true
		}
	}
	collect(old, before)
	collect(now, after)
	slices.SortFunc(keys, func(a, b key) int {
		return cmp.Or(cmp.Compare(a.ecosystem, b.ecosystem), cmp.Compare(a.name, b.name))
	})
	var list []Change
	for _, k := range slices.Compact(keys) {
		gone, come := without(k.ecosystem, before[k], after[k]), without(k.ecosystem, after[k], before[k])
		for i := range max(len(gone), len(come)) {
			c := Change{Ecosystem: k.ecosystem, Name: k.name}
			if i < len(gone) {
				c.Old = gone[i]
			}
			if i < len(come) {
				c.New = come[i]
			}
			c.Kind = c.kind()
			list = append(list, c)
		}
	}
	return list
}

// without returns the versions that are not among the others, the newest first.
func without(ecosystem string, versions, others map[string]bool) []string {
	var list []string
	for v := range versions {
		if !others[v] {
			list = append(list, v)
		}
	}
	slices.SortFunc(list, func(a, b string) int {
		return cmp.Or(CompareVersions(ecosystem, b, a), cmp.Compare(b, a))
	})
	return list
}

func (c Change) kind() Kind {
	switch newer := CompareVersions(c.Ecosystem, c.New, c.Old); {
	case c.Old == "":
		return Added
	case c.New == "":
		return Removed
	case newer > 0:
		return Upgraded
	case newer < 0:
		return Downgraded
	}
	return Changed
}
