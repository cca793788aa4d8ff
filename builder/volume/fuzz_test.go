package volume_test

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/layerbuild/layerbuild/builder/internal/sample"
	"github.com/layerbuild/layerbuild/builder/volume"
	"github.com/layerbuild/layerbuild/layer"
)

const seed = "d/a = 1\nd/x * 22\nd/l -> a\ne/\nh => d/a"

// FuzzArchive feeds any bytes to the readers of archives. Whatever comes out
// lies within the volume and within the limits.
func FuzzArchive(f *testing.F) {
	tarred := sample.Tar(f, sample.Parse(seed))
	f.Add(tarred)
	f.Add(sample.Gzip(f, tarred))
	f.Add(sample.Zip(f, sample.Parse(seed)))
	names, err := filepath.Glob("testdata/seeds/*")
	if err != nil || len(names) == 0 {
		f.Fatalf("no seeds: %v", err)
	}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	limits := volume.Limits{Entries: 50, Bytes: 1 << 20, Ratio: 10_000}
	f.Fuzz(func(t *testing.T, data []byte) {
		name := filepath.Join(t.TempDir(), "a")
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
		a, err := volume.OpenArchive(context.Background(), name, volume.ArchiveOptions{
			Limits: limits, Want: func(string) bool { return true },
		})
		if err != nil {
			// A panic of ours must not hide as damage; the 7z library has its own.
			if strings.Contains(err.Error(), "runtime error") && !strings.HasPrefix(string(data), "7z") {
				t.Fatal(err)
			}
			return
		}
		defer a.Close()
		v := &visitor{t: t, archive: a, limits: limits}
		v.folder("")
	})
}

type visitor struct {
	t       *testing.T
	archive *volume.Archive
	limits  volume.Limits
	entries int64
	bytes   int64
}

func (v *visitor) folder(path string) {
	nodes, err := v.archive.List(path)
	if err != nil {
		v.t.Fatalf("listing %q: %v", path, err)
	}
	for _, n := range nodes {
		if n.Path != strings.TrimPrefix(path+"/"+n.Name(), "/") {
			v.t.Fatalf("%q lies in %q", n.Path, path)
		}
		for part := range strings.SplitSeq(n.Path, "/") {
			if part == "" || part == "." || part == ".." {
				v.t.Fatalf("%q is not clean", n.Path)
			}
		}
		// An entry can stand for the folders above it, but not for more files.
		if n.Kind != volume.Folder {
			v.entries++
		}
		if v.entries > v.limits.Entries {
			v.t.Fatalf("more than %d entries", v.limits.Entries)
		}
		v.node(n)
	}
}

func (v *visitor) node(n volume.Node) {
	switch n.Kind {
	case volume.Folder:
		v.folder(n.Path)
	case volume.Link:
		if err := volume.CheckTarget(n.Path, n.Target, 0); err == nil && strings.HasPrefix(n.Target, "/") {
			v.t.Fatalf("absolute link %q -> %q", n.Path, n.Target)
		}
		got, err := volume.Resolve(v.archive, strings.TrimSuffix(strings.TrimSuffix(n.Path, n.Name()), "/"), n.Target)
		if err == nil && got.Kind == volume.Link {
			v.t.Fatalf("%q resolves to a link", n.Path)
		}
	case volume.File:
		r, err := n.Open()
		if err != nil {
			return
		}
		size, err := io.Copy(io.Discard, io.LimitReader(r, v.limits.Bytes+1))
		if err := errors.Join(err, r.Close()); err == nil && size != n.Size {
			v.t.Fatalf("%q has %d bytes, its size says %d", n.Path, size, n.Size)
		}
		if size > n.Size {
			v.t.Fatalf("%q yields %d bytes, its size says %d", n.Path, size, n.Size)
		}
		if v.bytes += size; v.bytes > v.limits.Bytes {
			v.t.Fatalf("more than %d bytes: %v", v.limits.Bytes, layer.ErrLimit)
		}
	}
}
