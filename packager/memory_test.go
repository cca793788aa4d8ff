package packager_test

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/packager"
)

// The budget holds whatever the sizes are: for one entry of hundreds of
// megabytes behind many small ones, half of which goes to a scratch file.
func TestMemoryStaysWithinTheBudget(t *testing.T) {
	size := int64(600 << 20)
	if testing.Short() || raced {
		size = 20 << 20
	}
	const budget, workers = 8 << 20, 4
	folder := t.TempDir()
	entries := []layer.Entry{generated("b", size), generated("d", size/10)}
	for i := range 2000 {
		path := string([]byte{'a' + byte(i%5), '/', 'a' + byte(i/5%26), 'a' + byte(i/130)})
		entries = append(entries, generated(path, int64(i%60)<<10))
	}
	tr := tree(entries...)

	peak, stop := watchHeap()
	_, listed, err := packager.PackTo(t.Context(), io.Discard, tr, filepath.Join(folder, "layer.zip"), packager.Options{Level: 1, Workers: workers, Memory: budget})
	stop()
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range listed {
		if l.Size == size && (l.Stored || l.Packed < size/3) {
			t.Errorf("%d bytes packed to %d prove nothing", l.Size, l.Packed)
		}
	}
	t.Logf("the heap grew by %d bytes", *peak)
	// The collector lets garbage grow to as much as there is live; workers and
	// digester have theirs.
	if most := uint64(2 * (budget + (workers+2)<<21)); *peak > most {
		t.Errorf("the heap grew by %d bytes with a budget of %d, want at most %d", *peak, budget, most)
	}
	onlyFile(t, folder, "")
}

// generated is an entry of hexadecimal noise, which deflates to about half, and
// which no test holds in memory.
func generated(path string, size int64) layer.Entry { return repeated(path, hexPage, size) }

// repeated is an entry that holds a page over and over.
func repeated(path string, page []byte, size int64) layer.Entry {
	e := file(path, nil)
	e.Size = size
	e.Open = func() (io.ReadCloser, error) {
		return io.NopCloser(io.LimitReader(&repeating{page: page}, size)), nil
	}
	return e
}

// hexPage is longer than the window, so that its repetition cannot be seen.
var hexPage = func() []byte {
	page := noise(100_003)
	for i, b := range page {
		page[i] = "0123456789abcdef"[b&15]
	}
	return page
}()

type repeating struct {
	page []byte
	rest []byte
}

func (r *repeating) Read(p []byte) (int, error) {
	if len(r.rest) == 0 {
		r.rest = r.page
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// watchHeap samples by how much the heap grows until stop is called.
func watchHeap() (peak *uint64, stop func()) {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	before := m.HeapInuse
	peak = new(uint64)
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			runtime.ReadMemStats(&m)
			*peak = max(*peak, m.HeapInuse-min(m.HeapInuse, before))
			select {
			case <-done:
				return
			case <-time.After(5 * time.Millisecond):
			}
		}
	}()
	return peak, func() { close(done); <-ended }
}

// The same bytes come out of memory and of a scratch file.
func TestBudgetDoesNotMatter(t *testing.T) {
	tr := tree(generated("a", 1<<20), generated("b", 1<<19), generated("c", 100), generated("d", 1<<20))
	var want bytes.Buffer
	for i, memory := range []int64{100 << 20, 1, 2 << 20} {
		var got bytes.Buffer
		if _, _, err := packager.PackTo(t.Context(), &got, tr, filepath.Join(t.TempDir(), "layer.zip"), packager.Options{Level: 1, Workers: 3, Memory: memory}); err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			want = got
		} else if !bytes.Equal(got.Bytes(), want.Bytes()) {
			t.Errorf("other bytes with a budget of %d", memory)
		}
	}
}

// A scratch file that cannot be made is an error like any other.
func TestNoPlaceForScratch(t *testing.T) {
	_, _, err := packager.PackTo(t.Context(), io.Discard, tree(generated("a", 1<<20)), filepath.Join(t.TempDir(), "gone", "layer.zip"), packager.Options{Memory: 1})
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error is %v", err)
	}
}
