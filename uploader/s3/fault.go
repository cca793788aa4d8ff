package s3

import (
	"io/fs"
	"net/http"
	"regexp"
	"strconv"

	"github.com/layerbuild/layerbuild/internal/awscloud"
	"github.com/layerbuild/layerbuild/layer"
)

// fault says what an error means to an upload. The codes are those of
// https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
func (u *Uploader) fault(err error) error {
	f := awscloud.Fault(err)
	switch f.Code {
	case "PreconditionFailed", "ConditionalRequestConflict":
		// The second is a write to the same key at the same moment.
		f.Cause = fs.ErrExist
	case "BadDigest", "InvalidDigest", "XAmzContentChecksumMismatch", "XAmzContentSHA256Mismatch":
		f.Cause = layer.ErrDigest
		f.Hint = "the zip was changed after it was packed, or on its way"
	case "NoSuchUpload":
		// Completing was repeated after the first answer was lost, or
		// somebody aborted the upload.
		f.Unknown = true
	case "NoSuchBucket":
		f.Hint = "create bucket " + strconv.Quote(u.bucket) + " in region " + u.region + ", or name another one"
	case "AllAccessDisabled", "AccessDenied":
		f.Hint = "uploading needs s3:PutObject on the bucket " + strconv.Quote(u.bucket)
	}
	u.otherRegion(f, err)
	return f
}

// headFault is fault for answers without a body, which say nothing but their
// status.
func (u *Uploader) headFault(err error) error {
	f := awscloud.Fault(err)
	switch f.Status {
	case http.StatusNotFound:
		f.Cause = fs.ErrNotExist
	case http.StatusBadRequest:
		f.Cause = fs.ErrPermission
		f.Hint = "often an expired session token"
	}
	u.otherRegion(f, err)
	return f
}

// expected is how AuthorizationHeaderMalformed names the right region.
var expected = regexp.MustCompile(`expecting '([a-z0-9-]+)'`)

// otherRegion recognises a bucket that is elsewhere: S3 says where in a header
// of the answer or in its message.
func (u *Uploader) otherRegion(f *layer.Fault, err error) {
	answer := awscloud.Answer(err)
	if answer == nil {
		return
	}
	region := answer.Header.Get("X-Amz-Bucket-Region")
	if m := expected.FindStringSubmatch(f.Message); m != nil {
		region = m[1]
	}
	if region == "" || region == u.region || f.Status/100 != 3 && f.Status != http.StatusBadRequest {
		return
	}
	f.Cause = nil
	f.Hint = "bucket " + strconv.Quote(u.bucket) + " is in region " + region +
		": Lambda wants it in the region of the layer, use one there"
}
