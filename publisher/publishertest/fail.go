package publishertest

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/layerbuild/layerbuild/internal/faults"
	"github.com/layerbuild/layerbuild/publisher"
)

func counting(t *faults.Transport) Wrap {
	return func(next http.RoundTripper) http.RoundTripper {
		t.Next = next
		return t
	}
}

// publishing counts the requests that make a version, and puts faults at them.
type publishing struct {
	faults.Transport
	count int
}

func (h Harness) publishing(fault func(n int) faults.Fault) *publishing {
	p := &publishing{}
	p.Script = func(_ int, r *http.Request) faults.Fault {
		if !h.Publishes(r) {
			return faults.Fault{}
		}
		p.count++
		return fault(p.count)
	}
	return p
}

func testThrottled(t *testing.T, open func(testing.TB) Harness) {
	h, a := open(t), artifact(t, "a", zip.Deflate)
	if h.Publishes == nil {
		t.Skip("this service makes no requests")
	}
	rough := h.publishing(func(n int) faults.Fault {
		if n <= 2 {
			return h.Throttled
		}
		return faults.Fault{}
	})
	c := &clock{}
	out, err := h.brought(t, h.Open(t, counting(&rough.Transport)), a, c, publisher.Sharing{})
	if err != nil || out.Status != publisher.Created {
		t.Errorf("outcome is %+v, error %v, want created", out, err)
	}
	if rough.count != 3 || c.slept < 14*time.Second {
		t.Errorf("%d tries with pauses of %s, want 3 with 7s after each throttled one", rough.count, c.slept)
	}
	h.counted(t, 1)

	always := h.publishing(func(int) faults.Fault { return h.Throttled })
	_, err = h.brought(t, h.Open(t, counting(&always.Transport)), artifact(t, "b", zip.Deflate), &clock{}, publisher.Sharing{})
	if err == nil || always.count != 5 {
		t.Errorf("error is %v after %d tries, want one after 5", err, always.count)
	}
	h.counted(t, 1)
}

// testLostForGood has a service that never gets the request to publish, and a
// client that cannot know that.
func testLostForGood(t *testing.T, open func(testing.TB) Harness) {
	h, a := open(t), artifact(t, "a", zip.Deflate)
	if h.Publishes == nil {
		t.Skip("this service makes no requests")
	}
	lost := faults.Lost()
	lost.Acted = false
	c := &clock{}
	rough := h.publishing(func(n int) faults.Fault {
		if n == 1 {
			return lost
		}
		return faults.Fault{}
	})
	out, err := h.brought(t, h.Open(t, counting(&rough.Transport)), a, c, publisher.Sharing{})
	if err != nil || out.Status != publisher.Created || rough.count != 2 {
		t.Errorf("outcome is %+v, error %v, after %d tries, want created at the second", out, err, rough.count)
	}
	// 2 minutes and 5 seconds are the defaults of publisher.Options.
	if want := 2*time.Minute + 5*time.Second; c.slept < want {
		t.Errorf("published again after %s, want not before %s", c.slept, want)
	}
	h.counted(t, 1)
}

// testInterrupted has a run end in the middle of the publish request, after
// the service acted, and another run follow.
func testInterrupted(t *testing.T, open func(testing.TB) Harness) {
	h, a := open(t), artifact(t, "a", zip.Deflate)
	if h.Publishes == nil {
		t.Skip("this service makes no requests")
	}
	ctx, cancel := context.WithCancel(t.Context())
	rough := h.publishing(func(int) faults.Fault { return faults.Lost() })
	stopping := func(next http.RoundTripper) http.RoundTripper {
		return roundTripper(func(r *http.Request) (*http.Response, error) {
			answer, err := next.RoundTrip(r)
			if h.Publishes(r) {
				cancel()
			}
			return answer, err
		})
	}
	wrap := func(next http.RoundTripper) http.RoundTripper { return stopping(counting(&rough.Transport)(next)) }
	_, err := publisher.Publish(ctx, h.Open(t, wrap), h.request(a, true), h.upload(a), publisher.Options{Sleep: (&clock{}).sleep})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v, want context.Canceled", err)
	}
	h.counted(t, 1)
	out, err := h.brought(t, h.Open(t, nil), a, &clock{}, publisher.Sharing{})
	if err != nil || out.Status != publisher.Unchanged {
		t.Errorf("next run: outcome is %+v, error %v, want unchanged", out, err)
	}
	h.counted(t, 1)
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// testFaults puts each fault at each request of publishing and sharing, one at
// a time. There is never more than one version.
func testFaults(t *testing.T, open func(testing.TB) Harness) {
	var sharing publisher.Sharing
	switch h := open(t); {
	case h.PublicOnly:
		sharing.Public = true
	case h.Grants != nil:
		sharing.Accounts = []string{"111111111111"}
	}
	a := artifact(t, "a", zip.Deflate)
	smooth := &faults.Transport{}
	h := open(t)
	if _, err := h.brought(t, h.Open(t, counting(smooth)), a, &clock{}, sharing); err != nil {
		t.Fatal(err)
	}
	for _, fault := range h.Faults {
		for k := 1; k <= smooth.Count(); k++ {
			t.Run(fmt.Sprintf("%s-at-%d-of-%d", fault.Name, k, smooth.Count()), func(t *testing.T) {
				h := open(t)
				rough := &faults.Transport{Script: faults.At(k, fault)}
				out, err := h.brought(t, h.Open(t, counting(rough)), a, &clock{}, sharing)
				if err != nil || out.Status != publisher.Created {
					t.Errorf("outcome is %+v, error %v, want created", out, err)
				}
				h.counted(t, 1)
				if h.Grants != nil {
					if got := h.Grants(t, out.Version); len(got) != 1 {
						t.Errorf("grants are %q, want one", got)
					}
				}
			})
		}
	}
}
