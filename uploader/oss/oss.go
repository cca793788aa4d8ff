// Package oss uploads into a bucket of Alibaba Cloud's Object Storage Service.
//
// OSS sums up every object and every part by CRC-64/XZ, which it calls
// CRC-64-ECMA, and tells the sum of a whole object also when it came in parts:
// https://www.alibabacloud.com/help/en/oss/user-guide/check-data-transmission-integrity-by-using-crc-64
// It is the checksum that Function Compute will report of the layer.
//
// Objects are created with x-oss-forbid-overwrite, which OSS ignores in buckets
// that keep versions, or once did:
// https://www.alibabacloud.com/help/en/oss/developer-reference/putobject
package oss

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"time"

	"github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss"

	"github.com/layerbuild/layerbuild/internal/alicloud"
	"github.com/layerbuild/layerbuild/internal/bucket"
	"github.com/layerbuild/layerbuild/internal/endpoint"
	"github.com/layerbuild/layerbuild/internal/wire"
	"github.com/layerbuild/layerbuild/layer"
)

const (
	defaultSingle   = 64 << 20
	defaultPartSize = 16 << 20
	// minPartSize is the least that a part must have, unless it is the last:
	// https://www.alibabacloud.com/help/en/oss/developer-reference/uploadpart
	minPartSize = 100 << 10
)

// Options are how to reach a bucket, and how to cut what goes there.
type Options struct {
	// Credentials is the account.
	Credentials *alicloud.Provider
	// Region is where the bucket is, such as "cn-hangzhou".
	Region string
	Bucket string
	// Endpoint is an address other than the region's public one, such as
	// "https://oss-cn-hangzhou-internal.aliyuncs.com". Buckets are part of
	// its path where it is an IP address or "localhost".
	Endpoint string
	// Single is the largest object, in bytes, that goes out in one request,
	// 64 MiB by default. Larger ones go out in parts of PartSize, 16 MiB by
	// default, 100 KiB at least, and no larger than Single.
	Single, PartSize int64
	// Now is the clock by which unfinished uploads are old.
	Now func() time.Time
	// Sleep waits between tries for d or returns the context's error, nil for
	// a timer.
	Sleep func(ctx context.Context, d time.Duration) error
	// Wrap is put around the transport of each request, nil for nothing.
	Wrap func(http.RoundTripper) http.RoundTripper
}

// An Uploader is one bucket. It is safe for concurrent use.
type Uploader struct{ bucket *bucket.Uploader }

// name is what a bucket can be called:
// https://www.alibabacloud.com/help/en/oss/user-guide/bucket-naming-conventions
var name = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$`)

// New makes no request: a bucket that is not there shows later.
func New(o Options) (*Uploader, error) {
	if o.Region == "" {
		return nil, errors.New("no region")
	}
	if !name.MatchString(o.Bucket) {
		return nil, fmt.Errorf("bucket %q has no name that OSS knows: want 3 to 63 lower-case letters, digits and hyphens", o.Bucket)
	}
	client, err := connect(o)
	if err != nil {
		return nil, err
	}
	u, err := bucket.New(&store{client: client, bucket: o.Bucket, region: o.Region}, bucket.Options{
		Single:   cmp.Or(o.Single, defaultSingle),
		PartSize: cmp.Or(o.PartSize, defaultPartSize),
		Now:      o.Now, Sleep: o.Sleep,
	}, minPartSize)
	if err != nil {
		return nil, err
	}
	return &Uploader{u}, nil
}

func connect(o Options) (*oss.Client, error) {
	var transport http.RoundTripper = wire.Transport()
	if o.Wrap != nil {
		transport = o.Wrap(transport)
	}
	cfg := new(oss.Config).
		WithCredentialsProvider(o.Credentials).
		WithRegion(o.Region).
		WithHttpClient(&http.Client{
			Transport: transport,
			// A redirected request would have a signature for another host.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		}).
		// Package bucket does both, the retries and the comparison of sums,
		// which the SDK leaves out where an answer has none.
		WithRetryMaxAttempts(1).
		WithDisableUploadCRC64Check(true)
	if o.Endpoint != "" {
		at, err := endpoint.Parse(o.Endpoint)
		if err != nil {
			return nil, err
		}
		cfg.WithEndpoint(at.String()).WithUsePathStyle(!endpoint.Named(at))
	}
	return oss.NewClient(cfg), nil
}

// Stat describes an object. OSS answers as if permission were missing when an
// object is not there and the caller may not list the bucket. A bucket that is
// not there has no objects.
func (u *Uploader) Stat(ctx context.Context, key string) (layer.Object, error) {
	return u.bucket.Stat(ctx, key)
}

// Put sends the artifact under the condition that the key is free, and
// succeeds only if OSS confirmed its CRC-64. A large artifact of which OSS has
// parts already, from a run that was cut off, is gone on with.
func (u *Uploader) Put(ctx context.Context, key string, a layer.Artifact, sent func(int64)) (layer.Object, error) {
	return u.bucket.Put(ctx, key, a, sent)
}
