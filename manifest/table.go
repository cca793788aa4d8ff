package manifest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// notYet stands in every refusal of what a later version will have.
const notYet = "not supported by this version of layerbuild"

// A key is one row of the table that validation, schema and reference page are
// made from.
type key struct {
	name  string
	shape shape
	// doc is what the key means, in Markdown sentences.
	doc string
	// def is the default, as TOML decodes it, nil if there is none.
	def any
	// example is a value for messages and editors, nil if there is none.
	example  any
	required bool
	// later refuses a key of a later version by name; it says what to do
	// instead. To enable the key is to delete the mark and to decode it.
	later string
	// kind marks the keys of which a table has exactly one.
	kind bool
	// needs is another key of the table that this one has no meaning without.
	needs string
	// only are the values of the table's selector that have this key; nil
	// means all of them.
	only []string
}

// has reports whether a table with the given selector has the key.
func (k key) has(selector string) bool {
	return k.only == nil || slices.Contains(k.only, selector)
}

// A table is a shape: the keys that it may have.
type table struct {
	keys []key
	// selector is the key whose value decides about keys after it; see
	// key.only.
	selector string
	// notEmpty asks for at least one key.
	notEmpty bool
	// rules reports what is wrong between keys. No JSON Schema says this.
	rules func(w *walk, at string, m map[string]any)
}

func (table) words() string { return "table" }

func (table) takes(v any) bool { _, ok := v.(map[string]any); return ok }

// check returns a map[string]any with the defaults filled in.
func (s table) check(w *walk, at string, v any) any {
	m := v.(map[string]any)
	good := map[string]any{}
	for _, k := range s.keys {
		here := join(at, k.name)
		v, ok := m[k.name]
		_, needed := m[k.needs]
		selected, _ := good[s.selector].(string)
		switch {
		case !ok:
		case k.later != "":
			w.bad(here, "%s; %s", k.refusal(), k.later)
		case selected != "" && !k.has(selected):
			w.bad(here, "has no meaning with %s = %q", s.selector, selected)
		case k.needs != "" && !needed:
			w.bad(here, "has no meaning without %s", k.needs)
		default:
			if c := examine(w, here, v, k.shape); c != nil {
				good[k.name] = c
			}
		}
	}
	if s.notEmpty && len(m) == 0 {
		w.bad(at, "empty table: write %s", strings.Join(s.names(), " or "))
	}
	s.unknown(w, at, m)
	s.kinds(w, at, m, good)
	s.absent(w, at, m, good)
	if s.rules != nil {
		s.rules(w, at, good)
	}
	return good
}

func (k key) refusal() string {
	if k.kind {
		return fmt.Sprintf("source kind %q is %s", k.name, notYet)
	}
	return notYet
}

// names returns the keys that this version has.
func (s table) names() []string {
	var names []string
	for _, k := range s.keys {
		if k.later == "" {
			names = append(names, k.name)
		}
	}
	return names
}

// selections returns the values of the selector, nil without one.
func (s table) selections() []string {
	for _, k := range s.keys {
		if k.name == s.selector {
			return k.shape.(text).values()
		}
	}
	return nil
}

func (s table) unknown(w *walk, at string, m map[string]any) {
	for _, name := range slices.Sorted(maps.Keys(m)) {
		if slices.ContainsFunc(s.keys, func(k key) bool { return k.name == name }) {
			continue
		}
		hint := ""
		if home := homeOf(name); home != "" {
			hint = "; it belongs " + home
		} else if c := near(name, s.names()); c != "" {
			hint = `; did you mean "` + c + `"?`
		}
		w.bad(join(at, name), "unknown key%s", hint)
	}
}

// homeOf says which table has a key of that name, "" if none has.
func homeOf(name string) string {
	for _, k := range manifestTable().keys {
		if k.name == name {
			return "to the top of the file, before the first table"
		}
		var keys []key
		heading := "into [" + k.name + "]"
		switch s := k.shape.(type) {
		case table:
			keys = s.keys
		case tables:
			keys, heading = s.of.keys, "into [["+k.name+"]]"
		}
		if slices.ContainsFunc(keys, func(k key) bool { return k.name == name }) {
			return heading
		}
	}
	return ""
}

// absent reports keys that have to be there and fills in defaults.
func (s table) absent(w *walk, at string, m, good map[string]any) {
	selected, _ := good[s.selector].(string)
	for _, k := range s.keys {
		if _, ok := m[k.name]; ok || k.later != "" || !k.has(selected) {
			continue
		}
		here := join(at, k.name)
		switch {
		case k.required:
			w.bad(here, "missing: %s", k.invitation())
		case k.def != nil:
			good[k.name] = k.shape.check(w, here, k.def)
		}
	}
}

// kinds reports when there is not exactly one of the keys marked as kind.
func (s table) kinds(w *walk, at string, m, good map[string]any) {
	var names, given []string
	for _, k := range s.keys {
		if !k.kind {
			continue
		}
		if k.later == "" {
			names = append(names, k.name)
		}
		if _, ok := m[k.name]; ok {
			given = append(given, k.name)
		}
	}
	if len(names) > 0 && len(given) == 0 {
		w.wrong(at, "missing %s: say where the content comes from", strings.Join(names, " or "))
	}
	for i, name := range given {
		if i > 0 && !w.spoiled[join(at, name)] {
			w.bad(join(at, name), "conflicts with %s: make it two sources", given[0])
			delete(good, name)
		}
	}
}

// invitation says how to write a key that is missing.
func (k key) invitation() string {
	switch s := k.shape.(type) {
	case table:
		var names []string
		for _, k := range s.keys {
			if k.required {
				names = append(names, k.name)
			}
		}
		return fmt.Sprintf("write [%s] with %s", k.name, strings.Join(names, " and "))
	case tables:
		return fmt.Sprintf("write at least one [[%s]]", k.name)
	default:
		return fmt.Sprintf("write %s = %s", k.name, tomlText(k.example))
	}
}

// A tables is a shape: an array of tables of one kind, at least one.
type tables struct{ of table }

func (tables) words() string { return "array of tables" }

func (tables) takes(v any) bool {
	switch v := v.(type) {
	case []map[string]any:
		return true
	case []any:
		return !slices.ContainsFunc(v, func(e any) bool { _, ok := e.(map[string]any); return !ok })
	}
	return false
}

// check returns a []map[string]any of the same length.
func (s tables) check(w *walk, at string, v any) any {
	items, ok := v.([]map[string]any)
	if !ok {
		for _, e := range v.([]any) {
			items = append(items, e.(map[string]any))
		}
	}
	if len(items) == 0 {
		w.bad(at, "empty array: write at least one [[%s]]", at)
		return nil
	}
	good := make([]map[string]any, len(items))
	for i, m := range items {
		good[i] = s.of.check(w, index(at, i), m).(map[string]any)
	}
	return good
}
