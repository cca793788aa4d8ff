package remotezip

import (
	"archive/zip"
	"bytes"
	"errors"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/layerbuild/layerbuild/layer"
)

// packed is a zip of one file, and the digest of its tree.
func packed(t *testing.T, content string, method uint16) ([]byte, layer.Sum) {
	t.Helper()
	var buf bytes.Buffer
	w := zip.NewWriter(&buf)
	h := &zip.FileHeader{Name: "python/a.txt", Method: method}
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
	list, err := layer.ListZip(r, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	return buf.Bytes(), layer.TreeDigest(list)
}

func TestSame(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	long := strings.Repeat("a", 1000)
	deflated, tree := packed(t, long, zip.Deflate)
	stored, sameTree := packed(t, long, zip.Store)
	other, _ := packed(t, "b", zip.Deflate)
	if tree != sameTree || bytes.Equal(deflated, stored) {
		t.Fatal("the zips do not show what they are meant to")
	}
	most := Limits{Zip: 2000, Unpacked: 1000}
	tests := []struct {
		name   string
		status int
		body   []byte
		most   Limits
		same   bool
		cause  error
		retry  bool
	}{
		{"same", 200, deflated, most, true, nil, false},
		{"packed differently", 200, stored, most, true, nil, false},
		{"other", 200, other, most, false, nil, false},
		{"no zip", 200, []byte("no zip"), most, false, nil, false},
		{"unpacks to too much", 200, deflated, Limits{Zip: 2000, Unpacked: 999}, false, nil, false},
		{"too large", 200, stored, Limits{Zip: 1000, Unpacked: 1000}, false, layer.ErrLimit, false},
		{"expired", 403, nil, most, false, errAny, false},
		{"failed inside", 503, nil, most, false, errAny, true},
		{"too busy", 429, nil, most, false, errAny, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("X-Oss-Request-Id", "R1")
				w.WriteHeader(test.status)
				_, _ = w.Write(test.body)
			}))
			defer s.Close()
			same, err := Same(t.Context(), http.DefaultTransport.RoundTrip, s.URL+"/?signature=secret", tree, test.most)
			if same != test.same || (err != nil) != (test.cause != nil) {
				t.Fatalf("same %v, error %v, want %v, %v", same, err, test.same, test.cause)
			}
			var f *layer.Fault
			switch {
			case err == nil:
			case strings.Contains(err.Error(), "secret"):
				t.Errorf("the error shows a signature: %v", err)
			case test.cause != errAny && !errors.Is(err, test.cause):
				t.Errorf("error is %v, want one that wraps %v", err, test.cause)
			case errors.As(err, &f) && (f.Retry != test.retry || f.Unknown || f.RequestID != "R1"):
				t.Errorf("fault is %+v, want retry %v", *f, test.retry)
			}
		})
	}
	if left, err := os.ReadDir(os.TempDir()); err != nil || len(left) > 0 {
		t.Errorf("left in the temporary folder: %v, error %v", left, err)
	}
}

var errAny = errors.New("any")

func TestAddress(t *testing.T) {
	for _, address := range []string{
		"", "http://203.0.113.1/?signature=secret", "file:///etc/secret", "s3://b/secret", "https:///secret", "://secret", "https://a b/secret",
	} {
		asked := func(*http.Request) (*http.Response, error) {
			t.Errorf("%q was asked", address)
			return nil, errAny
		}
		_, err := Same(t.Context(), asked, address, layer.Sum{}, Limits{1, 1})
		if err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: error is %v, want one without the address", address, err)
		}
	}
}

func TestLost(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = w.Write([]byte("begin"))
	}))
	defer s.Close()
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	for _, address := range []string{s.URL, gone.URL} {
		_, err := Same(t.Context(), http.DefaultTransport.RoundTrip, address, layer.Sum{}, Limits{1000, 1000})
		var f *layer.Fault
		if !errors.As(err, &f) || !f.Retry || f.Unknown {
			t.Errorf("error is %v, want one to be retried", err)
		}
	}
}
