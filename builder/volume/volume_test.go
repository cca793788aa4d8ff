package volume_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/layerbuild/layerbuild/builder/internal/sample"
	"github.com/layerbuild/layerbuild/builder/volume"
	"github.com/layerbuild/layerbuild/layer"
)

func TestCheckPath(t *testing.T) {
	for _, p := range []string{
		"a", "a/b", ".a", "...", "a..b", "a b", " ", "-", "a:b", "aux", "\u00e9", "e\u0301", "日本/語", "a\nb", "a\x7f",
		strings.Repeat("n", 255), strings.Repeat("n/", 2044) + "nn",
	} {
		if err := volume.CheckPath(p); err != nil {
			t.Errorf("%.40q is refused: %v", p, err)
		}
	}
	for _, p := range []string{
		"", "/", "/a", "a/", "a//b", ".", "..", "./a", "a/.", "a/..", "../a", "a/../b", "a\\b", "a\x00", "\xff", "a/\xc3(",
		"\xed\xa0\x80", strings.Repeat("n", 256), strings.Repeat("n/", 2045) + "n",
	} {
		if err := volume.CheckPath(p); err == nil {
			t.Errorf("%.40q is taken", p)
		}
	}
}

// A place of known nodes.
type place map[string]volume.Node

func (p place) Find(path string) (volume.Node, error) {
	if n, ok := p[path]; ok {
		n.Path = path
		return n, nil
	}
	return volume.Node{}, fs.ErrNotExist
}

// The expected results are those of readlink -f on a folder like this.
func TestResolve(t *testing.T) {
	folder := volume.Node{Kind: volume.Folder}
	link := func(target string) volume.Node { return volume.Node{Kind: volume.Link, Target: target} }
	v := place{
		"f": {}, "d": folder, "d/g": {}, "d/e": folder, "d/e/h": {},
		"toD": link("d"), "d/up": link(".."), "d/e/deep": link("../../toD/e"), "toE": link("toD/e"),
		"a": link("b"), "b": link("a"), "out": link(".."), "abs": link("/f"),
	}
	long := place{"end": {}}
	for i := range 45 {
		long["l"+strings.Repeat("x", i)] = link("l" + strings.Repeat("x", i+1))
	}
	long["l"+strings.Repeat("x", 40)] = link("end")
	for _, tt := range []struct {
		folder, target, want string
		err                  error
	}{
		{"", "f", "f", nil},
		{"d", "g", "d/g", nil},
		{"d/e", "../g", "d/g", nil},
		{"d/e", "../../f", "f", nil},
		{"", "toD/g", "d/g", nil},
		{"", "toD/e/../g", "d/g", nil},
		{"", "toE/../g", "d/g", nil},
		{"", "d/up/f", "f", nil},
		{"", "d/e/deep/h", "d/e/h", nil},
		{"d", ".", "d", nil},
		{"d", "..", "", nil},
		{"d/e", "./.././/e/", "d/e", nil},
		{"", "..", "", volume.ErrTargetLeaves},
		{"", "d/../..", "", volume.ErrTargetLeaves},
		{"", "toE/../../../f", "", volume.ErrTargetLeaves},
		{"d", "../out/x", "", volume.ErrTargetLeaves},
		{"", "abs", "", volume.ErrTargetAbsolute},
		{"", "/f", "", volume.ErrTargetAbsolute},
		{"", "a", "", volume.ErrTargetLoop},
		{"", "f/x", "", volume.ErrTargetNoFolder},
		{"", "f/..", "", volume.ErrTargetNoFolder},
		{"", "f/", "", volume.ErrTargetNoFolder},
		{"", "x", "", fs.ErrNotExist},
		{"", "d/x/../g", "", fs.ErrNotExist},
	} {
		got, err := volume.Resolve(v, tt.folder, tt.target)
		if !errors.Is(err, tt.err) || (tt.err == nil && (err != nil || got.Path != tt.want)) {
			t.Errorf("%q in %q: got %q, %v", tt.target, tt.folder, got.Path, err)
		}
	}
	if got, err := volume.Resolve(long, "", "lx"); err != nil || got.Path != "end" {
		t.Errorf("40 links: got %q, %v", got.Path, err)
	}
	if _, err := volume.Resolve(long, "", "l"); !errors.Is(err, volume.ErrTargetLoop) {
		t.Errorf("41 links: got %v", err)
	}
}

func TestFormatsThatAreNotRead(t *testing.T) {
	for head, want := range map[string]string{
		"Rar!\x1a\x07\x00":   "is a rar archive",
		"!<arch>\ndebian":    "is an ar archive, such as a .deb",
		"\xed\xab\xee\xdb__": "is an rpm package",
		"\x04\x22\x4d\x18__": "is compressed by lz4",
		"":                   "is not an archive",
		"#!/bin/sh\n":        "is not an archive",
	} {
		name := filepath.Join(t.TempDir(), "a.zip")
		if err := os.WriteFile(name, []byte(head), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := volume.OpenArchive(context.Background(), name, volume.ArchiveOptions{})
		if err == nil || !strings.HasPrefix(err.Error(), want) || !strings.Contains(err.Error(), "supported are zip") {
			t.Errorf("%q: got %v", head, err)
		}
	}
}

// Few bytes of names must not become many folders.
func TestFoldersWithoutEntries(t *testing.T) {
	var entries []string
	for i := range 80 {
		entries = append(entries, strings.Repeat(fmt.Sprintf("%02d/", i), 1300)+"f")
	}
	name := filepath.Join(t.TempDir(), "a.tar")
	if err := os.WriteFile(name, tarOf(t, entries), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := volume.OpenArchive(context.Background(), name, volume.ArchiveOptions{Want: func(string) bool { return true }})
	if !errors.Is(err, layer.ErrLimit) {
		t.Errorf("got %v", err)
	}
}

func tarOf(t *testing.T, names []string) []byte {
	var files []sample.File
	for _, n := range names {
		files = append(files, sample.File{Path: n})
	}
	return sample.Tar(t, files)
}
