package packager

import (
	"archive/zip"
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"

	"github.com/layerbuild/layerbuild/layer"
)

// FirstPackingDifference returns the first difference between two zips beyond
// their content, for zips of equal trees that are not the same file, and
// whether there is any. Field is one of
//
//	path, method, flags, made by, needs, time, attributes, crc32, size,
//	packed size, extra, comment, packed bytes    of an entry, in their order
//	entries, comment, offset                     of the file, without a path
//
// where path says that the entries stand in another order, and offset that
// something between the entries differs, such as a local header.
func FirstPackingDifference(pathA, pathB string) (Difference, bool, error) {
	a, err := openZip(pathA)
	if err != nil {
		return Difference{}, false, err
	}
	defer a.Close()
	b, err := openZip(pathB)
	if err != nil {
		return Difference{}, false, err
	}
	defer b.Close()
	d, found, err := comparePacking(&a.Reader, &b.Reader)
	if found || err != nil {
		return d, found, err
	}
	at, err := firstDifferentByte(pathA, pathB)
	if at < 0 || err != nil {
		return Difference{}, false, err
	}
	offset := strconv.FormatInt(at, 10)
	return Difference{Field: "offset", A: offset, B: offset}, true, nil
}

func openZip(path string) (*zip.ReadCloser, error) {
	z, err := zip.OpenReader(path)
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return nil, fmt.Errorf("reading %q: %w", path, err)
	}
	return z, nil
}

func comparePacking(a, b *zip.Reader) (Difference, bool, error) {
	for i := range min(len(a.File), len(b.File)) {
		if d, found := compareHeaders(&a.File[i].FileHeader, &b.File[i].FileHeader); found {
			return d, true, nil
		}
		if d, found, err := comparePacked(a.File[i], b.File[i]); found || err != nil {
			return d, found, err
		}
	}
	d, found := firstField("", []field{
		{"entries", strconv.Itoa(len(a.File)), strconv.Itoa(len(b.File))},
		{"comment", a.Comment, b.Comment},
	})
	return d, found, nil
}

type field struct{ name, a, b string }

func firstField(path string, fields []field) (Difference, bool) {
	for _, f := range fields {
		if f.a != f.b {
			return Difference{Path: path, Field: f.name, A: f.a, B: f.b}, true
		}
	}
	return Difference{}, false
}

func compareHeaders(a, b *zip.FileHeader) (Difference, bool) {
	const clock = "2006-01-02 15:04:05.000000000"
	return firstField(a.Name, []field{
		{"path", a.Name, b.Name},
		{"method", method(a.Method), method(b.Method)},
		{"flags", hex(a.Flags), hex(b.Flags)},
		{"made by", hex(a.CreatorVersion), hex(b.CreatorVersion)},
		{"needs", hex(a.ReaderVersion), hex(b.ReaderVersion)},
		{"time", a.Modified.UTC().Format(clock), b.Modified.UTC().Format(clock)},
		{"attributes", hex(a.ExternalAttrs), hex(b.ExternalAttrs)},
		{"crc32", hex(a.CRC32), hex(b.CRC32)},
		{"size", strconv.FormatUint(a.UncompressedSize64, 10), strconv.FormatUint(b.UncompressedSize64, 10)},
		{"packed size", strconv.FormatUint(a.CompressedSize64, 10), strconv.FormatUint(b.CompressedSize64, 10)},
		{"extra", hex(a.Extra), hex(b.Extra)},
		{"comment", a.Comment, b.Comment},
	})
}

func comparePacked(a, b *zip.File) (Difference, bool, error) {
	readers := [2]io.Reader{}
	for i, f := range []*zip.File{a, b} {
		r, err := f.OpenRaw()
		if err != nil {
			return Difference{}, false, fmt.Errorf("entry %q: %w: %w", f.Name, layer.ErrDigest, err)
		}
		readers[i] = r
	}
	at, err := firstDifference(readers[0], readers[1])
	if err != nil {
		return Difference{}, false, fmt.Errorf("entry %q: %w", a.Name, err)
	}
	where := fmt.Sprintf("from byte %d of %d", at, a.CompressedSize64)
	return Difference{Path: a.Name, Field: "packed bytes", A: where, B: where}, at >= 0, nil
}

func firstDifferentByte(pathA, pathB string) (int64, error) {
	a, err := os.Open(pathA)
	if err != nil {
		return 0, err
	}
	defer a.Close()
	b, err := os.Open(pathB)
	if err != nil {
		return 0, err
	}
	defer b.Close()
	return firstDifference(a, b)
}

// firstDifference returns how far two streams are the same, -1 if they are to
// their ends.
func firstDifference(a, b io.Reader) (int64, error) {
	ra, rb := bufio.NewReaderSize(a, 64<<10), bufio.NewReaderSize(b, 64<<10)
	for at := int64(0); ; at++ {
		ca, errA := ra.ReadByte()
		cb, errB := rb.ReadByte()
		switch {
		case errA == io.EOF && errB == io.EOF:
			return -1, nil
		case errA == nil && errB == nil && ca == cb:
		case errA != nil && errA != io.EOF:
			return 0, errA
		case errB != nil && errB != io.EOF:
			return 0, errB
		default:
			return at, nil
		}
	}
}

func method(m uint16) string {
	switch m {
	case zip.Store:
		return "stored"
	case zip.Deflate:
		return "deflated"
	}
	return strconv.Itoa(int(m))
}

func hex(v any) string { return fmt.Sprintf("%#x", v) }
