package fc_test

import (
	"net/http"
	"testing"

	"github.com/layerbuild/layerbuild/internal/faults"
	"github.com/layerbuild/layerbuild/publisher"
	"github.com/layerbuild/layerbuild/publisher/fc"
	"github.com/layerbuild/layerbuild/publisher/publishertest"
	sandboxfc "github.com/layerbuild/layerbuild/sandbox/fc"
)

// The abilities that a publisher has.
var _ interface {
	publisher.Publisher
	publisher.Getter
	publisher.Lister
	publisher.Deleter
	publisher.WholeSharer
	publisher.GrantReader
	publisher.UsageReader
	publisher.Trier
} = (*fc.Publisher)(nil)

// each runs a test with both APIs, at the same time.
func each(t *testing.T, test func(t *testing.T, api string)) {
	for _, api := range []string{fc.V2, fc.V3} {
		t.Run(api, func(t *testing.T) {
			t.Parallel()
			test(t, api)
		})
	}
}

func TestConformanceInline(t *testing.T) {
	each(t, func(t *testing.T, api string) {
		publishertest.Run(t, func(t testing.TB) publishertest.Harness {
			const most = 100_000
			h := start(t, api, func(o *sandboxfc.Options) {
				for i := range o.Catalogue.Services {
					o.Catalogue.Services[i].Limits.Inline = most
				}
			}).harness(t)
			h.TooLarge = most * 2 // larger than the request may be
			return h
		})
	})
}

func TestConformanceFromOSS(t *testing.T) {
	each(t, func(t *testing.T, api string) {
		publishertest.Run(t, func(t testing.TB) publishertest.Harness {
			const most = 100_000
			c := start(t, api, func(o *sandboxfc.Options) {
				for i := range o.Catalogue.Services {
					o.Catalogue.Services[i].Limits.Zip = most
				}
			})
			h := c.harness(t)
			h.TooLarge, h.Upload = most, c.upload
			h.Use = c.uses(otherThan(api)) // functions of both use the same layers
			// The requests are those of the other suite, which has all faults.
			h.Faults = []faults.Fault{answer(http.StatusInternalServerError, "InternalServerError").After(), faults.Lost()}
			return h
		})
	})
}
