// Package publishertest holds what every [publisher.Publisher] must do, as a
// test suite that each service runs against a server or a folder of its own.
package publishertest

import (
	"context"
	"net/http"
	"testing"

	"github.com/layerbuild/layerbuild/internal/faults"
	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/publisher"
)

// A Wrap goes around the transport of a publisher's requests.
type Wrap func(http.RoundTripper) http.RoundTripper

// A Harness is one account in one region, without layers, and ways to look
// into it that do not go through the publisher.
type Harness struct {
	// Open returns a publisher. A service that makes no requests ignores
	// wrap, which may be nil.
	Open func(t testing.TB, wrap Wrap) publisher.Publisher
	// Denied is Open with credentials that are refused, nil where there are
	// no credentials.
	Denied func(t testing.TB, wrap Wrap) publisher.Publisher
	// Upload brings an artifact to where Publish finds it, nil for a service
	// to which zips go inline.
	Upload func(ctx context.Context, a layer.Artifact) (layer.Object, error)
	// Count returns how many versions a layer has.
	Count func(t testing.TB, name string) int
	// Grants returns who may use a version besides its owner, sorted:
	// "*", an account, or an organization. It is nil for a service without
	// sharing.
	Grants func(t testing.TB, v layer.Version) []string
	// PublicOnly says that sharing is with everybody or nobody.
	PublicOnly bool
	// Foreign lets somebody use a version in a way that layerbuild does not,
	// and returns whom, as in [publisher.Grant]. It is nil for a service that
	// does not tell who made a grant.
	Foreign func(t testing.TB, v layer.Version) string
	// Use has a function use a version. A function that is there stays as it
	// is in a function version of its own, and goes on with v in place of
	// what it used. It is nil for a service without functions.
	Use func(t testing.TB, function string, v layer.Version)
	// FunctionPage is how many functions a page of the service has at most, 0
	// for 100.
	FunctionPage int
	// TooLarge is the size of a zip in bytes that the service refuses, 0 for
	// one that takes all.
	TooLarge int
	// Faults are failures that publishing must survive, nil where there are
	// no requests. Throttled is one that asks for 7 seconds of patience.
	Faults    []faults.Fault
	Throttled faults.Fault
	// Publishes recognises the request that makes a version.
	Publishes func(*http.Request) bool
	// Runtimes and Architectures are ones that the service knows.
	Runtimes, Architectures []string
	// Unlicensed says that the service keeps no licences.
	Unlicensed bool
}

// Run runs the suite; open returns a fresh account each time.
func Run(t *testing.T, open func(t testing.TB) Harness) {
	tests := []struct {
		name string
		run  func(*testing.T, func(testing.TB) Harness)
	}{
		{"find-none", testFindNone},
		{"publish-and-find", testPublishAndFind},
		{"find-among-others", testFindAmongOthers},
		{"find-repacked", testFindRepacked},
		{"find-highest", testFindHighest},
		{"find-forged-marker", testForgedMarker},
		{"delete", testDelete},
		{"metadata", testMetadata},
		{"versions", testVersions},
		{"versions-faults", testVersionsFaults},
		{"twice", testTwice},
		{"share", testShare},
		{"grants", testGrants},
		{"grants-foreign", testGrantsForeign},
		{"grants-faults", testGrantsFaults},
		{"usage", testUsage},
		{"usage-faults", testUsageFaults},
		{"wrong-bytes", testWrongBytes},
		{"too-large", testTooLarge},
		{"denied", testDenied},
		{"throttled", testThrottled},
		{"lost-for-good", testLostForGood},
		{"interrupted", testInterrupted},
		{"faults", testFaults},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { test.run(t, open) })
	}
}
