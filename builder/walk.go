package builder

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/layerbuild/layerbuild/builder/volume"
	"github.com/layerbuild/layerbuild/layer"
	"golang.org/x/sync/errgroup"
)

// An item is a file or link that is taken in.
type item struct {
	// path within the source, not the node's own where a link was followed.
	path string
	// placed is the path without the elements that strip drops.
	placed string
	node   volume.Node
}

// A walk goes through a volume, several folders at once.
type walk struct {
	ctx      context.Context
	volume   volume.Volume
	patterns patterns
	strip    int
	follow   bool
	// most bounds the number of items and the sum of their sizes where links
	// are followed: the copies can be many times what a source holds.
	most volume.Limits

	group *errgroup.Group
	stop  context.CancelCauseFunc

	mu     sync.Mutex
	items  []item
	bytes  int64
	empty  []string
	failed []failure
}

type failure struct {
	path string
	err  error
}

// A trail is the chain of folders, by their own paths, that a walk is in.
type trail struct {
	path string
	up   *trail
}

func (t *trail) has(path string) bool {
	for ; t != nil; t = t.up {
		if t.path == path {
			return true
		}
	}
	return false
}

// run returns what is taken in and which folders are empty, both sorted. Of
// several errors it returns the one with the first path.
func (w *walk) run(workers int) ([]item, []string, error) {
	w.ctx, w.stop = context.WithCancelCause(w.ctx)
	defer w.stop(nil)
	w.group = new(errgroup.Group)
	w.group.SetLimit(workers)
	w.enter("", "", nil)
	_ = w.group.Wait()
	if err := context.Cause(w.ctx); err != nil {
		return nil, nil, err
	}
	if len(w.failed) > 0 {
		first := slices.MinFunc(w.failed, func(a, b failure) int { return cmp.Compare(a.path, b.path) })
		return nil, nil, first.err
	}
	slices.SortFunc(w.items, func(a, b item) int { return cmp.Compare(a.path, b.path) })
	slices.Sort(w.empty)
	return w.items, w.empty, nil
}

// enter walks through a folder, in another goroutine if one is free.
func (w *walk) enter(path string, folder string, up *trail) {
	if up.has(folder) {
		w.fail(path, fmt.Errorf("%q: the link leads back to a folder that it lies in", path))
		return
	}
	in := &trail{path: folder, up: up}
	again := func() error {
		w.folder(path, folder, in)
		return nil
	}
	if !w.group.TryGo(again) {
		_ = again()
	}
}

// folder takes in what lies in a folder of the volume, as if it lay at path.
func (w *walk) folder(path, folder string, in *trail) {
	if w.ctx.Err() != nil {
		return
	}
	nodes, err := w.volume.List(folder)
	if err != nil {
		w.fail(path, fmt.Errorf("reading folder %q: %w", cmp.Or(path, "."), err))
		return
	}
	if len(nodes) == 0 && path != "" && w.patterns.take(path) {
		w.mu.Lock()
		w.empty = append(w.empty, path)
		w.mu.Unlock()
	}
	var items []item
	for _, n := range nodes {
		p := n.Path
		if path != folder {
			p = path + "/" + n.Name()
		}
		if leftOut(n.Name(), n.Kind == volume.Folder) {
			continue
		}
		if n.Kind == volume.Link && w.follow {
			target, err := volume.Resolve(w.volume, folder, n.Target)
			if err != nil {
				if w.patterns.take(p) {
					w.fail(p, fmt.Errorf("link %q -> %q: %w", p, n.Target, err))
				}
				continue
			}
			n = target
		}
		if n.Kind == volume.Folder {
			if !w.patterns.prune(p) {
				w.enter(p, n.Path, in)
			}
			continue
		}
		if !w.patterns.take(p) {
			continue
		}
		if err := w.judge(p, n); err != nil {
			w.fail(p, err)
			continue
		}
		items = append(items, item{path: p, node: n})
	}
	w.keep(items)
}

// judge returns why a node cannot be taken in.
func (w *walk) judge(p string, n volume.Node) error {
	switch n.Kind {
	case volume.Unusable:
		return fmt.Errorf("%q %s, which no layer can hold", p, n.Why)
	case volume.Link:
		if err := volume.CheckTarget(p, n.Target, w.strip); err != nil {
			return fmt.Errorf("link %q -> %q: %w", p, n.Target, err)
		}
	}
	return nil
}

func (w *walk) keep(items []item) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.items = append(w.items, items...)
	for _, it := range items {
		w.bytes += it.node.Size
	}
	if w.follow && (int64(len(w.items)) > w.most.Entries || w.bytes > w.most.Bytes) {
		w.stop(fmt.Errorf("following links leads to more than %d entries or %d bytes: %w", w.most.Entries, w.most.Bytes, layer.ErrLimit))
	}
}

func (w *walk) fail(path string, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.failed = append(w.failed, failure{path, err})
}
