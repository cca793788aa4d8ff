package manifest

import (
	"fmt"
	"slices"
	"strings"
)

// Reference returns the reference page of layer.toml in Markdown.
func Reference() []byte {
	var b strings.Builder
	b.WriteString(referenceHead)
	root := manifestTable()
	b.WriteString("\n## Top level\n\n")
	writeKeys(&b, "", root)
	for _, k := range root.keys {
		switch s := k.shape.(type) {
		case table:
			fmt.Fprintf(&b, "\n## [%s]\n\n%s\n\n", k.name, k.doc)
			writeKeys(&b, k.name+".", s)
		case tables:
			fmt.Fprintf(&b, "\n## [[%s]]\n\n%s\n\n", k.name, k.doc)
			writeKeys(&b, k.name+".", s.of)
		}
	}
	b.WriteString(referenceTail)
	return []byte(b.String())
}

const referenceHead = `<!-- Made from the table of keys in package manifest: go test ./manifest -update -->

# layer.toml

The manifest of a layer is a [TOML 1.1](https://toml.io/en/v1.1.0) file. It is read strictly: an unknown key, a value of
the wrong type and a key without meaning in its place are errors. All errors of a file are
reported at once, each with its line.

` + "[`layer.toml.example`](../layer.toml.example) has every key once. An editor that knows JSON Schema completes and checks\n" +
	"keys with the output of `layerbuild schema`, which is also kept as [`layer.schema.json`](layer.schema.json).\n" + `
Keys marked *not in this version* are refused by name. They are listed so that their names stay
free.
`

const referenceTail = "\n## Placeholders\n\n" +
	"`{runtime}` and `{arch}` stand for one runtime and architecture of the layer; `{region}` and\n" +
	"`{account}` for a target's. Each key says which ones it takes. Any other word in braces, and a brace\n" +
	"alone, is an error there. In keys that take none, these four words in braces are an error.\n" +
	"\n## Patterns\n\n" +
	"Patterns are matched against whole paths relative to the source, with `/` between names and as they\n" +
	"are before `strip`. Upper and lower case differ, and names that begin with a dot are like any others.\n\n" +
	"| pattern | matches |\n|---|---|\n" +
	"| `*` | any characters of one name |\n" +
	"| `**` | any number of whole names, also none |\n" +
	"| `?` | one character, but not `/` |\n" +
	"| `[a-z]`, `[!a-z]` | one character of the class, one not of it |\n" +
	"| `{a,b}` | one of several patterns |\n" +
	"| `\\x` | the character x itself |\n\n" +
	"They are not those of `.gitignore`: `tests` matches a file of that name at the top only. Write\n" +
	"`**/tests/**` for all that lies in folders called `tests`.\n" +
	"\n## Regions\n\n" +
	"`regions` and `exclude` of a target hold names and patterns of regions: `*` is any characters, `?` is one,\n" +
	"`[ab]`, `[a-c]` and `[^a]` are one of a class or not of it. `\"*\"` is every region of the service.\n\n" +
	"Each region counts once, in the order of the list; `exclude` wins. A name that the service does not\n" +
	"have, a pattern that matches nothing, and a list of which nothing is left are errors. Patterns leave out\n" +
	"regions that other accounts are needed for (AWS GovCloud and China, finance and government clouds) and\n" +
	"those that may be closed: name these.\n" +
	"\n## Sizes\n\n" +
	"A size is an integer, in bytes, or a string of a whole number and a unit: `B`, `kB` (1,000), `MB`\n" +
	"(1,000,000), `GB` (1,000,000,000), `KiB` (1,024), `MiB` (1,048,576) or `GiB` (1,073,741,824).\n" +
	"`\"20MB\"` is 20,000,000 bytes. Units are spelled exactly so.\n" +
	"\n## Durations\n\n" +
	"A duration is a string of whole hours, minutes and seconds, the largest first: `\"90s\"`, `\"5m\"`, `\"1h30m\"`.\n"

// writeKeys writes a table of keys, with those of tables within a value after
// the key that has the value.
func writeKeys(b *strings.Builder, prefix string, t table) {
	b.WriteString("| key | type | default | meaning |\n|---|---|---|---|\n")
	writeRows(b, prefix, t)
}

func writeRows(b *strings.Builder, prefix string, t table) {
	for _, k := range t.keys {
		fmt.Fprintf(b, "| `%s%s` | %s | %s | %s |\n", prefix, k.name, typeCell(k.shape), k.defaultCell(), cell(t.meaning(k)))
		if inner, ok := within(k.shape); ok && prefix != "" {
			writeRows(b, prefix+k.name+".", inner)
		}
	}
}

// within returns the table that a value of the shape may be.
func within(s shape) (table, bool) {
	switch s := s.(type) {
	case table:
		return s, true
	case either:
		for _, o := range s.shapes {
			if t, ok := o.(table); ok {
				return t, true
			}
		}
	}
	return table{}, false
}

// meaning is the description with what else the table of keys says.
func (s table) meaning(k key) string {
	if k.later != "" {
		return "*Not in this version.* " + k.doc
	}
	doc := k.doc
	if k.only != nil {
		values := slices.DeleteFunc(s.selections(), func(v string) bool { return !k.has(v) })
		doc += fmt.Sprintf(" Only with `%s` = %s.", s.selector, orList(values))
	}
	if k.needs != "" {
		doc += fmt.Sprintf(" Only with `%s`.", k.needs)
	}
	if later := laterOptions(k.shape); later != nil {
		doc += " *Not in this version:* " + orList(later) + "."
	}
	return doc
}

func orList(values []string) string { return "`\"" + strings.Join(values, "\"` or `\"") + "\"`" }

func laterOptions(s shape) []string {
	var later []string
	switch s := s.(type) {
	case text:
		for _, o := range s.options {
			if o.later != "" {
				later = append(later, o.value)
			}
		}
	case either:
		for _, o := range s.shapes {
			later = append(later, laterOptions(o)...)
		}
	}
	return later
}

func (k key) defaultCell() string {
	switch {
	case k.required:
		return "required"
	case k.kind:
		return "one kind required"
	case k.def == nil:
		return ""
	}
	switch k.def.(type) {
	case map[string]any, []map[string]any:
		return ""
	}
	return "`" + tomlText(k.def) + "`"
}

// typeCell is the type with the range of integers.
func typeCell(s shape) string {
	switch s := s.(type) {
	case integer:
		return s.rangeWords()
	case text:
		if s.options != nil {
			return "`" + strings.Join(s.quoted(), "` or `") + "`"
		}
	case list:
		if s.of.options != nil {
			return "array of " + typeCell(s.of)
		}
	case either:
		if s.noun != "" {
			return s.noun
		}
		var all []string
		for _, o := range s.usable() {
			all = append(all, typeCell(o))
		}
		return strings.Join(all, ", ")
	}
	return s.words()
}

// cell makes text fit for a cell of a Markdown table.
func cell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }
