package builder_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/layerbuild/layerbuild/builder"
	"github.com/layerbuild/layerbuild/builder/internal/sample"
)

// BenchmarkStage goes through as many files as a large node_modules has: 32,000
// in 3,200 folders.
func BenchmarkStage(b *testing.B) {
	var tree []sample.File
	for i := range 32_000 {
		tree = append(tree, sample.File{Path: fmt.Sprintf("src/node_modules/p%03d/dist/m%02d/f%02d.js", i/200, i/10%20, i%10), Body: "x"})
	}
	dir := b.TempDir()
	sample.Disk(b, dir, tree)
	for _, workers := range []int{1, 2} {
		b.Run(fmt.Sprintf("workers=%d", workers), func(b *testing.B) {
			s := files("src")
			s.Exclude = []string{"**/*.md", "**/test/**"}
			for b.Loop() {
				staged, err := builder.Stage(context.Background(), of(s), layout(), builder.Options{Dir: dir, Workers: workers})
				if err != nil || len(staged.Tree.Entries) != 32_000 {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkStream unpacks and holds a compressed tar of 64 MiB.
func BenchmarkStream(b *testing.B) {
	self, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	body, err := os.ReadFile(self)
	if err != nil {
		b.Fatal(err)
	}
	var tree []sample.File
	size := 0
	for i := 0; size < 64<<20; i++ {
		tree = append(tree, sample.File{Path: fmt.Sprintf("f%d", i), Body: string(body)})
		size += len(body)
	}
	dir := b.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a.tgz"), sample.Gzip(b, sample.Tar(b, tree)), 0o644); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(size))
	for b.Loop() {
		staged, err := builder.Stage(context.Background(), of(archive("a.tgz")), layout(), builder.Options{Dir: dir})
		if err != nil {
			b.Fatal(err)
		}
		if err := staged.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
