package manifest

import (
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite golden files and the pages made from the table of keys")

// golden compares text with a file, or writes the file.
func golden(t *testing.T, file string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v (run go test ./manifest -update)", err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s is not up to date (run go test ./manifest -update) (-file +now):\n%s", file, diff)
	}
}

// files returns the TOML files of a folder of testdata by name.
func files(t *testing.T, folder string) map[string][]byte {
	t.Helper()
	names, err := filepath.Glob(filepath.Join("testdata", folder, "*.toml"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no files in %s: %v", folder, err)
	}
	out := map[string][]byte{}
	for _, n := range names {
		data, err := os.ReadFile(n)
		if err != nil {
			t.Fatal(err)
		}
		out[n] = data
	}
	return out
}

func TestGood(t *testing.T) {
	for name, data := range files(t, "good") {
		m, err := Parse("layer.toml", data)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		text, err := json.MarshalIndent(m, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		golden(t, strings.TrimSuffix(name, ".toml")+".json", append(text, '\n'))
	}
}

func TestBad(t *testing.T) {
	for name, data := range files(t, "bad") {
		m, err := Parse("layer.toml", data)
		var e *Error
		if !errors.As(err, &e) || m != nil {
			t.Errorf("%s: got %v, %v", name, m, err)
			continue
		}
		golden(t, strings.TrimSuffix(name, ".toml")+".txt", []byte(e.Error()+"\n"))
	}
}

// smallest is the least that a manifest can be.
const smallest = "schema = 1\n[layer]\nname = \"x\"\nruntimes = [\"python3.12\"]\n[[source]]\nfiles = \"src\"\n"

func TestDefaults(t *testing.T) {
	m, err := Parse("a/layer.toml", []byte(smallest))
	if err != nil {
		t.Fatal(err)
	}
	want := &Manifest{
		File:    "a/layer.toml",
		Layer:   Layer{Name: "x", Runtimes: []string{"python3.12"}, Architectures: []string{"x86_64"}, Symlinks: "keep"},
		Sources: []Source{{Kind: "files", Path: "src", Into: "root"}},
		Package: Package{Level: 6},
		Lock:    Lock{Entries: "auto"},
		Targets: []Target{{Cloud: "local", Timeout: 5 * time.Minute, Marker: true, Layout: "aws", Path: ".layerbuild/registry"}},
	}
	if diff := cmp.Diff(want, m); diff != "" {
		t.Error(diff)
	}
}

func TestByteOrderMarkAndLineEnds(t *testing.T) {
	for _, text := range []string{"\xef\xbb\xbf" + smallest, strings.ReplaceAll(smallest, "\n", "\r\n")} {
		if _, err := Parse("layer.toml", []byte(text)); err != nil {
			t.Error(err)
		}
		_, err := Parse("layer.toml", []byte(strings.Replace(text, `"src"`, `"/src"`, 1)))
		if err == nil || !strings.HasPrefix(err.Error(), "layer.toml:6: source.files: ") {
			t.Error(err)
		}
	}
}

func TestSyntaxErrors(t *testing.T) {
	tests := []struct{ text, want string }{
		{"schema = 1\nname = \n", `layer.toml:2: reading TOML: expected value but found '\n' instead`},
		{"schema = 1\n[layer\nx = 1\n", `layer.toml:2: reading TOML: expected '.' or ']' to end table name, but got '\n' instead`},
		{"a = 1\n\na = 2\n", `layer.toml:3: reading TOML: key 'a' has already been defined`},
		{"a = \"x\n\"\n", "layer.toml:1: reading TOML: strings cannot contain newlines"},
		{"a = \"\"\"\n\n\\q\"\"\"\n", `layer.toml:3: reading TOML: invalid escape in string '\q'`},
		{"\n\na = \"C:\\dir\"\n", `layer.toml:3: reading TOML: invalid escape in string '\d'`},
		{"a = '", `layer.toml:1: reading TOML: unexpected EOF; expected "'"`},
		{"a = \"\\", "layer.toml:1: reading TOML: "},
		{"\na = \xff\n", "layer.toml:2: reading TOML: invalid UTF-8 byte: 0xff"},
		{"a = 1\nb = \x01\n", "layer.toml:2: reading TOML: TOML files cannot contain control characters: '0x01'"},
		{"\xef\xbb\xbfa = 1\nb\n", `layer.toml:2: reading TOML: expected '.' or '=', but got '\n' instead`},
		{"a = [\n1,\n2\nb = 3\n", "layer.toml:4: reading TOML: expected a comma (',') or array terminator (']'), but got 'b'"},
		{"a = [{b.c = 1,\n b = 1}]\n", "layer.toml:1: a.b: has two values"},
		{"a = 99999999999999999999\n", "layer.toml:1: reading TOML: 99999999999999999999 is out of range for int64"},
	}
	for _, tt := range tests {
		_, err := Parse("layer.toml", []byte(tt.text))
		if err == nil || !strings.HasPrefix(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: got %v, want %s", tt.text, err, tt.want)
		}
	}
}

func TestLaterFormatStandsAlone(t *testing.T) {
	_, err := Parse("layer.toml", []byte("# new\nschema = 2\n[brand]\nnew = 1\n"))
	if err == nil || err.Error() != "layer.toml:2: schema: 2 is the format of a later version of layerbuild: this one reads 1" {
		t.Error(err)
	}
}

func TestTooLarge(t *testing.T) {
	_, err := Parse("layer.toml", []byte(smallest+strings.Repeat("#", maxSize)))
	if err == nil || !strings.HasPrefix(err.Error(), "layer.toml:1: ") {
		t.Error(err)
	}
}

func TestTooDeep(t *testing.T) {
	const n = 300000
	for _, text := range []string{
		strings.Repeat("[", n),
		"a = " + strings.Repeat("[", n),
		"a = " + strings.Repeat("[", n) + strings.Repeat("]", n),
		"a = " + strings.Repeat("{a=", n),
		"a = " + strings.Repeat("[{a=", n/2),
		"a = {" + strings.Repeat("a.", n),
		"[" + strings.Repeat("a.", n),
		strings.Repeat("a . ", n/2),
		"a" + strings.Repeat(".'a'", n/4) + " = 1",
	} {
		if _, err := Parse("layer.toml", []byte(text)); err == nil || !strings.HasPrefix(err.Error(), "layer.toml:1: reading TOML: ") {
			t.Errorf("%q…: %v", text[:10], err)
		}
	}
	// As deep as allowed, side by side.
	nested := "{a." + strings.Repeat("a.", 40) + "a=" + strings.Repeat("[", 40) + strings.Repeat("]", 40) + "}"
	text := "a = [" + strings.Repeat(nested+",", 3) + "]\n[" + strings.Repeat("b.", 90) + "b]\nc.c.c = [[]]\nd.d.d = [[]]"
	_, err := Parse("layer.toml", []byte(text))
	if err == nil || !strings.Contains(err.Error(), "layer.toml:1: a: unknown key") {
		t.Error(err)
	}
}

func TestChecks(t *testing.T) {
	const text = `schema = 1
[layer]
name = "a b"
runtimes = [
  "python3.12",
  7,
  "cobol",
]
[[source]]
pip = "x"
into = "bin"
[[target]]
cloud = "aws"
regions = ["us-east-1"]
bucket = "acme"
timeout = 5
[[target]]
cloud = "azure"
`
	var seen *Manifest
	first := func(m *Manifest) []Problem {
		seen = m
		return []Problem{
			{"layer.name", `"" is too short`},
			{"layer.runtimes[1]", `unknown runtime ""`},
			{"layer.runtimes[2]", `unknown runtime "cobol"`},
			{"layer.runtimes", "none is left"},
			{"source[0].into", "no bin here"},
			{"source[0].pip.x", "no such file"},
			{"target[0].bucket", "too far away"},
			{"target[0].timeout", "too short"},
			{"target[0].account", "who are you"},
			{"", "looks odd"},
		}
	}
	second := func(*Manifest) []Problem {
		return []Problem{{"target[0].bucket", "too far away"}, {"target[0].bucket", "too small"}}
	}
	_, err := Parse("layer.toml", []byte(text), first, second)
	want := []string{
		`layer.toml:1: looks odd`,
		`layer.toml:3: layer.name: "a b" is not a layer name: letters, digits, "-" and "_"`,
		`layer.toml:6: layer.runtimes: want a string, got an integer; write a runtime's name such as "python3.12"`,
		`layer.toml:7: layer.runtimes: unknown runtime "cobol"`,
		`layer.toml:10: source.pip: source kind "pip" is not supported by this version of layerbuild; install into a folder and use files = …`,
		`layer.toml:11: source.into: no bin here`,
		`layer.toml:12: target.account: who are you`,
		`layer.toml:15: target.bucket: too far away`,
		`layer.toml:15: target.bucket: too small`,
		`layer.toml:16: target.timeout: want a string, got an integer; write a duration such as "90s", "5m" or "1h30m"`,
		`layer.toml:18: target.cloud: unknown value "azure"; want "aws" or "aliyun" or "tencent" or "local"`,
	}
	if diff := cmp.Diff(want, strings.Split(err.Error(), "\n")); diff != "" {
		t.Error(diff)
	}
	var e *Error
	if errors.As(err, &e); e.Problems[3].Key != "layer.runtimes[2]" || e.Problems[3].Line != 7 {
		t.Errorf("%+v", e.Problems[3])
	}
	if diff := cmp.Diff(&Manifest{
		File:    "layer.toml",
		Layer:   Layer{Runtimes: []string{"python3.12", "", "cobol"}, Architectures: []string{"x86_64"}, Symlinks: "keep"},
		Sources: []Source{{Into: "bin"}},
		Package: Package{Level: 6},
		Lock:    Lock{Entries: "auto"},
		Targets: []Target{
			{Cloud: "aws", Regions: []string{"us-east-1"}, Bucket: "acme", Marker: true},
			{Timeout: 5 * time.Minute, Marker: true},
		},
	}, seen); diff != "" {
		t.Error(diff)
	}
}

func TestChecksOfGoodFile(t *testing.T) {
	_, err := Parse("f", []byte(smallest), func(*Manifest) []Problem { return nil })
	if err != nil {
		t.Error(err)
	}
	_, err = Parse("f", []byte(smallest), func(m *Manifest) []Problem {
		return []Problem{{"target[0].path", "not here"}, {"layer.name", "taken"}}
	})
	if err == nil || err.Error() != "f:1: target.path: not here\nf:3: layer.name: taken" {
		t.Error(err)
	}
}

// FuzzParse: whatever the bytes, there is no panic, and every problem has a
// line within the file.
func FuzzParse(f *testing.F) {
	f.Add([]byte(smallest))
	f.Add([]byte("schema = 1\nlayer = 1\nsource = [1]\ntarget = {}\ncheck = []\npackage = 1.5\nlock = 1979-05-27"))
	f.Add([]byte("schema = 1\n[layer]\n\"na\\nme\" = {}\nruntimes = [[], {}, nan]\n[source]\n"))
	f.Add([]byte("[[source]]\nsha256 = {}\n[[source.limits]]\n[[target]]\nshare = []\n[[target]]\nshare = {}\n"))
	for _, folder := range []string{"good", "bad"} {
		names, _ := filepath.Glob(filepath.Join("testdata", folder, "*.toml"))
		for _, n := range names {
			data, err := os.ReadFile(n)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := Parse("layer.toml", data, func(m *Manifest) []Problem {
			return []Problem{{"layer.runtimes[0]", "x"}, {string(data[:min(len(data), 20)]), "y"}}
		})
		var e *Error
		if m != nil || !errors.As(err, &e) {
			t.Fatalf("the check's problems are lost: %v", err)
		}
		lines := 1 + strings.Count(string(data), "\n")
		for _, p := range e.Problems {
			if p.Line < 1 || p.Line > lines || p.Message == "" {
				t.Errorf("%+v in %d lines", p, lines)
			}
		}
		if !slices.IsSortedFunc(e.Problems, func(a, b Located) int { return a.Line - b.Line }) {
			t.Error("problems are not sorted")
		}
	})
}
