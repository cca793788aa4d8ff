package publishertest

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/layerbuild/layerbuild/internal/digest"
	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/publisher"
)

const aName = "conformance"

// artifact zips one file of the content, with or without compression: two
// ways to pack the same tree.
func artifact(t testing.TB, content string, method uint16) layer.Artifact {
	t.Helper()
	var buf bytes.Buffer
	w := zip.NewWriter(&buf)
	h := &zip.FileHeader{Name: "python/a.txt", Method: method, Modified: time.Unix(0, 0)}
	h.SetMode(fs.FileMode(0o644))
	f, err := w.CreateHeader(h)
	if err == nil {
		_, err = f.Write([]byte(content))
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	r, err := zip.NewReader(bytes.NewReader(buf.Bytes()), int64(buf.Len()))
	if err != nil {
		t.Fatal(err)
	}
	entries, err := layer.ListZip(r, 1<<30)
	if err != nil {
		t.Fatal(err)
	}
	sums := digest.New()
	_, _ = sums.Write(buf.Bytes())
	a := layer.Artifact{Path: filepath.Join(t.TempDir(), "layer.zip"), Digests: sums.Digests(), Entries: entries}
	a.Digests.Tree = layer.TreeDigest(entries)
	if err := os.WriteFile(a.Path, buf.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return a
}

// noise is content that deflate does not shrink.
func noise(size int) string {
	content := make([]byte, size)
	_, _ = rand.NewChaCha8([32]byte{}).Read(content)
	return string(content)
}

func (h Harness) request(a layer.Artifact, marker bool) publisher.Request {
	r := publisher.Request{
		Name: aName, Description: "of the suite", License: "MIT",
		Runtimes: h.Runtimes, Architectures: h.Architectures, Artifact: a,
	}
	if marker {
		r.Description = publisher.Describe(r.Description, a.Digests)
	}
	return r
}

func (h Harness) upload(a layer.Artifact) func(context.Context) (layer.Object, error) {
	if h.Upload == nil {
		return nil
	}
	return func(ctx context.Context) (layer.Object, error) { return h.Upload(ctx, a) }
}

// publish makes a version, past the policy.
func (h Harness) publish(t testing.TB, a layer.Artifact, marker bool) layer.Version {
	t.Helper()
	return h.make(t, h.request(a, marker))
}

// crowd makes more versions than a page of any service has.
func (h Harness) crowd(t testing.TB) {
	t.Helper()
	for i := range 60 {
		h.publish(t, artifact(t, fmt.Sprint("other ", i), zip.Store), true)
	}
}

// make sends the request, after an upload where there is one.
func (h Harness) make(t testing.TB, r publisher.Request) layer.Version {
	t.Helper()
	if upload := h.upload(r.Artifact); upload != nil {
		var err error
		if r.Object, err = upload(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	v, err := h.Open(t, nil).Publish(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// A clock counts the time that was slept, and takes none.
type clock struct{ slept time.Duration }

func (c *clock) sleep(ctx context.Context, d time.Duration) error {
	c.slept += d
	return ctx.Err()
}

// brought publishes through the policy.
func (h Harness) brought(t testing.TB, p publisher.Publisher, a layer.Artifact, c *clock, s publisher.Sharing) (publisher.Outcome, error) {
	t.Helper()
	return publisher.Publish(t.Context(), p, h.request(a, true), h.upload(a), publisher.Options{Sharing: s, Sleep: c.sleep})
}

func (h Harness) counted(t testing.TB, want int) {
	t.Helper()
	if got := h.Count(t, aName); got != want {
		t.Errorf("there are %d versions, want %d", got, want)
	}
}
