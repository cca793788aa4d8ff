package cos

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/layerbuild/layerbuild/sandbox/objects"
)

// A Failure is an answer that is an error.
type Failure struct {
	Status        int
	Code, Message string
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

// Codes and statuses are those of "Error Codes" in the COS API documentation
// (tencentcloud.com/document/product/436/7730), which has no messages; those
// are as seen in answers.

func argument(message string) *Failure { return bad("InvalidArgument", message) }

func notImplemented(what string) *Failure {
	return fail(http.StatusNotImplemented, "NotImplemented", "The sandbox does not know "+what+".")
}

func malformedXML() *Failure {
	return bad("MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema.")
}

func accessDenied() *Failure { return fail(http.StatusForbidden, "AccessDenied", "Access Denied.") }

func noSuchBucket() *Failure {
	return fail(http.StatusNotFound, "NoSuchBucket", "The specified bucket does not exist.")
}

// explain puts an error into COS's words.
func explain(err error) *Failure {
	if f, ok := errors.AsType[*Failure](err); ok {
		return f
	}
	if e, ok := errors.AsType[*objects.Elsewhere](err); ok {
		// The host name has the region in it, and there is no such host.
		f := noSuchBucket()
		f.Region = e.Region
		return f
	}
	if e, ok := errors.AsType[*objects.PartError](err); ok {
		return partFailure(e)
	}
	switch {
	case errors.Is(err, objects.ErrNoBucket):
		return noSuchBucket()
	case errors.Is(err, objects.ErrDenied):
		return accessDenied()
	case errors.Is(err, objects.ErrNotEmpty):
		return fail(http.StatusConflict, "BucketNotEmpty", "The bucket you tried to delete is not empty.")
	case errors.Is(err, objects.ErrNoKey):
		return fail(http.StatusNotFound, "NoSuchKey", "The specified key does not exist.")
	case errors.Is(err, objects.ErrExists):
		return fail(http.StatusConflict, "FileAlreadyExists", "The object you specified already exists and can not be overwritten.")
	case errors.Is(err, objects.ErrNoUpload):
		return fail(http.StatusNotFound, "NoSuchUpload", "The specified multipart upload does not exist. The upload ID might be "+
			"invalid, or the multipart upload might have been aborted or completed.")
	case errors.Is(err, objects.ErrNotModified):
		return fail(http.StatusNotModified, "NotModified", "Not Modified")
	case errors.Is(err, objects.ErrCondition):
		return fail(http.StatusPreconditionFailed, "PreconditionFailed", "At least one of the preconditions you specified did not hold.")
	}
	return fail(http.StatusInternalServerError, "InternalError", "We encountered an internal error. Please try again.")
}

func partFailure(e *objects.PartError) *Failure {
	number := strconv.Itoa(e.Number)
	switch e.Reason {
	case objects.Unordered:
		return bad("InvalidPartOrder", "The list of parts was not in ascending order. Parts list must be specified in order by part number.")
	case objects.Small:
		return bad("EntityTooSmall", "Your proposed upload is smaller than the minimum allowed object size.", Field{"PartNumber", number})
	}
	return bad("InvalidPart", "One or more of the specified parts could not be found.", Field{"PartNumber", number})
}

// document is the error as XML.
func (f *Failure) document(resource, requestID, trace string) []byte {
	doc := struct {
		XMLName   xml.Name `xml:"Error"`
		Code      string
		Message   string
		Fields    []element
		Resource  string
		RequestID string `xml:"RequestId"`
		TraceID   string `xml:"TraceId"`
	}{Code: f.Code, Message: f.Message, Resource: resource, RequestID: requestID, TraceID: trace}
	for _, field := range f.Fields {
		doc.Fields = append(doc.Fields, element{XMLName: xml.Name{Local: field.Name}, Text: field.Value})
	}
	text, err := xml.Marshal(doc)
	if err != nil {
		return nil
	}
	return append([]byte(declaration), text...)
}

type element struct {
	XMLName xml.Name
	Text    string `xml:",chardata"`
}

// write sends the error. The answer to a HEAD has no body.
func (f *Failure) write(x *exchange) {
	h := x.w.Header()
	for name := range h {
		if name != "X-Cos-Request-Id" && name != "Server" && name != "Retry-After" {
			delete(h, name)
		}
	}
	trace := traceID()
	h.Set("X-Cos-Trace-Id", trace)
	if x.r.Method == http.MethodHead || f.Status == http.StatusNotModified {
		x.w.WriteHeader(f.Status)
		return
	}
	text := f.document(x.resource(), x.record.RequestID, trace)
	h.Set("Content-Type", "application/xml")
	h.Set("Content-Length", strconv.Itoa(len(text)))
	x.w.WriteHeader(f.Status)
	x.w.Write(text) // fails only when the client is gone
}

// traceID is what COS gives an error beside the id of the request.
func traceID() string {
	var b [72]byte
	rand.Read(b[:]) // never fails, see crypto/rand
	return base64.StdEncoding.EncodeToString(b[:])
}
