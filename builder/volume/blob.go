package volume

import (
	"bytes"
	"fmt"
	"io"

	"github.com/klauspost/compress/s2"
)

// chunkSize is how much of a file is packed at once, and so how much memory a
// reader takes.
const chunkSize = 256 << 10

// A blob is a file's content in memory, packed with S2: the content of archives
// that can only be read from front to back. Never changed after it was made.
type blob struct {
	chunks [][]byte
}

// packer makes blobs, one at a time.
type packer struct {
	plain, packed []byte
}

func newPacker() *packer {
	return &packer{plain: make([]byte, chunkSize), packed: make([]byte, s2.MaxEncodedLen(chunkSize))}
}

// pack reads exactly size bytes from r.
func (p *packer) pack(r io.Reader, size int64) (*blob, error) {
	b := &blob{}
	for left := size; left > 0; {
		part := p.plain[:min(left, chunkSize)]
		if _, err := io.ReadFull(r, part); err != nil {
			return nil, fmt.Errorf("reading %d bytes, %d before the end: %w", size, left, err)
		}
		b.chunks = append(b.chunks, bytes.Clone(s2.Encode(p.packed, part)))
		left -= int64(len(part))
	}
	return b, nil
}

func (b *blob) open() io.ReadCloser {
	return io.NopCloser(&blobReader{chunks: b.chunks})
}

type blobReader struct {
	chunks [][]byte
	plain  []byte
	buf    []byte
}

func (r *blobReader) Read(p []byte) (int, error) {
	if len(r.plain) == 0 {
		if len(r.chunks) == 0 {
			return 0, io.EOF
		}
		plain, err := s2.Decode(r.buf, r.chunks[0])
		if err != nil {
			return 0, err
		}
		r.buf, r.plain, r.chunks = plain[:cap(plain)], plain, r.chunks[1:]
	}
	n := copy(p, r.plain)
	r.plain = r.plain[n:]
	return n, nil
}
