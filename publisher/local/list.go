package local

import (
	"context"
	"fmt"
	"io/fs"
	"os"

	"github.com/layerbuild/layerbuild/layer"
)

// Versions lists the versions whose zips are there, as large as they were.
func (p *Publisher) Versions(ctx context.Context, name string) ([]layer.Version, error) {
	list, err := p.versions(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("reading the registry %q: %w", p.folder, err)
	}
	return list, nil
}

func (p *Publisher) versions(ctx context.Context, name string) ([]layer.Version, error) {
	root, err := p.open(name)
	if isMissing(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer root.Close()
	list, err := numbers(root, ".json")
	if err != nil {
		return nil, err
	}
	var versions []layer.Version
	for _, n := range list {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		doc, err := read(root, n)
		if isMissing(err) {
			continue // deleted a moment ago
		}
		if err != nil {
			return nil, err
		}
		there, err := present(root, doc)
		if err != nil {
			return nil, err
		}
		if there {
			versions = append(versions, doc.Version)
		}
	}
	return versions, nil
}

// present reports whether the version's zip is there, by its size alone.
func present(root *os.Root, doc document) (bool, error) {
	zip, err := root.Stat(file(doc.Number, ".zip"))
	if isMissing(err) {
		return false, nil
	}
	return err == nil && zip.Size() == doc.Size, err
}

// Get returns a version whose zip has the bytes that its document names, as
// [Publisher.Find] does.
func (p *Publisher) Get(ctx context.Context, name string, number int64) (layer.Version, error) {
	v, err := p.get(ctx, name, number)
	if err != nil {
		return layer.Version{}, fmt.Errorf("reading the registry %q: %w", p.folder, err)
	}
	return v, nil
}

func (p *Publisher) get(ctx context.Context, name string, number int64) (layer.Version, error) {
	root, err := p.open(name)
	if err != nil {
		return layer.Version{}, err
	}
	defer root.Close()
	doc, err := read(root, number)
	if err != nil {
		return layer.Version{}, err
	}
	whole, err := intact(ctx, root, doc)
	if err == nil && !whole {
		err = fmt.Errorf("%q is not what it was: %w", file(number, ".zip"), fs.ErrNotExist)
	}
	return doc.Version, err
}

// Usage is none: nothing runs functions from a folder.
func (p *Publisher) Usage(context.Context, string) (map[int64][]string, error) {
	return map[int64][]string{}, nil
}
