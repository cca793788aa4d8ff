package packager_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/packager"
)

func TestFirstDifference(t *testing.T) {
	listed := func(entries ...string) []layer.Listed {
		var list []layer.Listed
		for _, e := range entries {
			path, content, _ := strings.Cut(e, "=")
			l := layer.Listed{Path: strings.TrimPrefix(path, "*"), Mode: layer.Regular, SHA256: sum([]byte(content)), Size: int64(len(content))}
			if strings.HasPrefix(path, "*") {
				l.Mode = layer.Executable
			}
			list = append(list, l)
		}
		return list
	}
	const one, two = "1 bytes, sha256 6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b", "1 bytes, sha256 d4735e3a265e16eee03f59718b9b5d03019c07d8b6c51f90da3a666eec13ab35"
	for name, test := range map[string]struct {
		a, b  []layer.Listed
		want  packager.Difference
		found bool
	}{
		"both empty":       {nil, nil, packager.Difference{}, false},
		"equal":            {listed("a=1", "b=2"), listed("a=1", "b=2"), packager.Difference{}, false},
		"removed at end":   {listed("a=1", "b=2"), listed("a=1"), packager.Difference{Path: "b", Field: "path", A: "b"}, true},
		"added at end":     {listed("a=1"), listed("a=1", "b=2"), packager.Difference{Path: "b", Field: "path", B: "b"}, true},
		"removed at start": {listed("a=1", "b=2"), listed("b=2"), packager.Difference{Path: "a", Field: "path", A: "a"}, true},
		"added in between": {listed("a=1", "c=2"), listed("a=1", "b=2", "c=2"), packager.Difference{Path: "b", Field: "path", B: "b"}, true},
		"renamed":          {listed("a=1"), listed("b=1"), packager.Difference{Path: "a", Field: "path", A: "a"}, true},
		"mode":             {listed("a=1", "b=2"), listed("a=1", "*b=2"), packager.Difference{Path: "b", Field: "mode", A: "0644", B: "0755"}, true},
		"mode before more": {listed("*a=1", "b=2"), listed("a=2", "b=1"), packager.Difference{Path: "a", Field: "mode", A: "0755", B: "0644"}, true},
		"bytes":            {listed("a=1"), listed("a=2"), packager.Difference{Path: "a", Field: "bytes", A: one, B: two}, true},
	} {
		t.Run(name, func(t *testing.T) {
			if got, found := packager.FirstDifference(test.a, test.b); got != test.want || found != test.found {
				t.Errorf("got %+v, %v; want %+v, %v", got, found, test.want, test.found)
			}
		})
	}
}

func TestDifferenceExactlyWhereTreeDigestsDiffer(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(label string) []layer.Listed {
			var list []layer.Listed
			for _, path := range []string{"a", "b", "c"} {
				if rapid.Bool().Draw(t, label) {
					mode := rapid.SampledFrom([]layer.Mode{layer.Regular, layer.Executable}).Draw(t, "mode")
					content := rapid.SampledFrom([]string{"1", "2"}).Draw(t, "content")
					list = append(list, layer.Listed{Path: path, Mode: mode, SHA256: sum([]byte(content)), Packed: rapid.Int64Range(0, 3).Draw(t, "packed")})
				}
			}
			return list
		}
		a, b := draw("in a"), draw("in b")
		d, found := packager.FirstDifference(a, b)
		if found == (layer.TreeDigest(a) == layer.TreeDigest(b)) {
			t.Fatalf("%+v, %v of %+v and %+v", d, found, a, b)
		}
		back, foundBack := packager.FirstDifference(b, a)
		if found != foundBack || back != (packager.Difference{Path: d.Path, Field: d.Field, A: d.B, B: d.A}) {
			t.Fatalf("%+v one way, %+v the other", d, back)
		}
	})
}

func TestFirstPackingDifference(t *testing.T) {
	tr := tree(file("a", prose(3000)), file("b", noise(10)))
	base := pack(t, tr, packager.Options{})
	content := read(t, base.Path)
	z := takeApart(t, content)
	directory := int(z.offset)
	patched := func(at int, b ...byte) string {
		bad := bytes.Clone(content)
		copy(bad[at:], b)
		return write(t, bad)
	}
	for name, test := range map[string]struct {
		path        string
		entry, what string
		a, b        string
	}{
		"same":           {write(t, content), "", "", "", ""},
		"time":           {pack(t, tr, packager.Options{Epoch: 1700000000}).Path, "a", "time", "1980-01-01 00:00:00.000000000", "2023-11-14 22:13:20.000000000"},
		"other content":  {pack(t, tree(file("a", prose(3001)), file("b", noise(10))), packager.Options{}).Path, "a", "crc32", "", ""},
		"other path":     {pack(t, tree(file("a", prose(3000)), file("c", noise(10))), packager.Options{}).Path, "b", "path", "b", "c"},
		"entry more":     {pack(t, tree(file("a", prose(3000)), file("b", noise(10)), file("c", nil)), packager.Options{}).Path, "", "entries", "2", "3"},
		"other mode":     {pack(t, tree(file("a", prose(3000)), executable("b", noise(10))), packager.Options{}).Path, "b", "attributes", "0x81a40000", "0x81ed0000"},
		"made by":        {patched(directory+4, 45), "a", "made by", "0x314", "0x32d"},
		"needs":          {patched(directory+6, 45), "a", "needs", "0x14", "0x2d"},
		"flags":          {patched(directory+8, 2), "a", "flags", "0x0", "0x2"},
		"packed bytes":   {patched(31+100, 0, 0, 0), "a", "packed bytes", "", ""},
		"local header":   {patched(10, 1), "", "offset", "10", "10"},
		"other level":    {pack(t, tr, packager.Options{Level: 1}).Path, "a", "packed size", "", ""},
		"internal field": {patched(directory+36, 1), "", "offset", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			got, found, err := packager.FirstPackingDifference(base.Path, test.path)
			if err != nil || found != (test.what != "") || got.Path != test.entry || got.Field != test.what {
				t.Fatalf("got %+v, %v, %v; want %q of %q", got, found, err, test.what, test.entry)
			}
			if test.a != "" && (got.A != test.a || got.B != test.b) {
				t.Errorf("values are %q and %q, want %q and %q", got.A, got.B, test.a, test.b)
			}
		})
	}
	if _, _, err := packager.FirstPackingDifference(base.Path, filepath.Join(t.TempDir(), "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("with a missing file: %v", err)
	}
	if err := os.WriteFile(base.Path, prose(100), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := packager.FirstPackingDifference(base.Path, base.Path); err == nil {
		t.Error("text is compared as a zip")
	}
}
