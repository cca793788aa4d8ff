package volume

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/layerbuild/layerbuild/layer"
)

// ArchiveOptions say how an archive is read.
type ArchiveOptions struct {
	Limits Limits
	// SHA256 is the expected digest of the archive in lower-case hex, "" for
	// any.
	SHA256 string
	// Want says whether the content of the file at a path will be opened.
	// It saves a second pass over archives that are read from front to back.
	Want func(path string) bool
}

// An Archive is a zip, tar or 7z, which is never unpacked to disk: what can be
// read at any place is read in the archive itself, the rest is held in memory.
type Archive struct {
	*index
	file   *os.File
	size   int64
	limits Limits
	format format
	// blobs by number of entry, for what cannot be read in place. Changed by
	// OpenArchive and Load only.
	blobs map[int]*blob
}

// OpenArchive reads the list of what an archive holds, and the content of what
// is wanted where that cannot be read later. The archive must not change until
// Close.
//
// Errors wrap layer.ErrDigest if the digest is not the expected one, and
// layer.ErrLimit if the archive holds more than the limits allow.
func OpenArchive(ctx context.Context, name string, o ArchiveOptions) (*Archive, error) {
	info, err := os.Stat(name)
	switch {
	case err != nil:
		return nil, Bare(err)
	case info.IsDir():
		return nil, errors.New("is a folder, not an archive")
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("is %s, not an archive", special(info.Mode()))
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, Bare(err)
	}
	a := &Archive{index: newIndex(), file: f, size: info.Size(), limits: o.Limits, blobs: map[int]*blob{}}
	if err := a.open(ctx, o); err != nil {
		return nil, errors.Join(err, Bare(f.Close()))
	}
	return a, nil
}

func (a *Archive) open(ctx context.Context, o ArchiveOptions) error {
	if o.SHA256 != "" {
		if err := a.verify(ctx, o.SHA256); err != nil {
			return err
		}
	}
	var err error
	if a.format, err = identify(ctx, a.file, a.size); err != nil {
		return Bare(err)
	}
	pack := newPacker()
	return a.scan(ctx, func(r record, m *meter) error {
		n, err := a.add(r, a.format.replaces)
		if err == nil && r.hard {
			err = m.copied(n.Size)
		}
		if err != nil || n.Kind != File || r.stream == nil || !o.Want(n.Path) {
			return err
		}
		return a.load(pack, r)
	})
}

// verify reads the whole archive once to compare its digest.
func (a *Archive) verify(ctx context.Context, want string) error {
	h := sha256.New()
	if _, err := io.Copy(h, &steadyReader{ctx: ctx, r: io.NewSectionReader(a.file, 0, a.size)}); err != nil {
		return Bare(err)
	}
	if got := layer.Sum(h.Sum(nil)).String(); got != want {
		return fmt.Errorf("the archive's SHA-256 is %s, but source.sha256 is %s: %w", got, want, layer.ErrDigest)
	}
	return nil
}

// Load makes the content of nodes available that were not wanted when the
// archive was opened. It must not run together with other methods.
func (a *Archive) Load(ctx context.Context, nodes []Node) error {
	missing := map[int]bool{}
	for _, n := range nodes {
		if n.Kind == File && n.record != inPlace && a.blobs[n.record] == nil {
			missing[n.record] = true
		}
	}
	if len(missing) == 0 {
		return nil
	}
	pack := newPacker()
	return a.scan(ctx, func(r record, _ *meter) error {
		if !missing[r.record] {
			return nil
		}
		return a.load(pack, r)
	})
}

func (a *Archive) load(pack *packer, r record) error {
	b, err := r.pack(pack)
	if err == nil {
		a.blobs[r.record] = b
	}
	return err
}

// content opens the entry of a number that was loaded.
func (a *Archive) content(number int) (io.ReadCloser, error) {
	b := a.blobs[number]
	if b == nil {
		return nil, errors.New("the content was not loaded from the archive")
	}
	return b.open(), nil
}

// Close releases the archive. Nodes are of no use after it.
func (a *Archive) Close() error { return Bare(a.file.Close()) }
