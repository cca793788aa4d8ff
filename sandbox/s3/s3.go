// Package s3 is the sandbox's S3: buckets and objects behind the wire format,
// the signatures, the checksums, the conditions and the errors of Amazon S3.
// Requests are path-style. What it does not emulate it refuses by name, with
// 501 NotImplemented, so that nothing is left out silently.
package s3

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/layerbuild/layerbuild/sandbox/awssig"
	"github.com/layerbuild/layerbuild/sandbox/disk"
	"github.com/layerbuild/layerbuild/sandbox/record"
)

// Options say what a Service is made of. All fields but Strict are required.
type Options struct {
	// Folder holds buckets and objects.
	Folder disk.Folder
	// Clock is the server's time.
	Clock func() time.Time
	// Find looks an access key up.
	Find func(key string) (awssig.Credential, bool)
	// Strict refuses buckets that were not created. Otherwise a bucket comes
	// into being when it is first used, in the region of that request.
	Strict bool
	// Log is told of every request after it was answered.
	Log func(record.Record)
}

// A Service is one S3 with all its regions.
type Service struct {
	o Options

	mu      sync.Mutex
	buckets map[string]*bucket
	uploads map[string]*upload
}

// New reads the state back that an earlier Service left in the folder.
func New(o Options) (*Service, error) {
	s := &Service{o: o, buckets: map[string]*bucket{}, uploads: map[string]*upload{}}
	if err := s.load(); err != nil {
		return nil, err
	}
	return s, nil
}

// An exchange is one request on its way to an answer.
type exchange struct {
	w           http.ResponseWriter
	r           *http.Request
	query       url.Values
	bucket, key string
	// payload is the request's x-amz-content-sha256.
	payload  string
	identity awssig.Identity
	record   record.Record
}

// streaming says whether the body is aws-chunked.
func (x *exchange) streaming() bool {
	return x.payload == awssig.StreamingSigned || x.payload == awssig.StreamingSignedTrailer ||
		x.payload == awssig.StreamingUnsignedTrailer
}

// ServeHTTP implements [http.Handler].
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x := s.begin(w, r)
	x.record.Status = http.StatusOK
	s.end(x, s.serve(x))
}

// Fail answers the request with an error instead of acting on it. Without a
// code it takes the one that S3 has for the status.
func (s *Service) Fail(w http.ResponseWriter, r *http.Request, status int, code, message string) {
	x := s.begin(w, r)
	x.query = r.URL.Query()
	op, _ := route(x)           // what is no operation has no name
	claim, _ := awssig.Parse(r) // what is not signed has no region
	x.record.Action, x.record.Region, x.record.Faulty = op.action, claim.Region, true
	if code == "" {
		switch status {
		case http.StatusTooManyRequests, http.StatusServiceUnavailable:
			code, message = "SlowDown", "Please reduce your request rate."
		case http.StatusForbidden:
			code, message = "AccessDenied", "Access Denied"
		default:
			code, message = "InternalError", "We encountered an internal error. Please try again."
		}
	}
	s.end(x, fail(status, code, message))
}

func (s *Service) begin(w http.ResponseWriter, r *http.Request) *exchange {
	x := &exchange{w: w, r: r}
	x.record = record.Record{Time: s.o.Clock(), Service: "s3", RequestID: requestID()}
	name, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	x.bucket, x.key = name, key
	x.record.Bucket, x.record.Key = name, key
	w.Header().Set("Server", "AmazonS3")
	w.Header().Set("X-Amz-Request-Id", x.record.RequestID)
	w.Header().Set("X-Amz-Id-2", hostID())
	return x
}

// end answers with the error, if there is one.
func (s *Service) end(x *exchange, err error) {
	if err != nil {
		f, ok := errors.AsType[*Failure](err)
		if !ok {
			f = internalError()
		}
		x.drain()
		x.record.Status, x.record.Code = f.Status, f.Code
		f.write(x)
	}
	s.o.Log(x.record)
}

// drain reads the rest of the body before an error is sent: clients that are
// still writing would see a broken connection instead of the answer. One that
// waits for a 100 Continue has sent nothing yet and gets the answer at once.
func (x *exchange) drain() {
	if x.r.Header.Get("Expect") == "" {
		io.Copy(io.Discard, io.LimitReader(x.r.Body, maxObject))
	}
}

func (s *Service) serve(x *exchange) error {
	var err error
	if x.query, err = url.ParseQuery(x.r.URL.RawQuery); err != nil {
		return bad("InvalidURI", "Couldn't parse the specified URI.")
	}
	op, refused := route(x)
	x.record.Action = op.action
	if err := s.authenticate(x); err != nil {
		return err
	}
	if refused != nil {
		return refused
	}
	if x.key != "" {
		if err := checkKey(x.key); err != nil {
			return err
		}
	}
	return op.serve(s, x)
}

// requestID has the form of S3's: sixteen digits and capitals.
func requestID() string { return rand.Text()[:16] }

func hostID() string {
	var b [56]byte
	rand.Read(b[:]) // never fails, see crypto/rand
	return base64.StdEncoding.EncodeToString(b[:])
}
