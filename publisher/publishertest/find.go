package publishertest

import (
	"archive/zip"
	"errors"
	"fmt"
	"io/fs"
	"reflect"
	"testing"

	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/publisher"
)

func testFindNone(t *testing.T, open func(testing.TB) Harness) {
	h, a := open(t), artifact(t, "a", zip.Deflate)
	if _, err := h.Open(t, nil).Find(t.Context(), aName, a.Digests); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without the layer: error is %v, want one that wraps fs.ErrNotExist", err)
	}
	h.publish(t, artifact(t, "b", zip.Deflate), true)
	if _, err := h.Open(t, nil).Find(t.Context(), aName, a.Digests); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without the version: error is %v, want one that wraps fs.ErrNotExist", err)
	}
}

func testPublishAndFind(t *testing.T, open func(testing.TB) Harness) {
	for _, marker := range []bool{true, false} {
		h, a := open(t), artifact(t, "a", zip.Deflate)
		made := h.publish(t, a, marker)
		if made.Name != aName || made.Number != 1 || made.Size != a.Digests.Size {
			t.Errorf("published version is %+v, want number 1 of %q with %d bytes", made, aName, a.Digests.Size)
		}
		if made.SHA256 != a.Digests.SHA256.String() && made.CRC64 != a.Digests.CRC64Text() {
			t.Errorf("published version is %+v, want a checksum like %s", made, a.Digests.SHA256)
		}
		found, err := h.Open(t, nil).Find(t.Context(), aName, a.Digests)
		if err != nil {
			t.Fatal(err)
		}
		found.Location, made.Location = "", "" // signed anew each time
		if !reflect.DeepEqual(found, made) {
			t.Errorf("found version is %+v, want %+v", found, made)
		}
	}
}

func testFindAmongOthers(t *testing.T, open func(testing.TB) Harness) {
	h := open(t)
	first, marked := artifact(t, "0", zip.Deflate), artifact(t, "marked", zip.Deflate)
	h.publish(t, first, false)
	h.publish(t, marked, true)
	h.crowd(t)
	for number, a := range map[int64]layer.Artifact{1: first, 2: marked} {
		v, err := h.Open(t, nil).Find(t.Context(), aName, a.Digests)
		if err != nil || v.Number != number {
			t.Errorf("found version %d, error %v, want version %d", v.Number, err, number)
		}
	}
}

// testFindHighest: what was published anew with the same bytes, for the sake of
// its description, is what counts.
func testFindHighest(t *testing.T, open func(testing.TB) Harness) {
	h, a := open(t), artifact(t, "a", zip.Deflate)
	for i, marker := range []bool{true, true, false, true} {
		h.publish(t, artifact(t, fmt.Sprint("other ", i), zip.Deflate), true)
		made := h.publish(t, a, marker)
		if v, err := h.Open(t, nil).Find(t.Context(), aName, a.Digests); err != nil || v.Number != made.Number {
			t.Errorf("found version %d, error %v, want version %d", v.Number, err, made.Number)
		}
	}
}

func testFindRepacked(t *testing.T, open func(testing.TB) Harness) {
	h := open(t)
	content := "the same, the same, the same, the same, the same"
	stored, deflated := artifact(t, content, zip.Store), artifact(t, content, zip.Deflate)
	if stored.Digests.Tree != deflated.Digests.Tree || stored.Digests.SHA256 == deflated.Digests.SHA256 {
		t.Fatal("the two zips do not show what they are meant to")
	}
	h.publish(t, stored, true)
	v, err := h.Open(t, nil).Find(t.Context(), aName, deflated.Digests)
	if err != nil || !v.Repacked || v.SHA256 == deflated.Digests.SHA256.String() {
		t.Errorf("found %+v, error %v, want the repacked version", v, err)
	}
	out, err := h.brought(t, h.Open(t, nil), deflated, &clock{}, publisher.Sharing{})
	if err != nil || out.Status != publisher.Unchanged || out.Reason != "packed differently" {
		t.Errorf("outcome is %+v, error %v, want unchanged, packed differently", out, err)
	}
	h.counted(t, 1)
	// The version of the very bytes goes before the repacked one.
	h.publish(t, deflated, true)
	h.publish(t, stored, true)
	if v, err := h.Open(t, nil).Find(t.Context(), aName, deflated.Digests); err != nil || v.Repacked || v.Number != 2 {
		t.Errorf("found %+v, error %v, want version 2", v, err)
	}
}

// testForgedMarker has versions that say they hold a tree and do not.
func testForgedMarker(t *testing.T, open func(testing.TB) Harness) {
	h, a, forged := open(t), artifact(t, "a", zip.Deflate), artifact(t, "forged", zip.Deflate)
	r := h.request(forged, false)
	r.Description = publisher.Describe("forged", a.Digests)
	h.make(t, r)
	if v, err := h.Open(t, nil).Find(t.Context(), aName, a.Digests); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("found %+v, error %v, want one that wraps fs.ErrNotExist", v, err)
	}
	out, err := h.brought(t, h.Open(t, nil), a, &clock{}, publisher.Sharing{})
	if err != nil || out.Status != publisher.Created {
		t.Errorf("outcome is %+v, error %v, want created", out, err)
	}
	h.counted(t, 2)
}

func testDelete(t *testing.T, open func(testing.TB) Harness) {
	h, a := open(t), artifact(t, "a", zip.Deflate)
	p := h.Open(t, nil)
	d, ok := p.(publisher.Deleter)
	if !ok {
		t.Skip("this service deletes nothing")
	}
	v := h.publish(t, a, true)
	for range 2 { // a version that is not there is no error
		if err := d.Delete(t.Context(), v); err != nil {
			t.Error(err)
		}
	}
	h.counted(t, 0)
	if _, err := p.Find(t.Context(), aName, a.Digests); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error is %v, want one that wraps fs.ErrNotExist", err)
	}
	if again := h.publish(t, a, true); again.Number != v.Number+1 {
		t.Errorf("the next version is %d, want %d: numbers are not used again", again.Number, v.Number+1)
	}
	missing := layer.Version{Name: "no-such-layer", Number: 1}
	if err := d.Delete(t.Context(), missing); err != nil {
		t.Errorf("deleting from a layer that is not there: %v", err)
	}
}
