// Package oss is the sandbox's OSS: buckets and objects behind the wire format,
// the signatures, the CRC-64 sums and the errors of Alibaba Cloud's Object
// Storage Service. Requests are path-style. What it does not emulate it
// refuses by name, with 501 NotImplemented, so that nothing is left out
// silently.
package oss

import (
	"crypto/rand"
	"encoding/hex"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/layerbuild/layerbuild/sandbox/disk"
	"github.com/layerbuild/layerbuild/sandbox/objects"
	"github.com/layerbuild/layerbuild/sandbox/osssig"
	"github.com/layerbuild/layerbuild/sandbox/record"
)

// Options say what a Service is made of. All fields but Strict are required.
type Options struct {
	// Folder holds buckets and objects.
	Folder disk.Folder
	// Clock is the server's time.
	Clock func() time.Time
	// Find looks an access key up.
	Find func(key string) (osssig.Credential, bool)
	// Strict refuses buckets that were not created. Otherwise a bucket comes
	// into being when it is first used, in the region of that request.
	Strict bool
	// Log is told of every request after it was answered.
	Log func(record.Record)
}

// A Service is one OSS with all its regions. A request's region is the one it
// was signed for.
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
	w        http.ResponseWriter
	r        *http.Request
	query    url.Values
	about    osssig.Resource
	identity osssig.Identity
	record   record.Record
}

// place is the bucket that the request names, as the sender sees it.
func (x *exchange) place() objects.Place {
	return objects.Place{Account: x.identity.Credential.Account, Region: x.identity.Region, Bucket: x.about.Bucket}
}

// ServeHTTP implements [http.Handler].
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x := s.begin(w, r)
	x.record.Status = http.StatusOK
	s.end(x, s.serve(x))
}

// Fail answers the request with an error instead of acting on it. Without a
// code it takes the one that OSS has for the status.
func (s *Service) Fail(w http.ResponseWriter, r *http.Request, status int, code, message string) {
	x := s.begin(w, r)
	x.query = r.URL.Query()
	op, _ := route(x)           // what is no operation has no name
	claim, _ := osssig.Parse(r) // what is not signed has no region
	x.record.Action, x.record.Region, x.record.Faulty = op.action, claim.Region, true
	if code == "" {
		switch status {
		case http.StatusTooManyRequests, http.StatusServiceUnavailable:
			code, message = "QpsLimitExceeded", "Please reduce your request rate."
		case http.StatusForbidden:
			code, message = "AccessDenied", "AccessDenied"
		default:
			code, message = "InternalError", "Please contact the server administrator, oss@service.aliyun.com."
		}
	}
	s.end(x, fail(status, code, message))
}

func (s *Service) begin(w http.ResponseWriter, r *http.Request) *exchange {
	x := &exchange{w: w, r: r}
	x.record = record.Record{Time: s.o.Clock(), Service: "oss", RequestID: requestID()}
	x.about.Bucket, x.about.Key, _ = strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	x.record.Bucket, x.record.Key = x.about.Bucket, x.about.Key
	w.Header().Set("Server", "AliyunOSS")
	w.Header().Set("X-Oss-Request-Id", x.record.RequestID)
	return x
}

// end answers with the error, if there is one.
func (s *Service) end(x *exchange, err error) {
	if err != nil {
		f := x.failure(err)
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
	if err := x.checkNames(); err != nil {
		return err
	}
	return op.serve(s, x)
}

// requestID has the form of OSS's: 24 hexadecimal capitals.
func requestID() string {
	var b [12]byte
	rand.Read(b[:]) // never fails, see crypto/rand
	return strings.ToUpper(hex.EncodeToString(b[:]))
}
