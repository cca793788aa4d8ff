package packager

import (
	"context"
	"crypto/sha256"
	"hash/crc32"

	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/packager/deflate"
)

// A worker compresses entries and blocks, one at a time.
type worker struct {
	*line
	encoder *deflate.Encoder
	// in and out are the content of a small entry and what became of it.
	in, out []byte
}

// A packed entry is one that is ready for the zip, or failed.
type packed struct {
	index int
	crc   uint32
	err   error
	// The bytes for the zip are in body, or in spool if that is not nil, or,
	// again, those of the source.
	body  []byte
	spool *spool
	again bool
}

// work compresses whatever is there until all is done.
func (l *line) work(ctx context.Context) error {
	encoder, err := deflate.NewEncoder(l.level)
	if err != nil {
		return err
	}
	w := &worker{line: l, encoder: encoder}
	entries := l.entries
	for {
		// A block belongs to an entry that is earlier than any new one.
		select {
		case b := <-l.blocks:
			w.compress(b)
			continue
		default:
		}
		select {
		case b := <-l.blocks:
			w.compress(b)
		case i, more := <-entries:
			if !more {
				entries = nil // blocks may still come
				break
			}
			p := w.pack(ctx, i)
			if err := context.Cause(ctx); err != nil {
				return err // p failed because of it, perhaps
			}
			select {
			case l.finished <- p:
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		case <-l.done:
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// pack makes an entry ready for the zip.
func (w *worker) pack(ctx context.Context, i int) *packed {
	e := w.tree.Entries[i]
	p := &packed{index: i}
	src, err := openSource(ctx, e)
	if err != nil {
		p.err = err
		return p
	}
	defer src.close()
	l := &w.listed[i]
	*l = layer.Listed{Path: e.Path, Mode: e.Mode, Size: e.Size}
	if e.Size <= deflate.BlockSize {
		p.err = w.packSmall(src, l, p)
	} else {
		p.err = w.packLarge(ctx, src, l, p)
	}
	return p
}

// packSmall packs an entry of one block.
func (w *worker) packSmall(src *source, l *layer.Listed, p *packed) error {
	if cap(w.in) < int(l.Size) {
		w.in = make([]byte, deflate.BlockSize)
	}
	raw := w.in[:l.Size]
	if err := src.fill(raw); err != nil {
		return err
	}
	if err := src.end(); err != nil {
		return err
	}
	w.progress(l.Size)
	l.SHA256 = sha256.Sum256(raw)
	p.crc = crc32.ChecksumIEEE(raw)

	var err error
	if w.out, err = w.encoder.Append(w.out[:0], nil, raw, true); err != nil {
		return err
	}
	best := w.out
	if l.Stored = len(w.out) >= len(raw); l.Stored {
		best = raw
	}
	l.Packed = int64(len(best))
	p.body = append([]byte(nil), best...)
	return nil
}
