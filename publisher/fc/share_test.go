package fc_test

import (
	"errors"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/publisher"
)

// TestShareWholeLayer: a layer is shared with all its versions, so somebody has
// to agree.
func TestShareWholeLayer(t *testing.T) {
	each(t, func(t *testing.T, api string) {
		c := start(t, api, nil)
		h, p := c.harness(t), c.open(t, secret, nil)
		public := publisher.Sharing{Public: true}
		var newest layer.Version
		for _, content := range []string{"1", "2", "3"} {
			var err error
			if newest, err = p.Publish(t.Context(), request(zipped(t, content))); err != nil {
				t.Fatal(err)
			}
		}
		if others, err := p.Widens(t.Context(), newest, public); err != nil || !slices.Equal(others, []int64{1, 2}) {
			t.Errorf("others are %v, error %v, want 1 and 2", others, err)
		}
		if others, err := p.Widens(t.Context(), newest, publisher.Sharing{Private: true}); err != nil || len(others) > 0 {
			t.Errorf("making it private opens %v, error %v", others, err)
		}

		out, err := publisher.Publish(t.Context(), p, request(zipped(t, "3")), nil, publisher.Options{Sharing: public})
		var f *layer.Fault
		if !errors.As(err, &f) || !strings.Contains(f.Hint, "--yes") || !strings.Contains(err.Error(), "versions 1 and 2") || out.Version.Number != 3 {
			t.Errorf("outcome is %+v, error %v, want one that names versions 1 and 2, with a hint", out, err)
		}
		if got := h.Grants(t, newest); got != nil {
			t.Errorf("grants are %q", got)
		}
		out, err = publisher.Publish(t.Context(), p, request(zipped(t, "3")), nil, publisher.Options{Sharing: public, Yes: true})
		if err != nil || out.Status != publisher.Updated || !slices.Equal(h.Grants(t, newest), []string{"*"}) {
			t.Errorf("outcome is %+v, error %v, want updated", out, err)
		}
		if others, err := p.Widens(t.Context(), newest, public); err != nil || len(others) > 0 {
			t.Errorf("a public layer is opened once more: %v, error %v", others, err)
		}
	})
}

// TestWidensBeforehand: what would become public is known before the version
// is made that is to be.
func TestWidensBeforehand(t *testing.T) {
	each(t, func(t *testing.T, api string) {
		p := start(t, api, nil).open(t, secret, nil)
		public, coming := publisher.Sharing{Public: true}, layer.Version{Name: "web"}
		widens := func(when string, want ...int64) {
			t.Helper()
			if others, err := p.Widens(t.Context(), coming, public); err != nil || !slices.Equal(others, want) {
				t.Errorf("%s: others are %v, error %v, want %v", when, others, err, want)
			}
		}
		widens("a new layer")
		var made layer.Version
		for _, content := range []string{"1", "2", "3"} {
			var err error
			if made, err = p.Publish(t.Context(), request(zipped(t, content))); err != nil {
				t.Fatal(err)
			}
		}
		if err := p.Delete(t.Context(), layer.Version{Name: "web", Number: 2}); err != nil {
			t.Fatal(err)
		}
		widens("a private layer", 1, 3)
		if others, err := p.Widens(t.Context(), coming, publisher.Sharing{Private: true}); err != nil || len(others) > 0 {
			t.Errorf("others are %v, error %v, want none", others, err)
		}
		if _, err := p.Share(t.Context(), made, public); err != nil {
			t.Fatal(err)
		}
		widens("a public layer")
		if _, err := start(t, api, nil).open(t, secret+"x", nil).Widens(t.Context(), coming, public); err == nil {
			t.Error("with a wrong secret: no error")
		}
	})
}

// TestGrants: the access list is the layer's, so all versions have the same.
func TestGrants(t *testing.T) {
	each(t, func(t *testing.T, api string) {
		p := start(t, api, nil).open(t, secret, nil)
		var versions []layer.Version
		for _, content := range []string{"1", "2"} {
			v, err := p.Publish(t.Context(), request(zipped(t, content)))
			if err != nil {
				t.Fatal(err)
			}
			versions = append(versions, v)
		}
		if _, err := p.Share(t.Context(), versions[1], publisher.Sharing{Public: true}); err != nil {
			t.Fatal(err)
		}
		for _, v := range versions {
			grants, err := p.Grants(t.Context(), v)
			if err != nil || !slices.Equal(grants, []publisher.Grant{{To: "public", Ours: true}}) {
				t.Errorf("grants of version %d are %+v, error %v, want public", v.Number, grants, err)
			}
		}
		if _, err := p.Grants(t.Context(), layer.Version{Name: "web", Number: 9}); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("error is %v, want one that wraps fs.ErrNotExist", err)
		}
	})
}
