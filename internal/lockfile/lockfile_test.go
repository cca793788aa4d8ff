package lockfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/layerbuild/layerbuild/layer"
)

func sum(b byte) layer.Sum { return layer.Sum{b, b, b} }

func artifact(entries ...layer.Listed) layer.Artifact {
	a := layer.Artifact{Entries: entries, Packing: layer.Packing{Compressor: "klauspost-1.20.3", Level: 6}}
	a.Digests.Tree = layer.TreeDigest(entries)
	a.Digests.SHA256 = a.Digests.Tree
	a.Digests.CRC64 = 11051210869376104954
	a.Digests.Size = 7
	return a
}

func file(k Key, a layer.Artifact, entries bool) File {
	return File{Artifacts: map[Key]Artifact{k: Of(a, entries)}}
}

func TestEncodeIsReadable(t *testing.T) {
	a := artifact(
		layer.Listed{Path: "bin/tool", Mode: layer.Executable, SHA256: sum(1), Size: 3},
		layer.Listed{Path: "bin/\"odd\" é\n", Mode: layer.Symlink, SHA256: sum(2), Size: 4},
	)
	got := string(file(Key{"aws", "web-deps"}, a, true).Encode())
	want := fmt.Sprintf(`# Written by "layerbuild build". Commit it beside layer.toml; do not edit it.
schema = 1

[artifact.aws.web-deps]
tree       = "%[1]s"
sha256     = "%[1]s"
crc64      = "11051210869376104954"
size       = 7
unzipped   = 0
compressor = "klauspost-1.20.3"
level      = 6
epoch      = 0
entries = [
  "0755 0101010000000000 bin/tool",
  "link 0202020000000000 bin/\"odd\" é\u000A",
]
`, a.Digests.Tree)
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := File{Artifacts: map[Key]Artifact{}}
		for range rapid.IntRange(0, 4).Draw(t, "artifacts") {
			var entries []layer.Listed
			for i := range rapid.IntRange(0, 5).Draw(t, "entries") {
				entries = append(entries, layer.Listed{
					Path:   fmt.Sprintf("%d%s", i, rapid.StringMatching(`[^\x{0}\\]{1,20}`).Draw(t, "path")),
					Mode:   rapid.SampledFrom([]layer.Mode{layer.Regular, layer.Executable, layer.Symlink}).Draw(t, "mode"),
					SHA256: sum(rapid.Byte().Draw(t, "sum")),
				})
			}
			k := Key{rapid.SampledFrom([]string{"aws", "local", "local-fc"}).Draw(t, "cloud"), rapid.StringMatching(`[A-Za-z0-9_-]{1,20}`).Draw(t, "name")}
			f.Artifacts[k] = Of(artifact(entries...), rapid.Bool().Draw(t, "full"))
		}
		got, err := Parse(f.Encode())
		if err != nil {
			t.Fatalf("%v\n%s", err, f.Encode())
		}
		if d := cmp.Diff(f, got); d != "" {
			t.Fatal(d)
		}
	})
}

func TestParseRefuses(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"schema = 2\nfuture = true\n", "schema 2 is not known"},
		{"", "schema 0 is not known"},
		{"schema = 1\nextra = 1\n", `unknown key "extra"`},
		{"schema = 1\n[artifact.aws.x]\ntree = \"zz\"\n", "64 hexadecimal digits"},
		{"schema = 1\nx = = 1\n", "line 2"},
		{"<<<<<<< HEAD\n", "line 1"},
	} {
		if _, err := Parse([]byte(tt.in)); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("Parse(%q): got %v, want an error with %q", tt.in, err, tt.want)
		}
	}
}

func TestWriteIsAtomicAndQuiet(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, Name)
	f := file(Key{"aws", "a"}, artifact(layer.Listed{Path: "x", Mode: layer.Regular}), true)
	if _, err := Read(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("reading a missing lock: got %v", err)
	}
	if err := Write(path, f); err != nil {
		t.Fatal(err)
	}
	before, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := Write(path, f); err != nil {
		t.Fatal(err)
	}
	after, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if !os.SameFile(before, after) || before.Mode().Perm() != 0o644 {
		t.Errorf("an unchanged lock was written again, or has mode %v", before.Mode())
	}
	list, err := os.ReadDir(dir)
	if err != nil || len(list) != 1 {
		t.Errorf("left behind: %v %v", list, err)
	}
	if err := Write(filepath.Join(dir, "missing", Name), f); err == nil {
		t.Error("writing into a missing folder succeeded")
	}
}

