package bucket

import (
	"errors"
	"hash/crc64"
	"io"
	"strconv"
	"sync"
	"sync/atomic"
)

// A Body is what one request sends: a section of a file, counted and summed up
// as it goes out. After the request it reads no more, although net/http may
// still try to.
type Body struct {
	size     int64
	progress *progress
	table    *crc64.Table

	mu      sync.Mutex
	section *io.SectionReader
	count   int64
	crc     uint64
}

func newBody(file io.ReaderAt, offset, size int64, p *progress) *Body {
	return &Body{
		size: size, progress: p, table: crc64.MakeTable(crc64.ECMA),
		section: io.NewSectionReader(file, offset, size),
	}
}

// Size is the number of bytes that the request sends.
func (b *Body) Size() int64 { return b.size }

var errOver = errors.New("the request is over")

// Read implements [io.Reader].
func (b *Body) Read(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.section == nil {
		return 0, errOver
	}
	n, err := b.section.Read(p)
	b.count += int64(n)
	b.crc = crc64.Update(b.crc, b.table, p[:n])
	b.progress.add(int64(n))
	return n, err
}

// sum is the CRC-64 of what was sent, in decimal.
func (b *Body) sum() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return strconv.FormatUint(b.crc, 10)
}

// end is called when the request is over, and takes back what was sent in
// vain.
func (b *Body) end(ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.section = nil
	if !ok {
		b.progress.add(-b.count)
	}
}

// progress knows what the caller was told of, so that it can be put right.
type progress struct {
	sent  func(int64)
	total atomic.Int64
}

func (p *progress) add(n int64) {
	if n == 0 {
		return
	}
	p.total.Add(n)
	if p.sent != nil {
		p.sent(n)
	}
}

func (p *progress) reach(total int64) { p.add(total - p.total.Load()) }
