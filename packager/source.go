package packager

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/layerbuild/layerbuild/layer"
)

// A source reads the content of an entry and holds it to the size that was
// staged: a file that is being written to must not become a layer.
type source struct {
	ctx     context.Context
	entry   layer.Entry
	content io.ReadCloser
	got     int64
	extra   [1]byte
}

func openSource(ctx context.Context, e layer.Entry) (*source, error) {
	content, err := e.Open()
	if err != nil {
		return nil, fmt.Errorf("reading %q: %w", e.Path, err)
	}
	return &source{ctx: ctx, entry: e, content: content}, nil
}

// fill reads the next len(p) bytes, which have to be there. It ends with the
// context, between two reads.
func (s *source) fill(p []byte) error {
	n, err := io.ReadFull(contextReader{s.ctx, s.content}, p)
	s.got += int64(n)
	if cause := context.Cause(s.ctx); cause != nil {
		return cause
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = s.sizeError("")
	}
	if err != nil {
		return fmt.Errorf("reading %q: %w", s.entry.Path, err)
	}
	return nil
}

// end reports whether the content ends here.
func (s *source) end() error {
	n, err := io.ReadFull(s.content, s.extra[:])
	if n > 0 {
		err = s.sizeError("more than ")
	}
	if !errors.Is(err, io.EOF) {
		return fmt.Errorf("reading %q: %w", s.entry.Path, err)
	}
	return nil
}

func (s *source) sizeError(more string) error {
	return fmt.Errorf("got %s%d bytes where %d were staged: the file changed during the build", more, s.got, s.entry.Size)
}

func (s *source) close() { s.content.Close() }

// A contextReader ends with its context.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (r contextReader) Read(p []byte) (int, error) {
	if err := context.Cause(r.ctx); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}
