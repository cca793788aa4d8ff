package manifest

import (
	"fmt"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// Shapes that several keys have.

func choice(values ...string) text {
	var t text
	for _, v := range values {
		t.options = append(t.options, option{value: v})
	}
	return t
}

// cellHoles are the placeholders that a runtime and an architecture fill.
func cellHoles() []string { return []string{"runtime", "arch"} }

// regionHoles are the placeholders that a target's region and account fill.
func regionHoles() []string { return []string{"region", "account"} }

// template returns the pattern of texts made of one class of characters and of
// placeholders.
func template(class string, holes []string) string {
	return `^(?:` + class + `|\{(?:` + strings.Join(holes, "|") + `)\})+$`
}

// literal refuses placeholders where they are not replaced.
func literal() refusal {
	return refusal{`\{(?:runtime|arch|region|account)\}`, "has a placeholder, which is not replaced in this key"}
}

// home refuses what only a shell replaces.
func home() refusal {
	return refusal{`^~(?:/|$)`, `starts with "~", which is not replaced: write the path`}
}

// backslash refuses Windows paths.
func backslash() refusal {
	return refusal{`\\`, `has a backslash: separate folders by "/", also on Windows`}
}

// prose is any text.
func prose() text { return text{refuse: []refusal{literal()}} }

// word is a text without spaces.
func word() text { return text{noun: "a single word", pattern: `^[!-~]+$`} }

func runtimeList() list {
	return list{of: text{noun: `a runtime's name such as "python3.12"`, pattern: `^[A-Za-z][0-9A-Za-z._-]*$`}}
}

func architectureList() list { return list{of: choice("x86_64", "arm64")} }

// localPath is a file or folder relative to layer.toml. An absolute one would make
// the layer depend on the machine that builds it.
func localPath(holes []string) text {
	return text{
		noun:  "a path: it has control characters",
		holes: holes,
		refuse: []refusal{
			{`^/|^[A-Za-z]:`, "is absolute, so that the layer could be built on this machine only: write it relative to layer.toml"},
			home(), backslash(),
		},
		pattern: template(`[^\\{}\x00-\x1f\x7f]`, holes),
	}
}

// patterns is a list of doublestar patterns.
func patterns(mayBeEmpty bool) list {
	return list{
		mayBeEmpty: mayBeEmpty,
		of: text{
			noun: "a pattern: it has control characters",
			refuse: []refusal{
				{`^\.?/`, `matches nothing: patterns are relative to the source, without a leading "/" or "./"`},
				{`(?:^|/)\.\.?(?:/|$)`, `matches nothing: paths have no "." and ".." in them`},
				{`/$`, `matches no file: write "/**" at the end for all that is in the folder`},
				{`^!`, `starts with "!", which does not negate: use include and exclude, or "\!" for a name that starts so`},
				{`//`, `matches nothing: it has an empty name between two "/"`},
				literal(),
			},
			pattern: `^[^\x00-\x1f\x7f]+$`,
			valid: func(v string) string {
				if !doublestar.ValidatePattern(v) {
					return fmt.Sprintf(`%q is not a pattern: a "[" or "{" is not closed, or "\" ends it`, v)
				}
				return ""
			},
		},
	}
}

// size is a number of bytes, alone or with a unit.
func size() either {
	return either{noun: "size", shapes: []shape{
		integer{min: 1},
		text{noun: `a size such as "20MB" or "64KiB"`, pattern: `^[1-9][0-9]{0,8} ?(?:B|kB|MB|GB|KiB|MiB|GiB)$`},
	}}
}

func digest() text {
	return text{noun: "a SHA-256 of 64 hexadecimal digits", pattern: `^[0-9A-Fa-f]{64}$`}
}
