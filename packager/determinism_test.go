package packager_test

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"pgregory.net/rapid"

	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/packager"
	"github.com/layerbuild/layerbuild/packager/deflate"
)

// The bytes depend on the tree, the level and the epoch; here is everything
// else that could have a part in them.
func TestSurroundingsDoNotMatter(t *testing.T) {
	scratch := filepath.Join(t.TempDir(), "layer.zip")
	contents := newContents()
	rapid.Check(t, func(t *rapid.T) {
		tr := contents.drawTree(t)
		level := rapid.SampledFrom([]int{1, 2, 5, 6, 7, 9}).Draw(t, "level")
		o := packager.Options{Level: level, Workers: 1}
		want := mustPack(t, io.Discard, tr, scratch, o)

		o.Workers = rapid.SampledFrom([]int{1, 2, 7, 16}).Draw(t, "workers")
		o.Memory = rapid.SampledFrom([]int64{0, 1, 600 << 10, 3 << 20}).Draw(t, "memory")
		got := mustPack(t, io.Discard, disturbed(t, tr), scratch, o)
		if got != want {
			t.Fatalf("digests %+v with %+v, want %+v", got, o, want)
		}

		o.Level = 1
		o.Epoch = 1700000000
		other := mustPack(t, io.Discard, tr, scratch, o)
		if other.Tree != want.Tree {
			t.Fatal("level and epoch have changed the tree digest")
		}
		if len(tr.Entries) > 0 && other.SHA256 == want.SHA256 {
			t.Fatal("the epoch has not changed the zip")
		}
	})
}

func TestRoundTripOfDrawnTrees(t *testing.T) {
	path := filepath.Join(t.TempDir(), "layer.zip")
	contents := newContents()
	rapid.Check(t, func(t *rapid.T) {
		tr := contents.drawTree(t)
		var zip bytes.Buffer
		want := mustPack(t, &zip, tr, path, packager.Options{Workers: 3, Level: 1})
		if err := os.WriteFile(path, zip.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := packager.Read(t.Context(), path, packager.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if got.Artifact.Digests != want {
			t.Fatalf("read %+v, packed %+v", got.Artifact.Digests, want)
		}
		for i, e := range tr.Entries {
			r, _ := e.Open()
			content, _ := io.ReadAll(r)
			if l := got.Artifact.Entries[i]; l.SHA256 != sum(content) || l.Size != e.Size || l.Path != e.Path || l.Mode != e.Mode {
				t.Fatalf("entry %+v of %q", l, e.Path)
			}
		}
	})
}

// Every change of the tree is a change of the tree digest and of the zip.
func TestContentMatters(t *testing.T) {
	seen := map[layer.Sum]string{}
	zips := map[layer.Sum]string{}
	for name, tr := range map[string]layer.Tree{
		"empty":        tree(),
		"file":         tree(file("a", []byte("x"))),
		"other name":   tree(file("b", []byte("x"))),
		"other bytes":  tree(file("a", []byte("y"))),
		"other mode":   tree(executable("a", []byte("x"))),
		"link":         tree(symlink("a", "x")),
		"empty file":   tree(file("a", nil)),
		"two files":    tree(file("a", []byte("x")), file("b", []byte("x"))),
		"in a folder":  tree(file("a/a", []byte("x"))),
		"large":        tree(file("a", prose(300_000))),
		"large, other": tree(file("a", append(prose(299_999), '!'))),
	} {
		d := pack(t, tr, packager.Options{}).Digests
		if before, found := seen[d.Tree]; found {
			t.Errorf("%q and %q have the same tree digest", before, name)
		}
		if before, found := zips[d.SHA256]; found {
			t.Errorf("%q and %q have the same zip", before, name)
		}
		seen[d.Tree], zips[d.SHA256] = name, name
	}
}

// Time zone, locale and GOMAXPROCS are the process's.
func TestOtherProcessesMakeTheSameBytes(t *testing.T) {
	const variable = "PACKAGER_TEST_OUTPUT"
	if path := os.Getenv(variable); path != "" {
		a, err := packager.Pack(t.Context(), everyKind(), path, packager.Options{Epoch: 1710000000})
		if err != nil {
			t.Fatal(err)
		}
		fmt.Printf("packed %v at %s\n", a.Digests.SHA256, time.Unix(a.Packing.Epoch, 0))
		return
	}
	want := pack(t, everyKind(), packager.Options{Epoch: 1710000000})
	for _, environment := range [][]string{
		{"TZ=Asia/Kathmandu", "LC_ALL=de_DE.UTF-8", "GOMAXPROCS=1"},
		{"TZ=America/St_Johns", "LC_ALL=C", "GOMAXPROCS=7", "GODEBUG=cpu.all=off"},
	} {
		t.Run(strings.Join(environment, " "), func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "other name.zip")
			child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestOtherProcessesMakeTheSameBytes$", "-test.v")
			child.Env = append(append(os.Environ(), environment...), variable+"="+path)
			out, err := child.CombinedOutput()
			if err != nil || !strings.Contains(string(out), "packed "+want.Digests.SHA256.String()) {
				t.Errorf("%v, want SHA-256 %v:\n%s", err, want.Digests.SHA256, out)
			}
			if got := sum(read(t, path)); got != want.Digests.SHA256 {
				t.Errorf("the file has SHA-256 %v, want %v", got, want.Digests.SHA256)
			}
		})
	}
}

