package packager

import (
	"archive/zip"
	"io"
	"math"

	"github.com/layerbuild/layerbuild/layer"
)

// What stands in our headers (APPNOTE 4.4.2 to 4.4.4).
const (
	madeBy      = 3<<8 | 20 // Unix, version 2.0 of the specification
	needs       = 20        // deflate
	needsZip64  = 45        // a zip64 extra field
	flagUTF8    = 1 << 11   // the name is UTF-8, not code page 437
	localHeader = 30        // bytes, without the name
)

// An archive writes a zip, entry by entry.
type archive struct {
	zip     *zip.Writer
	stamp   dosTime
	headers []zip.FileHeader
	// offset is where the next entry will start.
	offset int64
}

func newArchive(w io.Writer, entries int, stamp dosTime) *archive {
	return &archive{zip: zip.NewWriter(w), stamp: stamp, headers: make([]zip.FileHeader, 0, entries)}
}

// add writes an entry's header and returns the writer for the bytes that were
// packed from it, which have to be written before the next call.
func (a *archive) add(l layer.Listed, crc uint32) (io.Writer, error) {
	a.headers = append(a.headers, a.header(l, crc))
	a.offset += localHeader + int64(len(l.Path)) + l.Packed
	// CreateRaw, because Create and CreateHeader put a data descriptor after
	// each entry.
	return a.zip.CreateRaw(&a.headers[len(a.headers)-1])
}

// header is the only place where headers are made. The writer copies it into
// the local header and the central directory as it is.
func (a *archive) header(l layer.Listed, crc uint32) zip.FileHeader {
	h := zip.FileHeader{
		Name:               l.Path,
		CreatorVersion:     madeBy,
		ReaderVersion:      needs,
		Method:             zip.Deflate,
		CRC32:              crc,
		CompressedSize64:   uint64(l.Packed),
		UncompressedSize64: uint64(l.Size),
		ExternalAttrs:      uint32(l.Mode) << 16,
	}
	a.stamp.stamp(&h)
	if l.Stored {
		h.Method = zip.Store
	}
	if !isASCII(l.Path) {
		h.Flags = flagUTF8
	}
	// The writer then adds the offset in an extra field.
	if a.offset >= math.MaxUint32 {
		h.ReaderVersion = needsZip64
	}
	return h
}

// finish writes the central directory.
func (a *archive) finish() error { return a.zip.Close() }

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
