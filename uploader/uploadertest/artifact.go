package uploadertest

import (
	"bytes"
	"context"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/layerbuild/layerbuild/internal/digest"
	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/uploader"
)

// emptyZip is a zip without entries: an end of central directory record alone.
const emptyZip = "PK\x05\x06\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"

// artifact writes a file of the size, the same bytes for the same seed. What
// uploads need not be a zip.
func artifact(t testing.TB, size, seed int64) layer.Artifact {
	t.Helper()
	var source [32]byte
	source[0] = byte(seed)
	content := make([]byte, size)
	_, _ = rand.NewChaCha8(source).Read(content)
	return write(t, content)
}

// Artifact writes a file of so many bytes, for tests of one store only.
func Artifact(t testing.TB, size int64) layer.Artifact {
	t.Helper()
	return artifact(t, size, 0)
}

func write(t testing.TB, content []byte) layer.Artifact {
	t.Helper()
	h := digest.New()
	_, _ = h.Write(content)
	path := filepath.Join(t.TempDir(), "layer.zip")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return layer.Artifact{Path: path, Digests: h.Digests()}
}

func read(t testing.TB, a layer.Artifact) []byte {
	t.Helper()
	f, err := os.Open(a.Path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	content, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// check compares an object that the store described with the artifact, and
// with what really lies in the bucket.
func check(t *testing.T, h Harness, o layer.Object, key string, a layer.Artifact) {
	t.Helper()
	described(t, h, o, key, a)
	if !bytes.Equal(h.Read(t, key), read(t, a)) {
		t.Errorf("the bucket has other bytes under %q", key)
	}
	clean(t, h, key)
}

// described is check without reading the object.
func described(t *testing.T, h Harness, o layer.Object, key string, a layer.Artifact) {
	t.Helper()
	if o.Key != key || o.Size != a.Digests.Size {
		t.Errorf("object is %+v, want key %q and %d bytes", o, key, a.Digests.Size)
	}
	// Upload compares digests as publishing relies on it: nothing may be sent.
	again, uploaded, err := uploader.Upload(context.Background(), h.Open(t, nil), key, a, func(int64) { t.Error("sent again") })
	if err != nil || uploaded {
		t.Errorf("uploading again: uploaded %v, error %v, want neither", uploaded, err)
	}
	if again.Size != a.Digests.Size {
		t.Errorf("the object that is there has %d bytes, want %d", again.Size, a.Digests.Size)
	}
}

// clean checks that the bucket has these keys and nothing half done.
func clean(t *testing.T, h Harness, keys ...string) {
	t.Helper()
	if got := h.Keys(t); !slices.Equal(got, keys) {
		t.Errorf("the bucket has objects %q, want %q", got, keys)
	}
	if n := h.Unfinished(t); n != 0 {
		t.Errorf("%d unfinished uploads are left", n)
	}
}

// A meter sums up what an uploader says it sent.
type meter struct{ total, lowest atomic.Int64 }

func (m *meter) add(n int64) {
	if total := m.total.Add(n); total < m.lowest.Load() {
		m.lowest.Store(total)
	}
}

func (m *meter) check(t *testing.T, size int64) {
	t.Helper()
	if m.total.Load() != size || m.lowest.Load() < 0 {
		t.Errorf("progress sums to %d of %d bytes, with %d at the lowest", m.total.Load(), size, m.lowest.Load())
	}
}