func mustPack(t *rapid.T, w io.Writer, tr layer.Tree, scratch string, o packager.Options) layer.Digests {
	d, _, err := packager.PackTo(t.Context(), w, tr, scratch, o)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// Contents are what drawn entries hold the beginning of.
type contents [][]byte

func newContents() contents {
	const most = 3 * deflate.BlockSize
	mixed := append(noise(deflate.BlockSize), prose(most-deflate.BlockSize)...)
	return contents{prose(most), noise(most), make([]byte, most), mixed}
}

// drawTree draws a tree whose sizes lie around the limits of blocks.
func (c contents) drawTree(t *rapid.T) layer.Tree {
	const block, window = deflate.BlockSize, deflate.WindowSize
	var entries []layer.Entry
	taken := map[string]bool{}
	for range rapid.IntRange(0, 8).Draw(t, "entries") {
		path := rapid.StringMatching(`[a-cé]{1,2}(/[a-c.]{1,2}x){0,2}`).Draw(t, "path")
		if taken[path] {
			continue
		}
		taken[path] = true
		size := rapid.OneOf(
			rapid.IntRange(0, 200),
			rapid.IntRange(0, 200),
			rapid.IntRange(0, 20_000),
			rapid.SampledFrom([]int{window, block - 1, block, block + 1, block + window, 2 * block, 2*block + 1, 3 * block}),
		).Draw(t, "size")
		e := file(path, rapid.SampledFrom(c).Draw(t, "content")[:size])
		e.Mode = rapid.SampledFrom([]layer.Mode{layer.Regular, layer.Executable, layer.Symlink}).Draw(t, "mode")
		entries = append(entries, e)
	}
	return tree(entries...)
}

// disturbed returns the tree with contents that come late and in odd pieces.
func disturbed(t *rapid.T, tr layer.Tree) layer.Tree {
	seed := rapid.Uint64().Draw(t, "seed")
	entries := append([]layer.Entry(nil), tr.Entries...)
	for i := range entries {
		open := entries[i].Open
		r := rand.New(rand.NewPCG(seed, uint64(i)))
		delay, kind, piece := time.Duration(r.IntN(2000))*time.Microsecond, r.IntN(4), 1+r.IntN(100_000)
		entries[i].Open = func() (io.ReadCloser, error) {
			time.Sleep(delay)
			content, err := open()
			if err != nil {
				return nil, err
			}
			switch kind {
			case 0:
				return io.NopCloser(pieces{content, piece}), nil
			case 1:
				return io.NopCloser(iotest.DataErrReader(content)), nil
			case 2:
				return io.NopCloser(iotest.HalfReader(content)), nil
			}
			return content, nil
		}
	}
	return layer.Tree{Entries: entries}
}

// Pieces gives at most n bytes at a time.
type pieces struct {
	r io.Reader
	n int
}

func (p pieces) Read(b []byte) (int, error) {
	if len(b)%7 == 3 && len(b) > 100 {
		b = b[:len(b)-1]
	}
	return p.r.Read(b[:min(len(b), p.n)])
}
