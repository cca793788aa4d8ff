package oss

import (
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/layerbuild/layerbuild/sandbox/objects"
	"github.com/layerbuild/layerbuild/sandbox/osssig"
)

// A Failure is an answer that is an error.
type Failure struct {
	Status        int
	Code, Message string
	// EC is the number of the error in OSS's catalogue, "" where its
	// documentation has none.
	EC string
	// Fields are further elements of the error document, in order.
	Fields []Field
	// Region is where the bucket lives, when that is why.
	Region string
}

// A Field is one element of an error document beside code and message.
type Field struct{ Name, Value string }

func (f *Failure) Error() string { return fmt.Sprintf("%d %s: %s", f.Status, f.Code, f.Message) }

func fail(status int, code, message string, fields ...Field) *Failure {
	return &Failure{Status: status, Code: code, Message: message, Fields: fields}
}

func bad(code, message string, fields ...Field) *Failure {
	return fail(http.StatusBadRequest, code, message, fields...)
}

// ec sets the number of the error.
func (f *Failure) ec(number string) *Failure {
	f.EC = number
	return f
}

// The wordings and numbers are those of "HTTP status code 4xx" and of the
// pages by EC number in the OSS documentation (help.aliyun.com/oss).

func argument(name, value, message string) *Failure {
	return bad("InvalidArgument", message, Field{"ArgumentName", name}, Field{"ArgumentValue", value})
}

func notImplemented(kind, name, more string) *Failure {
	return fail(http.StatusNotImplemented, "NotImplemented", "A "+kind+" you provided implies functionality that is not implemented: "+more+".",
		Field{kind, name})
}

func malformedXML() *Failure {
	return bad("MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema.")
}

// accessDenied is the answer to who wants something of a bucket that is not
// his.
func accessDenied(about osssig.Resource) *Failure {
	if about.Key != "" {
		return fail(http.StatusForbidden, "AccessDenied", "You have no right to access this object because of bucket acl.").ec("0003-00000001")
	}
	return fail(http.StatusForbidden, "AccessDenied", "The bucket you access does not belong to you.")
}

// elsewhere is the answer to a request for a bucket of another region. It
// names the endpoint to go to.
func elsewhere(bucket, region string) *Failure {
	f := fail(http.StatusForbidden, "AccessDenied", "The bucket you are attempting to access must be addressed using the "+
		"specified endpoint. Please send all future requests to this endpoint.",
		Field{"Bucket", bucket}, Field{"Endpoint", endpoint(region)}).ec("0003-00001403")
	f.Region = region
	return f
}

// failure puts an error into OSS's words.
func (x *exchange) failure(err error) *Failure {
	if f, ok := errors.AsType[*Failure](err); ok {
		return f
	}
	return explain(err, x.record.Action, x.about, x.query.Get("uploadId"))
}

