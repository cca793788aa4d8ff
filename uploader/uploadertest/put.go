package uploadertest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/uploader"
)

const aKey = "layers/a/0000000000000000000000000000000000000000000000000000000000000000.zip"

func testMissing(t *testing.T, open func(testing.TB) Harness) {
	_, err := open(t).Open(t, nil).Stat(context.Background(), aKey)
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error is %v, want one that wraps fs.ErrNotExist", err)
	}
}

func testSizes(t *testing.T, open func(testing.TB) Harness) {
	run := func(name string, a layer.Artifact) {
		t.Run(name, func(t *testing.T) {
			h := open(t)
			var m meter
			o, err := h.Open(t, nil).Put(context.Background(), aKey, a, m.add)
			if err != nil {
				t.Fatal(err)
			}
			m.check(t, a.Digests.Size)
			check(t, h, o, aKey, a)
		})
	}
	run("no-bytes", artifact(t, 0, 0))
	run("one-byte", artifact(t, 1, 1))
	run("empty-zip", write(t, []byte(emptyZip)))
	for _, edge := range open(t).Edges {
		for size := edge - 1; size <= edge+1; size++ {
			run(fmt.Sprint(size), artifact(t, size, size))
		}
	}
}

func testKeys(t *testing.T, open func(testing.TB) Harness) {
	for _, key := range []string{
		"a",
		"a/b/c/d/e.zip",
		"with space/a  b.zip",
		"ünïcode/層/🧅.zip",
		"plus+percent%41%2F/=&$@,;~.zip",
		"dots/..a../...zip",
	} {
		t.Run(key, func(t *testing.T) {
			h, a := open(t), artifact(t, 1000, 2)
			o, err := h.Open(t, nil).Put(context.Background(), key, a, nil)
			if err != nil {
				t.Fatal(err)
			}
			check(t, h, o, key, a)
		})
	}
}

func testTaken(t *testing.T, open func(testing.TB) Harness) {
	for _, size := range []int64{1000, open(t).Large} {
		h := open(t)
		u, a := h.Open(t, nil), artifact(t, size, 3)
		if _, err := u.Put(context.Background(), aKey, a, nil); err != nil {
			t.Fatal(err)
		}
		_, err := u.Put(context.Background(), aKey, artifact(t, size, 4), nil)
		if !errors.Is(err, fs.ErrExist) {
			t.Errorf("putting %d bytes over others: error is %v, want one that wraps fs.ErrExist", size, err)
		}
		o, err := u.Stat(context.Background(), aKey)
		if err != nil {
			t.Fatal(err)
		}
		check(t, h, o, aKey, a)
	}
}

// testRace has several runs upload the same artifact at once.
func testRace(t *testing.T, open func(testing.TB) Harness) {
	for _, size := range []int64{1000, open(t).Large} {
		h, a := open(t), artifact(t, size, 5)
		var made atomic.Int64
		var wg sync.WaitGroup
		for range 4 {
			u := h.Open(t, nil)
			wg.Go(func() {
				_, uploaded, err := uploader.Upload(context.Background(), u, aKey, a, nil)
				if err != nil {
					t.Errorf("uploading %d bytes: %v", size, err)
				}
				if uploaded {
					made.Add(1)
				}
			})
		}
		wg.Wait()
		if made.Load() != 1 {
			t.Errorf("%d of 4 runs say that they uploaded %d bytes, want 1", made.Load(), size)
		}
		o, err := h.Open(t, nil).Stat(context.Background(), aKey)
		if err != nil {
			t.Fatal(err)
		}
		check(t, h, o, aKey, a)
	}
}

// testChanged has a file that is not what it was when its digests were taken.
func testChanged(t *testing.T, open func(testing.TB) Harness) {
	changes := map[string]func(content []byte) []byte{
		"byte":    func(c []byte) []byte { c[len(c)/2] ^= 1; return c },
		"shorter": func(c []byte) []byte { return c[:len(c)-1] },
		"longer":  func(c []byte) []byte { return append(c, 0) },
	}
	for name, change := range changes {
		for _, size := range []int64{1000, open(t).Large} {
			t.Run(fmt.Sprint(name, "-", size), func(t *testing.T) {
				h, a := open(t), artifact(t, size, 6)
				if err := os.WriteFile(a.Path, change(read(t, a)), 0o600); err != nil {
					t.Fatal(err)
				}
				_, _, err := uploader.Upload(context.Background(), h.Open(t, nil), aKey, a, nil)
				if !errors.Is(err, layer.ErrDigest) {
					t.Errorf("error is %v, want one that wraps layer.ErrDigest", err)
				}
				clean(t, h)
			})
		}
	}
}

// testOtherBytes has an object of other content under the key.
func testOtherBytes(t *testing.T, open func(testing.TB) Harness) {
	h := open(t)
	u, a := h.Open(t, nil), artifact(t, 1000, 7)
	if _, err := u.Put(context.Background(), aKey, a, nil); err != nil {
		t.Fatal(err)
	}
	_, uploaded, err := uploader.Upload(context.Background(), u, aKey, artifact(t, 1000, 8), nil)
	if !errors.Is(err, layer.ErrDigest) || uploaded {
		t.Errorf("uploaded %v, error %v, want one that wraps layer.ErrDigest", uploaded, err)
	}
	if o, err := u.Stat(context.Background(), aKey); err != nil {
		t.Error(err)
	} else {
		check(t, h, o, aKey, a)
	}
}
