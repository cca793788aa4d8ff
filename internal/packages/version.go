package packages

import (
	"cmp"
	"strings"

	"golang.org/x/mod/semver"
)

// CompareVersions returns which of two versions of an ecosystem is the newer
// one, as cmp.Compare does. Versions that are spelled differently can be equal:
// "1.0" and "1.0.0". npm's are ordered by SemVer 2.0.0; all others by the one
// order that PEP 440, Maven's and RubyGems' share for what people publish:
// numbers by their values, "alpha", "rc" and other words before the release,
// "post" after it.
func CompareVersions(ecosystem, a, b string) int {
	if ecosystem == NPM && semver.IsValid("v"+a) && semver.IsValid("v"+b) {
		return semver.Compare("v"+a, "v"+b)
	}
	epochA, a := epoch(strings.ToLower(a))
	epochB, b := epoch(strings.ToLower(b))
	a, localA, hasA := strings.Cut(a, "+")
	b, localB, hasB := strings.Cut(b, "+")
	if c := cmp.Or(compareNumbers(epochA, epochB), compareParts(a, b)); c != 0 {
		return c
	}
	switch {
	case hasA && !hasB:
		return 1
	case hasB && !hasA:
		return -1
	}
	return compareParts(localA, localB)
}

// epoch cuts off what PEP 440 puts first where numbering began anew.
func epoch(version string) (number, rest string) {
	if number, rest, ok := strings.Cut(version, "!"); ok {
		return number, rest
	}
	return "", version
}

// compareParts compares number by number and word by word. What says nothing is
// passed over: zeros before a word or the end, and words like "final".
func compareParts(a, b string) int {
	p, restA := nextPart(a)
	q, restB := nextPart(b)
	for p != (part{}) || q != (part{}) {
		switch {
		case p.empty(q):
			p, restA = nextPart(restA)
			continue
		case q.empty(p):
			q, restB = nextPart(restB)
			continue
		}
		if c := p.compare(q); c != 0 {
			return c
		}
		p, restA = nextPart(restA)
		q, restB = nextPart(restB)
	}
	return 0
}

// A part is a number or a word of a version, the zero value its end.
type part struct {
	text   string
	number bool
}

// nextPart cuts off the first part.
func nextPart(version string) (part, string) {
	version = strings.TrimLeft(version, between)
	if version == "" {
		return part{}, ""
	}
	p := part{number: isDigit(version[0])}
	end := 1
	for end < len(version) && isDigit(version[end]) == p.number && !strings.Contains(between, version[end:end+1]) {
		end++
	}
	p.text = oneSpelling(version[:end])
	return p, version[end:]
}

// between are the characters that separate parts.
const between = ".-_"

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// empty reports whether the part says nothing beside the other version's.
func (p part) empty(other part) bool {
	return p.number && !other.number && compareNumbers(p.text, "") == 0 || p.text == release
}

func (p part) compare(q part) int {
	if p.number && q.number {
		return compareNumbers(p.text, q.text)
	}
	return cmp.Or(cmp.Compare(p.rank(), q.rank()), cmp.Compare(p.text, q.text))
}

// rank orders the kinds of parts: by it a version that ends is newer than one
// that goes on with a word, unless it is one for what comes after a release.
func (p part) rank() int {
	switch {
	case p.number:
		return 4
	case p.text == after:
		return 3
	case p.text == "":
		return 2
	case p.text != before:
		return 1
	}
	return 0
}

// The words that have a place of their own.
const (
	before  = "dev"
	release = "release"
	after   = "post"
)

// oneSpelling returns the word that means the same: PEP 440, "Normalization",
// and Maven's ComparableVersion.
func oneSpelling(word string) string {
	switch word {
	case "a":
		return "alpha"
	case "b":
		return "beta"
	case "m":
		return "milestone"
	case "c", "cr", "pre", "preview":
		return "rc"
	case "final", "ga", "v":
		return release
	case "p", "r", "rev", "sp":
		return after
	}
	return word
}

// compareNumbers compares digits of any length; none are a zero.
func compareNumbers(a, b string) int {
	a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
	return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
}
