package manifest

import (
	"strconv"
	"strings"
)

// Keys are spelled as in [Problem.Key]: names joined by dots, a name that TOML
// wants quoted in quotes, elements of arrays by index.

// join returns the key called name within the table at path.
func join(path, name string) string {
	if path == "" {
		return quoteKey(name)
	}
	return path + "." + quoteKey(name)
}

// index returns the key of element i of the array at path.
func index(path string, i int) string { return path + "[" + strconv.Itoa(i) + "]" }

func quoteKey(name string) string {
	bare := name != "" && strings.IndexFunc(name, func(r rune) bool {
		return r != '_' && r != '-' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	}) < 0
	if bare {
		return name
	}
	return strconv.Quote(name)
}

// A step is one part of a path: a name, or an index when isIndex is set.
type step struct {
	name    string
	index   int
	isIndex bool
}

// splitPath is the inverse of join and index. It takes any text: what is no
// path yields steps that lead nowhere.
func splitPath(path string) []step {
	var steps []step
	for path != "" {
		switch path[0] {
		case '.':
			path = path[1:]
		case '[':
			digits, rest, _ := strings.Cut(path[1:], "]")
			n, err := strconv.Atoi(digits)
			if err != nil {
				n = -1
			}
			steps = append(steps, step{index: n, isIndex: true})
			path = rest
		case '"':
			quoted, err := strconv.QuotedPrefix(path)
			if err != nil {
				return append(steps, step{name: path})
			}
			name, _ := strconv.Unquote(quoted) // QuotedPrefix has checked it
			steps = append(steps, step{name: name})
			path = path[len(quoted):]
		default:
			end := strings.IndexAny(path, ".[")
			if end < 0 {
				end = len(path)
			}
			steps = append(steps, step{name: path[:end]})
			path = path[end:]
		}
	}
	return steps
}
