package manifest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/BurntSushi/toml"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"pgregory.net/rapid"

	"github.com/layerbuild/layerbuild/internal/testenv"
)

func TestSchemaFile(t *testing.T) {
	text, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "../docs/layer.schema.json", text)
}

// compiled returns the published schema.
func compiled(t *testing.T) *jsonschema.Schema {
	t.Helper()
	text, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	if err := c.AddResource("layer.schema.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("layer.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// asJSON returns a decoded TOML value as JSON decodes. What JSON cannot say
// becomes null, which the schema takes nowhere.
func asJSON(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for k, e := range v {
			out[k] = asJSON(e)
		}
		return out
	case []map[string]any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = asJSON(e)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = asJSON(e)
		}
		return out
	case int64:
		return json.Number(strconv.FormatInt(v, 10))
	case float64:
		if n, err := json.Marshal(v); err == nil {
			return json.Number(n)
		}
		return nil
	case time.Time:
		return nil
	}
	return v
}

// TestSchemaAndParseAgree puts each file of testdata through both. A bad file
// that the schema takes says so, and why, in its first line.
func TestSchemaAndParseAgree(t *testing.T) {
	schema := compiled(t)
	for _, folder := range []string{"good", "bad"} {
		for name, data := range files(t, folder) {
			var tree map[string]any
			if _, err := toml.Decode(string(data), &tree); err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			err := schema.Validate(asJSON(tree))
			accepts := folder == "good" || strings.HasPrefix(string(data), "# schema: accepts (")
			if accepts != (err == nil) {
				t.Errorf("%s: the schema says %v", name, err)
			}
		}
	}
}

// singly leaves out of the table what the schema cannot say: rules between
// keys, and conditions that are no pattern.
func singly(t table) table {
	t.rules = nil
	t.keys = slices.Clone(t.keys)
	for i, k := range t.keys {
		t.keys[i].shape = singlyShape(k.shape)
	}
	return t
}

func singlyShape(s shape) shape {
	switch s := s.(type) {
	case text:
		s.valid = nil
		return s
	case list:
		s.of.valid = nil
		return s
	case either:
		s.shapes = slices.Clone(s.shapes)
		for i := range s.shapes {
			s.shapes[i] = singlyShape(s.shapes[i])
		}
		return s
	case table:
		return singly(s)
	case tables:
		return tables{singly(s.of)}
	}
	return s
}

// TestSchemaAgreesOnMutations changes good documents at random. Schema and
// walk must come to the same verdict on every one.
func TestSchemaAgreesOnMutations(t *testing.T) {
	schema := compiled(t)
	keys := singly(manifestTable())
	var seeds []map[string]any
	docs := files(t, "good")
	for _, name := range slices.Sorted(maps.Keys(docs)) {
		var tree map[string]any
		if _, err := toml.Decode(string(docs[name]), &tree); err != nil {
			t.Fatal(err)
		}
		seeds = append(seeds, tree)
	}
	good, bad := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		for range 5 {
			tree := rapid.SampledFrom(seeds).Draw(t, "seed")
			for range rapid.IntRange(1, 2).Draw(t, "mutations") {
				if m, ok := mutate(t, tree).(map[string]any); ok {
					tree = m
				}
			}
			w := newWalk(&place{line: 1})
			keys.check(w, "", tree)
			err := schema.Validate(asJSON(tree))
			if (err == nil) != (len(w.problems) == 0) {
				t.Fatalf("%v\nschema: %v\nwalk: %v", tree, err, w.problems)
			}
			if err == nil {
				good++
			} else {
				bad++
			}
		}
	})
	if good == 0 || bad == 0 {
		t.Errorf("%d good and %d bad documents prove nothing", good, bad)
	}
}

// mutate returns a copy of v with one thing in it dropped, renamed or replaced.
func mutate(t *rapid.T, v any) any {
	switch v := v.(type) {
	case map[string]any:
		if len(v) == 0 || rapid.IntRange(0, 9).Draw(t, "here") == 0 {
			break
		}
		out := maps.Clone(v)
		name := rapid.SampledFrom(slices.Sorted(maps.Keys(v))).Draw(t, "key")
		switch rapid.IntRange(0, 9).Draw(t, "how") {
		case 0:
			delete(out, name)
		case 1:
			delete(out, name)
			out[rapid.SampledFrom(allNames()).Draw(t, "name")] = v[name]
		case 2:
			out[rapid.SampledFrom(allNames()).Draw(t, "name")] = anyValue(t, v[name])
		default:
			out[name] = mutate(t, v[name])
		}
		return out
	case []map[string]any:
		items := make([]any, len(v))
		for i := range v {
			items[i] = v[i]
		}
		return mutate(t, items)
	case []any:
		if len(v) == 0 || rapid.IntRange(0, 3).Draw(t, "here") == 0 {
			break
		}
		out := slices.Clone(v)
		i := rapid.IntRange(0, len(v)-1).Draw(t, "i")
		switch rapid.IntRange(0, 4).Draw(t, "how") {
		case 0:
			return slices.Delete(out, i, i+1)
		case 1:
			return append(out, v[i])
		default:
			out[i] = mutate(t, v[i])
		}
		return out
	}
	return anyValue(t, v)
}

