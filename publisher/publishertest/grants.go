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

// grantReader returns the publisher as one, or skips the test.
func (h Harness) grantReader(t *testing.T) (publisher.Publisher, publisher.GrantReader) {
	t.Helper()
	p := h.Open(t, nil)
	g, ok := p.(publisher.GrantReader)
	if !ok {
		if h.Grants != nil {
			t.Error("the service shares, but does not tell with whom")
		}
		t.Skip("this service tells no grants")
	}
	return p, g
}

// testGrants goes through the sharings of a service: what is granted after
// each is what was asked for, and there is nothing left to change.
func testGrants(t *testing.T, open func(testing.TB) Harness) {
	h := open(t)
	p, g := h.grantReader(t)
	v := h.publish(t, artifact(t, "a", zip.Deflate), true)
	if grants, err := g.Grants(t.Context(), v); err != nil || len(grants) > 0 {
		t.Errorf("of a new version: %+v, error %v, want none", grants, err)
	}
	for _, step := range h.sharing() {
		if step.sharing.IsZero() || step.status == "" {
			continue
		}
		if _, err := p.(publisher.Sharer).Share(t.Context(), v, step.sharing); err != nil {
			t.Fatal(err)
		}
		var want []publisher.Grant
		for _, to := range step.sharing.Wanted() {
			want = append(want, publisher.Grant{To: to, Ours: true})
		}
		grants, err := g.Grants(t.Context(), v)
		if err != nil || !slices.Equal(grants, want) {
			t.Errorf("%s: grants are %+v, error %v, want %+v", step.name, grants, err, want)
		}
		if grant, revoke := step.sharing.Changes(grants); len(grant)+len(revoke) > 0 {
			t.Errorf("%s: there is still %q to grant and %q to revoke", step.name, grant, revoke)
		}
	}
	h.denies(t, "grants", func(ctx context.Context, p publisher.Publisher) (string, error) { return granted(ctx, p, v) })
}

// testGrantsForeign: what others granted is told, and is theirs.
func testGrantsForeign(t *testing.T, open func(testing.TB) Harness) {
	h := open(t)
	p, g := h.grantReader(t)
	if h.Foreign == nil {
		t.Skip("this service does not tell who made a grant")
	}
	v := h.publish(t, artifact(t, "a", zip.Deflate), true)
	foreign := publisher.Grant{To: h.Foreign(t, v)}
	public := publisher.Grant{To: "public", Ours: true}
	for _, step := range []struct {
		sharing publisher.Sharing
		want    []publisher.Grant
	}{
		{publisher.Sharing{}, []publisher.Grant{foreign}},
		{publisher.Sharing{Public: true}, []publisher.Grant{foreign, public}},
		{publisher.Sharing{Private: true}, []publisher.Grant{foreign}},
	} {
		if !step.sharing.IsZero() {
			if _, err := p.(publisher.Sharer).Share(t.Context(), v, step.sharing); err != nil {
				t.Fatal(err)
			}
		}
		grants, err := g.Grants(t.Context(), v)
		if err != nil || !slices.Equal(grants, step.want) {
			t.Errorf("%+v: grants are %+v, error %v, want %+v", step.sharing, grants, err, step.want)
		}
	}
}

func testGrantsFaults(t *testing.T, open func(testing.TB) Harness) {
	h := open(t)
	p, _ := h.grantReader(t)
	v := h.publish(t, artifact(t, "a", zip.Deflate), true)
	if _, err := p.(publisher.Sharer).Share(t.Context(), v, publisher.Sharing{Public: true}); err != nil {
		t.Fatal(err)
	}
	h.wholeOrNothing(t, func(ctx context.Context, p publisher.Publisher) (string, error) { return granted(ctx, p, v) })
}

// granted spells the grants out, for comparison.
func granted(ctx context.Context, p publisher.Publisher, v layer.Version) (string, error) {
	grants, err := p.(publisher.GrantReader).Grants(ctx, v)
	return fmt.Sprintf("%+v", grants), err
}
