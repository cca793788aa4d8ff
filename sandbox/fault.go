package sandbox

import (
	"bytes"
	"io"
	"net/http"
	"strconv"
	"time"
)

// A Fault is what goes wrong with one request. The zero value is nothing. The
// parts can be combined.
type Fault struct {
	// Delay is how long the sandbox waits before it does anything else. Then
	// it acts, whether or not the client is still there.
	Delay time.Duration
	// Late is how long it waits once the request has arrived whole. Then it
	// acts, whether or not the client is still there. A request that breaks
	// off does nothing. The body is in memory meanwhile.
	Late time.Duration
	// Hang takes the request, does nothing, and does not answer until the
	// client gives up or the sandbox closes.
	Hang bool
	// Status answers with this HTTP status instead of acting, 0 does not.
	// Code and Message are the service's own for the status when they are
	// empty: 429, 500 and 503 have one everywhere.
	Status        int
	Code, Message string
	// RetryAfter goes into the header of that name, rounded up to seconds.
	RetryAfter time.Duration
	// Cut breaks the connection.
	Cut Cut
}

// Cut says when the connection is broken.
type Cut int

const (
	// NoCut leaves the connection alone.
	NoCut Cut = iota
	// CutBefore breaks it before anything was read or done.
	CutBefore
	// CutMidway breaks it after half of the request's body. Nothing is done.
	CutMidway
	// CutAfter acts on the request and breaks it instead of answering: the
	// client cannot know.
	CutAfter
)

// serve answers a request, or does not. What waits ends with closing.
func (f Fault) serve(to service, closing <-chan struct{}, w http.ResponseWriter, r *http.Request) {
	if !f.begin(closing, r) {
		ignore(to, r)
		cut(w)
		return
	}
	if f.Cut == CutAfter {
		f.answer(to, &silent{header: http.Header{}}, r)
		cut(w)
		return
	}
	f.answer(to, w, r)
}

// begin does what comes before the answer, and says whether there is to be
// one.
func (f Fault) begin(closing <-chan struct{}, r *http.Request) bool {
	if !pause(f.Delay, closing) {
		return false
	}
	switch {
	case f.Hang:
		// net/http notices that a client is gone once the body was read.
		io.Copy(io.Discard, r.Body)
		select {
		case <-r.Context().Done():
		case <-closing:
		}
		return false
	case f.Cut == CutBefore:
		return false
	case f.Cut == CutMidway:
		io.CopyN(io.Discard, r.Body, r.ContentLength/2) // an early end does as well
		return false
	case f.Late > 0:
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return false
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		return pause(f.Late, closing)
	}
	return true
}

// pause waits, and says whether it was for the whole time.
func pause(d time.Duration, closing <-chan struct{}) bool {
	if d <= 0 {
		return true
	}
	select {
	case <-closing:
		return false
	case <-time.After(d):
		return true
	}
}

// ignore has a request recorded that is not answered.
func ignore(to service, r *http.Request) {
	empty := *r
	empty.Body = http.NoBody
	to.Fail(&silent{header: http.Header{}}, &empty, 0, "", "")
}

func (f Fault) answer(to service, w http.ResponseWriter, r *http.Request) {
	if f.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int((f.RetryAfter+time.Second-1)/time.Second)))
	}
	if f.Status != 0 {
		to.Fail(w, r, f.Status, f.Code, f.Message)
		return
	}
	to.ServeHTTP(w, r)
}

// cut closes the connection under the server.
func cut(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		// Not a connection that can be taken over: end the handler the way
		// net/http has for it, which sends no complete answer either.
		panic(http.ErrAbortHandler)
	}
	conn.Close()
}

// silent takes an answer that nobody gets to see.
type silent struct{ header http.Header }

func (s *silent) Header() http.Header         { return s.header }
func (s *silent) Write(p []byte) (int, error) { return len(p), nil }
func (s *silent) WriteHeader(int)             {}