// explain puts an error of the store into OSS's words.
func explain(err error, action string, about osssig.Resource, upload string) *Failure {
	if e, ok := errors.AsType[*objects.Elsewhere](err); ok {
		return elsewhere(about.Bucket, e.Region)
	}
	if e, ok := errors.AsType[*objects.PartError](err); ok {
		return partFailure(e, upload)
	}
	switch {
	case errors.Is(err, objects.ErrNoBucket):
		return fail(http.StatusNotFound, "NoSuchBucket", "The specified bucket does not exist.", Field{"BucketName", about.Bucket}).ec("0015-00000101")
	case errors.Is(err, objects.ErrDenied):
		return accessDenied(about)
	case errors.Is(err, objects.ErrNotEmpty):
		return fail(http.StatusConflict, "BucketNotEmpty", "The bucket you tried to delete is not empty.", Field{"BucketName", about.Bucket}).ec("0015-00000301")
	case errors.Is(err, objects.ErrNoKey):
		return fail(http.StatusNotFound, "NoSuchKey", "The specified key does not exist.", Field{"Key", about.Key}).ec("0026-00000001")
	case errors.Is(err, objects.ErrExists):
		f := fail(http.StatusConflict, "FileAlreadyExists", "The object you specified already exists and can not be overwritten.").ec("0026-00000002")
		if action == "CompleteMultipartUpload" {
			f.EC = "0042-00000214"
		}
		return f
	case errors.Is(err, objects.ErrNoUpload):
		f := fail(http.StatusNotFound, "NoSuchUpload", "The specified upload does not exist. The upload ID may be invalid, "+
			"or the upload may have been aborted or completed.", Field{"UploadId", upload})
		if action == "UploadPart" {
			f.EC = "0042-00000104"
		}
		return f
	case errors.Is(err, objects.ErrNotModified):
		return fail(http.StatusNotModified, "NotModified", "Not Modified")
	case errors.Is(err, objects.ErrCondition):
		return fail(http.StatusPreconditionFailed, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold.")
	}
	return fail(http.StatusInternalServerError, "InternalError", "Please contact the server administrator, oss@service.aliyun.com.")
}

func partFailure(e *objects.PartError, upload string) *Failure {
	number := Field{"PartNumber", strconv.Itoa(e.Number)}
	switch e.Reason {
	case objects.Unordered:
		return bad("InvalidPartOrder", "The list of parts was not in ascending order. Parts list must specified in order by part number.",
			Field{"UploadId", upload}, number).ec("0042-00000209")
	case objects.Small:
		return bad("EntityTooSmall", "Your proposed upload smaller than the minimum allowed size.", Field{"ETag", etag(e.ETag)},
			Field{"MinSizeAllowed", strconv.Itoa(minPart)}, Field{"ProposedSize", strconv.FormatInt(e.Size, 10)}, number).ec("0042-00000213")
	}
	return bad("InvalidPart", "One or more of the specified parts could not be found or the specified entity tag might not have "+
		"matched the part's entity tag.", Field{"UploadId", upload}, number, Field{"PartEtag", etag(e.ETag)})
}

// document is the error as XML.
func (f *Failure) document(requestID, host string) []byte {
	doc := struct {
		XMLName      xml.Name `xml:"Error"`
		Code         string
		Message      string
		RequestID    string `xml:"RequestId"`
		HostID       string `xml:"HostId"`
		Fields       []element
		EC           string `xml:",omitempty"`
		RecommendDoc string `xml:",omitempty"`
	}{Code: f.Code, Message: f.Message, RequestID: requestID, HostID: host, EC: f.EC}
	for _, field := range f.Fields {
		doc.Fields = append(doc.Fields, element{XMLName: xml.Name{Local: field.Name}, Text: field.Value})
	}
	if f.EC != "" {
		doc.RecommendDoc = "https://api.aliyun.com/troubleshoot?q=" + f.EC
	}
	text, err := xml.Marshal(doc)
	if err != nil {
		return nil
	}
	return append([]byte(xml.Header), text...)
}

type element struct {
	XMLName xml.Name
	Text    string `xml:",chardata"`
}

// write sends the error. The answer to a HEAD has no body: there the document
// is in a header.
func (f *Failure) write(x *exchange) {
	h := x.w.Header()
	for name := range h {
		if name != "X-Oss-Request-Id" && name != "Server" && name != "Retry-After" {
			delete(h, name)
		}
	}
	x.serverTime()
	if f.EC != "" {
		h.Set("X-Oss-Ec", f.EC)
	}
	text := f.document(x.record.RequestID, x.r.Host)
	if f.Status == http.StatusNotModified {
		x.w.WriteHeader(f.Status)
		return
	}
	if x.r.Method == http.MethodHead {
		h.Set("X-Oss-Err", base64.StdEncoding.EncodeToString(text))
		x.w.WriteHeader(f.Status)
		return
	}
	h.Set("Content-Type", "application/xml")
	h.Set("Content-Length", strconv.Itoa(len(text)))
	x.w.WriteHeader(f.Status)
	x.w.Write(text) // fails only when the client is gone
}
