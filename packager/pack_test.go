package packager_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"hash/crc64"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/packager"
	"github.com/layerbuild/layerbuild/packager/deflate"
)

func TestPackTellsWhatIsOnDisk(t *testing.T) {
	tr := everyKind()
	a := pack(t, tr, packager.Options{Level: 7, Epoch: 1700000001})
	content := read(t, a.Path)

	want := layer.Digests{
		Tree:      layer.TreeDigest(a.Entries),
		SHA256:    sum(content),
		CRC64:     crc64.Checksum(content, crc64.MakeTable(crc64.ECMA)),
		CRC64NVME: crc64.Checksum(content, crc64.MakeTable(0x9a6c9329ac4bc9b5)),
		Size:      int64(len(content)),
	}
	if diff := cmp.Diff(want, a.Digests); diff != "" {
		t.Error("digests (-file +told):\n" + diff)
	}
	if want := (layer.Packing{Compressor: deflate.Format, Level: 7, Epoch: 1700000000}); a.Packing != want {
		t.Errorf("packing is %+v, want %+v", a.Packing, want)
	}
	if a.Unzipped != tr.Size() {
		t.Errorf("unzipped %d, want %d", a.Unzipped, tr.Size())
	}
	z, err := zip.OpenReader(a.Path)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	if len(z.File) != len(tr.Entries) || len(a.Entries) != len(tr.Entries) {
		t.Fatalf("%d entries in the zip and %d listed, want %d", len(z.File), len(a.Entries), len(tr.Entries))
	}
	for i, e := range tr.Entries {
		f, content := z.File[i], contentOf(t, e)
		want := layer.Listed{Path: e.Path, Mode: e.Mode, SHA256: sum(content), Size: e.Size, Packed: int64(f.CompressedSize64), Stored: f.Method == zip.Store}
		if diff := cmp.Diff(want, a.Entries[i]); diff != "" {
			t.Errorf("entry (-want +listed):\n%s", diff)
		}
		if f.Name != e.Path || f.ExternalAttrs>>16 != uint32(e.Mode) {
			t.Errorf("entry %d is %q with attributes %#x, want %q %o", i, f.Name, f.ExternalAttrs, e.Path, e.Mode)
		}
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(r)
		if err != nil || !bytes.Equal(got, content) {
			t.Errorf("%q comes back as %d bytes, %v; want %d", e.Path, len(got), err, len(content))
		}
	}
}

func TestStoredOnlyWhereDeflateDoesNotShrink(t *testing.T) {
	stored := map[string]bool{}
	for _, l := range pack(t, everyKind(), packager.Options{}).Entries {
		stored[l.Path] = l.Stored
		if l.Stored && l.Packed != l.Size || !l.Stored && l.Packed >= l.Size {
			t.Errorf("%q: stored %v, %d bytes packed to %d", l.Path, l.Stored, l.Size, l.Packed)
		}
	}
	for path, want := range map[string]bool{
		"python/empty.py": true, "python/one": true, "bin/short": true, "bin/packed": true, "lib/large-noise.bin": true,
		"python/text.py": false, "bin/long": false, "lib/large.so": false, "lib/zeros.bin": false,
	} {
		if stored[path] != want {
			t.Errorf("%q: stored is %v, want %v", path, stored[path], want)
		}
	}
}

func TestPackReplacesAndLeavesOnlyTheZip(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "layer.zip")
	if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	// A small budget, so that there is a scratch file.
	a, err := packager.Pack(t.Context(), everyKind(), path, packager.Options{Level: 1, Memory: 1})
	if err != nil {
		t.Fatal(err)
	}
	onlyFile(t, folder, "layer.zip")
	if got := sum(read(t, path)); got != a.Digests.SHA256 {
		t.Errorf("the file has SHA-256 %v, told was %v", got, a.Digests.SHA256)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS != "windows" && info.Mode() != 0o644 {
		t.Errorf("the zip has mode %v, want 0644", info.Mode())
	}
}

func TestProgressAddsUpToTheTree(t *testing.T) {
	tr := everyKind()
	var got atomic.Int64
	pack(t, tr, packager.Options{Level: 1, Workers: 3, Progress: func(n int64) {
		if n < 0 {
			t.Errorf("progress of %d", n)
		}
		got.Add(n)
	}})
	if got.Load() != tr.Size() {
		t.Errorf("progress of %d, want %d", got.Load(), tr.Size())
	}
}

func TestContentsAreReadOnceUnlessLargeAndStored(t *testing.T) {
	tr := everyKind()
	opened := make([]atomic.Int64, len(tr.Entries))
	for i := range tr.Entries {
		open := tr.Entries[i].Open
		tr.Entries[i].Open = func() (io.ReadCloser, error) { opened[i].Add(1); return open() }
	}
	a := pack(t, tr, packager.Options{Level: 1, Memory: 1 << 20})
	for i, l := range a.Entries {
		want := int64(1)
		if l.Stored && l.Size > deflate.BlockSize {
			want = 2
		}
		if got := opened[i].Load(); got != want {
			t.Errorf("%q was opened %d times, want %d", l.Path, got, want)
		}
	}
}

