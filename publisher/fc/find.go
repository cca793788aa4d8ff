package fc

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/layerbuild/layerbuild/internal/remotezip"
	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/publisher"
)

// downloads is how many versions are fetched to see whether one is the same
// tree packed differently.
const downloads = 3

// Find goes through the listing, which has every version's checksum: a version
// with the CRC-64 and the size of the zip is the one. The pages after it are
// not asked for.
//
// When there is none, up to 3 versions whose description has the marker of this
// tree are fetched, the newest first: one that holds the same tree is the one,
// marked as repacked.
func (p *Publisher) Find(ctx context.Context, name string, d layer.Digests) (layer.Version, error) {
	var equal *layer.Version
	var marked []layer.Version
	err := p.pages(ctx, name, func(page []version) bool {
		for _, v := range page {
			digits, ok := publisher.Marked(v.Description)
			switch {
			case v.CRC64 == d.CRC64Text() && v.Size == d.Size:
				if equal == nil || v.Number > equal.Number {
					equal = &v.Version
				}
			case ok && strings.HasPrefix(d.Tree.String(), digits):
				marked = append(marked, v.Version)
			}
		}
		return equal == nil
	})
	switch {
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return layer.Version{}, fmt.Errorf("listing versions: %w", err)
	case equal != nil:
		return *equal, nil
	}
	slices.SortFunc(marked, func(a, b layer.Version) int { return cmp.Compare(b.Number, a.Number) })
	for _, v := range marked[:min(len(marked), downloads)] {
		same, err := p.holds(ctx, v, d.Tree)
		switch {
		case errors.Is(err, fs.ErrNotExist): // deleted a moment ago
		case err != nil:
			return layer.Version{}, fmt.Errorf("comparing the content of version %d: %w", v.Number, err)
		case same:
			v.Repacked = true
			return v, nil
		}
	}
	return layer.Version{}, fmt.Errorf("no version of layer %q has this content: %w", name, fs.ErrNotExist)
}

// pages goes through the listing for as long as more says. Nothing says in
// which order the versions come; a next page that was there before is the end.
func (p *Publisher) pages(ctx context.Context, name string, more func([]version) bool) error {
	seen := map[int64]bool{}
	for start := int64(0); !seen[start]; {
		seen[start] = true
		page, next, err := p.api.list(ctx, name, start)
		if err != nil {
			return err
		}
		if !more(page) || next == 0 {
			return nil
		}
		start = next
	}
	return nil
}

// List returns all versions of a layer, the oldest first. A layer that is not
// there has none.
func (p *Publisher) List(ctx context.Context, name string) ([]layer.Version, error) {
	list, err := p.all(ctx, name)
	versions := make([]layer.Version, len(list))
	for i, v := range list {
		versions[i] = v.Version
	}
	return versions, err
}

func (p *Publisher) all(ctx context.Context, name string) ([]version, error) {
	var list []version
	err := p.pages(ctx, name, func(page []version) bool {
		list = append(list, page...)
		return true
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("listing versions: %w", err)
	}
	slices.SortFunc(list, func(a, b version) int { return cmp.Compare(a.Number, b.Number) })
	return list, nil
}

// holds reports whether a version's zip holds the tree. 500 MB is the largest
// zip that Function Compute takes; how much it unpacks is not said.
func (p *Publisher) holds(ctx context.Context, v layer.Version, tree layer.Sum) (bool, error) {
	most := remotezip.Limits{Zip: 500 << 20, Unpacked: 2 << 30}
	if v.Location == "" {
		known, err := p.Get(ctx, v.Name, v.Number)
		if err != nil {
			return false, err
		}
		v.Location = known.Location
	}
	return remotezip.Same(ctx, p.transport.RoundTrip, v.Location, tree, most)
}
