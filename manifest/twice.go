package manifest

import (
	"maps"
	"slices"
)

// twice returns a key that the document has two values for. TOML forbids that,
// but the library lets some such documents pass and keeps one of the values:
// then the decoded value v and its place are trees of different form.
func (p *place) twice(at string, v any) (key string, found bool) {
	switch v := v.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(p.keys)) {
			child, ok := v[name]
			if !ok {
				return join(at, name), true
			}
			if key, found := p.keys[name].twice(join(at, name), child); found {
				return key, true
			}
		}
		return at, len(p.items) > 0
	case []map[string]any:
		items := make([]any, len(v))
		for i := range v {
			items[i] = v[i]
		}
		return p.twice(at, items)
	case []any:
		if len(v) != len(p.items) || len(p.keys) > 0 {
			return at, true
		}
		for i, item := range p.items {
			if key, found := item.twice(index(at, i), v[i]); found {
				return key, true
			}
		}
		return at, false
	default:
		return at, len(p.keys)+len(p.items) > 0
	}
}
