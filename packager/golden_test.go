package packager_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/packager"
)

// The golden zips change only with the format: after a new release of the
// compressor, `go test ./packager -run Golden -update` writes them anew, and
// the listings beside them show what it changed.
func TestGolden(t *testing.T) {
	update := flag.Lookup("update").Value.String() == "true"
	text, random := prose(600_000), noise(2000)
	for name, test := range map[string]struct {
		tree    layer.Tree
		options packager.Options
	}{
		"empty": {tree(), packager.Options{}},
		"kinds": {tree(
			file("python/empty.py", nil), file("python/stored.py", []byte("x = 1\n")), file("python/deflated.py", text[:600]),
			executable("bin/tool", []byte("#!/bin/sh\necho hello\n")), symlink("bin/alias", "tool"), symlink("bin/far", strings.Repeat("../", 60)+"opt"),
		), packager.Options{}},
		"names": {tree(
			file("a b/c'd\"e", []byte("1")), file("naïve/文件.txt", []byte("2")), file("~/[x]*?|<>", []byte("3")), file("Ünïcödé", []byte("4")), file(strings.Repeat("long/", 40)+"x", []byte("5")),
		), packager.Options{}},
		"epoch":  {tree(file("a", text[:300])), packager.Options{Epoch: 1700000001, Level: 9}},
		"stored": {tree(file("noise", random), executable("bytes", random[:100]), file("empty", nil)), packager.Options{Level: 1}},
		"blocks": {tree(
			file("1 under", repetitive(256<<10-1)), file("2 exact", repetitive(256<<10)), file("3 over", repetitive(256<<10+1)), file("4 text", text[:300_000]),
		), packager.Options{}},
	} {
		t.Run(name, func(t *testing.T) {
			a := pack(t, test.tree, test.options)
			got := read(t, a.Path)
			listing := fmt.Sprintf("%s level %d epoch %d\ntree %v\nsha256 %v\ncrc64 %s\ncrc64nvme %d\nsize %d\n\n%v", a.Packing.Compressor, a.Packing.Level, a.Packing.Epoch,
				a.Digests.Tree, a.Digests.SHA256, a.Digests.CRC64Text(), a.Digests.CRC64NVME, a.Digests.Size, takeApart(t, got))
			zip := filepath.Join("testdata", "golden", name+".zip")
			txt := filepath.Join("testdata", "golden", name+".txt")
			if update {
				for path, content := range map[string][]byte{zip: got, txt: []byte(listing)} {
					if err := os.WriteFile(path, content, 0o644); err != nil {
						t.Fatal(err)
					}
				}
				return
			}
			if want := string(read(t, txt)); listing != want {
				t.Errorf("listing differs from %s:\n%s", txt, firstDifferentLine(want, listing))
			}
			if !bytes.Equal(got, read(t, zip)) {
				t.Errorf("bytes differ from %s", zip)
			}
		})
	}
}

// repetitive content is small in a golden zip.
func repetitive(n int) []byte {
	return bytes.Repeat([]byte("All work and no play makes Jack a dull boy.\n"), n/44+1)[:n]
}

func firstDifferentLine(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range min(len(w), len(g)) {
		if w[i] != g[i] {
			return "want " + w[i] + "\ngot  " + g[i]
		}
	}
	return fmt.Sprintf("want %d lines, got %d", len(w), len(g))
}
