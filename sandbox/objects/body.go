package objects

import (
	"crypto/md5"
	"errors"
	"hash/crc64"
	"io"
	"os"
	"strconv"
)

// A Body is what a request brought, on disk but nobody's yet. Who does not
// hand it to the Store discards it.
type Body struct {
	// Size is in bytes.
	Size int64
	MD5  [md5.Size]byte
	// CRC is CRC-64/XZ, the one that both vendors give of objects and parts.
	CRC uint64

	path string
}

// Sum is the body's CRC-64 as both vendors spell it in headers: decimal.
func (b *Body) Sum() string { return Sum(b.CRC) }

// Sum spells a CRC-64 in decimal.
func Sum(crc uint64) string { return strconv.FormatUint(crc, 10) }

// Receive reads to the end of a request's body, or one byte more than limit.
// Nothing is left behind when it fails.
func (s *Store) Receive(from io.Reader, limit int64) (*Body, error) {
	file, err := s.o.Folder.Temp()
	if err != nil {
		return nil, err
	}
	b := &Body{path: file.Name()}
	hash, crc := md5.New(), crc64.New(crc64.MakeTable(crc64.ECMA))
	b.Size, err = io.Copy(io.MultiWriter(file, hash, crc), io.LimitReader(from, limit+1))
	if err = errors.Join(err, file.Close()); err != nil {
		b.Discard()
		return nil, err
	}
	b.MD5, b.CRC = [md5.Size]byte(hash.Sum(nil)), crc.Sum64()
	return b, nil
}

// Open opens the body, which the Store has not taken yet. The caller closes
// the file.
func (b *Body) Open() (*os.File, error) { return os.Open(b.path) }

// Discard deletes the body, unless the Store has taken it.
func (b *Body) Discard() {
	if b.path != "" {
		os.Remove(b.path) // or else the next start sweeps it away
		b.path = ""
	}
}
