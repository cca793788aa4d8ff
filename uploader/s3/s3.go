// Package s3 uploads into a bucket of Amazon S3, or of a store that speaks its
// protocol and knows checksums and conditional writes.
//
// A zip up to the single limit goes out in one request with its SHA-256, which
// the store checks and keeps, and which is the CodeSha256 that Lambda will
// report. A larger one goes out in parts under one CRC-64/NVME of the whole
// object, since a SHA-256 of parts is not that of the zip:
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
package s3

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/feature/s3/manager"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/layerbuild/layerbuild/internal/awscloud"
	"github.com/layerbuild/layerbuild/layer"
)

const (
	defaultSingle   = 64 << 20
	defaultPartSize = 16 << 20
)

// Options are how to reach a bucket, and how to cut what goes there.
type Options struct {
	// Config is the account and the region of the bucket.
	Config aws.Config
	Bucket string
	// Endpoint is an address other than Amazon's, unless the environment or
	// the profile names one. Buckets are then part of the path.
	Endpoint string
	// Single is the largest object, in bytes, that goes out in one request,
	// 64 MiB by default. Larger ones go out in parts of PartSize, 16 MiB by
	// default, 5 MiB at least, and no larger than Single.
	Single, PartSize int64
	// Now is the clock by which unfinished uploads are old.
	Now func() time.Time
}

// An Uploader is one bucket. It is safe for concurrent use.
type Uploader struct {
	client           *s3.Client
	bucket, region   string
	single, partSize int64
	now              func() time.Time
}

// New makes no request: a bucket that is not there shows later.
func New(o Options) (*Uploader, error) {
	u := &Uploader{
		bucket: o.Bucket, region: o.Config.Region, now: o.Now,
		single:   cmp.Or(o.Single, defaultSingle),
		partSize: cmp.Or(o.PartSize, defaultPartSize),
	}
	if u.partSize < manager.MinUploadPartSize || u.partSize > u.single {
		return nil, fmt.Errorf("part size of %d bytes: want %d to %d", u.partSize, manager.MinUploadPartSize, u.single)
	}
	var bad error
	u.client = s3.NewFromConfig(o.Config, func(so *s3.Options) {
		so.BaseEndpoint, bad = awscloud.Endpoint(so.BaseEndpoint, o.Endpoint)
		so.UsePathStyle = so.BaseEndpoint != nil
		// Amazon throttles with 503 SlowDown, other stores with 429.
		so.Retryer = retry.AddWithErrorCodes(so.Retryer, "TooManyRequests")
	})
	if bad != nil {
		return nil, bad
	}
	return u, nil
}

// Stat asks for the object's checksums as well. S3 answers as if permission
// were missing when an object is not there and the caller may not list the
// bucket; and since a refused HEAD comes without a reason, so does this error.
// A bucket that is not there has no objects.
func (u *Uploader) Stat(ctx context.Context, key string) (layer.Object, error) {
	out, err := u.client.HeadObject(ctx, &s3.HeadObjectInput{
		Bucket: &u.bucket, Key: &key, ChecksumMode: types.ChecksumModeEnabled,
	})
	if err != nil {
		return layer.Object{}, fmt.Errorf("looking for %q: %w", u.url(key), u.headFault(err))
	}
	o := layer.Object{Bucket: u.bucket, Key: key, Version: version(out.VersionId), Size: aws.ToInt64(out.ContentLength)}
	if out.ChecksumType != types.ChecksumTypeComposite {
		o.SHA256 = hexSum(out.ChecksumSHA256)
		o.CRC64NVME = decimalSum(out.ChecksumCRC64NVME)
	}
	return o, nil
}

func (u *Uploader) url(key string) string { return "s3://" + u.bucket + "/" + key }

// version leaves out what a bucket that once kept versions says of an object
// without one.
func version(id *string) string {
	if aws.ToString(id) == "null" {
		return ""
	}
	return aws.ToString(id)
}
