package fc

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/layerbuild/layerbuild/internal/remotezip"
	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/publisher"
)

// downloads is how many versions are fetched to see whether one is the same
// tree packed differently.
const downloads = 3

// Find goes through the whole listing, which has every version's checksum: the
// highest version with the CRC-64 and the size of the zip is the one.
//
// When there is none, up to 3 versions whose description has the marker of this
// tree are fetched, the newest first: one that holds the same tree is the one,
// marked as repacked.
func (p *Publisher) Find(ctx context.Context, name string, d layer.Digests) (layer.Version, error) {
	list, err := p.all(ctx, name)
	if err != nil {
		return layer.Version{}, err
	}
	var marked []layer.Version
	for _, v := range list {
		digits, ok := publisher.Marked(v.Description)
		switch {
		case v.CRC64 == d.CRC64Text() && v.Size == d.Size:
			return v.Version, nil
		case ok && strings.HasPrefix(d.Tree.String(), digits):
			marked = append(marked, v.Version)
		}
	}
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
	return remotezip.Same(ctx, p.o.Transport.RoundTrip, v.Location, tree, most)
}
