package publishertest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"testing"

	"github.com/layerbuild/layerbuild/internal/faults"
	"github.com/layerbuild/layerbuild/publisher"
)

// A reading asks the service for something that takes one request or more, and
// spells the answer out.
type reading func(ctx context.Context, p publisher.Publisher) (string, error)

// wholeOrNothing puts each fault at each request of a reading, one at a time.
// What comes without an error is what comes when nothing goes wrong: who takes
// half an answer for a whole one deletes what is in use.
func (h Harness) wholeOrNothing(t *testing.T, read reading) {
	smooth := &faults.Transport{}
	want, err := read(t.Context(), h.Open(t, counting(smooth)))
	if err != nil {
		t.Fatal(err)
	}
	for _, fault := range h.Faults {
		for _, k := range positions(smooth.Count()) {
			t.Run(fmt.Sprintf("%s-at-%d-of-%d", fault.Name, k, smooth.Count()), func(t *testing.T) {
				rough := &faults.Transport{Script: faults.At(k, fault)}
				if got, err := read(t.Context(), h.Open(t, counting(rough))); err == nil && got != want {
					t.Errorf("without an error: %s\nwant %s", got, want)
				}
			})
		}
		t.Run(fault.Name+"-always", func(t *testing.T) {
			always := &faults.Transport{Script: func(int, *http.Request) faults.Fault { return fault }}
			if got, err := read(t.Context(), h.Open(t, counting(always))); err == nil && got != want {
				t.Errorf("without an error: %s\nwant %s", got, want)
			}
		})
	}
}

// positions returns the requests of n at which a fault is put: all of a few,
// of many the first and the last ones and some between.
func positions(n int) []int {
	const edge, between = 6, 6
	var list []int
	for k := 1; k <= n; k++ {
		if k <= edge || k > n-edge || k%max(1, n/between) == 0 {
			list = append(list, k)
		}
	}
	return list
}

// denies has somebody read who may not: that is no reason to find nothing.
func (h Harness) denies(t *testing.T, what string, read reading) {
	t.Helper()
	if h.Denied == nil {
		return
	}
	if got, err := read(t.Context(), h.Denied(t, nil)); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("%s without permission: %s, error %v, want one that wraps fs.ErrPermission", what, got, err)
	}
}
