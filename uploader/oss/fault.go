package oss

import (
	"io/fs"
	"net/http"
	"strconv"

	"github.com/layerbuild/layerbuild/internal/alicloud"
	"github.com/layerbuild/layerbuild/internal/bucket"
	"github.com/layerbuild/layerbuild/layer"
)

// fault says what an error means to an upload. The codes are those of
// https://www.alibabacloud.com/help/en/oss/support/0002
func (s *store) fault(err error) *layer.Fault {
	f := alicloud.Fault(err)
	switch f.Code {
	case "FileAlreadyExists":
		f.Cause = fs.ErrExist
	case "InvalidDigest":
		f.Cause = layer.ErrDigest
	case "NoSuchUpload":
		f.Cause = bucket.ErrGone
	case "NoSuchBucket":
		f.Hint = "create bucket " + strconv.Quote(s.bucket) + " in region " + s.region + ", or name another one"
	case "AccessDenied":
		f.Hint = "uploading needs oss:PutObject and oss:GetObject on the objects of bucket " + strconv.Quote(s.bucket) +
			" in the RAM policy, and oss:ListParts, oss:AbortMultipartUpload and oss:ListMultipartUploads for large ones"
	}
	s.otherRegion(f, err)
	return f
}

// readFault is fault for a HEAD. Where OSS says why, it says so in a header,
// which the SDK reads.
func (s *store) readFault(err error) *layer.Fault {
	f := s.fault(err)
	if f.Status == http.StatusNotFound {
		f.Cause = fs.ErrNotExist
	}
	return f
}

// otherRegion recognises a bucket that is elsewhere: OSS names the endpoint to
// go to.
func (s *store) otherRegion(f *layer.Fault, err error) {
	at := alicloud.Endpoint(err)
	region := alicloud.Region(at)
	if region == "" || region == s.region {
		return
	}
	f.Cause = nil
	f.Hint = "bucket " + strconv.Quote(s.bucket) + " is in region " + region +
		": Function Compute wants it in the region of the layer, use one there"
}
