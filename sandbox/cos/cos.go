// Package cos is the sandbox's COS: buckets and objects behind the wire format,
// the signatures, the CRC-64 sums and the errors of Tencent's Cloud Object
// Storage. The Host header says which bucket and region a request is for, as
// with the real one. What it does not emulate it refuses by name, with 501
// NotImplemented, so that nothing is left out silently.
package cos

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/layerbuild/layerbuild/sandbox/cossig"
	"github.com/layerbuild/layerbuild/sandbox/disk"
	"github.com/layerbuild/layerbuild/sandbox/objects"
	"github.com/layerbuild/layerbuild/sandbox/record"
)

// Options say what a Service is made of. All fields but PathStyle and
// Strict are required.
type Options struct {
	// Folder holds buckets and objects.
	Folder disk.Folder
	// Clock is the server's time.
	Clock func() time.Time
	// Find looks an access key up.
	Find func(key string) (cossig.Credential, bool)
	// PathStyle takes the first element of the path for the bucket where the
	// Host header is an address, which the real one never sees. Such a
	// request finds its bucket in any region, but makes none.
	PathStyle bool
	// Strict refuses buckets that were not created. Otherwise a bucket comes
	// into being when it is first used, in the region of that request.
	Strict bool
	// Log is told of every request after it was answered.
	Log func(record.Record)
}

// A Service is one COS with all its regions.
type Service struct {
	o     Options
	store *objects.Store
}

// New reads the state back that an earlier Service left in the folder.
func New(o Options) (*Service, error) {
	store, err := objects.New(objects.Options{Folder: o.Folder, Clock: o.Clock, Strict: o.Strict})
	if err != nil {
		return nil, err
	}
	return &Service{o: o, store: store}, nil
}

// An exchange is one request on its way to an answer.
type exchange struct {
	w     http.ResponseWriter
	r     *http.Request
	query url.Values
	target
	identity cossig.Identity
	record   record.Record
}

// place is the bucket that the request names, as the sender sees it.
func (x *exchange) place() objects.Place {
	return objects.Place{Account: x.identity.Credential.Account, Region: x.region, Bucket: x.bucket, Existing: x.region == ""}
}

// ServeHTTP implements [http.Handler].
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x := s.begin(w, r)
	x.record.Status = http.StatusOK
	s.end(x, s.serve(x))
}

// Fail answers the request with an error instead of acting on it. Without a
// code it takes the one that COS has for the status.
func (s *Service) Fail(w http.ResponseWriter, r *http.Request, status int, code, message string) {
	x := s.begin(w, r)
	x.query = r.URL.Query()
	op, _ := route(x) // what is no operation has no name
	x.record.Action, x.record.Faulty = op.action, true
	if code == "" {
		switch status {
		case http.StatusTooManyRequests, http.StatusServiceUnavailable:
			code, message = "SlowDown", "Reduce your request rate."
		case http.StatusForbidden:
			code, message = "AccessDenied", "Access Denied."
		default:
			code, message = "InternalError", "We encountered an internal error. Please try again."
		}
	}
	s.end(x, fail(status, code, message))
}

func (s *Service) begin(w http.ResponseWriter, r *http.Request) *exchange {
	x := &exchange{w: w, r: r}
	x.target = s.targetOf(r)
	x.record = record.Record{
		Time: s.o.Clock(), Service: "cos", RequestID: requestID(), Region: x.region, Bucket: x.bucket, Key: x.key,
	}
	w.Header().Set("Server", "tencent-cos")
	w.Header().Set("X-Cos-Request-Id", x.record.RequestID)
	return x
}

// end answers with the error, if there is one.
func (s *Service) end(x *exchange, err error) {
	if err != nil {
		f := explain(err)
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
	if x.query, err = cossig.Query(x.r); err != nil {
		return bad("InvalidURI", "Couldn't parse the specified URI.")
	}
	op, refused := route(x)
	x.record.Action = op.action
	if err := s.authenticate(x); err != nil {
		return err
	}
	if err := x.checkNames(); err != nil {
		return err
	}
	if refused != nil {
		return refused
	}
	return op.serve(s, x)
}

// requestID has the form of COS's: base64 of four hexadecimal numbers.
func requestID() string {
	var b [14]byte
	rand.Read(b[:]) // never fails, see crypto/rand
	return base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "%x_%x_%x_%x", b[:4], b[4:8], b[8:10], b[10:]))
}
