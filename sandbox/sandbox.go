// Package sandbox is a cloud in a process: it listens on loopback and answers
// as the real services do, signatures, checksums, limits and error wordings
// included, so that what works here works there: S3, Lambda and Parameter Store,
// Alibaba's OSS and Function Compute 2.0 and 3.0, Tencent's COS and SCF.
//
// There is one address for all services. A request goes to the service that
// its signature is made for.
package sandbox

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os"
	"sync"
	"time"

	"github.com/layerbuild/layerbuild/runtimes"
	"github.com/layerbuild/layerbuild/sandbox/awssig"
	"github.com/layerbuild/layerbuild/sandbox/cos"
	"github.com/layerbuild/layerbuild/sandbox/fc"
	"github.com/layerbuild/layerbuild/sandbox/lambda"
	"github.com/layerbuild/layerbuild/sandbox/oss"
	"github.com/layerbuild/layerbuild/sandbox/record"
	"github.com/layerbuild/layerbuild/sandbox/s3"
	"github.com/layerbuild/layerbuild/sandbox/scf"
	"github.com/layerbuild/layerbuild/sandbox/ssm"
)

// The accounts. Account is the user's on AWS, AlibabaAccount and TencentAppID
// are the same user's elsewhere; the others are those in which the function
// services keep zips.
const (
	Account        = "123456789012"
	AlibabaAccount = "1234567890123456"
	TencentAppID   = "1250000000"

	serviceAccount = "210987654321"
	alibabaService = "6543210987654321"
	tencentService = "1259999999"
)

// Region is the one that Env names for AWS.
const Region = "us-east-1"

// A Record is one request and its answer.
type Record = record.Record

// Options say what a sandbox is like. Clock and Catalogue are required.
type Options struct {
	// Dir is the folder that keeps the state. It may be used again by a later
	// sandbox, but not by two at once. Without one the state is in a
	// temporary folder and gone after Close.
	Dir string
	// Clock is the time of all services.
	Clock func() time.Time
	// Catalogue says which runtimes the function services have, and what
	// their limits are.
	Catalogue *runtimes.Catalogue
	// Strict refuses buckets that were not created, and holds clients to the
	// request rates of the real services.
	Strict bool
	// DisabledRegions are AWS regions that are not enabled for the account:
	// Lambda does not know its keys there.
	DisabledRegions []string
	// Lambda replaces limits that would be tedious to reach in tests.
	Lambda lambda.Limits
	// Log is told of every request after it was answered, from any goroutine.
	Log func(Record)
	// Fault is asked before each request what is to go wrong with it.
	Fault func(*http.Request) Fault
}

// A Sandbox is the emulated cloud. It is an [http.Handler] of its own and need
// not be started.
type Sandbox struct {
	o          Options
	dir        string
	temporary  bool
	credential awssig.Credential
	s3         *s3.Service
	lambda     *lambda.Service
	ssm        *ssm.Service
	oss        *oss.Service
	fc         *fc.Service
	cos        *cos.Service
	scf        *scf.Service
	server     *http.Server
	url        string
	served     chan error
	// closing ends what waits, open is held by every request under way and
	// closed says that there are to be no more.
	closing chan struct{}
	open    sync.RWMutex
	closed  bool
}

// New makes a sandbox with the state that is in Options.Dir, and with new
// credentials.
func New(o Options) (*Sandbox, error) {
	if o.Clock == nil || o.Catalogue == nil {
		return nil, errors.New("making a sandbox: no clock or no catalogue")
	}
	o.Log = logOf(o.Log)
	if o.Fault == nil {
		o.Fault = func(*http.Request) Fault { return Fault{} }
	}
	s := &Sandbox{o: o, dir: o.Dir, credential: newCredential(Account), closing: make(chan struct{})}
	if s.dir == "" {
		dir, err := os.MkdirTemp("", "layerbuild-sandbox-")
		if err != nil {
			return nil, fmt.Errorf("making a sandbox: %w", err)
		}
		s.dir, s.temporary = dir, true
	}
	if err := errors.Join(s.amazon(), s.alibaba(), s.tencent()); err != nil {
		return nil, fmt.Errorf("making a sandbox: %w", errors.Join(err, s.Close()))
	}
	return s, nil
}

// logOf returns what the services tell of their requests.
func logOf(log func(Record)) func(Record) {
	return func(r Record) {
		if r.Status == 0 {
			r.Code = "" // nobody was told any
		}
		if log != nil {
			log(r)
		}
	}
}

// newCredential makes up a key that looks like AWS's.
func newCredential(account string) awssig.Credential {
	return awssig.Credential{Key: "AKIA" + rand.Text()[:16], Secret: rand.Text() + rand.Text()[:14], Account: account}
}

// Start listens on a loopback address, "127.0.0.1:0" if it is empty, and
// serves until Close is called or the context ends.
func (s *Sandbox) Start(ctx context.Context, address string) error {
	if address == "" {
		address = "127.0.0.1:0"
	}
	at, err := netip.ParseAddrPort(address)
	if err != nil || !at.Addr().IsLoopback() {
		return fmt.Errorf("starting the sandbox: %q is no address and port of this machine's loopback", address)
	}
	if s.server != nil {
		return errors.New("starting the sandbox: it is started already")
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return fmt.Errorf("starting the sandbox: %w", err)
	}
	s.url = "http://" + listener.Addr().String()
	server := &http.Server{Handler: s, ReadHeaderTimeout: time.Minute}
	s.server, s.served = server, make(chan error, 1)
	go func() { s.served <- server.Serve(listener) }()
	context.AfterFunc(ctx, func() { server.Close() })
	return nil
}

// URL is where a started sandbox listens, without a slash at the end.
func (s *Sandbox) URL() string { return s.url }

// Credential is the user's key, made up for this sandbox.
func (s *Sandbox) Credential() awssig.Credential { return s.credential }

// Close stops serving, cuts what is under way, waits for its end, and removes
// the state unless it was to be kept. It may be called again, but not at the
// same time.
func (s *Sandbox) Close() error {
	if s.closed {
		return nil
	}
	close(s.closing)
	var errs []error
	if s.server != nil {
		errs = append(errs, s.server.Close())
		if err := <-s.served; !errors.Is(err, http.ErrServerClosed) {
			errs = append(errs, err)
		}
	}
	s.open.Lock()
	s.closed = true
	s.open.Unlock()
	if s.temporary {
		errs = append(errs, os.RemoveAll(s.dir))
	}
	return errors.Join(errs...)
}
