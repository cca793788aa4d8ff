package fc_test

import (
	"errors"
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
		var _ publisher.WholeSharer = p
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
