package volume

import (
	"errors"
	"hash"
	"hash/crc32"
	"io"

	"github.com/mholt/archives"
)

// A zipEntry reads one entry in place. The library compares size and checksum,
// but lets any content pass where the header's checksum is zero.
type zipEntry struct {
	io.ReadCloser
	want uint32
	sum  hash.Hash32
}

func openZipEntry(fi archives.FileInfo, crc uint32) (io.ReadCloser, error) {
	z := &zipEntry{want: crc, sum: crc32.NewIEEE()}
	err := guard(func() (err error) {
		z.ReadCloser, err = fi.Open()
		return err
	})
	if err != nil {
		return nil, err
	}
	return z, nil
}

func (z *zipEntry) Read(p []byte) (n int, err error) {
	err = guard(func() (err error) {
		n, err = z.ReadCloser.Read(p)
		return err
	})
	z.sum.Write(p[:n])
	if errors.Is(err, io.EOF) && z.sum.Sum32() != z.want {
		return n, errChecksum
	}
	return n, err
}
