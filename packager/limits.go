package packager

import (
	"archive/zip"
	"fmt"

	"github.com/layerbuild/layerbuild/layer"
)

// What Limits are where they are not set.
const (
	defaultMaxEntries = 1 << 20
	defaultMaxBytes   = 4 << 30
)

// Limits bound what Read unpacks, since a small zip can hold much more than any
// disk. Zero values are ready to use.
type Limits struct {
	// Entries is how many entries the zip may have; 0 is 1,048,576.
	Entries int
	// Bytes is how much all of them may hold, unpacked; 0 is 4 GiB.
	Bytes int64
}

// admit holds the headers to the limits. That is enough, because archive/zip
// ends an entry with an error at the size that its header promises.
func (l Limits) admit(files []*zip.File) error {
	if l.Entries == 0 {
		l.Entries = defaultMaxEntries
	}
	if l.Bytes == 0 {
		l.Bytes = defaultMaxBytes
	}
	if len(files) > l.Entries {
		return fmt.Errorf("%d entries, where at most %d are read: %w", len(files), l.Entries, layer.ErrLimit)
	}
	left := uint64(l.Bytes)
	for _, f := range files {
		if f.UncompressedSize64 > left {
			return fmt.Errorf("more than %d bytes unpacked: %w", l.Bytes, layer.ErrLimit)
		}
		left -= f.UncompressedSize64
	}
	return nil
}
