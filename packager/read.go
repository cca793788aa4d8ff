package packager

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/layerbuild/layerbuild/layer"
)

// Contents are what a zip was found to hold.
type Contents struct {
	// Artifact has the digests of the file and of its tree. Its entries have
	// the modes that staging would give them. Packing tells the epoch if all
	// entries have the same time, and nothing of compressor and level, which
	// leave no trace.
	Artifact layer.Artifact
	// Folders is how many folder entries there are. They are not part of the
	// tree, and zips of this package have none.
	Folders int
	// Duplicates are the paths that occur more than once, sorted. A zip that
	// has any unpacks differently with different tools.
	Duplicates []string
}

// Read reads the zip at path, of whatever origin, unpacks all of it without
// keeping it, and holds every entry to its CRC-32.
//
// The error wraps [layer.ErrDigest] if an entry is not what its header
// promises, [layer.ErrLimit] if a limit is exceeded, and [zip.ErrFormat] if the
// file is not a zip. What cannot be in a layer, such as devices and encrypted
// entries, is an error too. Paths are given as they are: they may be anything.
func Read(ctx context.Context, path string, limits Limits) (Contents, error) {
	c, err := read(ctx, path, limits)
	if err != nil {
		return Contents{}, fmt.Errorf("reading %q: %w", path, err)
	}
	return c, nil
}

func read(ctx context.Context, path string, limits Limits) (Contents, error) {
	f, err := os.Open(path)
	if err != nil {
		return Contents{}, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return Contents{}, err
	}
	z, err := zip.NewReader(f, info.Size())
	// Names that leave the folder matter to whoever unpacks.
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return Contents{}, err
	}
	c := Contents{Artifact: layer.Artifact{Path: path}}
	files := c.files(z)
	if err := limits.admit(z.File); err != nil {
		return Contents{}, err
	}

	a := &c.Artifact
	a.Entries = make([]layer.Listed, len(files))
	g, groupCtx := errgroup.WithContext(ctx)
	g.Go(func() (err error) {
		a.Digests, err = digest(groupCtx, io.NewSectionReader(f, 0, info.Size()))
		return err
	})
	var next atomic.Int64
	for range runtime.GOMAXPROCS(0) {
		g.Go(func() error {
			u := newUnpacker()
			for i := int(next.Add(1)) - 1; i < len(files); i = int(next.Add(1)) - 1 {
				var err error
				if a.Entries[i], err = u.unpack(groupCtx, files[i]); err != nil {
					return fmt.Errorf("entry %q: %w", files[i].Name, err)
				}
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return Contents{}, err
	}
	a.Digests.Tree = layer.TreeDigest(a.Entries)
	a.Packing.Epoch = commonEpoch(files)
	for _, l := range a.Entries {
		a.Unzipped += l.Size
	}
	return c, nil
}

// files returns the zip's files and symlinks, sorted, and takes note of the
// rest.
func (c *Contents) files(z *zip.Reader) []*zip.File {
	files := make([]*zip.File, 0, len(z.File))
	for _, f := range z.File {
		if f.Mode().IsDir() {
			c.Folders++
			continue
		}
		files = append(files, f)
	}
	slices.SortStableFunc(files, func(a, b *zip.File) int { return strings.Compare(a.Name, b.Name) })
	for i := range files {
		if i > 0 && files[i].Name == files[i-1].Name {
			c.Duplicates = append(c.Duplicates, files[i].Name)
		}
	}
	c.Duplicates = slices.Compact(c.Duplicates)
	return files
}

// commonEpoch returns the time of all entries, 0 if they differ.
func commonEpoch(files []*zip.File) int64 {
	if len(files) == 0 {
		return 0
	}
	for _, f := range files[1:] {
		if !f.Modified.Equal(files[0].Modified) {
			return 0
		}
	}
	return evenEpoch(files[0].Modified.Unix())
}

// digest returns the digests of a whole file.
func digest(ctx context.Context, r io.Reader) (layer.Digests, error) {
	d := newDigester(io.Discard)
	_, err := io.Copy(d, contextReader{ctx, r})
	digests, _ := d.finish()
	return digests, err
}
