package remotezip

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/layerbuild/layerbuild/internal/digest"
	"github.com/layerbuild/layerbuild/layer"
)

func TestFetch(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	const content = "any bytes: a zip is not looked into"
	h := digest.New()
	_, _ = h.Write([]byte(content))
	d := h.Digests()
	tests := []struct {
		name    string
		version layer.Version
		status  int
		most    int64
		cause   error
	}{
		{"nothing told", layer.Version{}, 200, d.Size, nil},
		{"sha256", layer.Version{SHA256: d.SHA256.String()}, 200, d.Size, nil},
		{"crc64 and size", layer.Version{CRC64: d.CRC64Text(), Size: d.Size}, 200, d.Size, nil},
		{"another sha256", layer.Version{SHA256: layer.Sum{}.String(), Size: d.Size}, 200, d.Size, layer.ErrDigest},
		{"another crc64", layer.Version{CRC64: "1", Size: d.Size}, 200, d.Size, layer.ErrDigest},
		{"another size", layer.Version{CRC64: d.CRC64Text(), Size: d.Size + 1}, 200, d.Size, layer.ErrDigest},
		{"too large", layer.Version{}, 200, d.Size - 1, layer.ErrLimit},
		{"gone", layer.Version{}, 404, d.Size, errAny},
		{"elsewhere", layer.Version{}, 302, d.Size, errAny},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(test.status)
				_, _ = w.Write([]byte(content))
			}))
			defer s.Close()
			test.version.Location = s.URL + "/?signature=secret"
			path, err := Fetch(t.Context(), http.DefaultTransport.RoundTrip, test.version, test.most)
			if err != nil {
				if test.cause == nil || test.cause != errAny && !errors.Is(err, test.cause) || strings.Contains(err.Error(), "secret") || path != "" {
					t.Errorf("path %q, error %v, want one that wraps %v", path, err, test.cause)
				}
				return
			}
			got, err := os.ReadFile(path)
			if test.cause != nil || err != nil || string(got) != content {
				t.Errorf("fetched %q, error %v, want %v", got, err, test.cause)
			}
			if err := os.Remove(path); err != nil {
				t.Error(err)
			}
		})
	}
	if left, err := os.ReadDir(os.TempDir()); err != nil || len(left) > 0 {
		t.Errorf("left in the temporary folder: %v, error %v", left, err)
	}
}

// A service may say nothing of where the zip is.
func TestFetchNowhere(t *testing.T) {
	_, err := Fetch(t.Context(), http.DefaultTransport.RoundTrip, layer.Version{}, 1)
	if err == nil || !strings.Contains(err.Error(), "address") {
		t.Errorf("error is %v", err)
	}
}
