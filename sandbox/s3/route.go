package s3

import (
	"slices"
	"strings"
)

// An operation is one action of the API and how a request for it looks.
type operation struct {
	action string
	method string
	level  level
	// need are the parameters that tell it from others of the same method,
	// may are those it understands besides.
	need, may []string
	serve     func(*Service, *exchange) error
}

// level is what a path names.
type level int

const (
	service level = iota
	inBucket
	inObject
)

// operations are in the order in which they are tried.
func operations() []operation {
	return []operation{
		{"ListBuckets", "GET", service, nil, nil, (*Service).listBuckets},
		{"GetBucketLocation", "GET", inBucket, []string{"location"}, nil, (*Service).getBucketLocation},
		{"ListMultipartUploads", "GET", inBucket, []string{"uploads"},
			[]string{"prefix", "key-marker", "upload-id-marker", "max-uploads", "encoding-type"}, (*Service).listUploads},
		{"ListObjectsV2", "GET", inBucket, []string{"list-type"},
			[]string{"prefix", "delimiter", "start-after", "continuation-token", "max-keys", "encoding-type", "fetch-owner"}, (*Service).listObjects},
		{"HeadBucket", "HEAD", inBucket, nil, nil, (*Service).headBucket},
		{"CreateBucket", "PUT", inBucket, nil, nil, (*Service).createBucket},
		{"DeleteBucket", "DELETE", inBucket, nil, nil, (*Service).deleteBucket},
		{"ListParts", "GET", inObject, []string{"uploadId"},
			[]string{"max-parts", "part-number-marker", "encoding-type"}, (*Service).listParts},
		{"UploadPart", "PUT", inObject, []string{"partNumber", "uploadId"}, nil, (*Service).uploadPart},
		{"CreateMultipartUpload", "POST", inObject, []string{"uploads"}, nil, (*Service).createUpload},
		{"CompleteMultipartUpload", "POST", inObject, []string{"uploadId"}, nil, (*Service).completeUpload},
		{"AbortMultipartUpload", "DELETE", inObject, []string{"uploadId"}, nil, (*Service).abortUpload},
		{"GetObject", "GET", inObject, nil, []string{"versionId"}, (*Service).getObject},
		{"HeadObject", "HEAD", inObject, nil, []string{"versionId"}, (*Service).getObject},
		{"PutObject", "PUT", inObject, nil, nil, (*Service).putObject},
		{"DeleteObject", "DELETE", inObject, nil, []string{"versionId"}, (*Service).deleteObject},
	}
}

// route finds the operation of a request. One with parameters that nobody
// understands is refused, not taken for another.
func route(x *exchange) (operation, error) {
	at := service
	switch {
	case x.key != "":
		at = inObject
	case x.bucket != "":
		at = inBucket
	}
	for _, op := range operations() {
		if op.method == x.r.Method && op.level == at && hasAll(x, op.need) {
			return op, unknown(x, op)
		}
	}
	return operation{}, notImplemented(x.r.Method, "The sandbox knows no such operation")
}

func hasAll(x *exchange, names []string) bool {
	return !slices.ContainsFunc(names, func(name string) bool { return !x.query.Has(name) })
}

func unknown(x *exchange, op operation) error {
	for name := range x.query {
		if name != "x-id" && !strings.HasPrefix(name, "X-Amz-") &&
			!slices.Contains(op.need, name) && !slices.Contains(op.may, name) {
			return notImplemented(name, "The sandbox does not know this parameter of "+op.action)
		}
	}
	for _, name := range []string{"X-Amz-Copy-Source", "X-Amz-Server-Side-Encryption-Customer-Algorithm"} {
		if x.r.Header.Get(name) != "" {
			return notImplemented(name, "The sandbox does not know this header")
		}
	}
	return nil
}
