package s3

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"strconv"

	"github.com/layerbuild/layerbuild/sandbox/awssig"
)

// A Failure is an answer that is an error.
type Failure struct {
	Status        int
	Code, Message string
	// Fields are further elements of the error document, in order.
	Fields []Field
	// Region is where the bucket lives, for answers that say so in a header.
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

// The wordings are those that S3 itself answers, as LocalStack recorded them
// in the snapshots of its tests (tests/aws/services/s3/*.snapshot.json), and
// as the S3 API reference lists them under "Error responses".

func invalidRequest(format string, args ...any) *Failure {
	return bad("InvalidRequest", fmt.Sprintf(format, args...))
}

func invalidArgument(name, value, message string) *Failure {
	return bad("InvalidArgument", message, Field{"ArgumentName", name}, Field{"ArgumentValue", value})
}

func accessDenied() *Failure { return fail(http.StatusForbidden, "AccessDenied", "Access Denied") }

func noSuchBucket(name string) *Failure {
	return fail(http.StatusNotFound, "NoSuchBucket", "The specified bucket does not exist", Field{"BucketName", name})
}

func noSuchKey(key string) *Failure {
	return fail(http.StatusNotFound, "NoSuchKey", "The specified key does not exist.", Field{"Key", key})
}

func noSuchUpload(id string) *Failure {
	return fail(http.StatusNotFound, "NoSuchUpload", "The specified upload does not exist. The upload ID may be "+
		"invalid, or the upload may have been aborted or completed.", Field{"UploadId", id})
}

func preconditionFailed(condition string) *Failure {
	return fail(http.StatusPreconditionFailed, "PreconditionFailed",
		"At least one of the pre-conditions you specified did not hold", Field{"Condition", condition})
}

func notImplemented(header, more string) *Failure {
	f := fail(http.StatusNotImplemented, "NotImplemented",
		"A header you provided implies functionality that is not implemented", Field{"Header", header})
	if more != "" {
		f.Fields = append(f.Fields, Field{"additionalMessage", more})
	}
	return f
}

func incompleteBody() *Failure {
	return bad("IncompleteBody", "You did not provide the number of bytes specified by the Content-Length HTTP header")
}

func malformedXML() *Failure {
	return bad("MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema")
}

func signatureMismatch(r *awssig.Refusal) *Failure {
	return fail(http.StatusForbidden, "SignatureDoesNotMatch", "The request signature we calculated does not match "+
		"the signature you provided. Check your key and signing method.",
		Field{"AWSAccessKeyId", r.Key}, Field{"StringToSign", r.ToSign},
		Field{"SignatureProvided", r.Provided}, Field{"CanonicalRequest", r.Canonical})
}

func internalError() *Failure {
	return fail(http.StatusInternalServerError, "InternalError", "We encountered an internal error. Please try again.")
}

// document is the error as XML. Unlike all other answers it has no namespace.
func (f *Failure) document(requestID, hostID string) []byte {
	doc := struct {
		XMLName   xml.Name `xml:"Error"`
		Code      string
		Message   string
		Fields    []element
		RequestID string `xml:"RequestId"`
		HostID    string `xml:"HostId"`
	}{Code: f.Code, Message: f.Message, RequestID: requestID, HostID: hostID}
	for _, field := range f.Fields {
		doc.Fields = append(doc.Fields, element{XMLName: xml.Name{Local: field.Name}, Text: field.Value})
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

// write sends the error. The answer to a HEAD has no body.
func (f *Failure) write(x *exchange) {
	h := x.w.Header()
	for name := range h {
		if name != "X-Amz-Request-Id" && name != "X-Amz-Id-2" && name != "Server" {
			delete(h, name)
		}
	}
	if f.Region != "" {
		h.Set("X-Amz-Bucket-Region", f.Region)
	}
	if x.r.Method == http.MethodHead || f.Status == http.StatusNotModified {
		x.w.WriteHeader(f.Status)
		return
	}
	text := f.document(x.record.RequestID, h.Get("X-Amz-Id-2"))
	h.Set("Content-Type", "application/xml")
	h.Set("Content-Length", strconv.Itoa(len(text)))
	x.w.WriteHeader(f.Status)
	x.w.Write(text)
}
