// Package sandboxtest starts sandboxes for tests.
package sandboxtest

import (
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/layerbuild/layerbuild/runtimes"
	"github.com/layerbuild/layerbuild/sandbox"
)

// Start starts a sandbox that is closed when the test ends. Without a clock it
// takes the machine's, without a catalogue the embedded one.
func Start(t testing.TB, o sandbox.Options) *sandbox.Sandbox {
	t.Helper()
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Catalogue == nil {
		c, err := runtimes.Load()
		if err != nil {
			t.Fatal(err)
		}
		o.Catalogue = c
	}
	s, err := sandbox.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := s.Start(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	return s
}

// Faults is a list of faults for the requests that match. Its Next is a
// sandbox.Options.Fault.
type Faults struct {
	// Match says which requests are meant, nil for all.
	Match func(*http.Request) bool

	mu   sync.Mutex
	list []sandbox.Fault
}

// Add appends faults: one for each of the requests that come.
func (f *Faults) Add(list ...sandbox.Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.list = append(f.list, list...)
}

// Next takes the first fault of the list for a request that matches.
func (f *Faults) Next(r *http.Request) sandbox.Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.list) == 0 || f.Match != nil && !f.Match(r) {
		return sandbox.Fault{}
	}
	first := f.list[0]
	f.list = f.list[1:]
	return first
}

// Log collects records. Its Add is a sandbox.Options.Log.
type Log struct {
	mu   sync.Mutex
	list []sandbox.Record
}

// Add appends a record.
func (l *Log) Add(r sandbox.Record) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.list = append(l.list, r)
}

// Actions returns the names of the operations that were asked for, in order.
func (l *Log) Actions() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	names := make([]string, len(l.list))
	for i, r := range l.list {
		names[i] = r.Action
	}
	return names
}

// Records returns a copy of the list.
func (l *Log) Records() []sandbox.Record {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]sandbox.Record(nil), l.list...)
}
