package packager_test

import (
	"fmt"
	"io"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/packager"
)

func BenchmarkPackSmallFiles(b *testing.B) {
	text := prose(1 << 20)
	r := rand.New(rand.NewPCG(3, 4))
	var entries []layer.Entry
	for i := range 2000 {
		at, size := r.IntN(len(text)/2), 1+r.IntN(1+r.IntN(30_000))
		entries = append(entries, file(fmt.Sprintf("node_modules/package%03d/lib/file%d.js", i/20, i), text[at:at+size]))
	}
	benchmarkPack(b, tree(entries...))
}

func BenchmarkPackLargeFile(b *testing.B) {
	benchmarkPack(b, tree(repeated("lib/large.so", prose(1<<20), 200<<20)))
}

func BenchmarkPackIncompressible(b *testing.B) {
	benchmarkPack(b, tree(repeated("lib/large.bin", noise(1<<20), 200<<20)))
}

func benchmarkPack(b *testing.B, tr layer.Tree) {
	path := filepath.Join(b.TempDir(), "layer.zip")
	b.SetBytes(tr.Size())
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := packager.PackTo(b.Context(), io.Discard, tr, path, packager.Options{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRead(b *testing.B) {
	a := pack(b, tree(repeated("lib/large.so", prose(1<<20), 50<<20), repeated("lib/other.so", prose(1<<20), 50<<20)), packager.Options{})
	b.SetBytes(a.Unzipped)
	for b.Loop() {
		readZip(b, a.Path)
	}
}
