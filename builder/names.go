package builder

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/layerbuild/layerbuild/layer"
	"golang.org/x/text/unicode/norm"
)

// checkNames refuses trees that not every system can unpack as they are: where
// something is a file and a folder at once, lies below a link, or where names
// differ in nothing but case or Unicode normalisation, which are one file on a
// Mac's or a Windows disk. The entries must be sorted and distinct.
func checkNames(entries []layer.Entry) error {
	t := names{
		entries: entries,
		byKey:   make(map[string]claim, len(entries)+len(entries)/4),
		folders: make(map[string]bool, len(entries)/4),
	}
	for i, e := range entries {
		if err := t.addFolders(i, e.Path); err != nil {
			return err
		}
		if err := t.claim(i, e.Path); err != nil {
			return err
		}
	}
	return nil
}

type names struct {
	entries []layer.Entry
	byKey   map[string]claim
	folders map[string]bool
}

// A claim is a path that an entry needs, for itself or for a folder it is in.
type claim struct {
	path  string
	entry int
}

// addFolders claims the folders above a path that are not claimed yet.
func (t *names) addFolders(entry int, path string) error {
	i := strings.LastIndexByte(path, '/')
	if i < 0 || t.folders[path[:i]] {
		return nil
	}
	folder := path[:i]
	if err := t.addFolders(entry, folder); err != nil {
		return err
	}
	t.folders[folder] = true
	return t.claim(entry, folder)
}

func (t *names) claim(entry int, path string) error {
	key := foldKey(path)
	other, taken := t.byKey[key]
	if !taken {
		t.byKey[key] = claim{path, entry}
		return nil
	}
	first, second := t.entries[other.entry], t.entries[entry]
	if other.path != path {
		return fmt.Errorf("%q and %q differ only in %s: %s, and %s", other.path, path, twinKind(other.path, path), first.Origin, second.Origin)
	}
	// A path sorts before all that lies below it, so the first is no folder.
	kind := "file"
	if first.Mode == layer.Symlink {
		kind = "link"
	}
	return fmt.Errorf("%q is a %s, and %q lies below it: %s, and %s", path, kind, second.Path, first.Origin, second.Origin)
}

func twinKind(a, b string) string {
	switch {
	case norm.NFC.String(a) == norm.NFC.String(b):
		return "Unicode normalisation"
	case fold(a) == fold(b):
		return "case"
	default:
		return "case and Unicode normalisation"
	}
}

// foldKey is the same for two paths that a case-insensitive, normalising file
// system takes for one.
func foldKey(path string) string {
	for i := range len(path) {
		if path[i] >= utf8.RuneSelf {
			return norm.NFC.String(fold(norm.NFC.String(path)))
		}
	}
	return strings.ToUpper(path)
}

// fold replaces each rune by the least of those that Unicode's simple folding
// puts together.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		least := r
		for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
			least = min(least, f)
		}
		return least
	}, s)
}
