package layer

import (
	"archive/zip"
	"cmp"
	"crypto/sha256"
	"fmt"
	"io"
	"slices"
	"strings"
)

// creatorUnix is the upper byte of "version made by" for external attributes
// that hold a Unix mode: APPNOTE.TXT 4.4.2.2.
const creatorUnix = 3

// ListZip reads every entry of a zip and lists them as [TreeDigest] wants them:
// sorted, and without the entries of folders. A mode stands in the list as it
// is in the zip, and is 0 where the zip was not made on Unix.
//
// The error wraps [ErrLimit] when the zip says that its entries have more than
// limit bytes together; entries that say less than they have are an error too.
func ListZip(r *zip.Reader, limit int64) ([]Listed, error) {
	var list []Listed
	var total uint64
	for _, f := range r.File {
		if strings.HasSuffix(f.Name, "/") {
			continue
		}
		total += f.UncompressedSize64
		if f.UncompressedSize64 > uint64(limit) || total > uint64(limit) {
			return nil, fmt.Errorf("reading zip: more than %d bytes unpacked: %w", limit, ErrLimit)
		}
		sum, err := sumEntry(f)
		if err != nil {
			return nil, fmt.Errorf("reading zip: entry %q: %w", f.Name, err)
		}
		e := Listed{
			Path: f.Name, SHA256: sum,
			Size: int64(f.UncompressedSize64), Packed: int64(f.CompressedSize64),
			Stored: f.Method == zip.Store,
		}
		if f.CreatorVersion>>8 == creatorUnix {
			e.Mode = Mode(f.ExternalAttrs >> 16)
		}
		list = append(list, e)
	}
	slices.SortStableFunc(list, func(a, b Listed) int { return cmp.Compare(a.Path, b.Path) })
	return list, nil
}

func sumEntry(f *zip.File) (Sum, error) {
	content, err := f.Open()
	if err != nil {
		return Sum{}, err
	}
	defer content.Close()
	h := sha256.New()
	if _, err := io.Copy(h, content); err != nil {
		return Sum{}, err
	}
	return Sum(h.Sum(nil)), nil
}
