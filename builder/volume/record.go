package volume

import (
	"archive/tar"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"strings"

	"github.com/bodgit/sevenzip"
	"github.com/klauspost/compress/zip"
	"github.com/mholt/archives"
)

// inPlace is the record of nodes that need no loading.
const inPlace = -1

// A record is one entry of an archive as its format describes it.
type record struct {
	Node
	// name is as it stands in the archive.
	name string
	// hard says that Target names an earlier entry that this one is a copy of.
	hard bool
	// stream yields the content of a file, or the target of a link, while
	// the record is visited; nil where the node is complete.
	stream func() (fs.File, error)
	// contiguous says that the content stands in the archive as it is, from
	// the reader's position.
	contiguous bool
	// checked says that crc is that of the content.
	checked bool
	// packed is the size in the archive of content that has its own.
	packed int64
}

// newRecord fills in what all formats tell in the same way.
func newRecord(fi archives.FileInfo) record {
	r := record{name: fi.NameInArchive}
	r.Size = fi.Size()
	mode := fi.Mode()
	switch {
	case mode.IsRegular():
		r.Exec = mode&0o100 != 0
	case mode.IsDir():
		r.Kind = Folder
	case mode&fs.ModeSymlink != 0:
		r.Kind = Link
	default:
		r.refuse("is " + special(mode))
	}
	return r
}

func (r *record) refuse(why string) { r.Kind, r.Why = Unusable, why }

// The methods of a zip's entries that can be read, see APPNOTE 4.4.5.
func knownMethod(m uint16) bool {
	switch m {
	case zip.Store, zip.Deflate, archives.ZipMethodBzip2, archives.ZipMethodZstd, archives.ZipMethodXz:
		return true
	}
	return false
}

// encryptedFlag is bit 0 of the general purpose flags, see APPNOTE 4.4.4.
const encryptedFlag = 1

func zipRecord(fi archives.FileInfo) record {
	r := newRecord(fi)
	h, ok := fi.Header.(zip.FileHeader)
	if !ok {
		r.refuse("has no zip header")
		return r
	}
	r.packed = int64(h.CompressedSize64)
	switch {
	case r.Kind == Folder || r.Kind == Unusable:
	case h.Flags&encryptedFlag != 0:
		r.refuse("is encrypted")
	case !knownMethod(h.Method):
		r.refuse(fmt.Sprintf("is compressed by method %d, which is not supported", h.Method))
	case r.Kind == Link:
		r.Target = fi.LinkTarget
	default:
		r.crc = h.CRC32
		r.Open = func() (io.ReadCloser, error) { return openZipEntry(fi, h.CRC32) }
	}
	return r
}

// The extended headers of a sparse file begin so; its content does not stand in
// the archive as it is. See GNU tar's manual, "Storing Sparse Files".
const sparsePrefix = "GNU.sparse."

func tarRecord(fi archives.FileInfo) record {
	r := record{name: fi.NameInArchive}
	h, ok := fi.Header.(*tar.Header)
	if !ok {
		r.refuse("has no tar header")
		return r
	}
	switch h.Typeflag {
	case tar.TypeReg, tar.TypeCont, tar.TypeGNUSparse:
		r.Size = h.Size
		r.Exec = h.Mode&0o100 != 0
		r.stream = fi.Open
		r.contiguous = h.Typeflag == tar.TypeReg
		for key := range h.PAXRecords {
			r.contiguous = r.contiguous && !strings.HasPrefix(key, sparsePrefix)
		}
	case tar.TypeDir:
		r.Kind = Folder
	case tar.TypeSymlink:
		r.Kind, r.Target = Link, h.Linkname
	case tar.TypeLink:
		r.hard, r.Target = true, h.Linkname
	case tar.TypeChar, tar.TypeBlock:
		r.refuse("is a device")
	case tar.TypeFifo:
		r.refuse("is a named pipe")
	default:
		r.refuse(fmt.Sprintf("is of the unknown type %q", h.Typeflag))
	}
	return r
}

func sevenZipRecord(fi archives.FileInfo) record {
	r := newRecord(fi)
	if h, ok := fi.Header.(sevenzip.FileHeader); ok {
		// A sum of zero stands for one that is not there.
		r.crc, r.checked = h.CRC32, h.CRC32 != 0
	}
	if r.Kind == File || r.Kind == Link {
		r.stream = fi.Open
	}
	return r
}

var errChecksum = errors.New("the content differs from its checksum")

// pack reads the content of a file into memory.
func (r record) pack(p *packer) (*blob, error) {
	f, err := r.stream()
	if err != nil {
		return nil, err
	}
	sum := crc32.NewIEEE()
	b, err := p.pack(io.TeeReader(f, sum), r.Size)
	if err == nil && r.checked && sum.Sum32() != r.crc {
		err = fmt.Errorf("%w: it is damaged or encrypted", errChecksum)
	}
	return b, errors.Join(err, f.Close())
}

// readTarget reads the target of a link that is kept as content.
func (r record) readTarget() (string, error) {
	if r.Size > int64(maxPath) {
		return "", fmt.Errorf("the target of the link has %d bytes", r.Size)
	}
	f, err := r.stream()
	if err != nil {
		return "", err
	}
	target, err := io.ReadAll(f)
	return string(target), errors.Join(err, f.Close())
}
