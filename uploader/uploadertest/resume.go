package uploadertest

import (
	"context"
	"net/http"
	"sync"
	"testing"

	"github.com/layerbuild/layerbuild/internal/faults"
	"github.com/layerbuild/layerbuild/uploader"
)

// testResumed cuts the connection for good after each number of parts: what
// arrived is not sent again, and nothing of another artifact is gone on with.
func testResumed(t *testing.T, open func(testing.TB) Harness) {
	if !open(t).Resumes {
		t.Skip("this store does not go on with uploads")
	}
	a := artifact(t, open(t).Large, 14)
	var smooth parts
	if _, _, err := uploader.Upload(context.Background(), open(t).Open(t, smooth.wrap), aKey, a, nil); err != nil {
		t.Fatal(err)
	}
	whole := smooth.sent()
	if whole < 2 {
		t.Fatalf("%d parts were sent, want several", whole)
	}
	for arrived := range whole + 1 {
		h := open(t)
		before := parts{cut: true, limit: arrived}
		_, _, err := uploader.Upload(context.Background(), h.Open(t, before.wrap), aKey, a, nil)
		if err == nil {
			t.Fatalf("%d parts: no error", arrived)
		}
		var after parts
		var m meter
		o, uploaded, err := uploader.Upload(context.Background(), h.Open(t, after.wrap), aKey, a, m.add)
		if err != nil || !uploaded {
			t.Fatalf("%d parts: uploaded %v, error %v", arrived, uploaded, err)
		}
		if got := after.sent(); got != whole-arrived {
			t.Errorf("%d of %d parts had arrived, and %d were sent", arrived, whole, got)
		}
		m.check(t, a.Digests.Size)
		check(t, h, o, aKey, a)
	}
	testNotResumed(t, open)
}

// testNotResumed has another artifact under the key of one that was cut off.
func testNotResumed(t *testing.T, open func(testing.TB) Harness) {
	h := open(t)
	before := parts{cut: true, limit: 1}
	if _, _, err := uploader.Upload(context.Background(), h.Open(t, before.wrap), aKey, artifact(t, h.Large, 15), nil); err == nil {
		t.Fatal("no error")
	}
	left := h.Unfinished(t)
	a := artifact(t, h.Large, 16)
	o, uploaded, err := uploader.Upload(context.Background(), h.Open(t, nil), aKey, a, nil)
	if err != nil || !uploaded {
		t.Fatalf("uploaded %v, error %v", uploaded, err)
	}
	if got := h.Unfinished(t); got != left {
		t.Errorf("%d uploads are unfinished, want the %d from before, which may be another run's", got, left)
	}
	h.Unfinished = func(testing.TB) int { return 0 }
	check(t, h, o, aKey, a)
}

// parts watches the parts that an upload sends.
type parts struct {
	// cut refuses every connection after so many parts as limit says, and
	// when the upload is to be completed.
	cut   bool
	limit int

	next   http.RoundTripper
	mu     sync.Mutex
	count  int
	over   bool
	flying sync.WaitGroup
}

// wrap is a Wrap.
func (p *parts) wrap(next http.RoundTripper) http.RoundTripper {
	p.next = next
	return p
}

// RoundTrip implements [http.RoundTripper].
func (p *parts) RoundTrip(r *http.Request) (*http.Response, error) {
	if p.passes(r) {
		defer p.flying.Done()
		return p.next.RoundTrip(r)
	}
	// What passed is not to be taken back because of this failure.
	p.flying.Wait()
	return (&faults.Transport{Script: faults.At(1, faults.Refused())}).RoundTrip(r)
}

func (p *parts) passes(r *http.Request) bool {
	part := r.Method == http.MethodPut && r.URL.Query().Has("partNumber")
	completion := r.Method == http.MethodPost && r.URL.Query().Has("uploadId")
	p.mu.Lock()
	defer p.mu.Unlock()
	p.over = p.over || p.cut && (part && p.count == p.limit || completion)
	if p.over {
		return false
	}
	if part {
		p.count++
	}
	p.flying.Add(1)
	return true
}

// sent is the number of parts that passed.
func (p *parts) sent() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.count
}
