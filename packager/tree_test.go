package packager_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/packager"
)

func file(path string, content []byte) layer.Entry {
	return layer.Entry{
		Path: path, Mode: layer.Regular, Size: int64(len(content)), Origin: "test " + path,
		Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil },
	}
}

func executable(path string, content []byte) layer.Entry {
	e := file(path, content)
	e.Mode = layer.Executable
	return e
}

func symlink(path, target string) layer.Entry {
	e := file(path, []byte(target))
	e.Mode = layer.Symlink
	return e
}

func tree(entries ...layer.Entry) layer.Tree {
	slices.SortFunc(entries, func(a, b layer.Entry) int { return strings.Compare(a.Path, b.Path) })
	return layer.Tree{Entries: entries}
}

// everyKind is a tree with an entry of each kind that the packer treats in a
// way of its own.
func everyKind() layer.Tree {
	text, random := prose(600_000), noise(600_000)
	return tree(
		file("python/empty.py", nil),
		file("python/one", []byte("x")),
		file("python/text.py", text[:5000]),
		executable("bin/tool", text[:900]),
		executable("bin/packed", random[:3000]),
		symlink("bin/short", "tool"),
		symlink("bin/long", strings.Repeat("./", 90)+"tool"),
		file("lib/block.so", text[:256<<10]),
		file("lib/block-and-one.so", text[:256<<10+1]),
		file("lib/large.so", text),
		file("lib/large-noise.bin", random),
		file("lib/zeros.bin", make([]byte, 700_000)),
		file("naïve/文件 ✓.txt", []byte("unicode")),
		file("with space/a'b\"c;$d&.txt", []byte("quotes")),
	)
}

// prose is text of a skewed vocabulary, the same on each call.
func prose(n int) []byte {
	r := rand.New(rand.NewPCG(1, 2))
	out := make([]byte, 0, n+16)
	for len(out) < n {
		out = fmt.Appendf(out, "word%d ", r.IntN(1+r.IntN(200)))
	}
	return out[:n]
}

// noise cannot be compressed.
func noise(n int) []byte {
	out := make([]byte, n)
	rand.NewChaCha8([32]byte{7}).Read(out)
	return out
}

func contentOf(t testing.TB, e layer.Entry) []byte {
	t.Helper()
	r, err := e.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	content, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// pack packs into a new folder.
func pack(t testing.TB, tr layer.Tree, o packager.Options) layer.Artifact {
	t.Helper()
	a, err := packager.Pack(context.Background(), tr, filepath.Join(t.TempDir(), "layer.zip"), o)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func read(t testing.TB, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func sum(content []byte) layer.Sum { return sha256.Sum256(content) }

// onlyFile fails if a folder has anything but the one file, or, for "", at all.
func onlyFile(t testing.TB, folder, name string) {
	t.Helper()
	found, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range found {
		if f.Name() != name {
			t.Errorf("%q was left behind", f.Name())
		}
	}
	if name != "" && len(found) == 0 {
		t.Errorf("%q is missing", name)
	}
}
