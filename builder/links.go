package builder

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"

	"github.com/layerbuild/layerbuild/builder/volume"
	"github.com/layerbuild/layerbuild/layer"
)

// checkLinks refuses links that lead out of the layer, to nothing, or in a
// circle, once all that they can lead to is in place. The entries must be
// those that checkNames found good.
func checkLinks(entries []layer.Entry) error {
	var links []layer.Entry
	for _, e := range entries {
		if e.Mode == layer.Symlink {
			links = append(links, e)
		}
	}
	if len(links) == 0 {
		return nil
	}
	f := finder{}
	for _, e := range entries {
		if err := f.add(e); err != nil {
			return err
		}
	}
	for _, e := range links {
		target := f[e.Path].Target
		_, err := volume.Resolve(f, strings.TrimPrefix(path.Dir(e.Path), "."), target)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return fmt.Errorf("link %q -> %q: the target is not in the layer: include it, or exclude the link (%s)", e.Path, target, e.Origin)
		case err != nil:
			return fmt.Errorf("link %q -> %q: %w (%s)", e.Path, target, err, e.Origin)
		}
	}
	return nil
}

// A finder knows the nodes of a tree.
type finder map[string]volume.Node

// Find implements [volume.Finder].
func (f finder) Find(p string) (volume.Node, error) {
	n, ok := f[p]
	if !ok {
		return volume.Node{}, fs.ErrNotExist
	}
	return n, nil
}

func (f finder) add(e layer.Entry) error {
	n := volume.Node{Path: e.Path}
	if e.Mode == layer.Symlink {
		target, err := readAll(e)
		if err != nil {
			return err
		}
		n.Kind, n.Target = volume.Link, target
	}
	f[e.Path] = n
	for dir := path.Dir(e.Path); dir != "."; dir = path.Dir(dir) {
		if _, ok := f[dir]; ok {
			break
		}
		f[dir] = volume.Node{Path: dir, Kind: volume.Folder}
	}
	return nil
}

func readAll(e layer.Entry) (string, error) {
	r, err := e.Open()
	if err != nil {
		return "", err
	}
	data, err := io.ReadAll(r)
	return string(data), errors.Join(err, r.Close())
}
