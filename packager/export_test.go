package packager

import (
	"context"
	"io"

	"github.com/layerbuild/layerbuild/layer"
)

// PackTo is Pack without a file of its own: no sync, no name. Scratch files go
// beside the path.
func PackTo(ctx context.Context, w io.Writer, t layer.Tree, path string, o Options) (layer.Digests, []layer.Listed, error) {
	s, err := o.settle()
	if err != nil {
		return layer.Digests{}, nil, err
	}
	scratch := newScratch(path)
	defer scratch.close()
	d := newDigester(w)
	listed, err := assemble(ctx, t, s, scratch, d)
	digests, writeErr := d.finish()
	if err == nil {
		err = writeErr
	}
	if err != nil {
		return layer.Digests{}, nil, err
	}
	digests.Tree = layer.TreeDigest(listed)
	return digests, listed, nil
}
