// Package builder stages the content of a layer: it takes the sources of a
// manifest and the layout of one zip and yields the tree that goes into it.
// [Stage] is the only entry.
//
// Nothing is unpacked or copied to disk, and what comes out depends on the
// sources alone: not on the machine, the order of files on disk, their times,
// or the user.
package builder

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"

	"github.com/layerbuild/layerbuild/builder/volume"
	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/manifest"
	"github.com/layerbuild/layerbuild/runtimes"
	"golang.org/x/sync/errgroup"
)

// Options say where sources are and how to read them.
type Options struct {
	// Dir is the folder of layer.toml, to which sources are relative.
	Dir string
	// Skip are absolute paths of folders that are never taken in: those the
	// build writes to.
	Skip []string
	// Workers bounds how many folders and archives are read at once; 0 means
	// as many as there are processors.
	Workers int
}

// Staged is the content of one zip.
type Staged struct {
	Tree layer.Tree
	// Notes are for the user: what was left out although no pattern says so.
	Notes []string

	archives []*volume.Archive
}

// Close releases the archives that entries of the tree are read from. The
// tree's entries cannot be opened any more.
func (s *Staged) Close() error {
	var errs []error
	for _, a := range s.archives {
		errs = append(errs, a.Close())
	}
	s.archives = nil
	return errors.Join(errs...)
}

// Stage gathers the tree of a layout from the sources that apply to it. The
// caller closes the result when the tree has been packed; the sources must not
// change until then.
//
// The runtimes that sources name must be spelled as in the catalogue. Errors
// wrap fs.ErrNotExist or fs.ErrPermission where a source cannot be read,
// layer.ErrDigest where an archive is not the expected one, and layer.ErrLimit
// where it holds too much.
func Stage(ctx context.Context, m *manifest.Manifest, l runtimes.Layout, o Options) (*Staged, error) {
	if o.Workers <= 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	staged := &Staged{}
	if err := staged.stage(ctx, m, l, o); err != nil {
		return nil, errors.Join(err, staged.Close())
	}
	return staged, nil
}

func (s *Staged) stage(ctx context.Context, m *manifest.Manifest, l runtimes.Layout, o Options) error {
	sources, err := sourcesOf(m, l)
	if err != nil {
		return err
	}
	cargos, err := s.gather(ctx, slices.Concat(sources...), m.Layer.Symlinks == "follow", o)
	if err != nil {
		return err
	}
	trees := make([][]layer.Entry, len(l.Places))
	for i, p := range l.Places {
		for _, src := range sources[i] {
			entries, err := cargos[src.key()].place(p)
			if err != nil {
				return fmt.Errorf("%v: %w", src, err)
			}
			trees[i] = append(trees[i], entries...)
		}
		if trees[i], err = merge(trees[i]); err != nil {
			return err
		}
	}
	entries, err := unite(l, trees)
	if err != nil {
		return err
	}
	if err := checkNames(entries); err != nil {
		return err
	}
	if err := checkLinks(entries); err != nil {
		return err
	}
	if err := checkNative(ctx, l, entries, o.Workers); err != nil {
		return err
	}
	s.Tree.Entries = entries
	return nil
}

// gather reads each distinct source once. The first error in the order of the
// manifest is reported, whichever came first.
func (s *Staged) gather(ctx context.Context, sources []source, follow bool, o Options) (map[sourceKey]*cargo, error) {
	cargos := map[sourceKey]*cargo{}
	var order []*cargo
	for _, src := range sources {
		if cargos[src.key()] == nil {
			c := &cargo{source: src}
			cargos[src.key()] = c
			order = append(order, c)
		}
	}
	var group errgroup.Group
	group.SetLimit(o.Workers)
	errs := make([]error, len(order))
	for i, c := range order {
		group.Go(func() error {
			errs[i] = c.load(ctx, follow, o)
			return nil
		})
	}
	_ = group.Wait()
	for i, c := range order {
		if c.archive != nil {
			s.archives = append(s.archives, c.archive)
		}
		s.Notes = append(s.Notes, c.notes()...)
		if errs[i] != nil {
			errs[i] = fmt.Errorf("%v: %w", c.source, errs[i])
		}
	}
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return cargos, nil
}
