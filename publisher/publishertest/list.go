package publishertest

import (
	"archive/zip"
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/publisher"
)

// testMetadata: every way to a version tells what it was declared as.
func testMetadata(t *testing.T, open func(testing.TB) Harness) {
	h, a := open(t), artifact(t, "a", zip.Deflate)
	p := h.Open(t, nil)
	r := h.request(a, true)
	plain := publisher.Request{Name: aName, Runtimes: h.Runtimes[:1], Artifact: artifact(t, "plain", zip.Deflate)}
	for _, r := range []publisher.Request{r, plain} {
		versions := map[string]layer.Version{"published": h.make(t, r)}
		var err error
		if versions["found"], err = p.Find(t.Context(), aName, r.Artifact.Digests); err != nil {
			t.Fatal(err)
		}
		if g, ok := p.(publisher.Getter); ok {
			if versions["got"], err = g.Get(t.Context(), aName, versions["found"].Number); err != nil {
				t.Fatal(err)
			}
		}
		if l, ok := p.(publisher.Lister); ok {
			list, err := l.Versions(t.Context(), aName)
			if err != nil || len(list) == 0 {
				t.Fatalf("listed are %+v, error %v", list, err)
			}
			versions["listed"] = list[0]
		}
		for way, v := range versions {
			h.declared(t, way, v, r)
		}
	}
}

// declared holds what a version says of itself against what was asked for.
func (h Harness) declared(t testing.TB, way string, v layer.Version, r publisher.Request) {
	t.Helper()
	if h.Unlicensed {
		r.License = ""
	}
	if v.Description != r.Description || v.License != r.License {
		t.Errorf("%s: description is %q, license %q, want %q and %q", way, v.Description, v.License, r.Description, r.License)
	}
	if !sameNames(v.Runtimes, r.Runtimes) || !sameNames(v.Architectures, r.Architectures) {
		t.Errorf("%s: runtimes are %q, architectures %q, want %q and %q", way, v.Runtimes, v.Architectures, r.Runtimes, r.Architectures)
	}
	if outdated := publisher.Outdated(v, r); len(outdated) > 0 {
		t.Errorf("%s: outdated is %q", way, outdated)
	}
}

// sameNames compares without regard to the order, which is the cloud's own.
func sameNames(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

func testVersions(t *testing.T, open func(testing.TB) Harness) {
	h := open(t)
	p := h.Open(t, nil)
	l, ok := p.(publisher.Lister)
	if !ok {
		t.Skip("this service lists nothing")
	}
	if list, err := l.Versions(t.Context(), "no-such-layer"); err != nil || len(list) > 0 {
		t.Errorf("of no layer: %+v, error %v, want none", list, err)
	}
	h.make(t, publisher.Request{Name: aName + "-2", Runtimes: h.Runtimes, Artifact: artifact(t, "another", zip.Deflate)})
	h.crowd(t)
	made := h.publish(t, artifact(t, "newest", zip.Deflate), true)
	list, err := l.Versions(t.Context(), aName)
	if err != nil || len(list) != int(made.Number) {
		t.Fatalf("there are %d versions, error %v, want %d", len(list), err, made.Number)
	}
	for i, v := range list {
		if want := made.Number - int64(i); v.Number != want || v.Name != aName || v.Created == "" {
			t.Errorf("version %d of the list is %+v, want number %d", i, v, want)
		}
	}
	newest := list[0]
	if newest.ARN != made.ARN || newest.SHA256 != "" && newest.SHA256 != made.SHA256 || newest.CRC64 != "" && newest.CRC64 != made.CRC64 ||
		newest.Size != 0 && newest.Size != made.Size {
		t.Errorf("listed is %+v, want what was published: %+v", newest, made)
	}
	if d, ok := p.(publisher.Deleter); ok {
		if err := d.Delete(t.Context(), made); err != nil {
			t.Fatal(err)
		}
		if list, err := l.Versions(t.Context(), aName); err != nil || len(list) == 0 || list[0].Number != made.Number-1 {
			t.Errorf("after deleting version %d: %d versions, error %v, want one less", made.Number, len(list), err)
		}
	}
	h.denies(t, "versions", func(ctx context.Context, p publisher.Publisher) (string, error) { return listed(ctx, p) })
}

func testVersionsFaults(t *testing.T, open func(testing.TB) Harness) {
	h := open(t)
	if _, ok := h.Open(t, nil).(publisher.Lister); !ok {
		t.Skip("this service lists nothing")
	}
	h.crowd(t)
	h.wholeOrNothing(t, listed)
}

// listed spells a listing out, for comparison.
func listed(ctx context.Context, p publisher.Publisher) (string, error) {
	list, err := p.(publisher.Lister).Versions(ctx, aName)
	for i := range list {
		list[i].Location = "" // signed anew each time
	}
	return fmt.Sprintf("%+v", list), err
}
