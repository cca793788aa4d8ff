// Package layer holds the values that pass between the stages of a build: the
// [Tree] that was staged, the [Artifact] that was packed, the [Object] that was
// uploaded and the [Version] that was published. It depends on the standard
// library only, so that every stage can speak of them without knowing another.
package layer

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"slices"
	"strconv"
	"strings"
)

// Mode is the Unix mode of an entry as it stands in the zip, file type
// included. There are three and nothing else survives staging.
type Mode uint32

// The modes of a layer's entries.
const (
	Regular    Mode = 0o100644
	Executable Mode = 0o100755
	Symlink    Mode = 0o120777
)

// Perm returns the permission as four octal digits, or "link" for a symlink:
// the spelling of listings and lock files.
func (m Mode) Perm() string {
	if m == Symlink {
		return "link"
	}
	return "0" + strconv.FormatUint(uint64(m&0o777), 8)
}

// An Entry is one file or symlink of a tree.
type Entry struct {
	// Path is relative to the root of the zip, slash-separated, clean, valid
	// UTF-8, and never empty or absolute.
	Path string
	Mode Mode
	// Size is the number of bytes that Open yields. For a symlink it is the
	// length of the target.
	Size int64
	// Origin says where the entry came from, for messages. Two entries of the
	// same origin have the same content.
	Origin string
	// Open yields the content, for a symlink its target. It may be called any
	// number of times, from several goroutines at once.
	Open func() (io.ReadCloser, error)
}

// A Tree is what goes into one zip: entries sorted bytewise by path, no two of
// the same path.
type Tree struct {
	Entries []Entry
}

// Size returns the sum of the entries' sizes in bytes: what the layer takes
// when it is unpacked.
func (t Tree) Size() int64 {
	var n int64
	for _, e := range t.Entries {
		n += e.Size
	}
	return n
}

// Same reports whether both trees have the same paths, modes, sizes and
// origins. Trees that are the same pack to the same bytes; equal content of
// different origin is not found out here.
func (t Tree) Same(o Tree) bool {
	return slices.EqualFunc(t.Entries, o.Entries, func(a, b Entry) bool {
		return a.Path == b.Path && a.Mode == b.Mode && a.Size == b.Size && a.Origin == b.Origin
	})
}

// A Sum is a SHA-256. Its text form is lower-case hexadecimal.
type Sum [sha256.Size]byte

func (s Sum) String() string { return hex.EncodeToString(s[:]) }

// IsZero reports whether the sum was never computed.
func (s Sum) IsZero() bool { return s == Sum{} }

// MarshalText implements [encoding.TextMarshaler].
func (s Sum) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// ParseSum reads 64 hexadecimal digits in either case.
func ParseSum(text string) (Sum, error) {
	var s Sum
	b, err := hex.DecodeString(strings.ToLower(text))
	if err != nil || len(b) != len(s) {
		return Sum{}, errNotSum(text)
	}
	copy(s[:], b)
	return s, nil
}

// A Listed entry is an entry after it was read once: what lock files, reports
// and the tree digest are made from.
type Listed struct {
	Path string
	Mode Mode
	// SHA256 is the digest of the content, of the target for a symlink.
	SHA256 Sum
	// Size and Packed are bytes, before and after compression.
	Size, Packed int64
	// Stored tells an entry that is in the zip as it is from a deflated one.
	Stored bool
}

// TreeDigest returns the digest of a tree's content: the SHA-256 of
//
//	<mode in octal> SP <SHA-256 of the content in hex> SP <path> NUL
//
// for each entry in bytewise order of path. Compression, times and the order
// of the zip have no part in it, so it tells changed content from changed
// packing. The entries must be sorted.
func TreeDigest(entries []Listed) Sum {
	h := sha256.New()
	var line []byte
	for _, e := range entries {
		line = strconv.AppendUint(line[:0], uint64(e.Mode), 8)
		line = append(line, ' ')
		line = hex.AppendEncode(line, e.SHA256[:])
		line = append(line, ' ')
		line = append(line, e.Path...)
		line = append(line, 0)
		h.Write(line)
	}
	return Sum(h.Sum(nil))
}

// UnmarshalText implements [encoding.TextUnmarshaler].
func (s *Sum) UnmarshalText(text []byte) error {
	sum, err := ParseSum(string(text))
	if err == nil {
		*s = sum
	}
	return err
}
