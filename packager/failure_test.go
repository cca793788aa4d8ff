package packager_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/packager"
)

// A file that is being written to while it is packed has to end the build, in
// whatever way it changes.
func TestContentThatChanges(t *testing.T) {
	const large = 300_000
	for name, test := range map[string]struct {
		entry   layer.Entry
		message string
	}{
		"shorter":          {changing(5, prose(3)), `reading "f": got 3 bytes where 5 were staged: the file changed during the build`},
		"empty":            {changing(5, nil), `got 0 bytes where 5 were staged`},
		"longer":           {changing(5, prose(6)), `got more than 5 bytes where 5 were staged`},
		"no longer empty":  {changing(0, prose(6)), `got more than 0 bytes where 0 were staged`},
		"large, shorter":   {changing(large, prose(large-1)), `got 299999 bytes where 300000 were staged`},
		"large, one block": {changing(large, prose(256<<10)), `got 262144 bytes where 300000 were staged`},
		"large, longer":    {changing(large, prose(large+1)), `got more than 300000 bytes where 300000 were staged`},
		// Content that cannot be compressed is read a second time.
		"second time":          {changing(large, noise(large), prose(large)), `reading "f": the file changed while it was read`},
		"second time, shorter": {changing(large, noise(large), noise(large-1)), `got 299999 bytes where 300000 were staged`},
		"second time, longer":  {changing(large, noise(large), noise(large+1)), `got more than 300000 bytes where 300000 were staged`},
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			_, err := packager.Pack(t.Context(), tree(file("a", nil), test.entry, file("z", prose(9))), filepath.Join(folder, "layer.zip"), packager.Options{Workers: 2})
			if err == nil || !strings.Contains(err.Error(), test.message) {
				t.Errorf("error is %v, want %q", err, test.message)
			}
			onlyFile(t, folder, "")
		})
	}
}

// changing is an entry of the size that yields the contents in turn, the last
// for ever.
func changing(size int64, contents ...[]byte) layer.Entry {
	var opened atomic.Int64
	e := file("f", nil)
	e.Size = size
	e.Open = func() (io.ReadCloser, error) {
		n := min(int(opened.Add(1)), len(contents))
		return io.NopCloser(bytes.NewReader(contents[n-1])), nil
	}
	return e
}

func TestReadErrors(t *testing.T) {
	broken := errors.New("input/output error")
	for _, size := range []int64{10, 300_000, 5 << 20} {
		e := file("f", nil)
		e.Size = size
		e.Open = func() (io.ReadCloser, error) {
			return io.NopCloser(io.MultiReader(io.LimitReader(endless{}, size-1), failing{broken})), nil
		}
		folder := t.TempDir()
		_, err := packager.Pack(t.Context(), tree(e), filepath.Join(folder, "layer.zip"), packager.Options{})
		if !errors.Is(err, broken) || !strings.Contains(err.Error(), `reading "f": input/output error`) {
			t.Errorf("%d bytes: error is %v", size, err)
		}
		onlyFile(t, folder, "")
	}
}

func TestWriteErrors(t *testing.T) {
	full := errors.New("no space left on device")
	for _, room := range []int{0, 1, 100_000, 500_000} {
		before := runtime.NumGoroutine()
		_, _, err := packager.PackTo(t.Context(), &fullWriter{room, full}, everyKind(), filepath.Join(t.TempDir(), "layer.zip"), packager.Options{Level: 1, Workers: 3})
		if !errors.Is(err, full) {
			t.Errorf("room for %d bytes: error is %v", room, err)
		}
		noMoreGoroutines(t, before)
	}
}

// Wherever it comes, a cancel ends the packing soon, with its cause, and
// without a trace.
func TestCancel(t *testing.T) {
	cause := errors.New("the user has had enough")
	var entries []layer.Entry
	for _, path := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} {
		entries = append(entries, file(path, prose(100)), slow(path+"large", 3<<20))
	}
	tr := tree(entries...)
	for _, calls := range []int64{1, 2, 3, 10, 30} {
		before := runtime.NumGoroutine()
		folder := t.TempDir()
		ctx, cancel := context.WithCancelCause(t.Context())
		var called atomic.Int64
		var cancelled atomic.Pointer[time.Time]
		_, err := packager.Pack(ctx, tr, filepath.Join(folder, "layer.zip"), packager.Options{
			Workers: 4, Memory: 1 << 20,
			Progress: func(int64) {
				if called.Add(1) == calls {
					now := time.Now()
					cancelled.Store(&now)
					cancel(cause)
				}
			},
		})
		if !errors.Is(err, cause) || strings.Contains(err.Error(), "reading") {
			t.Errorf("cancelled at call %d: error is %v", calls, err)
		}
		if took := time.Since(*cancelled.Load()); took > time.Second {
			t.Errorf("cancelled at call %d: ended after %v", calls, took)
		}
		onlyFile(t, folder, "")
		noMoreGoroutines(t, before)
	}
}

func TestCancelledBefore(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, tr := range map[string]layer.Tree{"empty": tree(), "not empty": everyKind()} {
		folder := t.TempDir()
		if _, err := packager.Pack(ctx, tr, filepath.Join(folder, "layer.zip"), packager.Options{}); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: error is %v", name, err)
		}
		onlyFile(t, folder, "")
	}
}

// slow is an entry that takes seconds to read.
func slow(path string, size int64) layer.Entry {
	e := file(path, nil)
	e.Size = size
	e.Open = func() (io.ReadCloser, error) {
		return io.NopCloser(io.LimitReader(delayed{}, size)), nil
	}
	return e
}

type delayed struct{}

func (delayed) Read(p []byte) (int, error) {
	time.Sleep(time.Millisecond)
	return endless{}.Read(p[:min(len(p), 16<<10)])
}

// Endless bytes.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(i)
	}
	return len(p), nil
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// A fullWriter has room for so many bytes.
type fullWriter struct {
	room int
	err  error
}

func (w *fullWriter) Write(p []byte) (int, error) {
	if len(p) > w.room {
		return w.room, w.err
	}
	w.room -= len(p)
	return len(p), nil
}

// noMoreGoroutines waits for the goroutines that are about to end.
func noMoreGoroutines(t *testing.T, before int) {
	t.Helper()
	for range 100 {
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	stacks := make([]byte, 64<<10)
	t.Errorf("%d goroutines, %d before:\n%s", runtime.NumGoroutine(), before, stacks[:runtime.Stack(stacks, true)])
}
