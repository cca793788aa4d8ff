package volume

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
)

// The start of a 7z file: signature, version, then the checksum of the three
// numbers after it, which say where the header is. See 7zFormat.txt of the
// LZMA SDK, "SignatureHeader".
const sevenZipStart = 32

// checkSevenZip compares the header's checksum before the library takes its
// numbers at their word: it allocates as many slots as they ask for.
func checkSevenZip(r io.ReaderAt, size int64) error {
	var start [sevenZipStart]byte
	if _, err := r.ReadAt(start[:], 0); err != nil {
		return err
	}
	offset := binary.LittleEndian.Uint64(start[12:])
	length := binary.LittleEndian.Uint64(start[20:])
	want := binary.LittleEndian.Uint32(start[28:])
	after := uint64(size - sevenZipStart)
	if offset > after || length > after-offset {
		return io.ErrUnexpectedEOF
	}
	sum := crc32.NewIEEE()
	if _, err := io.Copy(sum, io.NewSectionReader(r, sevenZipStart+int64(offset), int64(length))); err != nil {
		return err
	}
	if sum.Sum32() != want {
		return errors.New("the 7z header differs from its checksum")
	}
	return nil
}
