package oss

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
	// headers are the x-oss- headers it understands, in lower case.
	headers []string
	serve   func(*Service, *exchange) error
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
	put := []string{"x-oss-forbid-overwrite", "x-oss-storage-class", "x-oss-object-acl", "x-oss-meta-"}
	return []operation{
		{"GetBucketInfo", "GET", inBucket, []string{"bucketInfo"}, nil, nil, (*Service).getBucketInfo},
		{"GetBucketLocation", "GET", inBucket, []string{"location"}, nil, nil, (*Service).getBucketLocation},
		{"ListMultipartUploads", "GET", inBucket, []string{"uploads"},
			[]string{"prefix", "key-marker", "upload-id-marker", "max-uploads", "encoding-type"}, nil, (*Service).listUploads},
		{"ListObjectsV2", "GET", inBucket, []string{"list-type"},
			[]string{"prefix", "delimiter", "start-after", "continuation-token", "max-keys", "encoding-type", "fetch-owner"}, nil, (*Service).listObjects},
		{"PutBucket", "PUT", inBucket, nil, nil, []string{"x-oss-acl"}, (*Service).putBucket},
		{"DeleteBucket", "DELETE", inBucket, nil, nil, nil, (*Service).deleteBucket},
		{"ListParts", "GET", inObject, []string{"uploadId"},
			[]string{"max-parts", "part-number-marker", "encoding-type"}, nil, (*Service).listParts},
		{"UploadPart", "PUT", inObject, []string{"partNumber", "uploadId"}, nil, nil, (*Service).uploadPart},
		{"InitiateMultipartUpload", "POST", inObject, []string{"uploads"}, []string{"encoding-type"}, put, (*Service).beginUpload},
		{"CompleteMultipartUpload", "POST", inObject, []string{"uploadId"}, []string{"encoding-type"}, put, (*Service).completeUpload},
		{"AbortMultipartUpload", "DELETE", inObject, []string{"uploadId"}, nil, nil, (*Service).abortUpload},
		{"GetObject", "GET", inObject, nil, nil, []string{"x-oss-range-behavior"}, (*Service).getObject},
		{"HeadObject", "HEAD", inObject, nil, nil, nil, (*Service).getObject},
		{"PutObject", "PUT", inObject, nil, nil, put, (*Service).putObject},
		{"DeleteObject", "DELETE", inObject, nil, nil, nil, (*Service).deleteObject},
	}
}

// route finds the operation of a request. One with parameters or headers that
// nobody understands is refused, not taken for another.
func route(x *exchange) (operation, error) {
	at := service
	switch {
	case x.about.Key != "":
		at = inObject
	case x.about.Bucket != "":
		at = inBucket
	}
	for _, op := range operations() {
		if op.method == x.r.Method && op.level == at && hasAll(x, op.need) {
			return op, unknown(x, op)
		}
	}
	return operation{}, notImplemented("Method", x.r.Method, "The sandbox knows no such operation")
}

func hasAll(x *exchange, names []string) bool {
	return !slices.ContainsFunc(names, func(name string) bool { return !x.query.Has(name) })
}

func unknown(x *exchange, op operation) error {
	for name := range x.query {
		if !strings.HasPrefix(name, "x-oss-") && !slices.Contains(op.need, name) && !slices.Contains(op.may, name) {
			return notImplemented("Parameter", name, "The sandbox does not know this parameter of "+op.action)
		}
	}
	for name, values := range x.r.Header {
		name = strings.ToLower(name)
		if !strings.HasPrefix(name, "x-oss-") || understood(op, name) && harmless(name, values[0]) {
			continue
		}
		return notImplemented("Header", name, "The sandbox does not know this header, or not this value, of "+op.action)
	}
	return nil
}

// understood says whether an operation knows a header.
func understood(op operation, name string) bool {
	switch name {
	case "x-oss-date", "x-oss-content-sha256", "x-oss-security-token", "x-oss-user-agent":
		return true
	}
	return slices.ContainsFunc(op.headers, func(known string) bool {
		return name == known || strings.HasSuffix(known, "-") && strings.HasPrefix(name, known)
	})
}

// harmless says whether a header that is understood has a value that changes
// nothing, where those that would are not emulated.
func harmless(name, value string) bool {
	switch name {
	case "x-oss-storage-class":
		return value == "Standard"
	case "x-oss-acl", "x-oss-object-acl":
		return value == "private" || value == "default"
	}
	return true
}

// metaPrefix begins the headers with which clients describe their objects.
const metaPrefix = "X-Oss-Meta-"

// forbids says whether the request must not replace an object.
func (x *exchange) forbids() bool {
	return strings.EqualFold(x.r.Header.Get("X-Oss-Forbid-Overwrite"), "true")
}
