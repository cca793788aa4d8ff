package oss_test

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"testing"

	"github.com/layerbuild/layerbuild/internal/faults"
	"github.com/layerbuild/layerbuild/uploader"
	"github.com/layerbuild/layerbuild/uploader/uploadertest"
)

// TestRequests records what uploading costs: two requests for a small layer,
// three and one for each part for a large one on top of the HEAD, and one to
// find that there is nothing to do.
func TestRequests(t *testing.T) {
	tests := []struct {
		name  string
		size  int64
		first []string
	}{
		{"small", 1000, []string{"HEAD", "PUT"}},
		{"large", 2*part + 1, []string{"HEAD", "GET uploads", "POST uploads", "PUT partNumber", "PUT partNumber", "PUT partNumber", "POST uploadId"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := start(t)
			bucket := s.bucket()
			var mu sync.Mutex
			var got []string
			record := func(next http.RoundTripper) http.RoundTripper {
				return &faults.Transport{Next: next, Script: func(_ int, r *http.Request) faults.Fault {
					mu.Lock()
					defer mu.Unlock()
					got = append(got, shape(r))
					return faults.Fault{}
				}}
			}
			u, a := open(t, s.options(bucket, record)), uploadertest.Artifact(t, test.size)
			for _, want := range [][]string{test.first, {"HEAD"}} {
				got = nil
				if _, _, err := uploader.Upload(context.Background(), u, "k", a, nil); err != nil {
					t.Fatal(err)
				}
				if !slices.Equal(got, want) {
					t.Errorf("requests were %q, want %q", got, want)
				}
			}
		})
	}
}

// shape is a request's method, and what it is about beside an object.
func shape(r *http.Request) string {
	for _, name := range []string{"uploads", "partNumber", "uploadId"} {
		if r.URL.Query().Has(name) {
			return r.Method + " " + name
		}
	}
	return r.Method
}