func anyValue(t *rapid.T, v any) any {
	if s, ok := v.(string); ok && rapid.IntRange(0, 2).Draw(t, "edit") > 0 {
		cut := rapid.IntRange(0, len(s)).Draw(t, "cut")
		for !isBoundary(s, cut) {
			cut--
		}
		return s[:cut] + rapid.SampledFrom(bits()).Draw(t, "bit") + s[cut:]
	}
	return rapid.SampledFrom([]any{
		"", "x", "env", "auto", "local", "aws", "aliyun", "eu-*", "*", "[a-c]?-1", "eu-[", "max", "1.5MB", "7 KiB", "20KB", "999999999GiB", "1000000000B", "1h5s", "5s1h", "100000s", "00s",
		"private", "keep", "root", "lib/..a", "lib/..", "lib/.", "bin/.x", "packages/...", "rooty", "http://[::1]:1/x", "https://[::]", "http://127.1.1.1", "http://localhost:",
		"https://a?b", "{arch}", "{region}", "a\nb", "é", "a\x7f", `a\b`, "a/", "!a", "o-", "o-1", "0", "00012", "A:", "a:b", "ab:", "A", "~", "~a", ".", "..", "../..",
		int64(0), int64(1), int64(2), int64(9), int64(10), int64(-1), int64(101), int64(315532800), int64(315532801), int64(4354819198), int64(4354819199), int64(4354819200),
		1.5, true, false, time.Unix(0, 0),
		map[string]any{}, map[string]any{"x": int64(1)}, map[string]any{"arm64": strings.Repeat("aF", 32)}, map[string]any{"organization": "o-1"},
		[]any{}, []any{"x86_64"}, []any{"x"}, []any{"1", "1"}, []any{int64(1)}, []any{map[string]any{}}, []any{[]any{}},
		[]any{map[string]any{"files": "x"}}, []any{map[string]any{"cloud": "local"}}, []any{map[string]any{"cloud": "aws", "regions": []any{"us-east-1"}}},
	}).Draw(t, "value")
}

// bits are pieces of strings that patterns tell apart.
func bits() []string {
	return []string{"", "/", "//", "./", "../", "\\", "{", "}", "{runtime}", "{region}", "{account}", "{runtim}", "~", ":", "@", "?", "#", " ", "*", "[", "]", "!",
		"0", "7", "h", "B", "kB", "-", "_", ".", "..", "é", "\x00", "\n", "\u2028", "A", "z", "$"}
}

func isBoundary(s string, i int) bool { return i == 0 || i == len(s) || s[i]&0xc0 != 0x80 }

func allNames() []string {
	names := []string{"unknown", "Name", ""}
	for _, r := range allKeys(manifestTable(), "") {
		names = append(names, r.key.name)
	}
	return names
}

// TestPatternsInECMAScript has another engine read the schema's patterns, as
// editors will, and compares its verdicts.
func TestPatternsInECMAScript(t *testing.T) {
	node := testenv.Need(t, "node")[0]
	type sample struct {
		Pattern, Text string
		Match         bool
	}
	var samples []sample
	for _, r := range allKeys(manifestTable(), "") {
		for _, pattern := range patternsOf(r.key.shape.schema()) {
			for _, text := range append(bits(), "us-east-1", "eu-*", "ap-[a-c^]?", "x86_64", "a/b", "packages/.x", "20MB", "1h30m", "https://h:1/p", "o-abc", "{arch}-x") {
				samples = append(samples, sample{pattern, text, matches(t, pattern, text)})
			}
		}
	}
	if len(samples) < 500 {
		t.Fatalf("%d samples only", len(samples))
	}
	input, err := json.Marshal(samples)
	if err != nil {
		t.Fatal(err)
	}
	script := `let n = 0; for (const s of JSON.parse(require("fs").readFileSync(0)))
		if (new RegExp(s.Pattern, "u").test(s.Text) !== s.Match) console.log(JSON.stringify(s)); else n++; console.log(n)`
	cmd := exec.Command(node, "-e", script)
	cmd.Stdin = bytes.NewReader(input)
	out, err := cmd.CombinedOutput()
	if err != nil || string(out) != fmt.Sprintln(len(samples)) {
		t.Errorf("%v\n%s", err, out)
	}
}

func matches(t *testing.T, pattern, text string) bool {
	t.Helper()
	c := jsonschema.NewCompiler()
	if err := c.AddResource("p.json", map[string]any{"pattern": pattern}); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("p.json")
	if err != nil {
		t.Fatal(err)
	}
	return s.Validate(text) == nil
}

// patternsOf returns every pattern within a schema.
func patternsOf(v any) []string {
	var all []string
	switch v := v.(type) {
	case object:
		for _, m := range v {
			if p, ok := m.value.(string); ok && m.name == "pattern" {
				all = append(all, p)
			}
			all = append(all, patternsOf(m.value)...)
		}
	case []object:
		for _, o := range v {
			all = append(all, patternsOf(o)...)
		}
	}
	return all
}
