package packages

import (
	"bytes"
	"cmp"
	"iter"
	"strings"
)

// metadata is what matters of a METADATA or PKG-INFO file:
// https://packaging.python.org/en/latest/specifications/core-metadata/
type metadata struct{ name, version, license string }

// parseMetadata reads headers as RFC 822 has them, up to the empty line. Of a
// header that may stand once the first one counts. An expression is preferred
// to words about the license, and these to a classifier.
func parseMetadata(content []byte) metadata {
	var m metadata
	var license, classifier string
	for name, value := range headers(content) {
		switch strings.ToLower(name) {
		case "name":
			m.name = cmp.Or(m.name, value)
		case "version":
			m.version = cmp.Or(m.version, value)
		case "license-expression":
			m.license = cmp.Or(m.license, line(value))
		case "license":
			if value != "UNKNOWN" {
				license = cmp.Or(license, line(value))
			}
		case "classifier":
			if rest, ok := strings.CutPrefix(value, "License :: "); ok {
				classifier = cmp.Or(classifier, line(rest[strings.LastIndex(rest, ": ")+1:]))
			}
		}
	}
	m.license = cmp.Or(m.license, license, classifier)
	return m
}

// headers yields names and values up to the first empty line. A line that
// begins with white space goes on with the value before it: RFC 822, 3.1.1; in
// the manifest of a jar without that space.
func headers(content []byte) iter.Seq2[string, string] {
	return func(yield func(name, value string) bool) {
		var name string
		var value []byte
		for len(content) > 0 {
			var text []byte
			text, content = nextLine(content)
			if len(text) == 0 {
				break
			}
			if text[0] == ' ' || text[0] == '\t' {
				value = append(value, text[1:]...)
				continue
			}
			if name != "" && !yield(name, strings.TrimSpace(string(value))) {
				return
			}
			before, after, ok := bytes.Cut(text, []byte(":"))
			name, value = "", nil
			if ok {
				name, value = string(bytes.TrimSpace(before)), append(value, after...)
			}
		}
		if name != "" {
			yield(name, strings.TrimSpace(string(value)))
		}
	}
}

// nextLine cuts off the first line, whatever ends it: LF, CR LF or CR.
func nextLine(content []byte) (text, rest []byte) {
	at := bytes.IndexAny(content, "\r\n")
	if at < 0 {
		return content, nil
	}
	text, rest = content[:at], content[at+1:]
	if content[at] == '\r' && len(rest) > 0 && rest[0] == '\n' {
		rest = rest[1:]
	}
	return text, rest
}
