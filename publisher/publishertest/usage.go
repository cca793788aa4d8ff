package publishertest

import (
	"archive/zip"
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/layerbuild/layerbuild/publisher"
)

// usageReader returns the publisher as one, or skips the test.
func (h Harness) usageReader(t *testing.T) publisher.UsageReader {
	t.Helper()
	u, ok := h.Open(t, nil).(publisher.UsageReader)
	switch {
	case !ok && h.Use != nil:
		t.Fatal("the service has functions, but does not tell what they use")
	case !ok:
		t.Skip("this service has no functions")
	case h.Use == nil:
		// Nothing can use a layer of a service without functions.
		h.publish(t, artifact(t, "a", zip.Deflate), true)
		if usage, err := u.Usage(t.Context(), aName); err != nil || len(usage) > 0 {
			t.Errorf("usage is %v, error %v, want none", usage, err)
		}
		t.SkipNow()
	}
	return u
}

func testUsage(t *testing.T, open func(testing.TB) Harness) {
	h := open(t)
	u := h.usageReader(t)
	first, second := h.publish(t, artifact(t, "1", zip.Deflate), true), h.publish(t, artifact(t, "2", zip.Deflate), true)
	// One name begins with the other, so a careless comparison takes them for
	// the same.
	other := h.make(t, publisher.Request{Name: aName + "-2", Runtimes: h.Runtimes, Artifact: artifact(t, "3", zip.Deflate)})
	h.Use(t, "stranger", other)
	check := func(when string, want map[int64][]string) {
		t.Helper()
		usage, err := u.Usage(t.Context(), aName)
		if err != nil || !slices.Equal(slices.Sorted(maps.Keys(usage)), slices.Sorted(maps.Keys(want))) {
			t.Errorf("%s: usage is %v, error %v, want that of %v", when, usage, err, want)
			return
		}
		for number, functions := range want {
			users := usage[number]
			if !slices.IsSorted(users) || len(slices.Compact(slices.Clone(users))) != len(users) {
				t.Errorf("%s: users of version %d are %q, want them sorted, each once", when, number, users)
			}
			for _, user := range users {
				if !slices.ContainsFunc(functions, func(name string) bool { return strings.Contains(user, name) }) {
					t.Errorf("%s: version %d is used by %q, want none but %q", when, number, user, functions)
				}
			}
			for _, name := range functions {
				if !slices.ContainsFunc(users, func(user string) bool { return strings.Contains(user, name) }) {
					t.Errorf("%s: users of version %d are %q, want %q among them", when, number, users, name)
				}
			}
		}
	}
	check("unused", nil)
	h.Use(t, "one", first)
	check("one function", map[int64][]string{1: {"one"}})
	h.Use(t, "two", first)
	h.Use(t, "three", second)
	check("three functions", map[int64][]string{1: {"one", "two"}, 2: {"three"}})
	// The function moves on; a version of it does not.
	h.Use(t, "one", second)
	check("an older function version", map[int64][]string{1: {"one", "two"}, 2: {"one", "three"}})
	h.Use(t, "two", other)
	check("only an older function version", map[int64][]string{1: {"one", "two"}, 2: {"one", "three"}})

	if usage, err := u.Usage(t.Context(), "no-such-layer"); err != nil || len(usage) > 0 {
		t.Errorf("of no layer: %v, error %v, want none", usage, err)
	}
	h.denies(t, "usage", used)
}

// testUsageFaults has more functions than a page of the service.
func testUsageFaults(t *testing.T, open func(testing.TB) Harness) {
	h := open(t)
	u := h.usageReader(t)
	v := h.publish(t, artifact(t, "a", zip.Deflate), true)
	functions := cmp.Or(h.FunctionPage, 100) + 1
	for i := range functions {
		h.Use(t, fmt.Sprintf("f%03d", i), v)
	}
	if usage, err := u.Usage(t.Context(), aName); err != nil || len(usage[1]) != functions {
		t.Fatalf("there are %d users, error %v, want %d", len(usage[1]), err, functions)
	}
	h.wholeOrNothing(t, used)
}

// used spells a layer's usage out, for comparison.
func used(ctx context.Context, p publisher.Publisher) (string, error) {
	usage, err := p.(publisher.UsageReader).Usage(ctx, aName)
	return fmt.Sprintf("%v", usage), err // maps are printed in the order of their keys
}
