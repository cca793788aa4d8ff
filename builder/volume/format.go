package volume

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"
	"github.com/mholt/archives"
)

// A format is how an archive is read.
type format struct {
	extractor archives.Extractor
	// unpack is nil for an archive that is not compressed as a whole.
	unpack archives.Decompressor
	// precheck, if any, comes before the extractor sees the archive.
	precheck func(r io.ReaderAt, size int64) error
	// convert tells what an entry is.
	convert func(archives.FileInfo) record
	// replaces says that a later entry replaces an earlier one of the same
	// name.
	replaces bool
}

const supported = "zip (whl, jar), 7z, and tar (plain, .gz, .bz2, .xz, .zst)"

// zstdWindow is the largest window that the zstd program unpacks unless it is
// told otherwise.
const zstdWindow = 128 << 20

// unpackers by the bytes that a compressed file begins with.
func unpackers() map[string]archives.Decompressor {
	return map[string]archives.Decompressor{
		"\x1f\x8b":         archives.Gz{},
		"BZh":              archives.Bz2{},
		"\xfd7zXZ\x00":     archives.Xz{},
		"\x28\xb5\x2f\xfd": archives.Zstd{DecoderOptions: []zstd.DOption{zstd.WithDecoderMaxWindow(zstdWindow)}},
	}
}

// others are formats that are known but not read, by their first bytes.
func others() map[string]string {
	return map[string]string{
		"Rar!\x1a\x07":     "a rar archive",
		"!<arch>\n":        "an ar archive, such as a .deb",
		"\xed\xab\xee\xdb": "an rpm package",
		"MSCF":             "a cab archive",
		"070701":           "a cpio archive",
		"LZIP":             "compressed by lzip",
		"\x04\x22\x4d\x18": "compressed by lz4",
	}
}

// identify finds the format by content. archives.Identify is not used: it asks
// its formats in random order, among them brotli, which only guesses, and does
// not know an empty zip or one behind a shell script.
func identify(ctx context.Context, r io.ReaderAt, size int64) (format, error) {
	head := make([]byte, min(size, 512))
	if _, err := r.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return format{}, err
	}
	zip := format{extractor: archives.Zip{}, convert: zipRecord}
	tar := format{extractor: archives.Tar{}, convert: tarRecord, replaces: true}
	switch {
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("PK\x05\x06")):
		return zip, nil
	case bytes.HasPrefix(head, []byte("7z\xbc\xaf\x27\x1c")):
		return format{extractor: archives.SevenZip{}, precheck: checkSevenZip, convert: sevenZipRecord}, nil
	}
	for magic, unpack := range unpackers() {
		if bytes.HasPrefix(head, []byte(magic)) {
			tar.unpack = unpack
			return tar, nil
		}
	}
	for magic, what := range others() {
		if bytes.HasPrefix(head, []byte(magic)) {
			return format{}, fmt.Errorf("is %s: supported are %s", what, supported)
		}
	}
	if m, err := (archives.Tar{}).Match(ctx, "", io.NewSectionReader(r, 0, size)); err == nil && m.ByStream {
		return tar, nil
	}
	if endsAsZip(r, size) {
		return zip, nil
	}
	return format{}, fmt.Errorf("is not an archive that can be read: supported are %s", supported)
}

// endsAsZip finds a zip that something was put before, such as the script that
// makes a jar executable: the end-of-central-directory record is 22 bytes and a
// comment of up to 65,535 (APPNOTE 4.3.16).
func endsAsZip(r io.ReaderAt, size int64) bool {
	tail := make([]byte, min(size, 22+65535))
	if _, err := r.ReadAt(tail, size-int64(len(tail))); err != nil && !errors.Is(err, io.EOF) {
		return false
	}
	return bytes.Contains(tail, []byte("PK\x05\x06"))
}
