package local

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/layerbuild/layerbuild/internal/digest"
	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/publisher"
	"github.com/layerbuild/layerbuild/publisher/publishertest"
)

func TestConformance(t *testing.T) {
	publishertest.Run(t, func(t testing.TB) publishertest.Harness {
		folder := filepath.Join(t.TempDir(), "registry")
		return publishertest.Harness{
			Open: func(testing.TB, publishertest.Wrap) publisher.Publisher { return functionless(New(folder)) },
			Count: func(t testing.TB, name string) int {
				found, err := filepath.Glob(filepath.Join(folder, "layers", name, "*.json"))
				if err != nil {
					t.Fatal(err)
				}
				return len(found)
			},
			Runtimes: []string{"python3.12"}, Architectures: []string{"x86_64"},
		}
	})
}

// functionless leaves out the ability that the suite can only judge of a service
// with functions.
func functionless(p *Publisher) publisher.Publisher {
	return struct {
		publisher.Publisher
		publisher.Getter
		publisher.Lister
		publisher.Deleter
	}{p, p, p, p}
}

// request makes an artifact of any bytes; the registry does not look inside.
func request(t *testing.T, content string) publisher.Request {
	t.Helper()
	h := digest.New()
	_, _ = h.Write([]byte(content))
	a := layer.Artifact{Path: filepath.Join(t.TempDir(), "a.zip"), Digests: h.Digests()}
	copy(a.Digests.Tree[:], content)
	if err := os.WriteFile(a.Path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return publisher.Request{Name: "web", License: "MIT", Runtimes: []string{"python3.12"}, Artifact: a}
}

func publish(t *testing.T, p *Publisher, r publisher.Request) layer.Version {
	t.Helper()
	v, err := p.Publish(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// TestWriters has several runs, each with a handle of its own as processes
// have, publish at once: no number twice, none left out, none lost.
func TestWriters(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "registry")
	const writers = 40
	var mu sync.Mutex
	made := map[int64]string{}
	var wg sync.WaitGroup
	for i := range writers {
		r := request(t, fmt.Sprint("content ", i))
		wg.Go(func() {
			v, err := New(folder).Publish(t.Context(), r)
			mu.Lock()
			defer mu.Unlock()
			if err != nil || made[v.Number] != "" {
				t.Errorf("version %d again, error %v", v.Number, err)
			}
			made[v.Number] = v.SHA256
		})
	}
	wg.Wait()
	for n := int64(1); n <= writers; n++ {
		zip, err := os.ReadFile(filepath.Join(folder, "layers", "web", fmt.Sprint(n, ".zip")))
		if sum := layer.Sum(sha256.Sum256(zip)); err != nil || sum.String() != made[n] {
			t.Errorf("version %d has a zip of sha256 %s, error %v, want %s", n, sum, err, made[n])
		}
	}
	if left := entries(t, folder); len(left) != 2*writers {
		t.Errorf("the folder has %d files, want %d: %q", len(left), 2*writers, left)
	}
}

func entries(t *testing.T, folder string) []string {
	t.Helper()
	found, err := os.ReadDir(filepath.Join(folder, "layers", "web"))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range found {
		names = append(names, e.Name())
	}
	return names
}

// TestCrash has what a process leaves that was killed in the middle.
func TestCrash(t *testing.T) {
	folder := t.TempDir()
	at := filepath.Join(folder, "layers", "web")
	if err := os.MkdirAll(at, 0o777); err != nil {
		t.Fatal(err)
	}
	r := request(t, "content")
	for _, name := range []string{".layerbuild-1-0.tmp", "1.zip"} {
		if err := os.WriteFile(filepath.Join(at, name), []byte("content"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p := New(folder)
	if v, err := p.Find(t.Context(), "web", r.Artifact.Digests); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("found %+v, error %v: half a version is none", v, err)
	}
	if v := publish(t, p, r); v.Number != 2 {
		t.Errorf("the next version is %d, want 2", v.Number)
	}
}

func TestDamaged(t *testing.T) {
	folder := t.TempDir()
	p, r := New(folder), request(t, "content")
	v := publish(t, p, r)
	zip := filepath.Join(folder, "layers", "web", "1.zip")
	if err := os.WriteFile(zip, []byte("c0ntent"), 0o600); err != nil {
		t.Fatal(err)
	}
	if v, err := p.Find(t.Context(), "web", r.Artifact.Digests); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("with other bytes: found %+v, error %v", v, err)
	}
	if err := os.Remove(zip); err != nil {
		t.Fatal(err)
	}
	if v, err := p.Find(t.Context(), "web", r.Artifact.Digests); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without the zip: found %+v, error %v", v, err)
	}
	if err := os.WriteFile(filepath.Join(folder, "layers", "web", "1.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Find(t.Context(), "web", r.Artifact.Digests); err == nil || errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), `"1.json"`) {
		t.Errorf("with a broken document: error is %v, want one that names it", err)
	}
	if err := p.Delete(t.Context(), v); err != nil {
		t.Errorf("deleting what is left of it: %v", err)
	}
}

// TestFromObject publishes what was uploaded, not what the artifact became.
func TestFromObject(t *testing.T) {
	p, r := New(t.TempDir()), request(t, "content")
	bucket := t.TempDir()
	if err := os.WriteFile(filepath.Join(bucket, "k.zip"), []byte("content"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(r.Artifact.Path); err != nil {
		t.Fatal(err)
	}
	r.Object = layer.Object{Bucket: bucket, Key: "k.zip"}
	if v := publish(t, p, r); v.SHA256 != r.Artifact.Digests.SHA256.String() || v.ARN != "local:web:1" {
		t.Errorf("version is %+v", v)
	}
	r.Object.Key = "../k.zip"
	if _, err := p.Publish(t.Context(), r); err == nil {
		t.Error("an object outside of the bucket: no error")
	}
}

func TestNames(t *testing.T) {
	folder := t.TempDir()
	p := New(filepath.Join(folder, "registry"))
	for _, name := range []string{"", ".", "..", "a/b", "../a", "/a"} {
		r := request(t, "content")
		r.Name = name
		if v, err := p.Publish(t.Context(), r); err == nil {
			t.Errorf("publishing as %q: %+v, want an error", name, v)
		}
		if _, err := p.Find(t.Context(), name, r.Artifact.Digests); err == nil {
			t.Errorf("finding %q: no error", name)
		}
	}
	left, err := filepath.Glob(filepath.Join(folder, "*", "*", "*"))
	if err != nil || len(left) != 0 {
		t.Errorf("files are %q, error %v", left, err)
	}
}

func TestCanceled(t *testing.T) {
	folder := t.TempDir()
	p, r := New(folder), request(t, "content")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.Publish(ctx, r); !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v, want context.Canceled", err)
	}
	if left := entries(t, folder); len(left) != 0 {
		t.Errorf("files are %q", left)
	}
}
