package sandbox

import (
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

// serve answers a request after the delay, or does not.
func (f Fault) serve(to service, w http.ResponseWriter, r *http.Request) {
	switch f.Cut {
	case CutBefore:
		cut(w)
		return
	case CutMidway:
		io.CopyN(io.Discard, r.Body, r.ContentLength/2) // an early end does as well
		cut(w)
		return
	case CutAfter:
		f.answer(to, &silent{header: http.Header{}}, r)
		cut(w)
		return
	}
	f.answer(to, w, r)
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
