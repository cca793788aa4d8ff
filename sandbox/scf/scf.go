// Package scf is the sandbox's Serverless Cloud Function, as far as it is about
// layers and the functions that use them: the API 2018-04-16 behind the wire
// format, the signatures, the limits, the asynchronous states and the errors of
// Tencent Cloud.
//
// A layer or function whose name begins with "denied-" is one that the caller
// may not touch.
package scf

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/layerbuild/layerbuild/runtimes"
	"github.com/layerbuild/layerbuild/sandbox/disk"
	"github.com/layerbuild/layerbuild/sandbox/invoke"
	"github.com/layerbuild/layerbuild/sandbox/record"
	"github.com/layerbuild/layerbuild/sandbox/tc3"
)

// Objects is the COS of the same cloud. Buckets have their full names, with the
// APPID. Errors that are refusals of COS have its code in them, see [Options].
type Objects interface {
	Fetch(account, region, bucket, key string) (*os.File, error)
	Deposit(account, region, bucket, key string, from io.Reader) error
	Discard(bucket, key string) error
}

// Options say what a Service is made of. All fields but Wait and Strict are
// required.
type Options struct {
	// Folder holds the descriptions of layers, functions and namespaces.
	Folder disk.Folder
	// Objects is where zips come from and where they are kept.
	Objects Objects
	// Refusal returns the code of an error of Objects that is COS's own
	// refusal.
	Refusal func(error) (code, message string, ok bool)
	// Link returns a URL under base from which an object can be fetched for a
	// while.
	Link func(base url.URL, region, bucket, key string) string
	// Clock is the server's time.
	Clock func() time.Time
	// Find looks a secret id up.
	Find func(key string) (tc3.Credential, bool)
	// Account is the service's own APPID, under which it keeps zips.
	Account string
	// Catalogue says which runtimes there are and what the limits are.
	Catalogue *runtimes.Catalogue
	// Run runs a function that was invoked.
	Run invoke.Runner
	// Wait is how long layers and functions are not ready.
	Wait Wait
	// Strict holds clients to 20 requests a second per action.
	Strict bool
	// Log is told of every request after it was answered.
	Log func(record.Record)
}

// Wait is how long something new is not ready. Both conditions must be met.
type Wait struct {
	// Polls is how many times it is described as not ready: once if it is
	// zero, never if it is negative.
	Polls int
	// Time is for how long.
	Time time.Duration
}

// A Service is one Serverless Cloud Function with all its regions.
type Service struct {
	o      Options
	limits runtimes.Limits
	cells  []runtimes.Cell

	mu         sync.Mutex
	layers     map[layerID]*layer
	functions  map[functionID]*deployed
	namespaces map[namespaceID]*namespace
	windows    map[string]*window
}

// New reads the state back that an earlier Service left in the folder.
func New(o Options) (*Service, error) {
	cloud, ok := o.Catalogue.Service("scf")
	if !ok {
		return nil, errors.New(`making SCF: the catalogue has no service "scf"`)
	}
	if o.Wait.Polls == 0 {
		o.Wait.Polls = 1
	}
	s := &Service{
		o: o, limits: cloud.Limits, cells: cloud.Cells, layers: map[layerID]*layer{},
		functions: map[functionID]*deployed{}, namespaces: map[namespaceID]*namespace{}, windows: map[string]*window{},
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
	region, account string
	record          record.Record
}

// ServeHTTP implements [http.Handler].
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x := s.begin(w, r)
	answer, err := s.serve(x)
	s.end(x, answer, err)
}

// Fail answers the request with an error instead of acting on it. Without a
// code it takes the one that the service has for the status, where it has one:
// its errors have the status 200. The others are those of something in between,
// which knows nothing of the API's documents.
func (s *Service) Fail(w http.ResponseWriter, r *http.Request, status int, code, message string) {
	x := s.begin(w, r)
	x.record.Faulty = true
	f := &failure{code: code, message: message}
	io.Copy(io.Discard, io.LimitReader(r.Body, maxRequest))
	if code == "" {
		switch status {
		case http.StatusTooManyRequests:
			f = limited(rate + 1)
		case http.StatusForbidden:
			f = fail("UnauthorizedOperation.CAM")
		case http.StatusInternalServerError, http.StatusServiceUnavailable:
			f = fail("InternalError.System")
		default:
			x.record.Status = status
			http.Error(w, http.StatusText(status), status)
			s.o.Log(x.record)
			return
		}
	}
	s.end(x, nil, f)
}

func (s *Service) begin(w http.ResponseWriter, r *http.Request) *exchange {
	x := &exchange{w: w, r: r, region: r.Header.Get("X-Tc-Region")}
	if x.region == "" {
		x.region = "ap-guangzhou" // "this parameter is not required", says the API reference
	}
	x.record = record.Record{Time: s.o.Clock(), Service: "scf", Action: r.Header.Get("X-Tc-Action"), Region: x.region, RequestID: uuid()}
	return x
}

// end answers, with the error if there is one. The status is 200 always.
func (s *Service) end(x *exchange, answer answer, err error) {
	x.record.Status = http.StatusOK
	if err != nil {
		f, ok := errors.AsType[*failure](err)
		if !ok {
			f = fail("InternalError.System")
		}
		x.record.Code = f.code
		answer = f.answer(x)
	}
	if answer == nil {
		answer = map[string]any{}
	}
	answer["RequestId"] = x.record.RequestID
	text, err := json.Marshal(map[string]any{"Response": answer})
	if err != nil {
		text = nil
	}
	x.w.Header().Set("Content-Type", "application/json")
	x.w.Write(text) // fails only when the client is gone
	s.o.Log(x.record)
}

// answer are the members of a response but RequestId, which all have.
type answer = map[string]any

func (s *Service) serve(x *exchange) (answer, error) {
	act, unrouted := route(x)
	if err := x.readBody(); err != nil {
		return nil, err
	}
	if err := s.authenticate(x); err != nil {
		return nil, err
	}
	if unrouted != nil {
		return nil, unrouted
	}
	if s.o.Strict {
		if err := s.throttle(x); err != nil {
			return nil, err
		}
	}
	var about struct{ LayerName, FunctionName string }
	if err := x.decode(&about); err != nil {
		return nil, err
	}
	x.record.Layer = about.LayerName
	if strings.HasPrefix(about.LayerName, "denied-") || strings.HasPrefix(about.FunctionName, "denied-") {
		return nil, fail("UnauthorizedOperation.CAM")
	}
	return act(s, x)
}

// uuid returns a random UUID, RFC 9562 section 5.4.
func uuid() string {
	var b [16]byte
	rand.Read(b[:]) // never fails, see crypto/rand
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
