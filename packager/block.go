package packager

import (
	"context"

	"github.com/layerbuild/layerbuild/packager/deflate"
)

// A block is a piece of a large entry.
type block struct {
	// buffer holds the dictionary, right-aligned in its first part, and then
	// the content.
	buffer     []byte
	dictionary int
	content    int
	last       bool

	out  []byte
	err  error
	done chan struct{} // receives when out or err is there
}

func newBlock() *block {
	return &block{
		buffer: make([]byte, deflate.WindowSize+deflate.BlockSize),
		done:   make(chan struct{}, 1),
	}
}

// begin makes the block ready for n bytes, which follow those of the tail.
func (b *block) begin(tail []byte, n int64, last bool) {
	b.dictionary = copy(b.buffer[deflate.WindowSize-len(tail):], tail)
	b.content = int(n)
	b.last = last
}

func (b *block) bytes() []byte { return b.buffer[deflate.WindowSize:][:b.content] }

// compress compresses a block of any entry.
func (w *worker) compress(b *block) {
	dictionary := b.buffer[deflate.WindowSize-b.dictionary : deflate.WindowSize]
	b.out, b.err = w.encoder.Append(b.out[:0], dictionary, b.bytes(), b.last)
	b.done <- struct{}{}
}

// await waits for a block, and meanwhile compresses others.
func (w *worker) await(ctx context.Context, b *block) error {
	for {
		select {
		case <-b.done:
			return b.err
		case other := <-w.blocks:
			w.compress(other)
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}
