package builder

import (
	"errors"
	"fmt"
	"io"

	"github.com/layerbuild/layerbuild/builder/volume"
)

// A content is an entry's, whose errors say where it came from.
type content struct {
	io.ReadCloser
	origin string
}

func named(origin string, open func() (io.ReadCloser, error)) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) {
		r, err := open()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", origin, volume.Bare(err))
		}
		return content{r, origin}, nil
	}
}

func (c content) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = fmt.Errorf("%s: %w", c.origin, volume.Bare(err))
	}
	return n, err
}
