//lint:file-ignore SA1019 feature/s3/manager is used on purpose, see putParts

//nolint:staticcheck // the same for golangci-lint
package s3

import (
	"context"
	"errors"
	"os"
	"regexp"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/s3/manager"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/layerbuild/layerbuild/layer"
)

// putParts uses feature/s3/manager although it is marked deprecated: its named
// successor, feature/s3/transfermanager v0.5.4, drops the CRC-64/NVME sums of
// the parts, so that stores refuse to complete an upload with that checksum.
func (u *Uploader) putParts(ctx context.Context, key string, file *os.File, d layer.Digests, m *meter) (layer.Object, error) {
	u.abortOld(ctx, key)
	up := manager.NewUploader(u.client, func(up *manager.Uploader) {
		up.PartSize = u.partSize
		// The manager would abort with the caller's context, which may be
		// the reason for the failure.
		up.LeavePartsOnError = true
		up.ClientOptions = append(up.ClientOptions, m.watch)
	})
	out, err := up.Upload(ctx, &s3.PutObjectInput{
		Bucket: &u.bucket, Key: &key, Body: file,
		ContentType: aws.String(contentType),
		IfNoneMatch: aws.String("*"),
		// The store checks this one against the whole object, not its parts:
		// CRC-64/NVME is always of the full object.
		ChecksumAlgorithm: types.ChecksumAlgorithmCrc64nvme,
		ChecksumCRC64NVME: aws.String(base64CRC(d.CRC64NVME)),
	})
	if err != nil {
		var left manager.MultiUploadFailure
		if errors.As(err, &left) {
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanTime)
			defer cancel()
			u.abort(ctx, key, left.UploadID())
		}
		return layer.Object{}, u.fault(err)
	}
	return layer.Object{
		Bucket: u.bucket, Key: key, Version: version(out.VersionID), Size: d.Size,
		CRC64NVME: decimalSum(out.ChecksumCRC64NVME),
	}, nil
}

// leftoverAge is how old an unfinished upload has to be to belong to a run
// that was killed and not to one that is still sending.
const leftoverAge = time.Hour

// ours is the name that uploader.Key gives an object within its folder.
var ours = regexp.MustCompile(`^[0-9a-f]{64}\.zip$`)

// abortOld removes unfinished uploads of the same layer that earlier runs left
// behind; their parts are stored and paid for until then. It is no part of
// what the caller wants, and listing takes a permission of its own, so what
// goes wrong here is passed over.
func (u *Uploader) abortOld(ctx context.Context, key string) {
	folder := key[:strings.LastIndexByte(key, '/')+1]
	pages := s3.NewListMultipartUploadsPaginator(u.client, &s3.ListMultipartUploadsInput{
		Bucket: &u.bucket, Prefix: &folder,
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return
		}
		for _, found := range page.Uploads {
			name, below := strings.CutPrefix(aws.ToString(found.Key), folder)
			old := found.Initiated != nil && u.now().Sub(*found.Initiated) > leftoverAge
			if below && ours.MatchString(name) && old {
				u.abort(ctx, *found.Key, aws.ToString(found.UploadId))
			}
		}
	}
}

// abort passes over failures: the upload may be gone, and if it is not, a
// later run finds it again.
func (u *Uploader) abort(ctx context.Context, key, id string) {
	_, _ = u.client.AbortMultipartUpload(ctx, &s3.AbortMultipartUploadInput{
		Bucket: &u.bucket, Key: &key, UploadId: &id,
	})
}
