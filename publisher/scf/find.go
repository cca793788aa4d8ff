package scf

import (
	"context"
	"fmt"
	"io/fs"
	"strings"

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

// Find lists all versions and asks for the checksum of the ones that can be
// meant, the newest first: the newest 10 whose description has the marker of
// this tree, and the newest 10 whose description has no marker at all. Only
// active versions count; one that is being published is waited for.
//
// When no checksum is the same, up to 3 versions with the marker are fetched:
// one that holds the same tree is the one, marked as repacked.
func (p *Publisher) Find(ctx context.Context, name string, d layer.Digests) (layer.Version, error) {
	list, err := p.list(ctx, name)
	if err != nil {
		return layer.Version{}, err
	}
	var others []layer.Version
	for _, c := range candidates(list, d.Tree) {
		n := c.number
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
		case c.marked:
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

// A candidate is a version that may have the content.
type candidate struct {
	number int64
	// marked says that it has the tree's marker, not just none.
	marked bool
}

// candidates returns those of a listing, the newest first.
func candidates(list []listed, tree layer.Sum) (found []candidate) {
	marked, plain := 0, 0
	for _, v := range list {
		if !v.usable() && v.status != publishing {
			continue
		}
		digits, ok := publisher.Marked(v.Description)
		switch {
		case !ok && plain < looks:
			plain++
			found = append(found, candidate{v.Number, false})
		case ok && strings.HasPrefix(tree.String(), digits) && marked < looks:
			marked++
			found = append(found, candidate{v.Number, true})
		}
	}
	return found
}

// holds reports whether a version's zip holds the tree. Tencent has no larger
// ones than these limits: 500 MB unpacked.
func (p *Publisher) holds(ctx context.Context, v layer.Version, tree layer.Sum) (bool, error) {
	most := remotezip.Limits{Zip: 512 << 20, Unpacked: 512 << 20}
	return remotezip.Same(ctx, p.o.Transport.RoundTrip, v.Location, tree, most)
}
