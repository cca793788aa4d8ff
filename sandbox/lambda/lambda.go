// Package lambda is the sandbox's Lambda: layers, and as much of functions as
// it takes to try layers out, behind the wire format, the signatures, the
// limits and the errors of AWS Lambda.
package lambda

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/layerbuild/layerbuild/runtimes"
	"github.com/layerbuild/layerbuild/sandbox/awssig"
	"github.com/layerbuild/layerbuild/sandbox/disk"
	"github.com/layerbuild/layerbuild/sandbox/invoke"
	"github.com/layerbuild/layerbuild/sandbox/record"
)

// Objects is the S3 of the same cloud. Errors that are refusals of S3 have
// its code in them, see [Options].
type Objects interface {
	Fetch(account, region, bucket, key string) (*os.File, error)
	Deposit(account, region, bucket, key string, from io.Reader) error
	Discard(bucket, key string) error
}

// Options say what a Service is made of. All fields but DisabledRegions,
// Strict and Limits are required.
type Options struct {
	// Folder holds the descriptions of the layers.
	Folder disk.Folder
	// Objects is where zips come from and where they are kept.
	Objects Objects
	// Refusal returns code and message of an error of Objects that is S3's
	// own refusal.
	Refusal func(error) (code, message string, ok bool)
	// Clock is the server's time.
	Clock func() time.Time
	// Find looks an access key up.
	Find func(key string) (awssig.Credential, bool)
	// Own is the key with which the service keeps zips in S3 and signs the
	// URLs it hands out. It belongs to an account of the service's.
	Own awssig.Credential
	// Catalogue says what the runtimes of functions are like.
	Catalogue *runtimes.Catalogue
	// Run runs a function that was invoked.
	Run invoke.Runner
	// DisabledRegions are those that the account has not enabled: nobody has
	// an access key there.
	DisabledRegions []string
	// Strict holds clients to 15 requests a second per region.
	Strict bool
	// Limits are Lambda's own where they are zero.
	Limits Limits
	// Log is told of every request after it was answered.
	Log func(record.Record)
}

// A Service is one Lambda with all its regions.
type Service struct {
	o Options

	mu        sync.Mutex
	layers    map[layerID]*layer
	functions map[functionID]*program
	// changing are functions that nobody has asked about since they were made
	// or changed.
	changing map[functionID]phase
	buckets  map[string]*tokens
}

// New reads the state back that an earlier Service left in the folder.
func New(o Options) (*Service, error) {
	o.Limits = o.Limits.withDefaults()
	s := &Service{
		o: o, layers: map[layerID]*layer{}, functions: map[functionID]*program{},
		changing: map[functionID]phase{}, buckets: map[string]*tokens{},
	}
	if _, ok := o.Catalogue.Service("lambda"); !ok {
		return nil, errors.New("making Lambda: the catalogue has no such service")
	}
	if err := errors.Join(s.load(), s.loadFunctions()); err != nil {
		return nil, err
	}
	return s, nil
}

// An exchange is one request on its way to an answer.
type exchange struct {
	w               http.ResponseWriter
	r               *http.Request
	body            []byte
	region, account string
	// name, number and statement are the parts of the path.
	name      string
	number    string
	statement string
	function  string
	record    record.Record
}

// ServeHTTP implements [http.Handler].
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x := s.begin(w, r)
	answer, status, err := s.serve(x)
	if err == nil {
		err = x.answer(answer, status)
	}
	s.end(x, err)
}

// Fail answers the request with an error instead of acting on it. Without a
// code it takes the one that Lambda has for the status.
func (s *Service) Fail(w http.ResponseWriter, r *http.Request, status int, code, message string) {
	x := s.begin(w, r)
	op, _ := route(x)           // what is no operation has no name
	claim, _ := awssig.Parse(r) // what is not signed has no region
	x.record.Action, x.record.Layer, x.record.Region, x.record.Faulty = op.action, x.name, claim.Region, true
	f := &failure{status: status, code: code, message: message}
	switch {
	case code != "":
	case status == http.StatusTooManyRequests:
		f = throttled(0)
	case status == http.StatusForbidden:
		f.code, f.message = "AccessDeniedException", "User is not authorized to perform this action"
	default:
		f = serviceFailure()
		f.status = status
	}
	io.Copy(io.Discard, io.LimitReader(r.Body, s.o.Limits.Request))
	s.end(x, f)
}

func (s *Service) begin(w http.ResponseWriter, r *http.Request) *exchange {
	x := &exchange{w: w, r: r}
	x.record = record.Record{Time: s.o.Clock(), Service: "lambda", RequestID: uuid()}
	w.Header().Set("X-Amzn-Requestid", x.record.RequestID)
	return x
}

func (s *Service) end(x *exchange, err error) {
	if err != nil {
		f, ok := errors.AsType[*failure](err)
		if !ok {
			f = serviceFailure()
		}
		x.record.Status, x.record.Code = f.status, f.code
		f.write(x.w)
	}
	s.o.Log(x.record)
}

// serve returns the document to answer with, nil if there is none.
func (s *Service) serve(x *exchange) (answer any, status int, err error) {
	op, err := route(x)
	x.record.Action, x.record.Layer = op.action, x.name
	if errRead := s.readBody(x, op.action); errRead != nil {
		return nil, 0, errRead
	}
	if err := s.authenticate(x); err != nil {
		return nil, 0, err
	}
	if err != nil {
		return nil, 0, err
	}
	if s.o.Strict {
		if err := s.throttle(x); err != nil {
			return nil, 0, err
		}
	}
	answer, err = op.serve(s, x)
	return answer, op.status, err
}

// readBody takes the body into memory: it is never larger than an inline zip.
func (s *Service) readBody(x *exchange, action string) error {
	var err error
	limit := s.o.Limits.Request
	x.body, err = io.ReadAll(io.LimitReader(x.r.Body, limit))
	if int64(len(x.body)) == limit {
		io.Copy(io.Discard, io.LimitReader(x.r.Body, 16*limit))
		return &failure{status: http.StatusRequestEntityTooLarge, code: "RequestEntityTooLargeException",
			message: fmt.Sprintf("Request must be smaller than %d bytes for the %s operation", limit, action)}
	}
	if err != nil {
		return &failure{status: http.StatusBadRequest, code: "InvalidRequestContentException", message: "Could not read the request body"}
	}
	return nil
}

// decode reads the body's document.
func (x *exchange) decode(to any) error {
	if err := json.Unmarshal(x.body, to); err != nil {
		return &failure{status: http.StatusBadRequest, code: "InvalidRequestContentException",
			message: "Could not parse request body into json: " + err.Error()}
	}
	return nil
}

func (x *exchange) answer(doc any, status int) error {
	x.record.Status = status
	if p, ok := doc.(payload); ok {
		send(x.w, status, p)
		return nil
	}
	if doc == nil {
		x.w.WriteHeader(status)
		return nil
	}
	text, err := json.Marshal(doc)
	if err != nil {
		return err
	}
	send(x.w, status, text)
	return nil
}

// uuid returns a random UUID, RFC 9562 section 5.4.
func uuid() string {
	var b [16]byte
	rand.Read(b[:]) // never fails, see crypto/rand
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
