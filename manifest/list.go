package manifest

// A list is an array of different strings.
type list struct {
	of text
	// mayBeEmpty allows []. Elsewhere it is refused, since it could be meant
	// as "all" and as "none".
	mayBeEmpty bool
}

func (s list) words() string { return "array of strings" }

func (list) takes(v any) bool { _, ok := v.([]any); return ok }

// check returns a []string. Elements that are of no use are "" in it, so that
// the others keep their index.
func (s list) check(w *walk, at string, v any) any {
	items := v.([]any)
	if len(items) == 0 && !s.mayBeEmpty {
		w.bad(at, "empty array")
		return nil
	}
	seen := map[string]bool{}
	good := make([]string, len(items))
	for i, item := range items {
		here := index(at, i)
		t, ok := examine(w, here, item, s.of).(string)
		switch {
		case !ok:
			w.partly[at] = true
		case seen[t]:
			w.wrong(here, "%q is in the list twice", t)
		}
		good[i], seen[t] = t, true
	}
	return good
}

func (s list) schema() object {
	o := object{{"type", "array"}, {"items", s.of.schema()}, {"uniqueItems", true}}
	if !s.mayBeEmpty {
		o = append(o, member{"minItems", 1})
	}
	return o
}
