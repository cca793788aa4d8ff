package packager

import (
	"context"
	"crypto/sha256"
	"hash"
	"hash/crc32"

	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/packager/deflate"
)

// A large is an entry of several blocks while a worker packs it: it reads them
// in order, offers each to the other workers, compresses whatever waits when
// it has to wait itself, and gathers the results in order.
type large struct {
	*worker
	src    *source
	window int
	// underWay are the blocks that were read and not gathered yet.
	underWay []*block
	tail     []byte
	sum      hash.Hash
	crc      uint32
	spool    *spool
	size     int64 // compressed
}

// packLarge packs an entry of several blocks.
func (w *worker) packLarge(ctx context.Context, src *source, l *layer.Listed, p *packed) error {
	e := &large{worker: w, src: src, window: int(w.window(l.Size)), sum: sha256.New(), spool: &spool{}}
	if w.spills(l.Size) {
		e.spool.scratch = w.scratch
	}
	if err := e.run(ctx, l.Size); err != nil {
		return err
	}
	e.sum.Sum(l.SHA256[:0])
	p.crc = e.crc
	if e.size < l.Size {
		l.Packed, p.spool = e.size, e.spool
	} else {
		l.Packed, l.Stored, p.again = l.Size, true, true
	}
	return nil
}

func (e *large) run(ctx context.Context, left int64) error {
	for left > 0 {
		if len(e.underWay) == e.window {
			if err := e.gather(ctx); err != nil {
				return err
			}
		}
		n := min(left, deflate.BlockSize)
		left -= n
		if err := e.read(n, left == 0); err != nil {
			return err
		}
	}
	if err := e.src.end(); err != nil {
		return err
	}
	for len(e.underWay) > 0 {
		if err := e.gather(ctx); err != nil {
			return err
		}
	}
	return nil
}

// read begins the next block.
func (e *large) read(n int64, last bool) error {
	b := e.spare.Get().(*block)
	b.begin(e.tail, n, last)
	content := b.bytes()
	if err := e.src.fill(content); err != nil {
		return err
	}
	e.tail = append(e.tail[:0], content[max(0, len(content)-deflate.WindowSize):]...)
	e.progress(n)
	e.underWay = append(e.underWay, b)
	select {
	case e.blocks <- b:
	default:
		e.compress(b)
	}
	e.sum.Write(content)
	e.crc = crc32.Update(e.crc, crc32.IEEETable, content)
	return nil
}

// gather waits for the oldest block and takes its output.
func (e *large) gather(ctx context.Context) error {
	b := e.underWay[0]
	e.underWay = append(e.underWay[:0], e.underWay[1:]...)
	if err := e.await(ctx, b); err != nil {
		return err
	}
	e.size += int64(len(b.out))
	err := e.spool.add(b.out)
	e.spare.Put(b)
	return err
}
