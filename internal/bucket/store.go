// Package bucket uploads into stores that tell the CRC-64 of what they have, in
// one request or in parts. An upload in parts that was cut off goes on where it
// was: the store's own list of its parts is the checkpoint, so it does not
// matter which process or machine began it, or whether the zip was built again
// since.
package bucket

import (
	"context"
	"errors"
	"time"

	"github.com/layerbuild/layerbuild/layer"
)

// ErrGone is the cause of a fault when there is no such upload: it was
// completed or aborted.
var ErrGone = errors.New("no such upload")

// A Store is a bucket, request by request. A method makes one request, or one
// for each page of a list, and makes none of them twice. Its errors are faults,
// with the cause that is named here.
type Store interface {
	// URL names an object in messages.
	URL(key string) string
	// Head describes an object; fs.ErrNotExist when there is none.
	Head(ctx context.Context, key string) (layer.Object, error)
	// Put creates an object; fs.ErrExist when the key is taken.
	Put(ctx context.Context, key string, b *Body) (layer.Object, error)
	// Delete removes an object that was made a moment ago.
	Delete(ctx context.Context, o layer.Object) error

	// Uploads lists the uploads below prefix that are not finished.
	Uploads(ctx context.Context, prefix string) ([]Upload, error)
	// Begin begins an upload in parts.
	Begin(ctx context.Context, key string) (id string, err error)
	// Parts lists what came of an upload so far, by ascending number; ErrGone.
	Parts(ctx context.Context, key, id string) ([]Part, error)
	// Send sends a part, numbered from 1; ErrGone.
	Send(ctx context.Context, key, id string, number int, b *Body) (Part, error)
	// Complete makes an object of all parts; ErrGone, and fs.ErrExist when
	// the key is taken.
	Complete(ctx context.Context, key, id string, parts []Part) (layer.Object, error)
	// Abort gives up an upload; ErrGone.
	Abort(ctx context.Context, key, id string) error
}

// An Upload is one that was begun and neither completed nor aborted.
type Upload struct {
	Key, ID string
	Begun   time.Time
}

// A Part is what a store has of an upload.
type Part struct {
	// Number is from 1.
	Number int
	// Size is in bytes, 0 in an answer that does not tell it.
	Size int64
	// ETag is as the store spells it. Quotes aside it is the MD5 in hex,
	// unless the bucket encrypts with keys of its own.
	ETag string
	// CRC64 is decimal, "" where the store does not tell it.
	CRC64 string
}
