package fc

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/layerbuild/layerbuild/layer"
)

// Versions returns all versions of a layer with everything that the service
// knows of them.
func (p *Publisher) Versions(ctx context.Context, name string) ([]layer.Version, error) {
	list, err := p.all(ctx, name)
	versions := make([]layer.Version, len(list))
	for i, v := range list {
		versions[i] = v.Version
	}
	return versions, err
}

// all lists the versions of a layer, the highest number first: in which order
// the pages have them is not documented. A next page that was there before is
// the end. A layer that is not there has none.
func (p *Publisher) all(ctx context.Context, name string) ([]version, error) {
	var list []version
	seen := map[int64]bool{}
	for start := int64(0); !seen[start]; {
		seen[start] = true
		page, next, err := p.api.list(ctx, name, start)
		if errors.Is(err, fs.ErrNotExist) && start == 0 {
			return nil, nil
		}
		if err != nil {
			return nil, fmt.Errorf("listing versions: %w", err)
		}
		list = append(list, page...)
		start = next
	}
	slices.SortFunc(list, func(a, b version) int { return cmp.Compare(b.Number, a.Number) })
	return slices.CompactFunc(list, func(a, b version) bool { return a.Number == b.Number }), nil
}
