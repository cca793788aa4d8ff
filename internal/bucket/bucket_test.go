package bucket

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/layerbuild/layerbuild/internal/digest"
	"github.com/layerbuild/layerbuild/layer"
)

const (
	single = 20
	part   = 8
)

var key = "layers/web/" + strings.Repeat("a", 64) + ".zip"

func uploaderTo(t testing.TB, m *memory) *Uploader {
	t.Helper()
	u, err := New(m, Options{
		Single: single, PartSize: part, Now: func() time.Time { return m.clock },
		Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
	}, 1)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func write(t testing.TB, dir string, content []byte) layer.Artifact {
	t.Helper()
	h := digest.New()
	_, _ = h.Write(content)
	a := layer.Artifact{Path: filepath.Join(dir, "layer.zip"), Digests: h.Digests()}
	if err := os.WriteFile(a.Path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return a
}

func content(size int, seed byte) []byte {
	data := make([]byte, size)
	for i := range data {
		data[i] = byte(i*7) + seed
	}
	return data
}

// A meter sums up what Put says it sent.
type meter struct{ total, lowest atomic.Int64 }

func (m *meter) add(n int64) {
	if total := m.total.Add(n); total < m.lowest.Load() {
		m.lowest.Store(total)
	}
}

// trouble is what can come of a request.
func trouble(kind string) (err error, acted bool) {
	switch kind {
	case "throttled":
		return &layer.Fault{Status: 503, Code: "SlowDown", Retry: true}, false
	case "lost before":
		return &layer.Fault{Unknown: true}, false
	case "lost after":
		return &layer.Fault{Unknown: true}, true
	case "denied":
		return refused(403, "AccessDenied", fs.ErrPermission), false
	}
	return nil, false
}

// TestProperty puts any trouble at any requests: no object with other bytes is
// ever left, what succeeds is complete and leaves nothing behind, and the next
// run is through.
func TestProperty(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(rt *rapid.T) {
		m := newMemory()
		m.md5Only, m.mute = rapid.Bool().Draw(rt, "md5Only"), rapid.Bool().Draw(rt, "mute")
		data := content(rapid.IntRange(0, 60).Draw(rt, "size"), 1)
		a := write(t, dir, data)
		script := rapid.SliceOfN(rapid.SampledFrom([]string{"", "", "throttled", "lost before", "lost after", "denied"}), 0, 14).Draw(rt, "script")
		listed := true
		m.fault = func(n int, call string) (error, bool) {
			if n > len(script) {
				return nil, false
			}
			err, acted := trouble(script[n-1])
			listed = listed && (err == nil || call != "uploads" && call != "parts" && call != "abort")
			return err, acted
		}
		var sent meter
		o, err := uploaderTo(t, m).Put(t.Context(), key, a, sent.add)
		has := m.has(key, data)
		switch {
		case err == nil && (has != "right" || o.CRC64 != a.Digests.CRC64Text() || o.Size != a.Digests.Size):
			rt.Fatalf("succeeded with %+v, the object is %q", o, has)
		case err == nil && (sent.total.Load() != a.Digests.Size || sent.lowest.Load() < 0):
			rt.Fatalf("progress is %d of %d", sent.total.Load(), a.Digests.Size)
		case has == "wrong":
			rt.Fatalf("other bytes are left, error %v", err)
		case errors.Is(err, fs.ErrExist) && has == "":
			rt.Fatalf("error is %v, and there is no object", err)
		case err == nil && listed && len(m.left(key)) != 0:
			rt.Fatalf("uploads %q are left", m.left(key))
		}
		if n := len(m.asked()); n > 150 {
			rt.Fatalf("%d requests were made", n)
		}

		m.fault = nil
		_, err = uploaderTo(t, m).Put(t.Context(), key, a, nil)
		if err != nil && !errors.Is(err, fs.ErrExist) || m.has(key, data) != "right" {
			rt.Fatalf("the next run: error %v, the object is %q", err, m.has(key, data))
		}
		if err == nil && listed && len(m.left(key)) != 0 {
			rt.Fatalf("the next run leaves uploads %q", m.left(key))
		}
	})
}

// TestPermanent has refusals, which are never asked about twice.
func TestPermanent(t *testing.T) {
	for _, test := range []struct{ at, calls string }{
		{"put", "put"},
		{"begin", "uploads begin"},
		{"send", "uploads begin send abort"},
		{"complete", "uploads begin send send send send complete abort"},
	} {
		m := newMemory()
		m.fault = func(_ int, call string) (error, bool) {
			if call == test.at {
				return trouble("denied")
			}
			return nil, false
		}
		size := single + 5
		if test.at == "put" {
			size = single
		}
		_, err := uploaderTo(t, m).Put(t.Context(), key, write(t, t.TempDir(), content(size, 1)), nil)
		if !errors.Is(err, fs.ErrPermission) {
			t.Errorf("%s: error is %v", test.at, err)
		}
		got := slices.Compact(m.asked())
		if test.at == "complete" {
			got = m.asked()
		}
		if text := strings.Join(got, " "); text != test.calls {
			t.Errorf("%s: requests were %q, want %q", test.at, text, test.calls)
		}
	}
}

// TestBounded has a store that never relents.
func TestBounded(t *testing.T) {
	for _, kind := range []string{"throttled", "lost before"} {
		m := newMemory()
		m.fault = func(int, string) (error, bool) { return trouble(kind) }
		_, err := uploaderTo(t, m).Put(t.Context(), key, write(t, t.TempDir(), content(1, 1)), nil)
		if err == nil || !strings.Contains(err.Error(), "(5 attempts)") {
			t.Errorf("%s: error is %v", kind, err)
		}
		puts := 0
		for _, call := range m.asked() {
			if call == "put" {
				puts++
			}
		}
		if puts != attempts {
			t.Errorf("%s: requests were %q", kind, m.asked())
		}
	}
}

// TestTakenAway has another run abort or complete the upload at each request.
func TestTakenAway(t *testing.T) {
	data := content(single+5, 1)
	for at := 3; at <= 7; at++ {
		for _, completes := range []bool{false, true} {
			t.Run(fmt.Sprint(at, completes), func(t *testing.T) {
				m := newMemory()
				m.fault = func(n int, _ string) (error, bool) {
					if n == at {
						clear(m.uploads)
						if completes {
							m.objects[key] = data
						}
					}
					return nil, false
				}
				var sent meter
				_, err := uploaderTo(t, m).Put(t.Context(), key, write(t, t.TempDir(), data), sent.add)
				if completes != errors.Is(err, fs.ErrExist) || !completes && err != nil {
					t.Errorf("error is %v", err)
				}
				if !completes && sent.total.Load() != int64(len(data)) {
					t.Errorf("progress is %d of %d", sent.total.Load(), len(data))
				}
				if m.has(key, data) != "right" || len(m.left(key)) != 0 {
					t.Errorf("the object is %q, uploads %q are left", m.has(key, data), m.left(key))
				}
			})
		}
	}
}

// TestAlwaysTakenAway has an upload that never lasts.
func TestAlwaysTakenAway(t *testing.T) {
	m := newMemory()
	m.fault = func(_ int, call string) (error, bool) {
		if call == "complete" {
			clear(m.uploads)
		}
		return nil, false
	}
	_, err := uploaderTo(t, m).Put(t.Context(), key, write(t, t.TempDir(), content(single+5, 1)), nil)
	if !errors.Is(err, ErrGone) || m.begun != rounds {
		t.Errorf("error is %v after %d uploads", err, m.begun)
	}
}

// TestUnconfirmed has stores that do not prove to have the bytes.
func TestUnconfirmed(t *testing.T) {
	for _, size := range []int{single, single + 5} {
		m := newMemory()
		m.blind = true
		data := content(size, 1)
		_, err := uploaderTo(t, m).Put(t.Context(), key, write(t, t.TempDir(), data), nil)
		if !errors.Is(err, layer.ErrDigest) || m.has(key, data) != "" {
			t.Errorf("error is %v, the object is %q", err, m.has(key, data))
		}
	}
}

// TestOthersObject has an object of other bytes appear while the answer is
// lost: it is not ours to remove.
func TestOthersObject(t *testing.T) {
	m := newMemory()
	data := content(single, 1)
	m.fault = func(_ int, call string) (error, bool) {
		if call == "put" {
			m.objects[key] = content(single, 2)
			return trouble("lost before")
		}
		return nil, false
	}
	_, err := uploaderTo(t, m).Put(t.Context(), key, write(t, t.TempDir(), data), nil)
	if !errors.Is(err, fs.ErrExist) || m.has(key, data) != "wrong" {
		t.Errorf("error is %v, the object is %q", err, m.has(key, data))
	}
}

// TestChanged has files that are not what was packed: nothing is sent.
func TestChanged(t *testing.T) {
	for _, size := range []int{single, single + 5} {
		m := newMemory()
		a := write(t, t.TempDir(), content(size, 1))
		for _, changed := range [][]byte{content(size, 2), content(size-1, 1), content(size+1, 1)} {
			if err := os.WriteFile(a.Path, changed, 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := uploaderTo(t, m).Put(t.Context(), key, a, nil); !errors.Is(err, layer.ErrDigest) {
				t.Errorf("error is %v", err)
			}
		}
		if len(m.asked()) != 0 {
			t.Errorf("requests were %q", m.asked())
		}
	}
}

func TestCut(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		size := rapid.Int64Range(1, math.MaxInt64/2).Draw(rt, "size")
		c := newCut(size, rapid.Int64Range(1, 5<<30).Draw(rt, "part"))
		if n := c.count(); n < 1 || n > MaxParts {
			rt.Fatalf("%d parts", n)
		}
		end := int64(0)
		for _, number := range []int{1, max(1, c.count()/2), c.count()} {
			offset, n := c.at(number)
			if n < 1 || n > c.part || offset != int64(number-1)*c.part || number < c.count() && n != c.part {
				rt.Fatalf("part %d has %d bytes at %d", number, n, offset)
			}
			end = offset + n
		}
		if end != size {
			rt.Fatalf("parts end at %d of %d", end, size)
		}
	})
}

func TestNew(t *testing.T) {
	for _, test := range []struct {
		single, part int64
		ok           bool
	}{{10, 5, true}, {5, 5, true}, {10, 4, false}, {4, 5, false}} {
		if _, err := New(newMemory(), Options{Single: test.single, PartSize: test.part}, 5); (err == nil) != test.ok {
			t.Errorf("%+v: error is %v", test, err)
		}
	}
}
