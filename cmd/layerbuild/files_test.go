package main

import (
	"cmp"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/layerbuild/layerbuild/layer"
)

// listings draws what packager.Read may return: sorted, with paths that occur
// more than once.
func listings() *rapid.Generator[[]layer.Listed] {
	entry := rapid.Custom(func(t *rapid.T) layer.Listed {
		return layer.Listed{
			Path:   rapid.SampledFrom([]string{"a", "a-b", "a/b", "b", "c"}).Draw(t, "path"),
			Mode:   rapid.SampledFrom([]layer.Mode{layer.Regular, layer.Executable, layer.Symlink}).Draw(t, "mode"),
			SHA256: layer.Sum{rapid.ByteRange(0, 1).Draw(t, "content")},
		}
	})
	return rapid.Map(rapid.SliceOfN(entry, 0, 6), func(list []layer.Listed) []layer.Listed {
		slices.SortStableFunc(list, func(a, b layer.Listed) int { return cmp.Compare(a.Path, b.Path) })
		return list
	})
}

// Something is told of a file exactly if the tree digests differ, and what is
// told leads from one layer to the other.
func TestFileChanges(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		old, now := listings().Draw(t, "old"), listings().Draw(t, "new")
		changes := fileChanges(side{entries: old}, side{entries: now})
		if same := layer.TreeDigest(old) == layer.TreeDigest(now); same != (len(changes) == 0) {
			t.Errorf("same tree: %v, but changes are %+v", same, changes)
		}
		count := len(old)
		for i, c := range changes {
			switch {
			case c.Change == "added" && c.Old == nil && c.New != nil:
				count++
			case c.Change == "removed" && c.Old != nil && c.New == nil:
				count--
			case c.Change == "changed" && c.Old != nil && c.New != nil && *c.Old != *c.New:
			default:
				t.Errorf("change %+v", c)
			}
			if c.details() == "" {
				t.Errorf("nothing is said of %+v", c)
			}
			if i > 0 && changes[i-1].Path > c.Path {
				t.Errorf("%q comes after %q", c.Path, changes[i-1].Path)
			}
		}
		if count != len(now) {
			t.Errorf("changes lead to %d entries, want %d", count, len(now))
		}
	})
}

func TestFileDetails(t *testing.T) {
	file := func(mode string, size int64, content byte) *fileState {
		return &fileState{Mode: mode, Size: size, SHA256: layer.Sum{content}}
	}
	link := func(target string) *fileState { return &fileState{Mode: "link", Size: 1, Target: target} }
	for _, test := range []struct {
		old, now *fileState
		want     string
	}{
		{nil, file("0755", 5, 1), "0755, 5 bytes"},
		{link("x"), nil, "link, to x"},
		{file("0644", 5, 1), file("0644", 3, 2), "5 -> 3 bytes (-2)"},
		{file("0644", 5, 1), file("0755", 5, 1), "0644 -> 0755"},
		{file("0644", 5, 1), file("0755", 5, 2), "0644 -> 0755, 5 bytes, other content"},
		{link("x"), link("y\x1b"), `to x -> "to y\x1b"`},
		{file("0644", 5, 1), link("x"), "0644 -> link, 5 bytes -> to x"},
	} {
		if got := (fileChange{Old: test.old, New: test.now}).details(); got != test.want {
			t.Errorf("details are %q, want %q", got, test.want)
		}
	}
}
