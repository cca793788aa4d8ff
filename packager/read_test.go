package packager_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/layerbuild/layerbuild/internal/testenv"
	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/packager"
	"github.com/layerbuild/layerbuild/packager/deflate"
)

func TestReadGivesBackWhatWasPacked(t *testing.T) {
	for name, o := range map[string]packager.Options{"default": {}, "other": {Level: 1, Epoch: 1700000000}} {
		t.Run(name, func(t *testing.T) {
			want := pack(t, everyKind(), o)
			got := readZip(t, want.Path)
			want.Packing = layer.Packing{Epoch: o.Epoch} // the rest leaves no trace
			if diff := cmp.Diff(packager.Contents{Artifact: want}, got); diff != "" {
				t.Errorf("(-packed +read)\n%s", diff)
			}
		})
	}
}

// A zip made in the usual way has everything that ours have not.
func TestReadForeignZip(t *testing.T) {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	w.SetComment("made elsewhere")
	for _, e := range []struct {
		name, content string
		mode          fs.FileMode
	}{
		{"b/", "", fs.ModeDir | 0o755},
		{"b/z", "last", 0o600},
		{"b/x", "group may write", 0o775},
		{"a", "first", 0o444},
		{"b/z", "again", 0o644},
		{"../outside", "x", 0o644},
		{"link", "b/z", fs.ModeSymlink | 0o777},
		{"b\\y", "Windows", 0},
	} {
		h := &zip.FileHeader{Name: e.name, Method: zip.Deflate, Modified: time.Unix(1600000000+int64(len(e.content)), 0)}
		h.SetMode(e.mode)
		f, err := w.CreateHeader(h)
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(f, e.content)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	got := readZip(t, write(t, append([]byte("#!/bin/sh\n"), b.Bytes()...)))
	if got.Folders != 1 || !cmp.Equal(got.Duplicates, []string{"b/z"}) {
		t.Errorf("%d folders and the duplicates %q", got.Folders, got.Duplicates)
	}
	a := got.Artifact
	if a.Packing != (layer.Packing{}) || a.Unzipped != 40 || a.Digests.Size != int64(b.Len())+10 || a.Digests.Tree != layer.TreeDigest(a.Entries) {
		t.Errorf("artifact %+v", a)
	}
	var list []string
	for _, l := range a.Entries {
		list = append(list, l.Mode.Perm()+" "+l.Path)
	}
	want := []string{"0644 ../outside", "0644 a", "0755 b/x", "0644 b/z", "0644 b/z", "0644 b\\y", "link link"}
	if diff := cmp.Diff(want, list); diff != "" {
		t.Errorf("entries (-want +got):\n%s", diff)
	}
	if a.Entries[3].SHA256 != sum([]byte("last")) || a.Entries[4].SHA256 != sum([]byte("again")) {
		t.Error("duplicates are not in the order of the zip")
	}
}

// The tree digest does not depend on who packed.
func TestReadOtherToolsZip(t *testing.T) {
	programs := testenv.Need(t, "zip", "python3")
	tr := tree(file("dir/a", prose(3000)), executable("dir/b", []byte("#!/bin/sh\n")), file("é", prose(10)))
	folder := t.TempDir()
	if err := os.Mkdir(filepath.Join(folder, "dir"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, e := range tr.Entries {
		if err := os.WriteFile(filepath.Join(folder, e.Path), contentOf(t, e), fs.FileMode(e.Mode&0o777)); err != nil {
			t.Fatal(err)
		}
	}
	want := pack(t, tr, packager.Options{}).Digests
	for name, command := range map[string][]string{
		"zip":    {programs[0], "-qr"},
		"python": {programs[1], "-m", "zipfile", "-c"},
	} {
		path := filepath.Join(t.TempDir(), "other.zip")
		run(t, folder, nil, command[0], append(command[1:], path, "dir", "é")...)
		got := readZip(t, path)
		if got.Artifact.Digests.Tree != want.Tree || got.Folders != 1 {
			t.Errorf("%s: %d folders and %+v", name, got.Folders, got.Artifact.Entries)
		}
	}
}

func TestReadFindsEveryFlippedByteOfContent(t *testing.T) {
	tr := tree(file("deflated", prose(500)), file("stored", noise(100)))
	content := read(t, pack(t, tr, packager.Options{}).Path)
	z := takeApart(t, content)
	for _, e := range z.entries {
		start := int(e.central.offset) + 30 + len(e.local.name)
		for at := start; at < start+len(e.packed); at++ {
			bad := bytes.Clone(content)
			bad[at] ^= 0x10
			_, err := packager.Read(t.Context(), write(t, bad), packager.Limits{})
			if !errors.Is(err, layer.ErrDigest) || !strings.Contains(err.Error(), `entry "`+e.local.name+`": digest differs: `) {
				t.Fatalf("byte %d of %q flipped: error is %v", at-start, e.local.name, err)
			}
		}
	}
}

func TestReadRefuses(t *testing.T) {
	packed := read(t, pack(t, tree(file("a", prose(500)), file("b", prose(500))), packager.Options{}).Path)
	raw := func(h zip.FileHeader, content []byte) []byte {
		var b bytes.Buffer
		w := zip.NewWriter(&b)
		h.Name = "entry"
		h.CompressedSize64 = uint64(len(content))
		f, err := w.CreateRaw(&h)
		if err != nil {
			t.Fatal(err)
		}
		f.Write(content)
		w.Close()
		return b.Bytes()
	}
	device := zip.FileHeader{}
	device.SetMode(fs.ModeDevice | 0o644)
	encoder, _ := deflate.NewEncoder(6)
	zeros := make([]byte, 100_000)
	bomb, _ := encoder.Append(nil, nil, zeros, true)
	for name, test := range map[string]struct {
		content []byte
		limits  packager.Limits
		cause   error
		message string
	}{
		"nothing":        {nil, packager.Limits{}, zip.ErrFormat, "not a valid zip file"},
		"text":           {prose(5000), packager.Limits{}, zip.ErrFormat, "not a valid zip file"},
		"cut":            {packed[:len(packed)-1], packager.Limits{}, zip.ErrFormat, "not a valid zip file"},
		"device":         {raw(device, nil), packager.Limits{}, nil, `entry "entry": D`},
		"encrypted":      {raw(zip.FileHeader{Flags: 1}, nil), packager.Limits{}, nil, `entry "entry": it is encrypted`},
		"unknown method": {raw(zip.FileHeader{Method: 93}, nil), packager.Limits{}, zip.ErrAlgorithm, `unsupported compression algorithm`},
		"no crc":         {raw(zip.FileHeader{UncompressedSize64: 3}, []byte("abc")), packager.Limits{}, layer.ErrDigest, `digest differs: zip: checksum error`},
		"entries":        {packed, packager.Limits{Entries: 1}, layer.ErrLimit, "2 entries, where at most 1 are read"},
		"bytes":          {packed, packager.Limits{Bytes: 999}, layer.ErrLimit, "more than 999 bytes unpacked"},
		"bomb that tells": {raw(zip.FileHeader{Method: zip.Deflate, UncompressedSize64: 5 << 30, CRC32: 1}, bomb),
			packager.Limits{}, layer.ErrLimit, "more than 4294967296 bytes unpacked"},
		"bomb that lies": {raw(zip.FileHeader{Method: zip.Deflate, UncompressedSize64: 9, CRC32: crc32.ChecksumIEEE(zeros)}, bomb),
			packager.Limits{Bytes: 10}, layer.ErrDigest, `entry "entry": digest differs`},
		"fewer bytes than told": {raw(zip.FileHeader{Method: zip.Deflate, UncompressedSize64: 200_000, CRC32: crc32.ChecksumIEEE(zeros)}, bomb),
			packager.Limits{}, layer.ErrDigest, `unexpected EOF`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := packager.Read(t.Context(), write(t, test.content), test.limits)
			if err == nil || !strings.HasPrefix(err.Error(), `reading "`) || !strings.Contains(err.Error(), test.message) {
				t.Errorf("error is %v, want %q", err, test.message)
			}
			if test.cause != nil && !errors.Is(err, test.cause) {
				t.Errorf("error %v does not wrap %q", err, test.cause)
			}
			if test.cause != layer.ErrDigest && errors.Is(err, layer.ErrDigest) {
				t.Errorf("error %v wraps ErrDigest", err)
			}
		})
	}
	if _, err := packager.Read(t.Context(), filepath.Join(t.TempDir(), "none.zip"), packager.Limits{}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing file: %v", err)
	}
}

func TestReadCancelled(t *testing.T) {
	cause := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(cause)
	for name, tr := range map[string]layer.Tree{"empty": tree(), "not empty": everyKind()} {
		if _, err := packager.Read(ctx, pack(t, tr, packager.Options{Level: 1}).Path, packager.Limits{}); !errors.Is(err, cause) {
			t.Errorf("%s: error is %v", name, err)
		}
	}
}

// Whatever the bytes are, Read comes to an end, with an error or with contents
// that agree with themselves.
func FuzzRead(f *testing.F) {
	golden, err := filepath.Glob("testdata/golden/*.zip")
	if err != nil || len(golden) == 0 {
		f.Fatal("no seeds", err)
	}
	for _, path := range golden {
		if seed := read(f, path); len(seed) < 4<<10 { // the fuzzer is slow with long ones
			f.Add(seed)
		}
	}
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	w.Create("folder/")
	file, _ := w.Create("folder/file")
	file.Write(prose(100))
	w.Close()
	f.Add(b.Bytes())
	path := filepath.Join(f.TempDir(), "fuzz.zip")
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := packager.Read(t.Context(), path, packager.Limits{Entries: 1000, Bytes: 10 << 20})
		if err != nil {
			return
		}
		a := c.Artifact
		if a.Digests.SHA256 != sum(data) || a.Digests.Size != int64(len(data)) || a.Unzipped > 10<<20 {
			t.Errorf("artifact %+v of %d bytes", a, len(data))
		}
		for i, l := range a.Entries {
			if i > 0 && a.Entries[i-1].Path > l.Path {
				t.Errorf("%q comes after %q", l.Path, a.Entries[i-1].Path)
			}
		}
		if d, found := packager.FirstDifference(a.Entries, a.Entries); found {
			t.Errorf("differs from itself: %+v", d)
		}
		// It also looks at the bytes of folders, and may find none.
		if d, found, _ := packager.FirstPackingDifference(path, path); found {
			t.Errorf("differs from itself: %+v", d)
		}
	})
}

func readZip(t testing.TB, path string) packager.Contents {
	t.Helper()
	c, err := packager.Read(context.Background(), path, packager.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func write(t testing.TB, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file.zip")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
