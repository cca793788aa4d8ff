// Package wholefile makes files that appear under their name with all of their
// bytes or not at all, and never in the place of another.
package wholefile

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// A File is one that has no name yet. It must be closed.
type File struct {
	root *os.Root
	temp string
	file *os.File
	done bool
}

// New makes a file below the root in dir, a path as filepath spells it, which
// must be there. Its names have to be in the same file system.
func New(root *os.Root, dir string) (*File, error) {
	for i := 0; ; i++ {
		temp := filepath.Join(dir, fmt.Sprintf(".layerbuild-%d-%d.tmp", os.Getpid(), i))
		file, err := root.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		switch {
		case err == nil:
			return &File{root: root, temp: temp, file: file}, nil
		case !errors.Is(err, fs.ErrExist):
			return nil, err
		}
	}
}

func (f *File) Write(p []byte) (int, error) { return f.file.Write(p) }

// Name gives the file a name when its bytes are on the disk. The error wraps
// fs.ErrExist when the name is taken, also by another process at this moment;
// then another one can be tried. After the first call nothing can be written.
func (f *File) Name(name string) error {
	if !f.done {
		f.done = true
		if err := errors.Join(f.file.Sync(), f.file.Close()); err != nil {
			return err
		}
	}
	// Unlike a rename, a link fails when the name is taken.
	return f.root.Link(f.temp, name)
}

// Close leaves the names that were given, and nothing if none was.
func (f *File) Close() error {
	if !f.done {
		f.file.Close()
	}
	return f.root.Remove(f.temp)
}

// Copy is io.Copy that stops with the context and tells sent, if that is not
// nil, of the bytes.
func Copy(ctx context.Context, to io.Writer, from io.Reader, sent func(int64)) (total int64, err error) {
	buf := make([]byte, 1<<20)
	for {
		if err := ctx.Err(); err != nil {
			return total, err
		}
		n, err := from.Read(buf)
		if n > 0 {
			if _, err := to.Write(buf[:n]); err != nil {
				return total, err
			}
			total += int64(n)
			if sent != nil {
				sent(int64(n))
			}
		}
		if err == io.EOF {
			return total, nil
		}
		if err != nil {
			return total, err
		}
	}
}
