package scf

import (
	"cmp"
	"context"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	scf "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/scf/v20180416"

	"github.com/layerbuild/layerbuild/internal/remotezip"
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

// listOf reads a listing, the oldest version first.
func listOf(name string, versions []*scf.LayerVersionInfo) ([]listed, error) {
	var list []listed
	for _, v := range versions {
		if v == nil || value(v.LayerVersion) == 0 {
			return nil, errEmpty
		}
		list = append(list, listed{
			Version: layer.Version{
				Name: name, Number: *v.LayerVersion, Description: value(v.Description), Created: value(v.AddTime),
			},
			status: value(v.Status),
		})
	}
	slices.SortFunc(list, func(a, b listed) int { return cmp.Compare(a.Number, b.Number) })
	return list, nil
}

// Find lists all versions and asks for the checksum of the ones that can be
// meant: the newest 10 whose description has the marker of this tree, and the
// newest 10 whose description has no marker at all. Only active versions count;
// one that is being published is waited for.
//
// When no checksum is the same, up to 3 versions with the marker are fetched:
// one that holds the same tree is the one, marked as repacked.
func (p *Publisher) Find(ctx context.Context, name string, d layer.Digests) (layer.Version, error) {
	list, err := p.list(ctx, name)
	if err != nil {
		return layer.Version{}, err
	}
	marked, plain := candidates(list, d.Tree)
	var others []layer.Version
	for _, n := range slices.Concat(marked, plain) {
		v, status, err := p.settle(ctx, name, n)
		switch {
		case isMissing(err): // deleted a moment ago
		case err != nil:
			return layer.Version{}, fmt.Errorf("asking for version %d: %w", n, err)
		case status == publishing:
			return layer.Version{}, &layer.Fault{
				Message: fmt.Sprintf("version %d is still being published after %s", n, patience),
				Hint:    "run it again later",
			}
		case status != active:
		case v.SHA256 == d.SHA256.String():
			v.Size = d.Size
			return v, nil
		case slices.Contains(marked, n):
			others = append(others, v)
		}
	}
	for _, v := range others[:min(len(others), downloads)] {
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
// and of those without any, the newest first.
func candidates(list []listed, tree layer.Sum) (marked, plain []int64) {
	for _, v := range slices.Backward(list) {
		if v.status != active && v.status != publishing && v.status != "" {
			continue
		}
		digits, ok := publisher.Marked(v.Description)
		switch {
		case !ok:
			plain = append(plain, v.Number)
		case strings.HasPrefix(tree.String(), digits):
			marked = append(marked, v.Number)
		}
	}
	return marked[:min(len(marked), looks)], plain[:min(len(plain), looks)]
}

// holds reports whether a version's zip holds the tree. Tencent has no larger
// ones than these limits: 500 MB unpacked.
func (p *Publisher) holds(ctx context.Context, v layer.Version, tree layer.Sum) (bool, error) {
	most := remotezip.Limits{Zip: 512 << 20, Unpacked: 512 << 20}
	return remotezip.Same(ctx, p.o.Transport.RoundTrip, v.Location, tree, most)
}
