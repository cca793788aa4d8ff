package volume

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"unicode/utf8"
)

// maxHops is how many links Linux goes through before it answers ELOOP: see
// path_resolution(7).
const maxHops = 40

// Reasons why a link is refused.
var (
	ErrTargetAbsolute = errors.New("the target is absolute")
	ErrTargetLeaves   = errors.New("the target lies outside the source")
	ErrTargetStripped = errors.New("the target lies in the part of the source that strip drops")
	ErrTargetLoop     = errors.New("the link leads to itself")
	ErrTargetNoFolder = errors.New("the target goes through a file as if it were a folder")
)

// CheckTarget returns why a link at path p cannot be kept as it is, or nil.
// It judges the text alone: following the target from p, no step may go above
// the first strip elements of p, which are cut off in the layer.
func CheckTarget(p, target string, strip int) error {
	if err := checkTargetText(target); err != nil {
		return err
	}
	depth := strings.Count(p, "/")
	for part := range strings.SplitSeq(target, "/") {
		switch part {
		case "", ".":
			continue
		case "..":
			depth--
		default:
			depth++
		}
		switch {
		case depth < 0:
			return ErrTargetLeaves
		case depth < strip:
			return ErrTargetStripped
		}
	}
	return nil
}

func checkTargetText(target string) error {
	switch {
	case target == "":
		return errors.New("the target is empty")
	case target[0] == '/' || target[0] == '\\' || hasDrive(target):
		return ErrTargetAbsolute
	case len(target) > maxPath:
		return fmt.Errorf("the target has %d bytes, and a function can follow no more than %d", len(target), maxPath)
	case !utf8.ValidString(target):
		return errors.New("the target is not valid UTF-8")
	case strings.ContainsAny(target, "\x00\\"):
		return errors.New("the target has a NUL byte or a backslash")
	}
	return nil
}

// Resolve returns what a link in the given folder leads to, going through
// links as Linux does: ".." after a link is the parent of what the link leads
// to. The folder's own path must be free of links. The result is never a link.
//
// It fails with one of the reasons above, or with an error that wraps
// fs.ErrNotExist where the target is missing.
func Resolve(v Finder, folder, target string) (Node, error) {
	at := Node{Path: folder, Kind: Folder}
	if err := checkTargetText(target); err != nil {
		return Node{}, err
	}
	rest := strings.Split(target, "/")
	for hops := 0; len(rest) > 0; {
		part := rest[0]
		rest = rest[1:]
		if at.Kind != Folder {
			return Node{}, ErrTargetNoFolder
		}
		switch part {
		case "", ".":
			continue
		case "..":
			if at.Path == "" {
				return Node{}, ErrTargetLeaves
			}
			at = Node{Path: parent(at.Path), Kind: Folder}
			continue
		}
		next, err := v.Find(path.Join(at.Path, part))
		if err != nil {
			return Node{}, fmt.Errorf("the target is missing: %w", err)
		}
		if next.Kind != Link {
			at = next
			continue
		}
		if hops++; hops > maxHops {
			return Node{}, ErrTargetLoop
		}
		if err := checkTargetText(next.Target); err != nil {
			return Node{}, fmt.Errorf("by way of %q: %w", next.Path, err)
		}
		rest = slices.Concat(strings.Split(next.Target, "/"), rest)
	}
	return at, nil
}

// parent returns the folder that a path lies in, "" for the root.
func parent(p string) string {
	if i := strings.LastIndexByte(p, '/'); i >= 0 {
		return p[:i]
	}
	return ""
}
