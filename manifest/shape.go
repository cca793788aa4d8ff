package manifest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A shape is the set of values that a key may have. It says the same thing
// three times: to the walk, to the JSON Schema and to people.
type shape interface {
	// words names the shape for people, such as "array of strings".
	words() string
	// takes reports whether v is of a TOML type of the shape.
	takes(v any) bool
	// check reports what is wrong with v, which the shape takes and which
	// stands at the key at. It returns what decode reads: v without the
	// parts that are of no use, nil if nothing is left.
	check(w *walk, at string, v any) any
	// schema returns the shape as a JSON Schema.
	schema() object
}

// examine checks a value of any type against a shape.
func examine(w *walk, at string, v any, s shape) any {
	if !s.takes(v) {
		w.bad(at, "want %s, got %s%s", article(s.words()), typeName(v), remedy(at, s, v))
		return nil
	}
	return s.check(w, at, v)
}

// typeName names the TOML type of a decoded value.
func typeName(v any) string {
	switch v.(type) {
	case string:
		return "a string"
	case int64:
		return "an integer"
	case float64:
		return "a float"
	case bool:
		return "a boolean"
	case time.Time:
		return "a date or time"
	case []map[string]any:
		return "an array of tables"
	case map[string]any:
		return "a table"
	default:
		return "an array"
	}
}

// remedy says how to write a value of the wrong type so that it is right, ""
// if there is no such way.
func remedy(at string, s shape, v any) string {
	if e, ok := s.(either); ok {
		for _, o := range e.shapes {
			if r := remedy(at, o, v); r != "" {
				return r
			}
		}
		return ""
	}
	written, isText := v.(string)
	switch s := s.(type) {
	case text:
		if n, ok := v.(int64); ok && s.problem(strconv.FormatInt(n, 10)) == "" {
			return fmt.Sprintf(`; write "%d"`, n)
		} else if ok && s.noun != "" {
			return "; write " + s.noun
		}
	case list:
		if isText && s.of.problem(written) == "" {
			return fmt.Sprintf("; write [%q]", written)
		}
	case integer:
		if _, err := strconv.ParseInt(written, 10, 64); err == nil {
			return "; drop the quotes"
		}
	case boolean:
		if written == "true" || written == "false" {
			return "; drop the quotes"
		}
	case table:
		if _, ok := v.([]map[string]any); ok {
			return "; write [" + at + "]"
		}
	case tables:
		if _, ok := v.(map[string]any); ok {
			return "; write [[" + at + "]]"
		}
	}
	return ""
}

func article(words string) string {
	if strings.HasPrefix(words, "a ") || strings.HasPrefix(words, `"`) {
		return words
	}
	if strings.ContainsRune("aeiou", rune(words[0])) {
		return "an " + words
	}
	return "a " + words
}

// An integer is a shape.
type integer struct {
	min, max int64 // max 0 is no bound
	// even leaves out odd numbers; orZero adds 0 to the range.
	even, orZero bool
	// noun says what the number is, when the range alone does not.
	noun string
}

func (integer) words() string { return "integer" }

func (integer) takes(v any) bool { _, ok := v.(int64); return ok }

func (s integer) check(w *walk, at string, v any) any {
	n := v.(int64)
	inside := n >= s.min && (s.max == 0 || n <= s.max) && (!s.even || n%2 == 0)
	if !inside && !(s.orZero && n == 0) {
		w.bad(at, "%d is not %s", n, s.rangeWords())
		return nil
	}
	return n
}

func (s integer) rangeWords() string {
	switch {
	case s.noun != "":
		return s.noun
	case s.max == 0:
		return fmt.Sprintf("an integer of at least %d", s.min)
	default:
		return fmt.Sprintf("an integer from %d to %d", s.min, s.max)
	}
}

func (s integer) schema() object {
	o := object{{"type", "integer"}, {"minimum", s.min}}
	if s.max != 0 {
		o = append(o, member{"maximum", s.max})
	}
	if s.even {
		o = append(o, member{"multipleOf", 2})
	}
	if s.orZero {
		return object{{"anyOf", []object{{{"const", 0}}, o}}}
	}
	return o
}

// A boolean is a shape.
type boolean struct{}

func (boolean) words() string { return "boolean" }

func (boolean) takes(v any) bool { _, ok := v.(bool); return ok }

func (boolean) check(_ *walk, _ string, v any) any { return v }

func (boolean) schema() object { return object{{"type", "boolean"}} }

// An either is a value of one of several shapes, no two of the same type.
type either struct {
	noun   string
	shapes []shape
}

func (s either) words() string {
	if s.noun != "" {
		return s.noun
	}
	var all []string
	for _, o := range s.usable() {
		all = append(all, o.words())
	}
	return strings.Join(all, " or ")
}

// usable returns the shapes that this version has.
func (s either) usable() []shape {
	return slices.DeleteFunc(slices.Clone(s.shapes), func(o shape) bool {
		t, ok := o.(text)
		return ok && t.options != nil && t.values() == nil
	})
}

func (s either) takes(v any) bool { return s.pick(v) != nil }

func (s either) pick(v any) shape {
	for _, o := range s.shapes {
		if o.takes(v) {
			return o
		}
	}
	return nil
}

func (s either) check(w *walk, at string, v any) any {
	picked := s.pick(v)
	if t, ok := picked.(text); ok && t.problem(v.(string)) != "" {
		if r := remedy(at, s, v); r != "" {
			w.bad(at, "%q is a string%s", v, r)
			return nil
		}
	}
	return picked.check(w, at, v)
}

func (s either) schema() object {
	var all []object
	for _, o := range s.usable() {
		all = append(all, o.schema())
	}
	if len(all) == 1 {
		return all[0]
	}
	return object{{"anyOf", all}}
}
