package s3_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/layerbuild/layerbuild/internal/awscloud"
	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/sandbox"
	"github.com/layerbuild/layerbuild/sandbox/sandboxtest"
	"github.com/layerbuild/layerbuild/uploader/s3/s3test"
	"github.com/layerbuild/layerbuild/uploader/uploadertest"
)

// TestConformance has TLS, as the real service does: the SDK then signs no
// bodies and sends the sums of parts behind them.
func TestConformance(t *testing.T) {
	s := sandboxtest.Start(t, sandbox.Options{Strict: true})
	tls := httptest.NewTLSServer(s)
	t.Cleanup(tls.Close)
	uploadertest.Run(t, server(s, tls.URL, tls.Client().Transport).Harness)
}

// TestConformanceWithoutTLS leaves out what takes long. The nested module
// test/e2e has all of it without TLS.
func TestConformanceWithoutTLS(t *testing.T) {
	s := sandboxtest.Start(t, sandbox.Options{})
	plain := server(s, s.URL(), nil)
	uploadertest.Run(t, func(t testing.TB) uploadertest.Harness {
		h := plain.Harness(t)
		h.Edges, h.Faults = nil, nil
		return h
	})
}

// TestServerComparesDigests: an artifact that changed is refused, not removed
// afterwards.
func TestServerComparesDigests(t *testing.T) {
	s := sandboxtest.Start(t, sandbox.Options{})
	plain := server(s, s.URL(), nil)
	for _, size := range []int64{1000, s3test.Part + 1} {
		a := layer.Artifact{Path: filepath.Join(t.TempDir(), "a.zip"), Digests: layer.Digests{Size: size}}
		if err := os.WriteFile(a.Path, make([]byte, size), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := plain.Open(t, plain.Bucket(t), plain.Key, nil).Put(t.Context(), "k", a, nil)
		var f *layer.Fault
		if !errors.As(err, &f) || f.Code != "BadDigest" || !errors.Is(err, layer.ErrDigest) {
			t.Errorf("%d bytes: error is %v, want BadDigest", size, err)
		}
	}
}

func TestLeftovers(t *testing.T) {
	s := sandboxtest.Start(t, sandbox.Options{})
	s3test.Leftovers(t, server(s, s.URL(), nil))
}

func server(s *sandbox.Sandbox, at string, transport http.RoundTripper) *s3test.Server {
	return &s3test.Server{
		Endpoint: at, Region: sandbox.Region, Transport: transport, Now: time.Now,
		Key: awscloud.Credentials{AccessKeyID: s.Credential().Key, SecretAccessKey: s.Credential().Secret},
	}
}
