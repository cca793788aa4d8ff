package lambda

import (
	"context"

	"github.com/layerbuild/layerbuild/internal/remotezip"
	"github.com/layerbuild/layerbuild/layer"
)

// holds reports whether a version's zip holds the tree. Lambda has no larger
// ones than these limits: the quota for a layer's content is 250 MB unpacked.
func (p *Publisher) holds(ctx context.Context, v layer.Version, tree layer.Sum) (bool, error) {
	most := remotezip.Limits{Zip: 300 << 20, Unpacked: 300 << 20}
	return remotezip.Same(ctx, p.client.Options().HTTPClient.Do, v.Location, tree, most)
}
