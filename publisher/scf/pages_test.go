package scf

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/layerbuild/layerbuild/layer"
)

// TestListing reads listings to which something happens after each page: what
// was there all the time is in them, or there is an error.
func TestListing(t *testing.T) {
	p := &Publisher{o: Options{Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() }}}
	rapid.Check(t, func(t *rapid.T) {
		count := pageSize*rapid.SampledFrom([]int{0, 1, 2, 3}).Draw(t, "pages") + rapid.IntRange(0, pageSize).Draw(t, "more")
		var now []int
		for i := range count {
			now = append(now, 2*i)
		}
		always := slices.Clone(now)
		names := func(what string) []int { return rapid.SliceOfN(rapid.IntRange(0, 2*count), 0, 4).Draw(t, what) }
		largest := rapid.SampledFrom([]int{1000, pageSize, 50}).Draw(t, "largest page")
		quiet := rapid.IntRange(0, 6).Draw(t, "pages until nothing changes")
		asked := 0
		l := listing[string]{
			action: "List", name: func(s string) string { return s },
			ask: func(_ context.Context, offset int64) (page []string, total int64, err error) {
				asked++
				from := min(int(offset), len(now))
				for _, n := range now[from:min(from+min(pageSize, largest), len(now))] {
					page = append(page, fmt.Sprint("f", n))
				}
				total = int64(len(now))
				if asked < quiet {
					removed := names("removed")
					now = slices.DeleteFunc(now, func(n int) bool { return slices.Contains(removed, n) })
					always = slices.DeleteFunc(always, func(n int) bool { return slices.Contains(removed, n) })
					now = append(now, names("added")...)
					slices.Sort(now)
					now = slices.Compact(now)
				}
				return page, total, nil
			},
		}
		list, err := l.all(t.Context(), p)
		var f *layer.Fault
		if err != nil && (!errors.As(err, &f) || !f.Retry || asked <= 3) {
			t.Fatalf("error is %v after %d pages", err, asked)
		}
		for _, n := range always {
			if name := fmt.Sprint("f", n); err == nil && !slices.Contains(list, name) {
				t.Fatalf("%s is missing from the %d that were read in %d pages", name, len(list), asked)
			}
		}
		if quiet <= 1 && (err != nil || len(list) != len(always)) {
			t.Fatalf("%d items, error %v, want %d", len(list), err, len(always))
		}
	})
}

// TestListingThatLies: what cannot be whole is no listing.
func TestListingThatLies(t *testing.T) {
	hundred := slices.Repeat([]string{""}, pageSize)
	for i := range hundred {
		hundred[i] = fmt.Sprint("f", i)
	}
	tests := []struct {
		name  string
		page  []string
		total int64
	}{
		{"the same page whatever is asked for", hundred, 200},
		{"fewer than it says", []string{"a"}, 2},
		{"none of those it says", nil, 2},
		{"one twice", []string{"a", "a"}, 2},
		{"one without a name", []string{"a", ""}, 2},
	}
	p := &Publisher{o: Options{Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() }}}
	for _, test := range tests {
		l := listing[string]{
			action: "List", name: func(s string) string { return s },
			ask: func(_ context.Context, offset int64) ([]string, int64, error) { return test.page, test.total, nil },
		}
		if list, err := l.all(t.Context(), p); err == nil {
			t.Errorf("%s: %q without an error", test.name, list)
		}
	}
}
