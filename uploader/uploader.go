// Package uploader brings artifacts into object stores.
//
// A store is an [Uploader], two methods; the policy above all stores is
// [Upload], an ordinary function: skip what is there, never trust what the
// store did not confirm.
package uploader

import (
	"context"

	"github.com/layerbuild/layerbuild/layer"
)

// An Uploader is one bucket of an object store.
type Uploader interface {
	// Stat describes the object under key. The error wraps fs.ErrNotExist
	// when there is none.
	Stat(ctx context.Context, key string) (layer.Object, error)
	// Put uploads the artifact under key and succeeds only if the store
	// confirmed a digest of the whole object. It creates and never
	// overwrites: the error wraps fs.ErrExist when the key is taken, and
	// layer.ErrDigest when the store has other bytes than were sent.
	//
	// sent is told of bytes as they go out, from any goroutine; a negative
	// number takes back what has to be sent again. When Put succeeds the
	// numbers sum to the artifact's size. It may be nil.
	Put(ctx context.Context, key string, a layer.Artifact, sent func(n int64)) (layer.Object, error)
}
