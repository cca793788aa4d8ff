// Package uploadertest holds what every [uploader.Uploader] must do, as a test
// suite that each store runs against a server or a folder of its own.
package uploadertest

import (
	"net/http"
	"testing"

	"github.com/layerbuild/layerbuild/internal/faults"
	"github.com/layerbuild/layerbuild/uploader"
)

// A Wrap goes around the transport of an uploader's requests.
type Wrap func(http.RoundTripper) http.RoundTripper

// A Harness is one empty bucket, and ways to look into it that do not go
// through the uploader.
type Harness struct {
	// Open returns an uploader for the bucket. A store that makes no requests
	// ignores wrap, which may be nil.
	Open func(t testing.TB, wrap Wrap) uploader.Uploader
	// Denied is Open with credentials that are refused, nil where there are
	// no credentials.
	Denied func(t testing.TB, wrap Wrap) uploader.Uploader
	// Keys returns the keys of all objects, Read the bytes of one.
	Keys func(t testing.TB) []string
	Read func(t testing.TB, key string) []byte
	// Unfinished counts uploads that were begun and neither completed nor
	// aborted.
	Unfinished func(t testing.TB) int
	// Edges are sizes in bytes at which the store changes its ways. Each is
	// tried, and one byte less and more.
	Edges []int64
	// Large is a size that takes as many requests as an upload can.
	Large int64
	// Resumes says that an upload that was interrupted is left for the next
	// one of the same artifact to go on with, wherever that runs.
	Resumes bool
	// Faults are failures that an upload must survive, nil where there are no
	// requests.
	Faults []faults.Fault
}

// Run runs the suite; open returns a fresh bucket each time.
func Run(t *testing.T, open func(t testing.TB) Harness) {
	tests := []struct {
		name string
		run  func(*testing.T, func(testing.TB) Harness)
	}{
		{"missing", testMissing},
		{"sizes", testSizes},
		{"keys", testKeys},
		{"taken", testTaken},
		{"race", testRace},
		{"changed", testChanged},
		{"other-bytes", testOtherBytes},
		{"canceled-before", testCanceledBefore},
		{"canceled-amid", testCanceledAmid},
		{"resumed", testResumed},
		{"denied", testDenied},
		{"faults", testFaults},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { test.run(t, open) })
	}
}
