package cos

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
	// headers are the x-cos- headers it understands, in lower case.
	headers []string
	serve   func(*Service, *exchange) error
}

// level is what host and path name.
type level int

const (
	service level = iota
	inBucket
	inObject
)

// operations are in the order in which they are tried. The names are those of
// COS's API documentation.
func operations() []operation {
	put := []string{"x-cos-forbid-overwrite", "x-cos-storage-class", "x-cos-acl", "x-cos-meta-"}
	return []operation{
		{"ListMultipartUploads", "GET", inBucket, []string{"uploads"},
			[]string{"prefix", "key-marker", "upload-id-marker", "max-uploads", "encoding-type"}, nil, (*Service).listUploads},
		{"GetBucket", "GET", inBucket, nil,
			[]string{"prefix", "delimiter", "marker", "max-keys", "encoding-type"}, nil, (*Service).getBucket},
		{"HeadBucket", "HEAD", inBucket, nil, nil, nil, (*Service).headBucket},
		{"PutBucket", "PUT", inBucket, nil, nil, []string{"x-cos-acl"}, (*Service).putBucket},
		{"DeleteBucket", "DELETE", inBucket, nil, nil, nil, (*Service).deleteBucket},
		{"ListParts", "GET", inObject, []string{"uploadId"},
			[]string{"max-parts", "part-number-marker", "encoding-type"}, nil, (*Service).listParts},
		{"UploadPart", "PUT", inObject, []string{"partNumber", "uploadId"}, nil, nil, (*Service).uploadPart},
		{"InitiateMultipartUpload", "POST", inObject, []string{"uploads"}, nil, put, (*Service).beginUpload},
		{"CompleteMultipartUpload", "POST", inObject, []string{"uploadId"}, nil, put, (*Service).completeUpload},
		{"AbortMultipartUpload", "DELETE", inObject, []string{"uploadId"}, nil, nil, (*Service).abortUpload},
		{"GetObject", "GET", inObject, nil, nil, nil, (*Service).getObject},
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
	return operation{}, notImplemented("this use of " + x.r.Method)
}

func hasAll(x *exchange, names []string) bool {
	return !slices.ContainsFunc(names, func(name string) bool { return !x.query.Has(name) })
}

func unknown(x *exchange, op operation) error {
	for name := range x.query {
		if !strings.HasPrefix(name, "q-") && name != "x-cos-security-token" &&
			!slices.Contains(op.need, name) && !slices.Contains(op.may, name) {
			return notImplemented("the parameter " + name + " of " + op.action)
		}
	}
	for name, values := range x.r.Header {
		name = strings.ToLower(name)
		if !strings.HasPrefix(name, "x-cos-") && name != "pic-operations" || understood(op, name) && harmless(name, values[0]) {
			continue
		}
		return notImplemented("the header " + name + " of " + op.action + ", or its value")
	}
	return nil
}

// understood says whether an operation knows a header.
func understood(op operation, name string) bool {
	switch name {
	case "x-cos-security-token", "x-cos-sdk-retry":
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
	case "x-cos-storage-class":
		return strings.EqualFold(value, "STANDARD")
	case "x-cos-acl":
		return value == "private" || value == "default"
	}
	return true
}

// metaPrefix begins the headers with which clients describe their objects.
const metaPrefix = "X-Cos-Meta-"

// forbids says whether the request must not replace an object.
func (x *exchange) forbids() bool {
	return strings.EqualFold(x.r.Header.Get("X-Cos-Forbid-Overwrite"), "true")
}
