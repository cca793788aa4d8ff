package packager

import (
	"strconv"

	"github.com/layerbuild/layerbuild/layer"
)

// A Difference is the first thing in which two layers differ.
type Difference struct {
	// Path is the entry's, "" if it is not an entry that differs.
	Path string
	// Field is what differs: "path" if one of the two has no such entry, else
	// "mode" or "bytes", or one of those that [FirstPackingDifference] names.
	Field string
	// A and B are the values, in words for people. The one without such an
	// entry has "".
	A, B string
}

// FirstDifference returns the first difference in content between two
// listings that are sorted by path, and whether there is any. It is there
// exactly if their tree digests differ.
func FirstDifference(a, b []layer.Listed) (Difference, bool) {
	for i := range max(len(a), len(b)) {
		switch {
		case i >= len(b) || i < len(a) && a[i].Path < b[i].Path:
			return Difference{Path: a[i].Path, Field: "path", A: a[i].Path}, true
		case i >= len(a) || a[i].Path > b[i].Path:
			return Difference{Path: b[i].Path, Field: "path", B: b[i].Path}, true
		case a[i].Mode != b[i].Mode:
			return Difference{Path: a[i].Path, Field: "mode", A: a[i].Mode.Perm(), B: b[i].Mode.Perm()}, true
		case a[i].SHA256 != b[i].SHA256:
			return Difference{Path: a[i].Path, Field: "bytes", A: inWords(a[i]), B: inWords(b[i])}, true
		}
	}
	return Difference{}, false
}

func inWords(l layer.Listed) string {
	return strconv.FormatInt(l.Size, 10) + " bytes, sha256 " + l.SHA256.String()
}
