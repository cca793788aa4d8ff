package oss_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/layerbuild/layerbuild/uploader/uploadertest"
)

// TestEarlyAnswer has a server that refuses a request before it has read the
// body, while the client is still sending: the next attempt must not be
// disturbed by what the first one still reads.
func TestEarlyAnswer(t *testing.T) {
	s := start(t)
	var mu sync.Mutex
	refused := 0
	early := func(r *http.Request) bool {
		mu.Lock()
		defer mu.Unlock()
		if r.Method == http.MethodPut {
			refused++
		}
		return r.Method == http.MethodPut && refused < 3
	}
	busy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if early(r) {
			w.Header().Set("Content-Type", "application/xml")
			w.WriteHeader(http.StatusServiceUnavailable)
			fmt.Fprint(w, "<Error><Code>QpsLimitExceeded</Code><Message>Please reduce your request rate.</Message></Error>")
			return
		}
		s.service.ServeHTTP(w, r)
	}))
	defer busy.Close()
	const size = 6 << 20 // more than the buffers on the way hold
	o := s.options(s.bucket(), nil)
	o.Endpoint, o.Single = busy.URL, size
	a := uploadertest.Artifact(t, size)
	var sent atomic.Int64
	if _, err := open(t, o).Put(t.Context(), "k", a, func(n int64) { sent.Add(n) }); err != nil {
		t.Fatal(err)
	}
	if sent.Load() != size {
		t.Errorf("progress is %d of %d", sent.Load(), size)
	}
}
