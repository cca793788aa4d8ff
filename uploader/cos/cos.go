// Package cos uploads into a bucket of Tencent's Cloud Object Storage.
//
// COS sums up every object by CRC-64/XZ, which it calls CRC-64-ECMA, and tells
// the sum also when the object came in parts:
// https://www.tencentcloud.com/document/product/436/34078
//
// Objects are created with x-cos-forbid-overwrite, which COS ignores in buckets
// that keep versions, or once did:
// https://www.tencentcloud.com/document/product/436/7749
package cos

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"time"

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	"github.com/tencentyun/cos-go-sdk-v5"

	"github.com/layerbuild/layerbuild/internal/bucket"
	"github.com/layerbuild/layerbuild/layer"
)

const (
	defaultSingle   = 64 << 20
	defaultPartSize = 16 << 20
	// minPartSize is the least that a part must have, unless it is the last:
	// https://www.tencentcloud.com/document/product/436/7750
	minPartSize = 1 << 20
)

// Options are how to reach a bucket, and how to cut what goes there.
type Options struct {
	// Credentials is the account, see tencentcloud.New.
	Credentials common.CredentialIface
	// Region is where the bucket is, such as "ap-guangzhou".
	Region string
	// Bucket is the full name, with the APPID of its owner at the end:
	// "acme-layers-1250000000".
	Bucket string
	// Endpoint is an address other than the region's public one, such as
	// "https://cos-internal.ap-guangzhou.tencentcos.cn", below which buckets
	// have names. Connections go to it, whatever the bucket's name, where it
	// is an IP address or "localhost".
	Endpoint string
	// Single is the largest object, in bytes, that goes out in one request,
	// 64 MiB by default. Larger ones go out in parts of PartSize, 16 MiB by
	// default, 1 MiB at least, and no larger than Single.
	Single, PartSize int64
	// Now is the clock by which requests are signed and unfinished uploads
	// are old.
	Now func() time.Time
	// Sleep waits between tries for d or returns the context's error, nil for
	// a timer.
	Sleep func(ctx context.Context, d time.Duration) error
	// Wrap is put around the transport of each request, nil for nothing.
	Wrap func(http.RoundTripper) http.RoundTripper
}

// An Uploader is one bucket. It is safe for concurrent use.
type Uploader struct{ bucket *bucket.Uploader }

// full is a bucket's name with an APPID:
// https://www.tencentcloud.com/document/product/436/13312
var full = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?-[0-9]{5,}$`)

// New makes no request: a bucket that is not there shows later.
func New(o Options) (*Uploader, error) {
	if o.Region == "" {
		return nil, errors.New("no region")
	}
	if !full.MatchString(o.Bucket) {
		return nil, fmt.Errorf("bucket %q is not the full name of one: want lower-case letters, digits and hyphens, "+
			`and the APPID of the account at the end, as in "acme-layers-1250000000"`, o.Bucket)
	}
	at, transport, err := route(o)
	if err != nil {
		return nil, err
	}
	if o.Wrap != nil {
		transport = o.Wrap(transport)
	}
	client := cos.NewClient(&cos.BaseURL{BucketURL: at}, &http.Client{
		Transport: &signing{next: transport, credentials: o.Credentials, now: o.Now},
	})
	// Package bucket does both, the retries and the comparison of sums.
	client.Conf.RetryOpt.Count = 1
	client.Conf.EnableCRC = false
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

// Stat describes an object. A refused HEAD comes without a reason, and so does
// this error. A bucket that is not there has no objects.
func (u *Uploader) Stat(ctx context.Context, key string) (layer.Object, error) {
	return u.bucket.Stat(ctx, key)
}

// Put sends the artifact under the condition that the key is free, and
// succeeds only if COS confirmed its CRC-64. A large artifact of which COS has
// parts already, from a run that was cut off, is gone on with.
func (u *Uploader) Put(ctx context.Context, key string, a layer.Artifact, sent func(int64)) (layer.Object, error) {
	return u.bucket.Put(ctx, key, a, sent)
}
