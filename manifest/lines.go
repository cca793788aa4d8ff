package manifest

import (
	"sort"
	"strings"

	"github.com/BurntSushi/toml"
)

// A place is where a value of a document stands: its line, and the places of
// what is within it. The places of a document form the same tree as its
// values.
type place struct {
	line  int
	keys  map[string]*place
	items []*place
	// tables marks an array of [[tables]]: later headers and dotted keys go
	// into its last one.
	tables bool
}

// key returns the place of a key in this table, a new one on the given line if
// it was not seen yet.
func (p *place) key(name string, line int) *place {
	child, ok := p.keys[name]
	if !ok {
		child = &place{line: line}
		if p.keys == nil {
			p.keys = map[string]*place{}
		}
		p.keys[name] = child
	}
	return child
}

func (p *place) item(line int) *place {
	child := &place{line: line}
	p.items = append(p.items, child)
	return child
}

// lineOf returns the line of the value at path, or of the nearest value around
// it.
func (p *place) lineOf(path string) int {
	for _, s := range splitPath(path) {
		switch {
		case s.isIndex && s.index >= 0 && s.index < len(p.items):
			p = p.items[s.index]
		case !s.isIndex && p.keys[s.name] != nil:
			p = p.keys[s.name]
		default:
			return p.line
		}
	}
	return p.line
}

// A scanner finds the places in a document that the TOML library accepts;
// toml itself tells no positions. On any other input it finds something or
// nothing, but it ends.
type scanner struct {
	text string
	pos  int
	// depth is how many keys and indexes lead to where the scanner is.
	// tooDeep is the line on which they exceeded maxDepth, 0 if none.
	depth, tooDeep int
	// newlines are the offsets of all line ends.
	newlines []int
}

// maxDepth bounds the nesting of values. The library needs memory that grows
// with the square of the depth.
const maxDepth = 100

// findPlaces returns the places of all keys, tables and elements of arrays. If
// the document is nested deeper than maxDepth, tooDeep is the line where.
func findPlaces(text string) (root *place, tooDeep int) {
	s := &scanner{text: text}
	for i := range len(text) {
		if text[i] == '\n' {
			s.newlines = append(s.newlines, i)
		}
	}
	root = &place{line: 1}
	table, depth := root, 0
	for s.blank(); s.pos < len(s.text); s.blank() {
		start := s.pos
		if s.take("[") {
			s.depth = 0
			table = s.header(root)
			depth = s.depth
		} else {
			s.depth = depth
			s.pair(table)
		}
		if s.pos == start {
			break
		}
	}
	return root, s.tooDeep
}

// deeper notes that one more key or index leads to where the scanner is. Too
// deep it goes to the end of the text.
func (s *scanner) deeper() {
	s.depth++
	if s.depth > maxDepth && s.tooDeep == 0 {
		s.tooDeep = s.line()
		s.pos = len(s.text)
	}
}

func (s *scanner) line() int { return 1 + sort.SearchInts(s.newlines, s.pos) }

// header reads the rest of a [table] or [[table]] line and returns the table's
// place.
func (s *scanner) header(root *place) *place {
	line := s.line()
	array := s.take("[")
	p := s.key(root)
	s.take("]")
	if array {
		s.take("]")
		p.tables = true
		return p.item(line)
	}
	p.line = line
	return p
}

// pair reads a key and its value.
func (s *scanner) pair(p *place) {
	depth := s.depth
	p = s.key(p)
	if s.take("=") {
		s.value(p)
	}
	s.depth = depth
}

// key reads a key, which may be dotted, and returns its place below p.
func (s *scanner) key(p *place) *place {
	for {
		line, name := s.line(), s.name()
		s.deeper()
		p = p.key(name, line)
		if !s.take(".") {
			return p
		}
		if p.tables {
			p = p.items[len(p.items)-1]
		}
	}
}

// name reads one part of a key and the blanks around it.
func (s *scanner) name() string {
	s.spaces()
	defer s.spaces()
	start := s.pos
	if s.pos < len(s.text) && (s.text[s.pos] == '"' || s.text[s.pos] == '\'') {
		s.quoted()
		var v struct{ K string }
		if _, err := toml.Decode("K = "+s.text[start:s.pos], &v); err != nil {
			return ""
		}
		return v.K
	}
	s.until(".=] \t\r\n")
	return s.text[start:s.pos]
}

// value reads a value and what follows it up to the next comma, bracket or
// line end.
func (s *scanner) value(p *place) {
	s.spaces()
	switch {
	case s.pos >= len(s.text):
	case s.take("["):
		s.deeper()
		for s.more("]") {
			s.value(p.item(s.line()))
		}
		s.depth--
	case s.take("{"):
		for s.more("}") {
			s.pair(p)
		}
	case s.text[s.pos] == '"' || s.text[s.pos] == '\'':
		s.quoted()
	default:
		s.until(",]}#\r\n")
	}
}

// more goes to the next element of an array or inline table and reports
// whether there is one before the closing bracket.
func (s *scanner) more(end string) bool {
	for s.blank(); s.take(","); s.blank() {
	}
	return !s.take(end) && s.pos < len(s.text) && !strings.ContainsRune("]}=", rune(s.text[s.pos]))
}

// quoted reads a string of any of the four kinds.
func (s *scanner) quoted() {
	quote := s.text[s.pos]
	triple := strings.Repeat(string(quote), 3)
	if !s.take(triple) {
		s.pos++
		triple = ""
	}
	for s.pos < len(s.text) {
		switch {
		case s.text[s.pos] == '\\' && quote == '"':
			s.pos = min(s.pos+2, len(s.text))
		case triple == "" && s.text[s.pos] == quote:
			s.pos++
			return
		case triple != "" && s.take(triple):
			// Up to two quotes of the content may stand before the end.
			for s.take(string(quote)) {
			}
			return
		default:
			s.pos++
		}
	}
}

// take skips text if it comes next.
func (s *scanner) take(text string) bool {
	if !strings.HasPrefix(s.text[s.pos:], text) {
		return false
	}
	s.pos += len(text)
	return true
}

// until skips everything before the first of the bytes in stop.
func (s *scanner) until(stop string) {
	n := strings.IndexAny(s.text[s.pos:], stop)
	if n < 0 {
		n = len(s.text) - s.pos
	}
	s.pos += n
}

func (s *scanner) spaces() {
	for s.pos < len(s.text) && (s.text[s.pos] == ' ' || s.text[s.pos] == '\t') {
		s.pos++
	}
}

// blank skips white space, line ends and comments.
func (s *scanner) blank() {
	for s.pos < len(s.text) {
		switch s.text[s.pos] {
		case ' ', '\t', '\r', '\n':
			s.pos++
		case '#':
			s.until("\n")
		default:
			return
		}
	}
}
