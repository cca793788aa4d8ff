package manifest

import (
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
	"github.com/google/go-cmp/cmp"
)

// A row is one key of the table with where it is.
type row struct {
	path string
	key  key
}

// allKeys returns every key of the table, those of later versions and those
// within values included.
func allKeys(t table, prefix string) []row {
	var rows []row
	for _, k := range t.keys {
		rows = append(rows, row{prefix + k.name, k})
		if inner, ok := within(k.shape); ok {
			rows = append(rows, allKeys(inner, prefix+k.name+".")...)
		}
		if s, ok := k.shape.(tables); ok {
			rows = append(rows, allKeys(s.of, prefix+k.name+".")...)
		}
	}
	return rows
}

func TestEveryKeyIsDocumented(t *testing.T) {
	page := string(Reference())
	for _, r := range allKeys(manifestTable(), "") {
		if !strings.HasSuffix(r.key.doc, ".") {
			t.Errorf("%s: the description %q is no sentence", r.path, r.key.doc)
		}
		_, line, found := strings.Cut(page, "\n| `"+r.path+"` |")
		if !found {
			t.Errorf("%s is not on the reference page", r.path)
			continue
		}
		line, _, _ = strings.Cut(line, "\n")
		if later := r.key.later != ""; later != strings.Contains(line, "| *Not in this version.* ") {
			t.Errorf("%s: later is %v, but the reference page says %s", r.path, later, line)
		}
	}
}

func TestReferencePage(t *testing.T) {
	golden(t, "../docs/manifest.md", Reference())
}

// inSchema returns the schema of a key, nil if it has none.
func inSchema(o object, path []string) object {
	if len(path) == 0 {
		return o
	}
	for _, m := range o {
		switch v := m.value.(type) {
		case object:
			if m.name == "items" {
				return inSchema(v, path)
			}
			if m.name != "properties" {
				continue
			}
			for _, p := range v {
				if p.name == path[0] {
					return inSchema(p.value.(object), path[1:])
				}
			}
		case []object:
			for _, o := range v {
				if found := inSchema(o, path); m.name == "anyOf" && found != nil {
					return found
				}
			}
		}
	}
	return nil
}

func TestSchemaHasTheKeysOfThisVersion(t *testing.T) {
	root := manifestTable().schema()
	later := map[string]bool{}
	for _, r := range allKeys(manifestTable(), "") {
		parent := r.path[:max(strings.LastIndexByte(r.path, '.'), 0)]
		later[r.path] = r.key.later != "" || later[parent]
		o := inSchema(root, strings.Split(r.path, "."))
		if (o == nil) != later[r.path] {
			t.Errorf("%s: later is %v, in the schema %v", r.path, later[r.path], o)
		}
		if o != nil && (o[0].name != "description" || o[0].value != r.key.doc) {
			t.Errorf("%s: the schema has no description", r.path)
		}
	}
	text, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	for _, absent := range []string{`"max"`, `"pip"`} {
		if strings.Contains(string(text), absent) {
			t.Errorf("the schema has %s, which is not in this version", absent)
		}
	}
}

// TestExamplesAndDefaults: whatever the table shows as an example or takes as
// a default has to be right, also of keys of later versions.
func TestExamplesAndDefaults(t *testing.T) {
	for _, r := range allKeys(manifestTable(), "") {
		for _, v := range []any{r.key.example, r.key.def} {
			if v == nil {
				continue
			}
			w := newWalk(&place{line: 1})
			if examine(w, r.path, v, r.key.shape); len(w.problems) > 0 {
				t.Errorf("%s: %v", r.path, w.problems)
			}
		}
		if r.key.example == nil {
			continue
		}
		if _, err := toml.Decode("x = "+tomlText(r.key.example), new(map[string]any)); err != nil {
			t.Errorf("%s: %v", r.path, err)
		}
	}
}

func TestRequiredKeysHaveInvitations(t *testing.T) {
	for _, r := range allKeys(manifestTable(), "") {
		if r.key.required && strings.HasSuffix(r.key.invitation(), "<nil>") {
			t.Errorf("%s has no example", r.path)
		}
	}
}

// TestExampleFile: the example at the top of the repository is right, and shows
// every key of this version.
func TestExampleFile(t *testing.T) {
	data, err := os.ReadFile("../layer.toml.example")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Parse("layer.toml.example", data); err != nil {
		t.Error(err)
	}
	var tree map[string]any
	meta, err := toml.Decode(string(data), &tree)
	if err != nil {
		t.Fatal(err)
	}
	shown := map[string]bool{}
	for _, k := range meta.Keys() {
		for i := range k {
			shown[strings.Join(k[:i+1], ".")] = true
		}
	}
	later := map[string]bool{}
	for _, r := range allKeys(manifestTable(), "") {
		parent := r.path[:max(strings.LastIndexByte(r.path, '.'), 0)]
		later[r.path] = r.key.later != "" || later[parent]
		if !later[r.path] && !shown[r.path] {
			t.Errorf("the example does not show %s", r.path)
		}
	}
}

// TestEveryKeyIsDecoded: taking a key away changes the decoded manifest, so
// that none is accepted and then ignored.
func TestEveryKeyIsDecoded(t *testing.T) {
	var documents []map[string]any
	for _, file := range []string{"testdata/good/full.toml", "testdata/good/clouds.toml"} {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var tree map[string]any
		if _, err := toml.Decode(string(data), &tree); err != nil {
			t.Fatal(err)
		}
		documents = append(documents, manifestTable().check(newWalk(&place{line: 1}), "", tree).(map[string]any))
	}
	later := map[string]bool{}
	for _, r := range allKeys(manifestTable(), "") {
		parent := r.path[:max(strings.LastIndexByte(r.path, '.'), 0)]
		later[r.path] = r.key.later != "" || later[parent]
		if r.path == "schema" || later[r.path] {
			continue
		}
		if !slices.ContainsFunc(documents, func(whole map[string]any) bool {
			without := remove(whole, strings.Split(r.path, ".")).(map[string]any)
			return !cmp.Equal(decodeManifest("f", whole), decodeManifest("f", without))
		}) {
			t.Errorf("%s is not decoded", r.path)
		}
	}
}

// remove returns a copy of v without a key, in all tables of arrays.
func remove(v any, path []string) any {
	switch v := v.(type) {
	case map[string]any:
		out := maps.Clone(v)
		if len(path) == 1 {
			delete(out, path[0])
		} else if child, ok := v[path[0]]; ok {
			out[path[0]] = remove(child, path[1:])
		}
		return out
	case []map[string]any:
		out := make([]map[string]any, len(v))
		for i := range v {
			out[i] = remove(v[i], path).(map[string]any)
		}
		return out
	}
	return v
}
