package manifest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestLineOf(t *testing.T) {
	const doc = `# a comment = 1
schema = 1 # [x]

  [ layer ] # [[not]]
name = """
[source]
x = "1" \
""" # after three lines
description = '''a'''''
"runtimes" = [
  "a", "b",  # , "c"
  # ]

  'c'
  , 1979-05-27 07:32:00]
'licen''se' = 3
"tab\t\u0041" = { a = 1,
  b.c = [ { d = 1 }, {
    d = 2
  }, ] # trailing
}

[[source]]
files = "x"
limits.entries = 1
limits.bytes = 2
[[source]]

[[ source . "limits" ]]
[source.limits.deep]
x = ""
[[source.limits]]
[last]
`
	text := strings.Replace(doc, `'licen''se'`, `'licen se'`, 1)
	tests := []struct {
		key  string
		line int
	}{
		{"", 1},
		{"schema", 2},
		{"layer", 4},
		{"layer.name", 5},
		{"layer.absent", 4},
		{"layer.description", 9},
		{"layer.runtimes", 10},
		{"layer.runtimes[0]", 11},
		{"layer.runtimes[1]", 11},
		{"layer.runtimes[2]", 14},
		{"layer.runtimes[3]", 15},
		{"layer.runtimes[4]", 10},
		{`layer."licen se"`, 16},
		{`layer."tab\tA"`, 17},
		{`layer."tab\tA".a`, 17},
		{`layer."tab\tA".b`, 18},
		{`layer."tab\tA".b.c[0].d`, 18},
		{`layer."tab\tA".b.c[1]`, 18},
		{`layer."tab\tA".b.c[1].d`, 19},
		{"source", 23},
		{"source[0]", 23},
		{"source[0].files", 24},
		{"source[0].limits", 25},
		{"source[0].limits.entries", 25},
		{"source[0].limits.bytes", 26},
		{"source[1]", 27},
		{"source[1].limits[0]", 29},
		{"source[1].limits[0].deep.x", 31},
		{"source[1].limits[1]", 32},
		{"source[2]", 23},
		{"last", 33},
		{"nowhere.at[3].all", 1},
		{`"unclosed`, 1},
		{"layer[x]", 4},
	}
	for _, newline := range []string{"\n", "\r\n"} {
		text := strings.ReplaceAll(text, "\n", newline)
		if _, err := toml.Decode(text, new(map[string]any)); err != nil {
			t.Fatal(err)
		}
		places, _ := findPlaces(text)
		for _, tt := range tests {
			if got := places.lineOf(tt.key); got != tt.line {
				t.Errorf("line of %q is %d, want %d (line ends %q)", tt.key, got, tt.line, newline)
			}
		}
	}
}

func TestPathRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var path string
		var want []step
		for range rapid.IntRange(1, 5).Draw(t, "steps") {
			if path != "" && rapid.Bool().Draw(t, "index") {
				i := rapid.IntRange(0, 12).Draw(t, "i")
				path, want = index(path, i), append(want, step{index: i, isIndex: true})
				continue
			}
			name := rapid.StringMatching(`(?s).{0,6}`).Draw(t, "name")
			path, want = join(path, name), append(want, step{name: name})
		}
		if diff := cmp.Diff(want, splitPath(path), cmp.AllowUnexported(step{})); diff != "" {
			t.Fatalf("%s: %s", path, diff)
		}
	})
}

// FuzzPlaces compares the scanner with the library on whatever the library
// accepts: they find the same keys.
func FuzzPlaces(f *testing.F) {
	for _, seed := range []string{
		"a = 1\r\nb.c.d = 2\n[e.f]\n[[e.g]]\nx = 1\n[[e.g]]\n[e.g.h]\n",
		"a = [1, [2, {b = 3, c.d = [ ]}], '''\n'''] # x\n",
		"\"\" = {}\n\"a.b\".'c\"d' = \"\"\"\"\"\"\n[\"\\u00e9\".\"\\t\"]",
		"a = {\n b = 1, # c\n d = [{e = 1},\n{e = 2}],\n}",
		`a = """x\"""""""` + "\nb = 'c'",
		`a = """x\\""""""` + "\nb = 'c'",
		"a = '''''x'''''\nb = \"\"\"\"\"x\"\"\"\"\"",
		"a = [1979-05-27 07:32:00, 07:32:00]\n1.2 = 3.4\n-_ = inf",
		"[x]\n[[x.y]]\n[x.z]\n\n[[x.y]]\nb = 1",
		"[[x.y]]\n[x]\ny.b = 1",
		"x = {}\n[x.y]\nz = 1",
		"\xef\xbb\xbfa = 1",
		"\xff\xfea = 1",
		"[a]]\n=\n",
		"a = \"\\",
		"a = [[[[[[",
		"a = {b = {c = {",
		"a = \"\"\"\\\r\n  x\"\"\"\r\n[b]",
		"a.b.c = 1\na.d = [{}, {}]\n",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, doc string) {
		text := withoutMark(doc)
		places, tooDeep := findPlaces(text)
		if tooDeep > 0 {
			return
		}
		var tree map[string]any
		meta, err := toml.Decode(doc, &tree)
		if err != nil {
			return
		}
		want := map[string]bool{}
		for _, k := range meta.Keys() {
			for i := range k {
				want[strings.Join(quoteAll(k[:i+1]), ".")] = true
			}
		}
		got := map[string]bool{}
		collectKeys(places, "", got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("keys (-library +scanner): %s", diff)
		}
	})
}

