package lambda

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/publisher"
)

const (
	// A listing has no checksums, each takes a request of its own, so only so
	// many versions are asked for theirs: of those with the marker, and of
	// those without one.
	looks = 10
	// A version is downloaded only to see whether it is the same tree packed
	// differently.
	downloads = 3
)

// Find lists all versions and asks Lambda for the checksum of the ones that
// can be meant: the newest 10 whose description has the marker of this tree,
// and the newest 10 whose description has no marker at all. So a version that
// was published without a marker is found again only while it is among the
// newest. Of several with the same checksum the newest is the one.
//
// When no checksum is the same, up to 3 versions with the marker are fetched:
// one that holds the same tree is the one, marked as repacked.
func (p *Publisher) Find(ctx context.Context, name string, d layer.Digests) (layer.Version, error) {
	versions, err := p.Versions(ctx, name)
	if err != nil {
		return layer.Version{}, err
	}
	marked, plain := candidates(versions, d)
	numbers := slices.Concat(first(marked, looks), first(plain, looks))
	slices.SortFunc(numbers, func(a, b int64) int { return cmp.Compare(b, a) })
	var others []layer.Version
	for _, n := range numbers {
		v, err := p.Get(ctx, name, n)
		switch {
		case errors.Is(err, fs.ErrNotExist): // deleted a moment ago
		case err != nil:
			return layer.Version{}, fmt.Errorf("asking for version %d: %w", n, err)
		case v.SHA256 == d.SHA256.String():
			return v, nil
		case slices.Contains(marked, n):
			others = append(others, v)
		}
	}
	for _, v := range first(others, downloads) {
		same, err := p.holds(ctx, v, d.Tree)
		if err != nil {
			return layer.Version{}, fmt.Errorf("comparing the content of version %d: %w", v.Number, err)
		}
		if same {
			v.Repacked = true
			return v, nil
		}
	}
	return layer.Version{}, fmt.Errorf("no version of layer %q has this content: %w", name, fs.ErrNotExist)
}

// candidates returns the numbers of the versions with the marker of this tree,
// and of those without any, in the order of the list.
func candidates(versions []layer.Version, d layer.Digests) (marked, plain []int64) {
	for _, v := range versions {
		digits, ok := publisher.Marked(v.Description)
		switch {
		case !ok:
			plain = append(plain, v.Number)
		case strings.HasPrefix(d.Tree.String(), digits):
			marked = append(marked, v.Number)
		}
	}
	return marked, plain
}

func first[T any](list []T, n int) []T { return list[:min(n, len(list))] }
