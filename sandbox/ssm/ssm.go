// Package ssm is the sandbox's Parameter Store: as much of AWS Systems Manager
// as it takes to write and read parameters, behind the wire format, the
// signatures, the rules for names and the errors of the service.
package ssm

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/layerbuild/layerbuild/sandbox/awssig"
	"github.com/layerbuild/layerbuild/sandbox/disk"
	"github.com/layerbuild/layerbuild/sandbox/record"
)

// Options say what a Service is made of. All fields are required.
type Options struct {
	// Folder holds the parameters.
	Folder disk.Folder
	// Clock is the server's time.
	Clock func() time.Time
	// Find looks an access key up.
	Find func(key string) (awssig.Credential, bool)
	// Log is told of every request after it was answered.
	Log func(record.Record)
}

// A Service is one Parameter Store with all its accounts and regions.
type Service struct {
	o Options

	mu         sync.Mutex
	parameters map[parameterID]*parameter
}

// New reads the state back that an earlier Service left in the folder.
func New(o Options) (*Service, error) {
	s := &Service{o: o, parameters: map[parameterID]*parameter{}}
	if err := s.load(); err != nil {
		return nil, fmt.Errorf("making Parameter Store: %w", err)
	}
	return s, nil
}

// maxRequest is more in bytes than any request needs: ten names, or a name and
// a value.
const maxRequest = 1 << 20

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
	doc, err := s.serve(x)
	var text []byte
	if err == nil {
		text, err = json.Marshal(doc)
	}
	if err == nil {
		x.record.Status = http.StatusOK
		send(w, http.StatusOK, text)
	}
	s.end(x, err)
}

// Fail answers the request with an error instead of acting on it. Without a
// code it takes the one that the service has for the status.
func (s *Service) Fail(w http.ResponseWriter, r *http.Request, status int, code, message string) {
	x := s.begin(w, r)
	claim, _ := awssig.Parse(r) // what is not signed has no region
	x.record.Region, x.record.Faulty = claim.Region, true
	f := &failure{status: status, code: code, message: message}
	switch {
	case code != "":
	case status == http.StatusTooManyRequests:
		f.code, f.message = "ThrottlingException", "Rate exceeded"
	case status == http.StatusForbidden:
		f.code, f.message = "AccessDeniedException", "User is not authorized to perform this action"
	default:
		f.code = internalError
	}
	io.Copy(io.Discard, io.LimitReader(r.Body, maxRequest))
	s.end(x, f)
}

func (s *Service) begin(w http.ResponseWriter, r *http.Request) *exchange {
	x := &exchange{w: w, r: r}
	x.record = record.Record{Time: s.o.Clock(), Service: "ssm", Action: action(r), RequestID: uuid()}
	w.Header().Set("X-Amzn-Requestid", x.record.RequestID)
	return x
}

func (s *Service) end(x *exchange, err error) {
	if err != nil {
		f, ok := errors.AsType[*failure](err)
		if !ok {
			f = &failure{status: http.StatusInternalServerError, code: internalError}
		}
		x.record.Status, x.record.Code = f.status, f.code
		f.write(x.w)
	}
	s.o.Log(x.record)
}

// serve returns the document to answer with.
func (s *Service) serve(x *exchange) (any, error) {
	var err error
	x.body, err = io.ReadAll(io.LimitReader(x.r.Body, maxRequest))
	if err != nil {
		return nil, refuse("SerializationException", "")
	}
	if err := s.authenticate(x); err != nil {
		return nil, err
	}
	operate := operations()[x.record.Action]
	if operate == nil || x.r.Method != http.MethodPost {
		return nil, refuse("UnknownOperationException", "")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return operate(s, x)
}

func send(w http.ResponseWriter, status int, text []byte) {
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	w.WriteHeader(status)
	w.Write(text) // fails only when the client is gone
}

// uuid returns a random UUID, RFC 9562 section 5.4.
func uuid() string {
	var b [16]byte
	rand.Read(b[:]) // never fails, see crypto/rand
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
