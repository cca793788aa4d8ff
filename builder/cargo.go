package builder

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path"
	"path/filepath"

	"github.com/layerbuild/layerbuild/builder/volume"
)

// mostFollowed bounds the entries of a folder whose links are followed: a few
// links that cross can stand for more copies than any disk holds.
const mostFollowed = 1_000_000

// A cargo is what was taken in from one source, wherever it will be placed.
type cargo struct {
	source   source
	patterns patterns
	items    []item
	// empty folders and items that strip leaves nothing of are left out.
	empty, gone []string
	archive     *volume.Archive
}

// load reads the source. Errors do not name it.
func (c *cargo) load(ctx context.Context, follow bool, o Options) (err error) {
	if c.patterns, err = newPatterns(c.source.spec); err != nil {
		return err
	}
	name := filepath.Join(o.Dir, filepath.FromSlash(c.source.path))
	switch c.source.spec.Kind {
	case "files":
		err = c.loadFiles(ctx, name, follow, o)
	case "archive":
		err = c.loadArchive(ctx, name, follow, o)
	default:
		err = fmt.Errorf("sources of kind %q are not known", c.source.spec.Kind)
	}
	if err != nil {
		return err
	}
	if len(c.items) == 0 {
		if p := c.patterns.String(); p != "" {
			return fmt.Errorf("nothing matches %s", p)
		}
		return errors.New("holds no files")
	}
	return c.strip()
}

func (c *cargo) loadFiles(ctx context.Context, name string, follow bool, o Options) error {
	info, err := os.Stat(name)
	if err != nil {
		return volume.Bare(err)
	}
	folder := name
	if !info.IsDir() {
		folder = filepath.Dir(name)
	}
	exec, err := execFunc(ctx, folder)
	if err != nil {
		return err
	}
	disk, err := volume.OpenDisk(folder, o.Skip, exec)
	if err != nil {
		return err
	}
	w := &walk{
		ctx: ctx, volume: disk, patterns: c.patterns, strip: c.source.spec.Strip,
		follow: follow, most: volume.Limits{Entries: mostFollowed, Bytes: math.MaxInt64},
	}
	if info.IsDir() {
		c.items, c.empty, err = w.run(o.Workers)
		return err
	}
	base := path.Base(c.source.path)
	if leftOut(base, false) {
		return errors.New("is never part of a layer")
	}
	node, err := volume.FileOnDisk(name, exec)
	if err != nil || !c.patterns.take(base) {
		return err
	}
	c.items = []item{{path: base, node: node}}
	return w.judge(base, node)
}

func (c *cargo) loadArchive(ctx context.Context, name string, follow bool, o Options) (err error) {
	limits := volume.Limits(c.source.spec.Limits)
	c.archive, err = volume.OpenArchive(ctx, name, volume.ArchiveOptions{
		Limits: limits, SHA256: c.source.sha256, Want: c.patterns.take,
	})
	if err != nil {
		return err
	}
	w := &walk{
		ctx: ctx, volume: c.archive, patterns: c.patterns, strip: c.source.spec.Strip,
		follow: follow, most: limits.WithDefaults(),
	}
	if c.items, c.empty, err = w.run(o.Workers); err != nil {
		return err
	}
	nodes := make([]volume.Node, len(c.items))
	for i, it := range c.items {
		nodes[i] = it.node
	}
	return c.archive.Load(ctx, nodes)
}
