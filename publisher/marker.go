package publisher

import (
	"strings"

	"github.com/layerbuild/layerbuild/layer"
)

const (
	markerTag    = "lb1:"
	markerDigits = 24
)

// MarkerLen is how many bytes [Describe] adds to a description: the marker and
// the space before it.
const MarkerLen = 1 + len(markerTag) + markerDigits

// Describe returns the description with the marker at its end: "lb1:" and the
// first 24 hexadecimal digits of the tree digest. With it, one listing finds
// the versions that may hold the tree. Anyone can write such a description, so
// a marker only says where to look.
func Describe(description string, d layer.Digests) string {
	marker := markerTag + d.Tree.String()[:markerDigits]
	if description == "" {
		return marker
	}
	return description + " " + marker
}

// Marked returns the digits of the marker at the end of a description, and
// whether there is one. For a marker that [Describe] wrote, the tree digest
// starts with the digits.
func Marked(description string) (digits string, ok bool) {
	at := len(description) - len(markerTag) - markerDigits
	if at < 0 || at > 0 && description[at-1] != ' ' {
		return "", false
	}
	digits, ok = strings.CutPrefix(description[at:], markerTag)
	if !ok || strings.Trim(digits, "0123456789abcdef") != "" {
		return "", false
	}
	return digits, true
}
