package packages

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestChanges(t *testing.T) {
	list := func(texts ...string) []Package {
		var p []Package
		for i := 0; i < len(texts); i += 3 {
			p = append(p, Package{Ecosystem: texts[i], Name: texts[i+1], Version: texts[i+2]})
		}
		return p
	}
	tests := []struct {
		name     string
		old, now []Package
		want     []Change
	}{
		{"nothing", nil, nil, nil},
		{"same", list(NPM, "a", "1.0.0"), list(NPM, "a", "1.0.0"), nil},
		{"elsewhere", []Package{{NPM, "a", "1.0.0", "x", "MIT", 1}}, []Package{{NPM, "a", "1.0.0", "y", "ISC", 2}}, nil},
		{"all kinds", list(PyPI, "down", "1.10", PyPI, "gone", "1", PyPI, "respelled", "1.0", PyPI, "up", "1.9"),
			list(PyPI, "come", "2", PyPI, "down", "1.9", PyPI, "respelled", "1.0.0", PyPI, "up", "1.10"), []Change{
				{Added, PyPI, "come", "", "2"}, {Downgraded, PyPI, "down", "1.10", "1.9"}, {Removed, PyPI, "gone", "1", ""},
				{Changed, PyPI, "respelled", "1.0", "1.0.0"}, {Upgraded, PyPI, "up", "1.9", "1.10"},
			}},
		{"another ecosystem", list(PyPI, "a", "1"), list(NPM, "a", "1"), []Change{{Added, NPM, "a", "", "1"}, {Removed, PyPI, "a", "1", ""}}},
		{"several versions", list(NPM, "ms", "1.0.0", NPM, "ms", "2.0.0", NPM, "ms", "2.0.0", NPM, "ms", "3.0.0"), list(NPM, "ms", "2.0.0", NPM, "ms", "3.1.0"),
			[]Change{{Upgraded, NPM, "ms", "3.0.0", "3.1.0"}, {Removed, NPM, "ms", "1.0.0", ""}}},
		{"one more version", list(NPM, "ms", "2.0.0"), list(NPM, "ms", "1.0.0", NPM, "ms", "2.0.0"), []Change{{Added, NPM, "ms", "", "1.0.0"}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, Changes(test.old, test.now)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// What changed, undone, is how it was; nothing is told twice or of what stayed.
func TestChangesReverse(t *testing.T) {
	packages := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Package {
		return Package{
			Ecosystem: rapid.SampledFrom([]string{PyPI, NPM}).Draw(t, "ecosystem"), Name: rapid.SampledFrom([]string{"a", "b"}).Draw(t, "name"),
			Version: rapid.SampledFrom([]string{"1.0.0", "1.0.1", "1.0", "2.0.0-rc.1"}).Draw(t, "version"),
		}
	}), 0, 8)
	reverse := map[Kind]Kind{Added: Removed, Removed: Added, Upgraded: Downgraded, Downgraded: Upgraded, Changed: Changed}
	rapid.Check(t, func(t *rapid.T) {
		old, now := packages.Draw(t, "old"), packages.Draw(t, "new")
		set := func(list []Package) map[[3]string]bool {
			there := map[[3]string]bool{}
			for _, p := range list {
				there[[3]string{p.Ecosystem, p.Name, p.Version}] = true
			}
			return there
		}
		there := set(old)
		var back []Change
		for _, c := range Changes(old, now) {
			before, after := [3]string{c.Ecosystem, c.Name, c.Old}, [3]string{c.Ecosystem, c.Name, c.New}
			if c.Old != "" && !there[before] || c.New != "" && there[after] {
				t.Errorf("%+v cannot be made", c)
			}
			if c.Old != "" {
				delete(there, before)
			}
			if c.New != "" {
				there[after] = true
			}
			back = append(back, Change{reverse[c.Kind], c.Ecosystem, c.Name, c.New, c.Old})
		}
		if diff := cmp.Diff(set(now), there); diff != "" {
			t.Errorf("changes do not lead to what is there (-want +got)\n%s", diff)
		}
		if diff := cmp.Diff(back, Changes(now, old)); diff != "" {
			t.Errorf("(-reversed +got)\n%s", diff)
		}
	})
}
