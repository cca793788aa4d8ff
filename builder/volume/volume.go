// Package volume shows what a source holds, a folder on disk or an archive, in
// one way: as nodes that are listed, looked up and opened by slash-separated
// path. Nothing is decided here about what goes into a layer.
package volume

import (
	"io"
	"path"
)

// Kind tells what a node is.
type Kind int

// The kinds of nodes. An Unusable node cannot be part of a layer, whatever the
// manifest says: a device, a socket, an encrypted entry.
const (
	File Kind = iota
	Folder
	Link
	Unusable
)

func (k Kind) String() string {
	return [...]string{"file", "folder", "link", "unusable entry"}[k]
}

// A Node is one file, folder or link of a volume.
type Node struct {
	// Path is relative to the root of the volume, whose own path is "". It
	// has no empty, "." or ".." elements. It may hold bytes that no layer
	// takes, see [CheckPath].
	Path string
	Kind Kind
	// Why says what makes a node unusable: "is a socket".
	Why string
	// Size of a file, in bytes.
	Size int64
	// Exec is the owner's execute bit of a file.
	Exec bool
	// Target of a link, as written.
	Target string
	// Open yields the content of a file, see layer.Entry.
	Open func() (io.ReadCloser, error)

	// record is the number of an archive's entry whose content must be loaded,
	// or inPlace; crc tells entries of the same name apart.
	record int
	crc    uint32
}

// Name returns the last element of the path.
func (n Node) Name() string { return path.Base(n.Path) }

// A Volume is what one source holds. Its methods may be called from several
// goroutines at once.
type Volume interface {
	Finder
	// List returns what lies directly in a folder, in no particular order.
	List(folder string) ([]Node, error)
}

// A Finder knows nodes by path. A path that is not there is an error that
// wraps fs.ErrNotExist.
type Finder interface {
	Find(path string) (Node, error)
}
