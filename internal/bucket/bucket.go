package bucket

import (
	"context"
	"fmt"
	"time"

	"github.com/layerbuild/layerbuild/layer"
)

// Options are how to cut what goes into a bucket.
type Options struct {
	// Single is the largest object, in bytes, that goes out in one request.
	// Larger ones go out in parts of PartSize bytes, or of as many more as it
	// takes to stay within MaxParts.
	Single, PartSize int64
	// Now is the clock by which unfinished uploads are old.
	Now func() time.Time
	// Sleep waits for d or returns the context's error, nil for a timer.
	Sleep func(ctx context.Context, d time.Duration) error
}

// MaxParts is how many parts an upload can have, in OSS and in COS:
// https://www.alibabacloud.com/help/en/oss/user-guide/limits and
// https://www.tencentcloud.com/document/product/436/14518
const MaxParts = 10_000

// An Uploader brings artifacts into one bucket. It is safe for concurrent use.
type Uploader struct {
	store            Store
	single, partSize int64
	now              func() time.Time
	sleep            func(ctx context.Context, d time.Duration) error
}

// New makes no request. The error is about sizes: parts have at least smallest
// bytes.
func New(s Store, o Options, smallest int64) (*Uploader, error) {
	if o.PartSize < smallest || o.PartSize > o.Single {
		return nil, fmt.Errorf("part size of %d bytes: want %d to %d", o.PartSize, smallest, o.Single)
	}
	if o.Sleep == nil {
		o.Sleep = sleep
	}
	return &Uploader{store: s, single: o.Single, partSize: o.PartSize, now: o.Now, sleep: o.Sleep}, nil
}

// Stat is the one of [uploader.Uploader].
func (u *Uploader) Stat(ctx context.Context, key string) (layer.Object, error) {
	o, err := u.stat(ctx, key)
	if err != nil {
		return layer.Object{}, fmt.Errorf("looking for %q: %w", u.store.URL(key), err)
	}
	return o, nil
}

func (u *Uploader) stat(ctx context.Context, key string) (o layer.Object, err error) {
	err = u.try(ctx, func() (err error) {
		o, err = u.store.Head(ctx, key)
		return err
	})
	return o, err
}
