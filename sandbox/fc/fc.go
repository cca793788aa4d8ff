// Package fc is the sandbox's Function Compute, as far as it is about layers
// and the functions that use them: the APIs 2021-04-06 (2.0) and 2023-03-30
// (3.0) behind the wire format, the signatures, the limits and the errors of
// Alibaba Cloud. Both show the same layers; a function belongs to the API that
// made it.
//
// A layer, service or function whose name begins with "denied-" is one that
// the caller may not touch.
package fc

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/layerbuild/layerbuild/runtimes"
	"github.com/layerbuild/layerbuild/sandbox/acs3"
	"github.com/layerbuild/layerbuild/sandbox/disk"
	"github.com/layerbuild/layerbuild/sandbox/invoke"
	"github.com/layerbuild/layerbuild/sandbox/record"
)

// Objects is the OSS of the same cloud. Errors that are refusals of OSS have
// its code in them, see [Options].
type Objects interface {
	Fetch(account, region, bucket, key string) (*os.File, error)
	Deposit(account, region, bucket, key string, from io.Reader) error
	Discard(bucket, key string) error
}

// Options say what a Service is made of. All fields but Region, Strict and
// Spelling are required.
type Options struct {
	// Folder holds the descriptions of layers, services and functions.
	Folder disk.Folder
	// Objects is where zips come from and where they are kept.
	Objects Objects
	// Refusal returns code and message of an error of Objects that is OSS's
	// own refusal.
	Refusal func(error) (code, message string, ok bool)
	// Link returns a URL under base from which an object can be fetched for a
	// while.
	Link func(base url.URL, region, bucket, key string) string
	// Clock is the server's time.
	Clock func() time.Time
	// Find looks an access key up.
	Find func(key string) (acs3.Credential, bool)
	// Account is the service's own, in which it keeps zips.
	Account string
	// Region is the one of requests that do not name any, neither in the host
	// nor in x-acs-region-id; cn-hangzhou if it is empty.
	Region string
	// Catalogue says which runtimes there are and what the limits are.
	Catalogue *runtimes.Catalogue
	// Run runs a function that was invoked.
	Run invoke.Runner
	// Strict holds clients to a rate of requests.
	Strict bool
	// Spelling is that of the error documents.
	Spelling Spelling
	// Log is told of every request after it was answered.
	Log func(record.Record)
}

// A Service is one Function Compute with all its regions.
type Service struct {
	o Options

	mu        sync.Mutex
	layers    map[layerID]*layer
	services  map[serviceID]*service
	functions map[functionID]*deployed
	buckets   map[string]*tokens
}

// New reads the state back that an earlier Service left in the folder.
func New(o Options) (*Service, error) {
	if o.Region == "" {
		o.Region = "cn-hangzhou"
	}
	s := &Service{
		o: o, layers: map[layerID]*layer{}, services: map[serviceID]*service{},
		functions: map[functionID]*deployed{}, buckets: map[string]*tokens{},
	}
	for _, id := range []string{"fc2", "fc3"} {
		if _, ok := o.Catalogue.Service(id); !ok {
			return nil, fmt.Errorf("making Function Compute: the catalogue has no service %q", id)
		}
	}
	if err := s.load(); err != nil {
		return nil, err
	}
	return s, nil
}

// An exchange is one request on its way to an answer.
type exchange struct {
	w               http.ResponseWriter
	r               *http.Request
	body            []byte
	api             api
	region, account string
	// parts are those of the path, by name.
	parts  map[string]string
	record record.Record
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
// code it takes the one that Function Compute has for the status.
func (s *Service) Fail(w http.ResponseWriter, r *http.Request, status int, code, message string) {
	x := s.begin(w, r)
	x.record.Faulty = true
	f := &failure{status: status, code: code, message: message}
	switch {
	case code != "":
	case status == http.StatusTooManyRequests:
		f = throttled(0)
	case status == http.StatusForbidden:
		f = s.denied(x)
	default:
		f = internal()
		f.status = status
	}
	io.Copy(io.Discard, io.LimitReader(r.Body, s.requestLimit(x.api)))
	s.end(x, f)
}

func (s *Service) begin(w http.ResponseWriter, r *http.Request) *exchange {
	x := &exchange{w: w, r: r}
	now := s.o.Clock()
	x.record = record.Record{Time: now, Service: "fc", RequestID: requestID(now)}
	x.region = s.regionOf(r)
	x.record.Region = x.region
	op, _ := route(x)
	x.record.Action, x.record.Layer = op.action, x.parts["layer"]
	x.record.Version, _ = strconv.ParseInt(x.parts["version"], 10, 32) // what is none is 0
	w.Header().Set("X-Fc-Request-Id", x.record.RequestID)
	return x
}

func (s *Service) end(x *exchange, err error) {
	if err != nil {
		f, ok := errors.AsType[*failure](err)
		if !ok {
			f = internal()
		}
		x.record.Status, x.record.Code = f.status, f.code
		f.write(x, s.o.Spelling)
	}
	s.o.Log(x.record)
}

// serve returns the document to answer with, nil if there is none.
func (s *Service) serve(x *exchange) (answer any, status int, err error) {
	op, unrouted := route(x)
	if err := s.readBody(x); err != nil {
		return nil, 0, err
	}
	if err := s.authenticate(x); err != nil {
		return nil, 0, err
	}
	if unrouted != nil {
		return nil, 0, unrouted
	}
	if s.o.Strict {
		if err := s.throttle(x); err != nil {
			return nil, 0, err
		}
	}
	if x.forbidden() {
		return nil, 0, s.denied(x)
	}
	answer, err = op.serve(s, x)
	return answer, op.status, err
}
