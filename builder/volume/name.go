package volume

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// The longest names that a function can open: limits.h of Linux, NAME_MAX and
// PATH_MAX. The latter counts the closing NUL and the "/opt/" that every cloud
// puts before a layer's paths. A zip's own limit, 65,535 bytes, lies far above.
const (
	maxElement = 255
	maxPath    = 4096 - len("/opt/") - 1
)

var (
	errAbsolute  = errors.New("path is absolute")
	errLeaves    = errors.New("path leaves the layer")
	errEmptyPart = errors.New("path has an empty element")
)

// CheckPath returns why a path cannot be that of a layer's entry, or nil.
// Names are taken as they are, never normalised.
func CheckPath(p string) error {
	switch {
	case p == "":
		return errors.New("path is empty")
	case strings.HasPrefix(p, "/"):
		return errAbsolute
	case len(p) > maxPath:
		return fmt.Errorf("path has %d bytes, and a function can open no more than %d", len(p), maxPath)
	case !utf8.ValidString(p):
		return errors.New("name is not valid UTF-8")
	case strings.IndexByte(p, 0) >= 0:
		return errors.New("name has a NUL byte")
	case strings.IndexByte(p, '\\') >= 0:
		return errors.New("name has a backslash, which some unpackers take for a folder")
	}
	for part := range strings.SplitSeq(p, "/") {
		switch {
		case part == "":
			return errEmptyPart
		case part == "." || part == "..":
			return errLeaves
		case len(part) > maxElement:
			return fmt.Errorf("name has %d bytes, and a file system takes no more than %d", len(part), maxElement)
		}
	}
	return nil
}

// cleanEntry returns the path within the volume of an archive's entry, "" for
// the root itself. The "./" that tar puts before names and the "/" after a
// folder's name are dropped, everything that points outside is an error.
func cleanEntry(name string) (string, error) {
	switch {
	case name == "":
		return "", errors.New("name is empty")
	case name[0] == '/' || name[0] == '\\' || hasDrive(name):
		return "", errAbsolute
	}
	parts := strings.Split(strings.TrimSuffix(name, "/"), "/")
	kept := parts[:0]
	for _, part := range parts {
		switch part {
		case "":
			return "", errEmptyPart
		case "..":
			return "", errLeaves
		case ".":
		default:
			kept = append(kept, part)
		}
	}
	return strings.Join(kept, "/"), nil
}

// hasDrive reports whether a name begins as "C:", which Windows takes for a
// place of its own.
func hasDrive(name string) bool {
	return len(name) > 1 && name[1] == ':' && ('a' <= name[0]|0x20 && name[0]|0x20 <= 'z')
}
