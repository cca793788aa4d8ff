package packager

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"sync"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"

	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/packager/deflate"
)

const (
	// blockCost is the memory of a block under way: dictionary, content, and
	// at most about as much compressed.
	blockCost = deflate.WindowSize + 2*deflate.BlockSize + entryCost
	// entryCost is the memory of an entry under way besides its content.
	entryCost = 1 << 10
	// queueLength keeps workers and committer from waiting for each other
	// over each of many small entries.
	queueLength = 64
)

// A line is the assembly of one zip: a feeder admits entries in order of path
// as the memory budget allows, workers compress them in any order, and the
// committer writes them in order of path.
//
// An entry gets the whole budget that it will need before it is begun, and
// entries are admitted in the order in which they are committed and give it
// back. So the entry that everything waits for never waits for memory.
type line struct {
	settings
	tree   layer.Tree
	listed []layer.Listed
	budget *semaphore.Weighted

	entries  chan int // admitted, by index
	blocks   chan *block
	finished chan *packed
	done     chan struct{} // closed when the last entry is written

	spare   *sync.Pool // of *block
	scratch *scratch
}

// assemble writes the tree's zip to w and returns its listing.
func assemble(ctx context.Context, t layer.Tree, s settings, sc *scratch, w io.Writer) ([]layer.Listed, error) {
	work := int64(0)
	for _, e := range t.Entries {
		work += blocks(e.Size)
	}
	s.workers = int(min(int64(s.workers), work))

	l := &line{
		settings: s,
		tree:     t,
		listed:   make([]layer.Listed, len(t.Entries)),
		budget:   semaphore.NewWeighted(s.memory),
		entries:  make(chan int, queueLength),
		blocks:   make(chan *block, s.workers),
		finished: make(chan *packed, queueLength),
		done:     make(chan struct{}),
		spare:    &sync.Pool{New: func() any { return newBlock() }},
		scratch:  sc,
	}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return l.feed(ctx) })
	for range s.workers {
		g.Go(func() error { return l.work(ctx) })
	}
	g.Go(func() error { return l.commit(ctx, newArchive(w, len(t.Entries), s.stamp)) })
	return l.listed, g.Wait()
}

// feed admits the entries.
func (l *line) feed(ctx context.Context) error {
	defer close(l.entries)
	for i := range l.tree.Entries {
		if l.budget.Acquire(ctx, l.cost(i)) != nil {
			return context.Cause(ctx)
		}
		select {
		case l.entries <- i:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}

// cost returns how much of the budget an entry takes from its admission until
// it is written.
func (l *line) cost(i int) int64 {
	size := l.tree.Entries[i].Size
	cost := size + entryCost
	if size > deflate.BlockSize {
		cost = l.window(size) * blockCost
		if !l.spills(size) {
			cost += size
		}
	}
	return min(cost, l.memory)
}

// window returns how many blocks of a large entry may be under way at once.
func (l *line) window(size int64) int64 {
	// One is read while each worker has one.
	return max(1, min(blocks(size), int64(l.workers)+1, l.memory/4/blockCost))
}

// blocks returns how many blocks a content has.
func blocks(size int64) int64 {
	return max(1, (size+deflate.BlockSize-1)/deflate.BlockSize)
}

// spills reports whether a large entry's compressed blocks go to disk.
func (l *line) spills(size int64) bool { return size > l.memory/4 }

// commit writes the entries in order, each as soon as it and all before it are
// ready. The first one that failed ends everything.
func (l *line) commit(ctx context.Context, a *archive) error {
	ready := make([]*packed, len(l.tree.Entries))
	for next := 0; next < len(ready); {
		select {
		case p := <-l.finished:
			ready[p.index] = p
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		for ; next < len(ready) && ready[next] != nil; next++ {
			if err := l.write(ctx, a, ready[next]); err != nil {
				return err
			}
			ready[next] = nil
			l.budget.Release(l.cost(next))
		}
	}
	close(l.done)
	return a.finish()
}

func (l *line) write(ctx context.Context, a *archive, p *packed) error {
	if p.err != nil {
		return p.err
	}
	w, err := a.add(l.listed[p.index], p.crc)
	if err != nil {
		return err
	}
	switch {
	case p.again:
		return l.copySource(ctx, w, p.index)
	case p.spool != nil:
		return p.spool.copyTo(w)
	}
	_, err = w.Write(p.body)
	return err
}

// copySource stores the content of an entry that was read before.
func (l *line) copySource(ctx context.Context, w io.Writer, i int) error {
	e := l.tree.Entries[i]
	src, err := openSource(ctx, e)
	if err != nil {
		return err
	}
	defer src.close()
	sum := sha256.New()
	buffer := make([]byte, deflate.BlockSize)
	for left := e.Size; left > 0; left -= int64(len(buffer)) {
		buffer = buffer[:min(left, deflate.BlockSize)]
		if err := src.fill(buffer); err != nil {
			return err
		}
		sum.Write(buffer)
		if _, err := w.Write(buffer); err != nil {
			return err
		}
	}
	if err := src.end(); err != nil {
		return err
	}
	if layer.Sum(sum.Sum(nil)) != l.listed[i].SHA256 {
		return fmt.Errorf("reading %q: the file changed while it was read", e.Path)
	}
	return nil
}
