package runtimes

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Exceeded says which limits a layer is over, or "" if none. Zip and unzipped
// are bytes; inline says that the zip goes in the publish request. A limit of
// the unzipped size is the service's for a function with all its layers, so
// one layer within it can still be too large together with others.
func (l Limits) Exceeded(zip, unzipped int64, inline bool) string {
	var over []string
	add := func(what string, n, limit int64, hint string) {
		if limit != 0 && n > limit {
			over = append(over, fmt.Sprintf("%s %s bytes is over %s's limit of %s bytes%s",
				what, grouped(n), l.Title, grouped(limit), hint))
		}
	}
	add("unzipped size", unzipped, l.Unzipped, " for a function with its layers")
	add("zip size", zip, l.Zip, "")
	if inline {
		add("zip size", zip, l.Inline, " for an upload without a bucket")
	}
	return strings.Join(over, "; ")
}

// CheckName says what is wrong with a rendered layer name, or "".
func (l Limits) CheckName(name string) string {
	if n := utf8.RuneCountInString(name); n < l.NameMin || l.NameMax != 0 && n > l.NameMax {
		return fmt.Sprintf("name %q has %d characters: %s takes %d to %d", name, n, l.Title, l.NameMin, l.NameMax)
	}
	// Load has made sure that the pattern compiles.
	if ok, err := regexp.MatchString(l.NamePattern, name); err != nil || !ok {
		return fmt.Sprintf("name %q: %s takes %s", name, l.Title, l.NameRule)
	}
	return ""
}

// CheckDescription says what is wrong with a description, marker included, or
// "". Characters are code points: the definition of AWS's models
// (smithy.io/2.0/spec/constraint-traits.html), and nothing else is known of
// the other clouds.
func (l Limits) CheckDescription(text string) string {
	return l.checkLength("description", text, l.Description)
}

// CheckLicense says what is wrong with a licence, or "". It does not ask
// NoLicense: a service that takes none is no fault of the text.
func (l Limits) CheckLicense(text string) string {
	return l.checkLength("license", text, l.License)
}

func (l Limits) checkLength(what, text string, limit int) string {
	if n := utf8.RuneCountInString(text); limit != 0 && n > limit {
		return fmt.Sprintf("%s has %d characters: %s takes up to %d", what, n, l.Title, limit)
	}
	return ""
}

// CheckRuntimes says what is wrong with naming n runtimes for one layer
// version, or "".
func (l Limits) CheckRuntimes(n int) string {
	if l.Runtimes != 0 && n > l.Runtimes {
		return fmt.Sprintf("%d runtimes for one layer: %s takes up to %d", n, l.Title, l.Runtimes)
	}
	return ""
}

// grouped writes a number with a comma between thousands.
func grouped(n int64) string {
	text := strconv.FormatInt(n, 10)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
