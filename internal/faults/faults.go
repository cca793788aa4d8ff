// Package faults makes requests go wrong on purpose, one kind of failure at a
// time, so that a test can put one fault at every request of a conversation.
package faults

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"syscall"
)

// A Fault is what goes wrong with one request. The zero value is nothing.
type Fault struct {
	// Name says what it is, for the name of a test.
	Name string
	// Acted says that the server got the whole request and acted before the
	// fault came. Otherwise the server never hears of the request.
	Acted bool

	answer func(*http.Request) *http.Response
	cut    int
	err    error
}

// Answer is an answer of the service, or of something before it, that is not
// what was asked for. The header fields come in pairs of name and value.
func Answer(name string, status int, body string, header ...string) Fault {
	return Fault{Name: name, answer: func(r *http.Request) *http.Response {
		h := http.Header{}
		for i := 0; i < len(header); i += 2 {
			h.Set(header[i], header[i+1])
		}
		content := body
		if r.Method == http.MethodHead {
			content = ""
		}
		return &http.Response{
			Status:     strconv.Itoa(status) + " " + http.StatusText(status),
			StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
			Header: h, Body: io.NopCloser(strings.NewReader(content)),
			ContentLength: int64(len(content)), Request: r,
		}
	}}
}

// After is the same fault, but only after the server acted.
func (f Fault) After() Fault {
	f.Name += "-after-acting"
	f.Acted = true
	return f
}

// Refused is a connection that does not come about.
func Refused() Fault {
	return Fault{Name: "refused", err: &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}}
}

// Lost is an answer that never arrives, although the server acted.
func Lost() Fault {
	return Fault{
		Name: "lost", Acted: true,
		err: &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET},
	}
}

// Cut is an answer of which only n bytes of the body arrive. One with a
// shorter body arrives whole.
func Cut(n int) Fault {
	return Fault{Name: "cut-at-" + strconv.Itoa(n), Acted: true, cut: n + 1}
}

// A Transport passes requests on to Next, except where Script says otherwise.
// It is safe for concurrent use.
type Transport struct {
	Next http.RoundTripper
	// Script is told the number of the request, from 1, and says what goes
	// wrong with it.
	Script func(n int, r *http.Request) Fault

	mu    sync.Mutex
	count int
}

// Count returns the number of requests so far.
func (t *Transport) Count() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.count
}

// RoundTrip implements [http.RoundTripper].
func (t *Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	t.mu.Lock()
	t.count++
	n := t.count
	t.mu.Unlock()

	var f Fault
	if t.Script != nil {
		f = t.Script(n, r)
	}
	var answer *http.Response
	var err error
	if f.Acted || f.answer == nil && f.err == nil {
		if answer, err = t.Next.RoundTrip(r); err != nil {
			return nil, err
		}
	}
	switch {
	case f.answer != nil || f.err != nil:
		if answer != nil {
			answer.Body.Close()
		} else if r.Body != nil {
			// The sender may have sent some before it learned of the fault.
			_, _ = io.CopyN(io.Discard, r.Body, 1000)
			r.Body.Close()
		}
		if f.err != nil {
			return nil, f.err
		}
		return f.answer(r), nil
	case f.cut > 0:
		return cut(answer, f.cut-1)
	}
	return answer, nil
}

func cut(answer *http.Response, n int) (*http.Response, error) {
	body, err := io.ReadAll(answer.Body)
	answer.Body.Close()
	if err != nil {
		return nil, err
	}
	var r io.Reader = bytes.NewReader(body)
	if n < len(body) {
		r = io.MultiReader(bytes.NewReader(body[:n]), broken{})
	}
	answer.Body = io.NopCloser(r)
	return answer, nil
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// At puts the fault at request k, counted from 1, and nowhere else.
func At(k int, f Fault) func(int, *http.Request) Fault {
	return func(n int, _ *http.Request) Fault {
		if n == k {
			return f
		}
		return Fault{}
	}
}