func TestDiff(t *testing.T) {
	k := Key{"aws", "a"}
	base := []layer.Listed{
		{Path: "python/a.py", Mode: layer.Regular, SHA256: sum(1)},
		{Path: "python/b.py", Mode: layer.Regular, SHA256: sum(2)},
	}
	edit := func(f func(e []layer.Listed) []layer.Listed) layer.Artifact {
		return artifact(f(append([]layer.Listed(nil), base...))...)
	}
	repacked := artifact(base...)
	repacked.Packing.Compressor = "klauspost-9"
	repacked.Digests.SHA256 = sum(9)
	cut := artifact(base...)
	cut.Digests.SHA256 = sum(8)
	for _, tt := range []struct {
		name    string
		built   layer.Artifact
		full    bool
		field   string
		path    string
		content bool
		text    string
	}{
		{"bytes", edit(func(e []layer.Listed) []layer.Listed { e[1].SHA256 = sum(3); return e }), true, "bytes", "python/b.py", true, "locked 0202020000000000, built 0303030000000000"},
		{"mode", edit(func(e []layer.Listed) []layer.Listed { e[0].Mode = layer.Executable; return e }), true, "mode", "python/a.py", true, "locked 0644, built 0755"},
		{"removed", edit(func(e []layer.Listed) []layer.Listed { return e[:1] }), true, "path", "python/b.py", true, "now missing"},
		{"added", edit(func(e []layer.Listed) []layer.Listed {
			return append([]layer.Listed{{Path: "bin/x", Mode: layer.Regular}}, e...)
		}), true, "path", "bin/x", true, "now built"},
		{"compressor", repacked, true, "compressor", "", false, "same content, packed differently"},
		{"zip bytes", cut, true, "zip", "", false, "same content, packed differently"},
		{"listed by group now", artifact(base...), false, "entries", "", false, "2 entries and 0 groups listed"},
		{"bytes against a group listing", edit(func(e []layer.Listed) []layer.Listed { e[1].SHA256 = sum(3); return e }), false, "bytes", "python", true, "locked"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := Diff(file(k, artifact(base...), true), file(k, tt.built, tt.full), true)
			if len(got) != 1 {
				t.Fatalf("got %v", got)
			}
			d := got[0]
			if d.Field != tt.field || d.Path != tt.path || d.Content != tt.content || !strings.Contains(d.String(), tt.text) {
				t.Errorf("got %+v: %s", d, d)
			}
		})
	}
	if got := Diff(file(k, artifact(base...), true), file(k, artifact(base...), true), true); got != nil {
		t.Errorf("same artifacts differ: %v", got)
	}
	other := file(Key{"aws", "b"}, artifact(base...), true)
	if got := Diff(file(k, artifact(base...), true), other, true); len(got) != 2 || got[0].Key.Name != "a" || got[1].Key.Name != "b" {
		t.Errorf("renamed artifact: %v", got)
	}
	if got := Diff(file(k, artifact(base...), true), File{}, false); got != nil {
		t.Errorf("a filtered build was compared with the whole lock: %v", got)
	}
}

func TestGroups(t *testing.T) {
	for path, want := range map[string]string{
		"nodejs/node_modules/@aws-sdk/client/dist/x.js":         "nodejs/node_modules/@aws-sdk/client",
		"nodejs/node_modules/a/node_modules/b/index.js":         "nodejs/node_modules/a/node_modules/b",
		"nodejs/node_modules/.bin/tool":                         "nodejs/node_modules/.bin",
		"nodejs/node_modules/loose.js":                          "nodejs/node_modules",
		"python/lib/python3.12/site-packages/numpy/core/x.so":   "python/lib/python3.12/site-packages/numpy",
		"python/requests/models.py":                             "python/requests",
		"python/six.py":                                         "python",
		"bootstrap":                                             "bootstrap",
		"java/lib/x.jar":                                        "java/lib",
		"python/requests/packages/urllib3/contrib/pyopenssl.py": "python/requests",
	} {
		if got := groupOf(path); got != want {
			t.Errorf("groupOf(%q) = %q, want %q", path, got, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(header + "schema = 1\n"))
	f.Add(file(Key{"aws", "a"}, artifact(layer.Listed{Path: "x", Mode: layer.Regular}), true).Encode())
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := Parse(data)
		if err != nil {
			return
		}
		again, err := Parse(got.Encode())
		if err != nil {
			t.Fatalf("what was written cannot be read: %v\n%s", err, got.Encode())
		}
		if d := cmp.Diff(got, again, cmpopts.EquateEmpty()); d != "" {
			t.Fatal(d)
		}
	})
}
