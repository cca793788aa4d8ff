// Package publisher turns uploaded artifacts into layer versions.
//
// A function service is a [Publisher], two methods; more abilities are small
// optional interfaces. The policy above all services is [Publish], an
// ordinary function: look before publishing, settle what is uncertain, compare
// checksums, share.
package publisher

import (
	"context"

	"github.com/layerbuild/layerbuild/layer"
)

// A Request is everything that a layer version is made from.
type Request struct {
	// Name of the layer, without a version.
	Name string
	// Description, with the marker when there is to be one; see [Describe].
	Description string
	License     string
	// Runtimes and Architectures are in the cloud's own spelling.
	Runtimes, Architectures []string
	Artifact                layer.Artifact
	// Object is where the artifact was uploaded; without a key the zip is
	// sent in the request itself.
	Object layer.Object
}

// A Publisher is the layers of one account in one region.
type Publisher interface {
	// Find returns a version of the named layer that has these digests,
	// however old, or the error wraps fs.ErrNotExist. The cloud's own
	// checksum decides, never a description.
	Find(ctx context.Context, name string, d layer.Digests) (layer.Version, error)
	// Publish makes a new version and returns it with the cloud's checksum.
	// It is not idempotent and is never retried inside: a *layer.Fault with
	// Unknown set says that a version may exist all the same.
	Publish(ctx context.Context, r Request) (layer.Version, error)
}

// A Sharer can let others use a version.
type Sharer interface {
	// Share makes the version's grants what s says and reports whether
	// anything had to change. Grants of others are left alone.
	Share(ctx context.Context, v layer.Version, s Sharing) (changed bool, err error)
}

// Sharing says who may use a version. The zero value leaves it alone.
type Sharing struct {
	// Private takes back what was granted by an earlier run.
	Private bool
	// Public lets every account use the version.
	Public bool
	// Accounts and Organization name who may.
	Accounts     []string
	Organization string
}

// IsZero reports whether sharing is to be left alone.
func (s Sharing) IsZero() bool {
	return !s.Private && !s.Public && len(s.Accounts) == 0 && s.Organization == ""
}
