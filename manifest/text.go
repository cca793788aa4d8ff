package manifest

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A text is a string; the empty one never is right.
type text struct {
	// noun says what a good value is, for messages: `a duration such as "5m"`.
	noun string
	// options are the only values, when there are any.
	options []option
	// holes are the placeholders of a template. Nil means that it is none.
	holes []string
	// refuse are mistakes that have a message of their own.
	refuse []refusal
	// pattern is what the whole value matches, in the common subset of RE2
	// and ECMA-262, since it stands in the JSON Schema too.
	pattern string
	// likely are words that a value which does not match may begin with a
	// misspelling of.
	likely []string
	// secret keeps values, which may hold credentials, out of messages.
	secret bool
	// valid finds what no pattern can; it returns what is wrong, or "".
	valid func(string) string
}

// An option is one value of an enumeration.
type option struct {
	value string
	// later marks a value of a later version; it says what to do instead.
	later string
}

// A refusal is a pattern of values that are wrong, and why.
type refusal struct{ pattern, why string }

func (s text) words() string {
	if s.options == nil {
		return "string"
	}
	return strings.Join(s.quoted(), " or ")
}

// values returns the options that this version has.
func (s text) values() []string {
	var all []string
	for _, o := range s.options {
		if o.later == "" {
			all = append(all, o.value)
		}
	}
	return all
}

func (s text) quoted() []string {
	all := s.values()
	for i, v := range all {
		all[i] = `"` + v + `"`
	}
	return all
}

// takes leaves out strings of which only a later version has any.
func (s text) takes(v any) bool {
	t, ok := v.(string)
	if s.options != nil && s.values() == nil {
		return slices.ContainsFunc(s.options, func(o option) bool { return ok && o.value == t })
	}
	return ok
}

func (s text) check(w *walk, at string, v any) any {
	if wrong := s.problem(v.(string)); wrong != "" {
		w.bad(at, "%s", wrong)
		return nil
	}
	return v
}

// problem returns what is wrong with a string, "" if nothing is.
func (s text) problem(v string) string {
	if v == "" {
		return "empty string"
	}
	if s.options != nil {
		return s.choose(v)
	}
	if s.holes != nil {
		if wrong := placeholderProblem(v, s.holes); wrong != "" {
			return wrong
		}
	}
	shown := strconv.Quote(v)
	if s.secret {
		shown = "this"
	}
	for _, r := range s.refuse {
		if regexp.MustCompile(r.pattern).MatchString(v) {
			return shown + " " + r.why
		}
	}
	if s.pattern != "" && !regexp.MustCompile(s.pattern).MatchString(v) {
		first, _, _ := strings.Cut(v, "/")
		hint := ""
		if c := near(first, s.likely); c != "" {
			hint = "; did you mean " + strconv.Quote(c) + "?"
		}
		return fmt.Sprintf("%s is not %s%s", shown, s.noun, hint)
	}
	if s.valid != nil {
		return s.valid(v)
	}
	return ""
}

func (s text) choose(v string) string {
	for _, o := range s.options {
		switch {
		case o.value != v:
		case o.later != "":
			return fmt.Sprintf("%q is %s; %s", v, notYet, o.later)
		default:
			return ""
		}
	}
	return fmt.Sprintf("unknown value %q%s", v, suggest(v, s.values(), strings.Join(s.quoted(), " or ")))
}

func (s text) schema() object {
	o := object{{"type", "string"}}
	switch {
	case s.options != nil:
		return append(o, member{"enum", s.values()})
	case s.pattern != "":
		o = append(o, member{"pattern", s.pattern})
	default:
		o = append(o, member{"minLength", 1})
	}
	if len(s.refuse) > 0 {
		var not []object
		for _, r := range s.refuse {
			not = append(not, object{{"pattern", r.pattern}})
		}
		if len(not) == 1 {
			return append(o, member{"not", not[0]})
		}
		o = append(o, member{"not", object{{"anyOf", not}}})
	}
	return o
}
