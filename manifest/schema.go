package manifest

import (
	"bytes"
	"encoding/json"
)

// Schema returns a JSON Schema (draft 2020-12) of what [Parse] accepts, for
// editors. The same version always returns the same bytes.
//
// It is as strict as Parse for each key alone. It does not see what only shows
// between keys, such as two targets that publish the same, what only the
// catalogue of clouds knows, and what no regular expression can say.
func Schema() ([]byte, error) {
	root := object{
		{"$schema", "https://json-schema.org/draft/2020-12/schema"},
		{"title", "layer.toml"},
		{"description", "The manifest of a serverless layer, as layerbuild reads it."},
	}
	compact, err := json.Marshal(append(root, manifestTable().schema()...))
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := json.Indent(&b, compact, "", "  "); err != nil {
		return nil, err
	}
	b.WriteByte('\n')
	return b.Bytes(), nil
}

func (s table) schema() object {
	properties := object{}
	var required []string
	needs := object{}
	var kinds []object
	for _, k := range s.keys {
		if k.later != "" {
			continue
		}
		properties = append(properties, member{k.name, k.schema()})
		if k.required && k.only == nil {
			required = append(required, k.name)
		}
		if k.needs != "" {
			needs = append(needs, member{k.name, []string{k.needs}})
		}
		if k.kind {
			kinds = append(kinds, object{{"required", []string{k.name}}})
		}
	}
	o := object{{"type", "object"}, {"properties", properties}, {"additionalProperties", false}}
	if required != nil {
		o = append(o, member{"required", required})
	}
	if s.notEmpty {
		o = append(o, member{"minProperties", 1})
	}
	if kinds != nil {
		o = append(o, member{"oneOf", kinds})
	}
	if len(needs) > 0 {
		o = append(o, member{"dependentRequired", needs})
	}
	if all := s.conditions(); all != nil {
		o = append(o, member{"allOf", all})
	}
	return o
}

// conditions says which keys a table must and must not have for each value of
// its selector.
func (s table) conditions() []object {
	var all []object
	for _, value := range s.selections() {
		absent := object{}
		var required []string
		for _, k := range s.keys {
			switch {
			case k.only == nil || k.later != "":
			case !k.has(value):
				absent = append(absent, member{k.name, false})
			case k.required:
				required = append(required, k.name)
			}
		}
		then := object{{"properties", absent}}
		if required != nil {
			then = append(then, member{"required", required})
		}
		all = append(all, object{
			{"if", object{
				{"properties", object{{s.selector, object{{"const", value}}}}},
				{"required", []string{s.selector}},
			}},
			{"then", then},
		})
	}
	return all
}

func (k key) schema() object {
	o := object{{"description", k.doc}}
	o = append(o, k.shape.schema()...)
	if k.def != nil {
		o = append(o, member{"default", k.def})
	}
	if k.example != nil {
		o = append(o, member{"examples", []any{k.example}})
	}
	return o
}

func (s tables) schema() object {
	return object{{"type", "array"}, {"items", s.of.schema()}, {"minItems", 1}}
}
