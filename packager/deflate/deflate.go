// Package deflate makes the compressed bytes of a layer's entries (RFC 1951).
// The same content at the same level is the same bytes, on every machine and in
// whatever order encoders are used, for as long as [Format] stays.
//
// An entry is cut in blocks of [BlockSize] bytes, which can be compressed in
// any order by any number of encoders: each block sees the [WindowSize] bytes
// before it as a preset dictionary, and the blocks' output, one after the
// other, is one deflate stream.
package deflate

import (
	"fmt"

	"github.com/klauspost/compress/flate"
)

// Format names the encoder and the release that its bytes depend on:
// klauspost/compress changes them at every level now and then. It has to be
// the version that go.mod requires.
const Format = "klauspost-1.20.3"

const (
	// BlockSize is the number of bytes of each block of an entry but the
	// last, which is what is left. It is a constant of the format: another
	// size gives other bytes.
	BlockSize = 256 << 10
	// WindowSize is how far back a match can reach (RFC 1951, section 3.2.5),
	// and so the length of a block's dictionary.
	WindowSize = 32 << 10
)

// The levels, from fast to small.
const (
	MinLevel = 1
	MaxLevel = 9
)

// An Encoder compresses blocks at one level. It holds about a megabyte and is
// worth keeping; it serves one goroutine at a time.
type Encoder struct {
	w   *flate.Writer
	out buffer
}

// NewEncoder returns an encoder for a level from [MinLevel] to [MaxLevel].
func NewEncoder(level int) (*Encoder, error) {
	if level < MinLevel || level > MaxLevel {
		return nil, fmt.Errorf("deflate level %d: want %d to %d", level, MinLevel, MaxLevel)
	}
	w, err := flate.NewWriter(nil, level)
	if err != nil {
		return nil, err
	}
	return &Encoder{w: w}, nil
}

// Append appends the compressed form of block to dst. The dictionary is the
// content before the block, at most [WindowSize] bytes of it, empty for an
// entry's first block. The last block of an entry ends the stream; any other
// ends at a byte boundary, where the next one's output can follow.
//
// What was compressed before does not matter. Neither dictionary nor block is
// kept.
func (e *Encoder) Append(dst, dictionary, block []byte, last bool) ([]byte, error) {
	e.out.bytes = dst
	// Never Reset: after a ResetDict it would bring the old dictionary back.
	e.w.ResetDict(&e.out, dictionary)
	// All of it in one Write, because the encoder may look at the end of what
	// it was given.
	_, err := e.w.Write(block)
	switch {
	case err != nil:
	case last:
		err = e.w.Close()
	default:
		err = e.w.Flush()
	}
	dst = e.out.bytes
	e.out.bytes = nil
	return dst, err
}

// A buffer is a writer that appends.
type buffer struct{ bytes []byte }

func (b *buffer) Write(p []byte) (int, error) {
	b.bytes = append(b.bytes, p...)
	return len(p), nil
}
