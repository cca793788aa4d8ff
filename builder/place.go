package builder

import (
	"fmt"
	"io"
	"strings"

	"github.com/layerbuild/layerbuild/builder/volume"
	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/runtimes"
)

// strip sets the paths that items will have below the source's folder, and
// drops those that nothing is left of.
func (c *cargo) strip() error {
	kept := c.items[:0]
	for _, it := range c.items {
		rest, ok := it.path, true
		for i := 0; i < c.source.spec.Strip && ok; i++ {
			_, rest, ok = strings.Cut(rest, "/")
		}
		if !ok {
			c.gone = append(c.gone, it.path)
			continue
		}
		it.placed = rest
		kept = append(kept, it)
	}
	if c.items = kept; len(kept) == 0 {
		return fmt.Errorf("strip = %d leaves nothing of %q", c.source.spec.Strip, c.gone[0])
	}
	return nil
}

// place returns the cargo's entries as they lie in a place, in the order of
// their paths within the source.
func (c *cargo) place(p runtimes.Place) ([]layer.Entry, error) {
	folder, err := p.Folder(c.source.spec.Into)
	if err != nil {
		return nil, err
	}
	if folder != "" {
		folder += "/"
	}
	origins := c.source.origins()
	entries := make([]layer.Entry, len(c.items))
	for i, it := range c.items {
		e := c.entry(it, strings.TrimSuffix(origins+it.node.Path, "/"))
		e.Path = folder + it.placed
		if err := volume.CheckPath(e.Path); err != nil {
			return nil, fmt.Errorf("%.200q: %w", e.Path, err)
		}
		entries[i] = e
	}
	return entries, nil
}

func (c *cargo) entry(it item, origin string) layer.Entry {
	if it.node.Kind == volume.Link {
		target := it.node.Target
		return layer.Entry{
			Mode: layer.Symlink, Size: int64(len(target)), Origin: origin,
			Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(target)), nil },
		}
	}
	mode := layer.Regular
	if it.node.Exec || matchesAny(c.patterns.executable, it.path) {
		mode = layer.Executable
	}
	return layer.Entry{Mode: mode, Size: it.node.Size, Origin: origin, Open: named(origin, it.node.Open)}
}

// notes tell what of the source was left out although no pattern says so.
func (c *cargo) notes() []string {
	var notes []string
	if len(c.empty) > 0 {
		notes = append(notes, fmt.Sprintf("%v: a layer has no empty folders: %s left out", c.source, some(c.empty)))
	}
	if len(c.gone) > 0 {
		notes = append(notes, fmt.Sprintf("%v: strip = %d leaves nothing of %s", c.source, c.source.spec.Strip, some(c.gone)))
	}
	return notes
}

// some names the first few of a list.
func some(list []string) string {
	const few = 3
	text := fmt.Sprintf("%q", list[:min(len(list), few)])
	text = strings.ReplaceAll(strings.Trim(text, "[]"), `" "`, `", "`)
	if len(list) > few {
		text += fmt.Sprintf(" and %d more", len(list)-few)
	}
	return text
}
