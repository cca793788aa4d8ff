package publisher

import (
	"context"

	"github.com/layerbuild/layerbuild/layer"
)

// A Getter can describe a version by its number. The error wraps
// fs.ErrNotExist when there is none.
type Getter interface {
	Get(ctx context.Context, name string, number int64) (layer.Version, error)
}

// A Lister can list the versions of a layer.
type Lister interface {
	// Versions returns every version of the named layer, the highest number
	// first, from all pages. A layer that does not exist has none, which is
	// no error. Where a listing has no checksums they are "": a [Getter] of
	// the same service tells them.
	Versions(ctx context.Context, name string) ([]layer.Version, error)
}

// A Deleter can remove a version. A version that is not there is no error.
type Deleter interface {
	Delete(ctx context.Context, v layer.Version) error
}

// A UsageReader knows which functions use the versions of a layer.
type UsageReader interface {
	// Usage returns the functions that use each version of the named layer,
	// by version number, sorted: their names as the service's users write
	// them, with the function version and whatever else it takes to find
	// them. Functions of all versions, namespaces and generations of the API
	// are asked, over all pages. Anything that could not be asked is an
	// error: what is returned without one is complete.
	Usage(ctx context.Context, name string) (map[int64][]string, error)
}

// A GrantReader knows who may use a version.
type GrantReader interface {
	// Grants returns who besides the owner may use the version, sorted by To.
	Grants(ctx context.Context, v layer.Version) ([]Grant, error)
}

// A Grant lets others use a version.
type Grant struct {
	// To is "public", "account:123456789012" or "organization:o-abc123".
	// What is none of these is spelled as the service has it.
	To string `json:"to"`
	// Ours says that layerbuild made the grant, and may take it back.
	Ours bool `json:"ours"`
}
