package lockfile

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// A Difference is the first thing in which an artifact differs from its lock.
type Difference struct {
	Key Key
	// Field is "artifact", "path", "mode", "bytes", "entries", "compressor",
	// "level", "epoch" or "zip".
	Field string
	// Path is the entry, or the package when the lock lists packages only.
	Path string
	// Locked and Built are the two values, "" for one that is missing.
	Locked, Built string
	// Content says that the tree itself changed; otherwise only the packing
	// did, and the layer holds the same files.
	Content bool
}

func (d Difference) String() string {
	switch {
	case d.Field == "artifact" && d.Locked == "":
		return fmt.Sprintf("%s: not in %s", d.Key, Name)
	case d.Field == "artifact":
		return fmt.Sprintf("%s: in %s, but the manifest does not make it", d.Key, Name)
	case d.Field == "path" && d.Locked == "":
		return fmt.Sprintf("%s: %q: path: not in the lock, now built", d.Key, d.Path)
	case d.Field == "path":
		return fmt.Sprintf("%s: %q: path: in the lock, now missing", d.Key, d.Path)
	}
	at := d.Key.String()
	if !d.Content {
		at += ": same content, packed differently"
	}
	if d.Path != "" {
		at += fmt.Sprintf(": %q", d.Path)
	}
	return fmt.Sprintf("%s: %s: locked %s, built %s", at, d.Field, d.Locked, d.Built)
}

// Diff compares artifacts that were just built with the lock, and returns the
// first difference of each, sorted by key. With all set, artifacts that are
// only in the lock count too.
func Diff(locked, built File, all bool) []Difference {
	keys := slices.Collect(maps.Keys(built.Artifacts))
	if all {
		for k := range locked.Artifacts {
			if _, ok := built.Artifacts[k]; !ok {
				keys = append(keys, k)
			}
		}
	}
	slices.SortFunc(keys, func(a, b Key) int { return strings.Compare(a.String(), b.String()) })
	var list []Difference
	for _, k := range keys {
		l, inLock := locked.Artifacts[k]
		b, inBuild := built.Artifacts[k]
		switch {
		case !inLock:
			list = append(list, Difference{Key: k, Field: "artifact", Built: b.SHA256.String(), Content: true})
		case !inBuild:
			list = append(list, Difference{Key: k, Field: "artifact", Locked: l.SHA256.String(), Content: true})
		default:
			if d, differs := diffArtifact(k, l, b); differs {
				list = append(list, d)
			}
		}
	}
	return list
}

func diffArtifact(k Key, l, b Artifact) (Difference, bool) {
	if l.Tree != b.Tree {
		d := diffContent(l, b)
		d.Key, d.Content = k, true
		return d, true
	}
	for _, f := range []struct{ field, locked, built string }{
		{"compressor", l.Compressor, b.Compressor},
		{"level", fmt.Sprint(l.Level), fmt.Sprint(b.Level)},
		{"epoch", fmt.Sprint(l.Epoch), fmt.Sprint(b.Epoch)},
		{"zip", "sha256:" + l.SHA256.String(), "sha256:" + b.SHA256.String()},
		{"zip", "crc64:" + l.CRC64, "crc64:" + b.CRC64},
		{"zip", fmt.Sprint(l.Size, " bytes"), fmt.Sprint(b.Size, " bytes")},
		{"unzipped", fmt.Sprint(l.Unzipped), fmt.Sprint(b.Unzipped)},
	} {
		if f.locked != f.built {
			return Difference{Key: k, Field: f.field, Locked: f.locked, Built: f.built}, true
		}
	}
	if !slices.Equal(l.Entries, b.Entries) || !slices.Equal(l.Groups, b.Groups) {
		return Difference{Key: k, Field: "entries", Locked: listing(l), Built: listing(b)}, true
	}
	return Difference{}, false
}

func listing(a Artifact) string {
	return fmt.Sprintf("%d entries and %d groups listed", len(a.Entries), len(a.Groups))
}

// diffContent finds the first entry, or group, in which two listings differ.
func diffContent(l, b Artifact) Difference {
	lockedLines, builtLines := l.Entries, b.Entries
	fields := []string{"mode", "bytes"}
	if len(l.Groups) > 0 || len(b.Groups) > 0 {
		lockedLines, builtLines = groups(l), groups(b)
		fields = []string{"bytes", "entries"}
	}
	for i, j := 0, 0; i < len(lockedLines) || j < len(builtLines); {
		var x, y [3]string
		if i < len(lockedLines) {
			x = split(lockedLines[i])
		}
		if j < len(builtLines) {
			y = split(builtLines[j])
		}
		switch {
		case j == len(builtLines) || i < len(lockedLines) && x[2] < y[2]:
			return Difference{Field: "path", Path: x[2], Locked: x[0] + " " + x[1]}
		case i == len(lockedLines) || y[2] < x[2]:
			return Difference{Field: "path", Path: y[2], Built: y[0] + " " + y[1]}
		}
		for f, name := range fields {
			if x[f] != y[f] {
				return Difference{Field: name, Path: x[2], Locked: x[f], Built: y[f]}
			}
		}
		i, j = i+1, j+1
	}
	return Difference{Field: "tree", Locked: l.Tree.String(), Built: b.Tree.String()}
}

// groups returns the group lines of an artifact, folding a full listing.
func groups(a Artifact) []string {
	if len(a.Groups) > 0 {
		return a.Groups
	}
	return groupLines(a.Entries)
}

func split(line string) [3]string {
	var parts [3]string
	parts[0], line, _ = strings.Cut(line, " ")
	parts[1], parts[2], _ = strings.Cut(line, " ")
	return parts
}
