package manifest

import (
	"errors"
	"fmt"
	"strings"

	"github.com/BurntSushi/toml"
)

// maxSize is the size in bytes above which a file is refused unread.
const maxSize = 1 << 20

// Parse reads the text of a layer.toml. The name of the file is for messages
// only; nothing is opened.
//
// Every problem is reported, not only the first: the error is an [*Error]. A
// file that is no TOML, or is of another version of the format, has just the
// one problem that stopped reading.
//
// The checks say what Parse cannot know, such as which runtimes exist. They run
// on any file that is TOML, so that their findings are reported together with
// the others. What is wrong in the file they see as a zero value: a string or
// an element of an array as "", a number as 0. They should take that for
// unknown. What they report of keys that were found wrong before is dropped.
func Parse(file string, data []byte, checks ...func(*Manifest) []Problem) (*Manifest, error) {
	if len(data) > maxSize {
		return nil, alone(file, 1, fmt.Sprintf("%d bytes are too much for a manifest, which may have %d", len(data), maxSize))
	}
	text := withoutMark(string(data))
	places, tooDeep := findPlaces(text)
	if tooDeep > 0 {
		return nil, alone(file, tooDeep, fmt.Sprintf("reading TOML: values are nested deeper than %d levels", maxDepth))
	}
	var tree map[string]any
	if _, err := toml.Decode(text, &tree); err != nil {
		return nil, syntaxError(file, text, err)
	}
	w := newWalk(places)
	if key, found := w.places.twice("", tree); found {
		w.wrong(key, "has two values")
		return nil, locate(file, w.places, w.problems)
	}
	if n, ok := tree["schema"].(int64); ok && n > 1 {
		w.wrong("schema", "%d is the format of a later version of layerbuild: this one reads 1", n)
		return nil, locate(file, w.places, w.problems)
	}
	m := decodeManifest(file, manifestTable().check(w, "", tree).(map[string]any))
	for _, check := range checks {
		w.findings(check(m))
	}
	if err := locate(file, w.places, w.problems); err != nil {
		return nil, err
	}
	return m, nil
}

// withoutMark drops a byte order mark, as the TOML library does, so that both
// count the same bytes.
func withoutMark(text string) string {
	for _, mark := range []string{"\xff\xfe", "\xfe\xff", "\xef\xbb\xbf"} {
		if rest, ok := strings.CutPrefix(text, mark); ok {
			return rest
		}
	}
	return text
}

// syntaxError makes the library's error one of ours.
func syntaxError(file, text string, err error) error {
	line, message := 1, err.Error()
	var parse toml.ParseError
	if errors.As(err, &parse) {
		line, message = parse.Position.Line, strings.TrimSuffix(parse.Message, ".")
		if at := parse.Position.Start; strings.Contains(message, `'\n'`) && at >= 0 && at < len(text) && text[at] == '\n' {
			// The library counts some unexpected line ends to the line after.
			line = 1 + strings.Count(text[:at], "\n")
		}
		line = min(max(line, 1), 1+strings.Count(text, "\n"))
	}
	if len(message) > 1 && message[1] >= 'a' && message[1] <= 'z' {
		message = strings.ToLower(message[:1]) + message[1:]
	}
	return alone(file, line, "reading TOML: "+message)
}
