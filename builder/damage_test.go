package builder_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/layerbuild/layerbuild/builder"
	"github.com/layerbuild/layerbuild/builder/internal/sample"
	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/manifest"
)

func TestBombs(t *testing.T) {
	many := ""
	for i := range 300 {
		many += fmt.Sprintf("f%d =\n", i)
	}
	const size = 17 << 20
	trees := map[string]string{
		"many":  many,
		"zeros": "z = " + strings.Repeat("0", size),
		"small": "z = " + strings.Repeat("0", 64<<10),
	}
	dir := t.TempDir()
	for name, tree := range trees {
		put(t, dir, name+".tgz", sample.Gzip(t, sample.Tar(t, sample.Parse(tree))))
		put(t, dir, name+".zip", sample.Zip(t, sample.Parse(tree)))
	}
	for _, tt := range []struct {
		name, tree string
		limits     manifest.Limits
		why        string
	}{
		{"entries", "many", manifest.Limits{Entries: 299}, "more than 299 entries (source.limits.entries)"},
		{"bytes", "zeros", manifest.Limits{Bytes: size - 1}, "more than 17825791 bytes unpacked (source.limits.bytes)"},
		{"ratio", "zeros", manifest.Limits{}, "more than 200 times its size unpacked (source.limits.ratio)"},
		{"own ratio", "small", manifest.Limits{Ratio: 1}, "more than 1 times its size"},
		{"below the floor", "small", manifest.Limits{}, ""},
		{"fine", "zeros", manifest.Limits{Ratio: 2000, Bytes: size}, ""},
		{"just enough", "many", manifest.Limits{Entries: 300, Bytes: 1}, ""},
	} {
		for _, ending := range []string{".tgz", ".zip"} {
			t.Run(tt.name+ending, func(t *testing.T) {
				source := archive(tt.tree + ending)
				source.Limits = tt.limits
				if tt.why == "" {
					stage(t, dir, of(source), layout())
					return
				}
				// What is not taken in counts too.
				source.Include = []string{"*x"}
				err := stageError(t, dir, of(source), layout())
				wantError(t, err, tt.why)
				if !errors.Is(err, layer.ErrLimit) {
					t.Errorf("not layer.ErrLimit: %v", err)
				}
			})
		}
	}
}

// After its end, or in a hole, a tar can hide what its entries do not tell.
func TestHiddenBombs(t *testing.T) {
	small := sample.Tar(t, sample.Parse("a = 1"))
	dir := t.TempDir()
	put(t, dir, "tail.tgz", sample.Gzip(t, append(small, make([]byte, 20<<20)...)))
	err := stageError(t, dir, of(archive("tail.tgz")), layout())
	wantError(t, err, "more than 200 times its size unpacked")

	links := "a = " + strings.Repeat("0", 1000)
	for i := range 20 {
		links += fmt.Sprintf("\nh%d => a", i)
	}
	put(t, dir, "links.tar", sample.Tar(t, sample.Parse(links)))
	s := archive("links.tar")
	s.Limits.Bytes = 20_000
	wantError(t, stageError(t, dir, of(s), layout()), "more than 20000 bytes unpacked")

	// Every entry of an overlapping zip is honest by itself.
	data := rawZip(t, []raw{{name: "a", body: strings.Repeat("x", 4000)}, {name: "b", body: ""}})
	end := bytes.LastIndex(data, []byte("PK\x01\x02"))
	first := bytes.Index(data, []byte("PK\x01\x02"))
	overlap := bytes.Clone(data)
	copy(overlap[end+16:end+28], data[first+16:first+28])
	copy(overlap[end+42:end+46], data[first+42:first+46])
	put(t, dir, "overlap.zip", overlap)
	wantError(t, stageError(t, dir, of(archive("overlap.zip")), layout()), `entry "b": overlaps other entries`)
}

func TestDamage(t *testing.T) {
	body := strings.Repeat("some text that can be found. ", 3000)
	tree := sample.Parse("a = " + body)
	tarred, zipped := sample.Tar(t, tree), rawZip(t, []raw{{name: "a", body: body}})
	gz := sample.Gzip(t, tarred)
	flip := func(data []byte, at int) []byte {
		data = bytes.Clone(data)
		data[at] ^= 0x55
		return data
	}
	cd := bytes.LastIndex(zipped, []byte("PK\x01\x02"))
	zeroCRC := bytes.Clone(zipped)
	copy(zeroCRC[cd+16:], []byte{0, 0, 0, 0})
	zeroCRC = bytes.Replace(zeroCRC, []byte("PK\x07\x08"), []byte("PKxx"), 1)
	copy(zeroCRC[cd+8:], []byte{0, 0})
	for _, tt := range []struct {
		name string
		data []byte
		why  string
	}{
		{"cut tar", tarred[:len(tarred)/2], "unexpected EOF"},
		{"cut gzip", gz[:len(gz)/2], "unexpected EOF"},
		{"gzip checksum", flip(gz, len(gz)-6), "checksum"},
		{"gzip without its end", gz[:len(gz)-8], "unexpected EOF"},
		{"cut zip", zipped[:len(zipped)/2], "cannot be read: zip: not a valid zip file"},
		{"zip content", flip(zipped, 100), `source 1 (archive "a"): a: zip: checksum error`},
		{"zip checksum of zero", zeroCRC, `a: the content differs from its checksum`},
		{"zip size", func() []byte { d := flip(zipped, cd+24); d[cd+24] = zipped[cd+24] - 1; return d }(), `source 1 (archive "a"): a: zip: not a valid zip file`},
		{"empty file", nil, "is not an archive that can be read"},
		{"gzip of no tar", sample.Gzip(t, []byte(body)), "invalid tar header"},
		{"rar", []byte("Rar!\x1a\x07\x01\x00 and more"), "is a rar archive: supported are zip (whl, jar), 7z, and tar (plain, .gz, .bz2, .xz, .zst)"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			put(t, dir, "a", tt.data)
			staged, err := builder.Stage(context.Background(), of(archive("a")), layout(), builder.Options{Dir: dir})
			if err == nil {
				defer staged.Close()
				// A zip is read in place, so only now.
				var r io.ReadCloser
				if r, err = staged.Tree.Entries[0].Open(); err == nil {
					_, err = io.Copy(io.Discard, r)
				}
			}
			if err == nil {
				t.Fatal("no error")
			}
			wantError(t, err, tt.why)
		})
	}
}
