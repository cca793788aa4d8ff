// Package exchange keeps what came over the wire, for SDKs that make a text of
// it: the status and the header of an answer, the document of an error as it
// was, and the error underneath a request that got no answer.
package exchange

import (
	"bytes"
	"errors"
	"io"
	"net/http"

	"github.com/layerbuild/layerbuild/internal/wire"
	"github.com/layerbuild/layerbuild/layer"
)

// problemLimit bounds how much of an error document is kept, in bytes.
const problemLimit = 64 << 10

// An Exchange is one request and what came of it. The zero value is ready.
type Exchange struct {
	// Status and Header are the answer's, zero when none came.
	Status int
	Header http.Header
	// Problem is the body of an answer that is no success.
	Problem []byte

	unanswered, cut error
}

// Send sends the request. The answer can be read as ever.
func (x *Exchange) Send(over http.RoundTripper, r *http.Request) (*http.Response, error) {
	answer, err := over.RoundTrip(r)
	if err != nil {
		x.unanswered = err
		return nil, err
	}
	x.Status, x.Header = answer.StatusCode, answer.Header
	answer.Body = &watched{answer.Body, x}
	if x.Success() {
		return answer, nil
	}
	x.Problem, err = io.ReadAll(io.LimitReader(answer.Body, problemLimit))
	answer.Body.Close()
	answer.Body = io.NopCloser(io.MultiReader(bytes.NewReader(x.Problem), failing{err}))
	return answer, nil
}

// Success reports whether the status is one of success.
func (x *Exchange) Success() bool { return x.Status >= 200 && x.Status < 300 }

// Fault says what the exchange by itself means: what the SDK made an error of,
// or what it took for a success and is none.
func (x *Exchange) Fault(err error) *layer.Fault {
	switch {
	case x.unanswered != nil:
		return wire.Unanswered(x.unanswered)
	case x.Status == 0: // the SDK itself refused
		return &layer.Fault{Err: err}
	}
	f := &layer.Fault{Status: x.Status, After: wire.RetryAfter(x.Header)}
	wire.Classify(f)
	switch {
	case x.cut != nil:
		f.Message, f.Err = "the answer was cut off", x.cut
		f.Unknown = !f.Retry && f.Cause == nil
	case x.Success():
		f.Message, f.Err = "the answer is none that is understood", err
	}
	return f
}

// watched notes why a body could not be read to its end.
type watched struct {
	io.ReadCloser
	x *Exchange
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.ReadCloser.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		w.x.cut = err
	}
	return n, err
}

// failing ends a body with an error, or as usual if there is none.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) {
	if f.err == nil {
		return 0, io.EOF
	}
	return 0, f.err
}
