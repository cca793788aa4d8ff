package cos

import (
	"io/fs"
	"net/http"
	"strconv"

	"github.com/tencentyun/cos-go-sdk-v5"

	"github.com/layerbuild/layerbuild/internal/bucket"
	"github.com/layerbuild/layerbuild/internal/tencentcloud"
	"github.com/layerbuild/layerbuild/layer"
)

// fault says what an error means to an upload. The codes are those of
// https://www.tencentcloud.com/document/product/436/7730
func (s *store) fault(answer *cos.Response, err error) *layer.Fault {
	f := tencentcloud.Fault(err)
	if f.Status == 0 && answer != nil && answer.StatusCode == http.StatusOK {
		// An answer that was cut, or one that began well and ends with an
		// error, as the completion of an upload may, of which the SDK shows
		// the bytes as numbers.
		return &layer.Fault{
			Status: answer.StatusCode, Message: "the answer is not a whole one", Unknown: true,
			RequestID: answer.Header.Get("X-Cos-Request-Id"), Err: err,
		}
	}
	switch f.Code {
	case "FileAlreadyExists":
		f.Cause = fs.ErrExist
	case "BadDigest", "InvalidDigest":
		f.Cause = layer.ErrDigest
	case "NoSuchUpload":
		f.Cause = bucket.ErrGone
	case "NoSuchBucket":
		f.Hint = "create bucket " + strconv.Quote(s.bucket) + " in region " + s.region +
			", or name one that is there: a bucket of another region is unknown to this one"
	case "AccessDenied":
		if f.Hint == "" {
			f.Hint = "uploading needs cos:PutObject, cos:HeadObject and cos:GetObject on bucket " + strconv.Quote(s.bucket) +
				" in the CAM policy, and cos:InitiateMultipartUpload, cos:UploadPart, cos:CompleteMultipartUpload, " +
				"cos:ListMultipartUploads, cos:ListParts and cos:AbortMultipartUpload for large ones"
		}
	}
	return f
}

// headFault is fault for answers without a body, which say nothing but their
// status.
func (s *store) headFault(err error) *layer.Fault {
	f := s.fault(nil, err)
	if f.Status == http.StatusNotFound {
		f.Cause = fs.ErrNotExist
	}
	return f
}
