package manifest

import (
	"fmt"
	"slices"
	"strings"
)

// Render returns the template with each placeholder {key} replaced by its
// value. Placeholders without a value, and what values hold, stay as they are.
func Render(template string, values map[string]string) string {
	var pairs []string
	for k, v := range values {
		pairs = append(pairs, "{"+k+"}", v)
	}
	return strings.NewReplacer(pairs...).Replace(template)
}

// placeholderProblem says what is wrong with the placeholders of a template,
// "" if all of them are allowed.
func placeholderProblem(template string, allowed []string) string {
	known := make([]string, len(allowed))
	for i, name := range allowed {
		known[i] = "{" + name + "}"
	}
	for rest := template; ; {
		before, after, found := strings.Cut(rest, "{")
		if strings.Contains(before, "}") {
			return fmt.Sprintf(`%q has a "}" without its "{"`, template)
		}
		if !found {
			return ""
		}
		name, tail, closed := strings.Cut(after, "}")
		if !closed || strings.Contains(name, "{") {
			return fmt.Sprintf(`%q has a "{" without its "}"`, template)
		}
		if !slices.Contains(allowed, name) {
			name = "{" + name + "}"
			return fmt.Sprintf("unknown placeholder %q%s", name, suggest(name, known, strings.Join(known, " or ")))
		}
		rest = tail
	}
}