func TestRefused(t *testing.T) {
	size := func(n int64) layer.Tree {
		e := file("big", nil)
		e.Size = n
		return tree(e)
	}
	mode := func(m layer.Mode) layer.Tree {
		e := file("device", nil)
		e.Mode = m
		return tree(e)
	}
	unopenable := file("x", nil)
	unopenable.Open = nil
	for name, test := range map[string]struct {
		tree    layer.Tree
		options packager.Options
		message string
		cause   error
	}{
		"level too high":  {tree(), packager.Options{Level: 10}, "deflate level 10: want 1 to 9", nil},
		"level negative":  {tree(), packager.Options{Level: -1}, "deflate level -1: want 1 to 9", nil},
		"before 1980":     {tree(), packager.Options{Epoch: 315532799}, "epoch 315532799: a zip holds times from", nil},
		"after 2107":      {tree(), packager.Options{Epoch: 4354819200}, "epoch 4354819200: a zip holds times from", nil},
		"not sorted":      {layer.Tree{Entries: []layer.Entry{file("b", nil), file("a", nil)}}, packager.Options{}, `entry "a": not sorted, or twice: it comes after "b"`, nil},
		"twice":           {tree(file("a", nil), file("a", nil)), packager.Options{}, `entry "a": not sorted, or twice`, nil},
		"4 GiB":           {size(1 << 32), packager.Options{}, `entry "big": 4294967296 bytes: an entry must be smaller than 4 GiB`, layer.ErrLimit},
		"almost 4 GiB":    {size(1<<32 - 1), packager.Options{}, `entry "big": 4294967295 bytes`, layer.ErrLimit},
		"negative size":   {size(-1), packager.Options{}, `entry "big": size -1`, nil},
		"other mode":      {mode(0o100600), packager.Options{}, `entry "device": mode 0100600: a layer has files`, nil},
		"no content":      {tree(unopenable), packager.Options{}, `entry "x": no content`, nil},
		"absolute":        {tree(file("/a", nil)), packager.Options{}, `entry "/a": not a clean path`, nil},
		"leaves":          {tree(file("../a", nil)), packager.Options{}, `entry "../a": not a clean path`, nil},
		"folder":          {tree(file("a/", nil)), packager.Options{}, `entry "a/": not a clean path`, nil},
		"empty path":      {tree(file("", nil)), packager.Options{}, `entry "": not a clean path`, nil},
		"root":            {tree(file(".", nil)), packager.Options{}, `entry ".": not a clean path`, nil},
		"not UTF-8":       {tree(file("a\xff", nil)), packager.Options{}, `entry "a\xff": not a clean path`, nil},
		"path too long":   {tree(file(strings.Repeat("a", 65536), nil)), packager.Options{}, "the path has 65536 bytes, 65535 are possible", layer.ErrLimit},
		"missing content": {tree(missing("gone")), packager.Options{}, `reading "gone": open nowhere: file does not exist`, fs.ErrNotExist},
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			path := filepath.Join(folder, "layer.zip")
			a, err := packager.Pack(t.Context(), test.tree, path, test.options)
			if err == nil {
				t.Fatal("it was packed")
			}
			if !strings.HasPrefix(err.Error(), `packing "`) || !strings.Contains(err.Error(), test.message) {
				t.Errorf("error is %q, want %q", err, test.message)
			}
			if test.cause != nil && !errors.Is(err, test.cause) {
				t.Errorf("error %q does not wrap %q", err, test.cause)
			}
			if a.Entries != nil || a.Path != "" {
				t.Error("an artifact came with the error")
			}
			onlyFile(t, folder, "")
		})
	}
}

func missing(path string) layer.Entry {
	e := file(path, []byte("x"))
	e.Open = func() (io.ReadCloser, error) {
		return nil, &fs.PathError{Op: "open", Path: "nowhere", Err: fs.ErrNotExist}
	}
	return e
}

func TestFolderMustExist(t *testing.T) {
	_, err := packager.Pack(context.Background(), tree(), filepath.Join(t.TempDir(), "no", "layer.zip"), packager.Options{})
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v does not wrap fs.ErrNotExist", err)
	}
}

func TestPathIsAFolder(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "layer.zip")
	if err := os.Mkdir(path, 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := packager.Pack(t.Context(), tree(file("a", nil)), path, packager.Options{}); err == nil {
		t.Error("a folder was replaced by a zip")
	}
	onlyFile(t, folder, "layer.zip")
}

// The first in order of path, whatever the timing.
func TestFirstFailingEntryIsNamed(t *testing.T) {
	tr := everyKind()
	for i := 3; i < len(tr.Entries); i++ {
		tr.Entries[i].Open = missing("x").Open
	}
	for range 20 {
		_, err := packager.Pack(t.Context(), tr, filepath.Join(t.TempDir(), "layer.zip"), packager.Options{Workers: 4})
		if err == nil || !strings.Contains(err.Error(), `reading "`+tr.Entries[3].Path+`"`) {
			t.Fatalf("error is %v, want one about %q", err, tr.Entries[3].Path)
		}
	}
}
