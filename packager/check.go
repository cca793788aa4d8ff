package packager

import (
	"errors"
	"fmt"
	"io/fs"
	"math"

	"github.com/layerbuild/layerbuild/layer"
)

// The sizes in a local header have 32 bits, and all of them set means zip64,
// which needs an extra field there that some readers do not know.
const maxEntry = math.MaxUint32 - 1

// maxName is what the length of a name in a header can tell.
const maxName = math.MaxUint16

// CheckTree holds the tree to its contract, so that a fault of an earlier
// stage never becomes a zip that no tool or only some tools can read.
func checkTree(t layer.Tree) error {
	for i, e := range t.Entries {
		if err := checkEntry(e); err != nil {
			return fmt.Errorf("entry %q: %w", e.Path, err)
		}
		if i > 0 && t.Entries[i-1].Path >= e.Path {
			return fmt.Errorf("entry %q: not sorted, or twice: it comes after %q", e.Path, t.Entries[i-1].Path)
		}
	}
	return nil
}

func checkEntry(e layer.Entry) error {
	switch {
	case !fs.ValidPath(e.Path) || e.Path == ".":
		return errors.New("not a clean path relative to the layer's root")
	case len(e.Path) > maxName:
		return fmt.Errorf("the path has %d bytes, %d are possible: %w", len(e.Path), maxName, layer.ErrLimit)
	case e.Mode != layer.Regular && e.Mode != layer.Executable && e.Mode != layer.Symlink:
		return fmt.Errorf("mode %#o: a layer has files of 0644 and 0755 and symlinks", uint32(e.Mode))
	case e.Size < 0:
		return fmt.Errorf("size %d", e.Size)
	case e.Size > maxEntry:
		return fmt.Errorf("%d bytes: an entry must be smaller than 4 GiB: %w", e.Size, layer.ErrLimit)
	case e.Open == nil:
		return errors.New("no content")
	}
	return nil
}
