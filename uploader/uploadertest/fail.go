package uploadertest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/layerbuild/layerbuild/internal/faults"
	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/uploader"
)

func testCanceledBefore(t *testing.T, open func(testing.TB) Harness) {
	h := open(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, _, err := uploader.Upload(ctx, h.Open(t, nil), aKey, artifact(t, 1000, 10), nil)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v, want context.Canceled", err)
	}
	clean(t, h)
}

func testCanceledAmid(t *testing.T, open func(testing.TB) Harness) {
	h := open(t)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	a := artifact(t, h.Large, 11)
	_, _, err := uploader.Upload(ctx, h.Open(t, nil), aKey, a, func(n int64) {
		if n > 0 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v, want context.Canceled", err)
	}
	leaked(t)
	if !h.Resumes {
		clean(t, h)
		return
	}
	if got := h.Keys(t); len(got) != 0 {
		t.Errorf("the bucket has objects %q", got)
	}
	if _, uploaded, err := uploader.Upload(context.Background(), h.Open(t, nil), aKey, a, nil); err != nil || !uploaded {
		t.Errorf("uploading again: uploaded %v, error %v", uploaded, err)
	}
	clean(t, h, aKey)
}

// leaked fails when goroutines of an upload run on.
func leaked(t *testing.T) {
	t.Helper()
	var stacks string
	for range 100 {
		buf := make([]byte, 1<<20)
		stacks = string(buf[:runtime.Stack(buf, true)])
		if !strings.Contains(stacks, "created by github.com/layerbuild/layerbuild/uploader/") &&
			!strings.Contains(stacks, "feature/s3/manager.") {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Errorf("goroutines are left:\n%s", stacks)
}

func testDenied(t *testing.T, open func(testing.TB) Harness) {
	h := open(t)
	if h.Denied == nil {
		t.Skip("this store knows no credentials")
	}
	count := &faults.Transport{}
	u := h.Denied(t, counting(count))
	_, err := u.Put(context.Background(), aKey, artifact(t, 1000, 12), nil)
	if !errors.Is(err, fs.ErrPermission) {
		t.Errorf("error is %v, want one that wraps fs.ErrPermission", err)
	}
	var f *layer.Fault
	if !errors.As(err, &f) || f.Code == "" || f.RequestID == "" || f.Retry || f.Unknown {
		t.Errorf("error is %+v, want a fault with a code and a request id, for good", f)
	}
	if count.Count() != 1 {
		t.Errorf("%d requests were made, want 1", count.Count())
	}
	if _, _, err := uploader.Upload(context.Background(), u, aKey, artifact(t, 1000, 12), nil); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("error is %v, want one that wraps fs.ErrPermission", err)
	}
	clean(t, h)
}

func counting(t *faults.Transport) Wrap {
	return func(next http.RoundTripper) http.RoundTripper {
		t.Next = next
		return t
	}
}

// testFaults puts each fault at each request of an upload, one at a time.
func testFaults(t *testing.T, open func(testing.TB) Harness) {
	for _, size := range []int64{1000, open(t).Large} {
		a := artifact(t, size, 13)
		smooth := &faults.Transport{}
		if _, _, err := uploader.Upload(context.Background(), open(t).Open(t, counting(smooth)), aKey, a, nil); err != nil {
			t.Fatal(err)
		}
		for _, fault := range open(t).Faults {
			for k := 1; k <= smooth.Count(); k++ {
				t.Run(fmt.Sprintf("%d-bytes/%s-at-%d-of-%d", size, fault.Name, k, smooth.Count()), func(t *testing.T) {
					h := open(t)
					rough := &faults.Transport{Script: faults.At(k, fault)}
					var m meter
					o, uploaded, err := uploader.Upload(context.Background(), h.Open(t, counting(rough)), aKey, a, m.add)
					if err != nil {
						t.Fatal(err)
					}
					if uploaded {
						m.check(t, size)
					} else {
						m.check(t, 0)
					}
					switch {
					case !fault.Acted && !uploaded:
						t.Error("says that nothing was uploaded")
					case fault.Acted:
						// When the answer was lost and the SDK asks again, the
						// object is there as if another run had made it. And
						// of an upload whose beginning got no answer nobody
						// knows the id.
						h.Unfinished = func(testing.TB) int { return 0 }
					}
					described(t, h, o, aKey, a)
					clean(t, h, aKey)
				})
			}
		}
	}
}