func quoteAll(names []string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = quoteKey(n)
	}
	return out
}

// collectKeys adds the keys below p, without indexes.
func collectKeys(p *place, path string, into map[string]bool) {
	for name, child := range p.keys {
		into[join(path, name)] = true
		collectKeys(child, join(path, name), into)
	}
	for _, item := range p.items {
		collectKeys(item, path, into)
	}
}

func TestTwice(t *testing.T) {
	tests := []struct{ doc, key string }{
		{"a = [{b.c = 1, b = 1}]", "a[0].b"},
		{"a.b = [1]\na.b.c = 1", "a.b"},
		{"b = []\nb.c = 1\nb.a.a = 1", "b.c"},
		{"b.b.c = {}\nb = []\nb.a = 1", "b.b"},
		{"a = [1]\nb = [[1], {c = [{}]}]\n[[d]]\n[d.e]", ""},
	}
	for _, tt := range tests {
		var tree map[string]any
		if _, err := toml.Decode(tt.doc, &tree); err != nil {
			t.Fatal(err)
		}
		places, _ := findPlaces(tt.doc)
		key, found := places.twice("", tree)
		if found != (tt.key != "") || found && key != tt.key {
			t.Errorf("%q: got %q, %v", tt.doc, key, found)
		}
	}
	longer := &place{items: []*place{{}, {}}}
	if key, found := longer.twice("x", []any{int64(1)}); !found || key != "x" {
		t.Errorf("got %q, %v", key, found)
	}
}

// TestLinesOfWrittenDocuments writes documents while it notes the lines of
// what it writes.
func TestLinesOfWrittenDocuments(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := &writer{t: t, line: 1, lines: map[string]int{}}
		for i := range rapid.IntRange(0, 3).Draw(t, "keys") {
			w.pair("", fmt.Sprintf("k%d", i))
		}
		for i := range rapid.IntRange(0, 3).Draw(t, "tables") {
			name := fmt.Sprintf("t%d", i)
			w.gap()
			if rapid.Bool().Draw(t, "array") {
				for j := range rapid.IntRange(1, 3).Draw(t, "length") {
					w.note(index(name, j))
					w.write("[[" + name + "]]\n")
					w.pair(index(name, j), "a")
				}
				continue
			}
			w.note(name)
			w.write("[ " + name + " ]\n")
			w.pair(name, "a.b")
		}
		text := w.text.String()
		var tree map[string]any
		if _, err := toml.Decode(text, &tree); err != nil {
			t.Fatalf("%v in\n%s", err, text)
		}
		places, _ := findPlaces(text)
		if key, found := places.twice("", tree); found {
			t.Errorf("tree and places differ at %q", key)
		}
		for key, line := range w.lines {
			if got := places.lineOf(key); got != line {
				t.Errorf("line of %q is %d, want %d", key, got, line)
			}
		}
	})
}

type writer struct {
	t     *rapid.T
	text  strings.Builder
	line  int
	lines map[string]int
}

func (w *writer) write(s string) {
	w.text.WriteString(s)
	w.line += strings.Count(s, "\n")
}

func (w *writer) note(key string) { w.lines[key] = w.line }

// gap writes something that means nothing, where line ends are allowed.
func (w *writer) gap() {
	w.write(rapid.SampledFrom([]string{"", "\n", " ", "\t# [x] 'y\n", "\r\n\r\n", "# \"\"\"\n"}).Draw(w.t, "gap"))
}

func (w *writer) pair(table, name string) {
	w.gap()
	key := strings.TrimPrefix(table+"."+name, ".")
	w.note(key)
	w.write(name + " = ")
	w.value(key, 2)
	w.write(rapid.SampledFrom([]string{"\n", " # = [\n", "\r\n"}).Draw(w.t, "end"))
}

func (w *writer) value(key string, depth int) {
	kind := rapid.IntRange(0, 2).Draw(w.t, "kind")
	if depth == 0 {
		kind = 2
	}
	switch kind {
	case 0:
		w.write("[")
		for i := range rapid.IntRange(0, 3).Draw(w.t, "items") {
			w.gap()
			w.note(index(key, i))
			w.value(index(key, i), depth-1)
			w.gap()
			w.write(",")
		}
		w.gap()
		w.write("]")
	case 1:
		w.write("{")
		for i := range rapid.IntRange(0, 3).Draw(w.t, "pairs") {
			w.gap()
			name := fmt.Sprintf("p%d", i)
			w.note(join(key, name))
			w.write(name + " = ")
			w.value(join(key, name), depth-1)
			w.gap()
			w.write(",")
			w.write("\n") // before "}" the library wants a line end after the last comma
		}
		w.write("}")
	default:
		w.write(rapid.SampledFrom([]string{
			"1", "true", `"a # ] } , b"`, `'\'`, `"\\"`, `"\""`, "'''\n\n'x''''", "\"\"\"\n\\\"\"\"\\\n\"\"\"", "1979-05-27 07:32:00", "-1.5e3",
		}).Draw(w.t, "scalar"))
	}
}
