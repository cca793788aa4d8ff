package publishertest

import (
	"archive/zip"
	"context"
	"errors"
	"io/fs"
	"os"
	"slices"
	"testing"

	"github.com/layerbuild/layerbuild/internal/faults"
	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/publisher"
)

func testTwice(t *testing.T, open func(testing.TB) Harness) {
	h, a := open(t), artifact(t, "a", zip.Deflate)
	for i, want := range []publisher.Status{publisher.Created, publisher.Unchanged} {
		out, err := h.brought(t, h.Open(t, nil), a, &clock{}, publisher.Sharing{})
		if err != nil || out.Status != want || out.Version.Number != 1 || out.Reason == "" {
			t.Errorf("run %d: outcome is %+v, error %v, want version 1 %s", i+1, out, err, want)
		}
	}
	h.counted(t, 1)
}

func testShare(t *testing.T, open func(testing.TB) Harness) {
	h, a := open(t), artifact(t, "a", zip.Deflate)
	if h.Grants == nil {
		_, err := h.brought(t, h.Open(t, nil), a, &clock{}, publisher.Sharing{Public: true})
		if err == nil {
			t.Error("sharing where there is none: no error")
		}
		t.Skip("this service shares nothing")
	}
	for _, step := range h.sharing() {
		out, err := h.brought(t, h.Open(t, nil), a, &clock{}, step.sharing)
		if (err != nil) != (step.status == "") || err == nil && out.Status != step.status {
			t.Errorf("%s: outcome is %+v, error %v, want %s", step.name, out, err, step.status)
		}
		if got := h.Grants(t, out.Version); !slices.Equal(got, step.grants) {
			t.Errorf("%s: grants are %q, want %q", step.name, got, step.grants)
		}
	}
	h.counted(t, 1)
}

// A sharingStep is one run of a manifest whose sharing was edited.
type sharingStep struct {
	name    string
	sharing publisher.Sharing
	// status is "" where the run is to fail.
	status publisher.Status
	grants []string
}

func (h Harness) sharing() []sharingStep {
	if h.PublicOnly {
		return wholeSharing()
	}
	return someSharing()
}

// someSharing is for services that share with accounts and organizations too.
func someSharing() []sharingStep {
	return []sharingStep{
		{"accounts at once", publisher.Sharing{Accounts: []string{"111111111111", "222222222222"}}, publisher.Created, []string{"111111111111", "222222222222"}},
		{"the same again", publisher.Sharing{Accounts: []string{"222222222222", "111111111111"}}, publisher.Unchanged, []string{"111111111111", "222222222222"}},
		{"left alone", publisher.Sharing{}, publisher.Unchanged, []string{"111111111111", "222222222222"}},
		{"one more, one less", publisher.Sharing{Accounts: []string{"222222222222", "333333333333"}}, publisher.Updated, []string{"222222222222", "333333333333"}},
		{"public", publisher.Sharing{Public: true}, publisher.Updated, []string{"*"}},
		{"organization", publisher.Sharing{Organization: "o-abcde12345"}, publisher.Updated, []string{"o-abcde12345"}},
		{"private", publisher.Sharing{Private: true}, publisher.Updated, nil},
		{"private again", publisher.Sharing{Private: true}, publisher.Unchanged, nil},
	}
}

// wholeSharing is for services that share with everybody or nobody.
func wholeSharing() []sharingStep {
	return []sharingStep{
		{"public at once", publisher.Sharing{Public: true}, publisher.Created, []string{"*"}},
		{"public again", publisher.Sharing{Public: true}, publisher.Unchanged, []string{"*"}},
		{"left alone", publisher.Sharing{}, publisher.Unchanged, []string{"*"}},
		{"accounts", publisher.Sharing{Accounts: []string{"111111111111"}}, "", []string{"*"}},
		{"private", publisher.Sharing{Private: true}, publisher.Updated, nil},
		{"private again", publisher.Sharing{Private: true}, publisher.Unchanged, nil},
		{"organization", publisher.Sharing{Organization: "o-abcde12345"}, "", nil},
		{"public later", publisher.Sharing{Public: true}, publisher.Updated, []string{"*"}},
	}
}

// testWrongBytes has a zip that is not the artifact any more when it is
// published.
func testWrongBytes(t *testing.T, open func(testing.TB) Harness) {
	h, a, other := open(t), artifact(t, "a", zip.Deflate), artifact(t, "other", zip.Deflate)
	changed, err := os.ReadFile(other.Path)
	if err == nil {
		err = os.WriteFile(a.Path, changed, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	upload := h.upload(other)
	out, err := publisher.Publish(t.Context(), h.Open(t, nil), h.request(a, true), upload, publisher.Options{
		Sharing: publisher.Sharing{}, Sleep: (&clock{}).sleep,
	})
	if !errors.Is(err, layer.ErrDigest) || out.Version.Number != 0 {
		t.Errorf("outcome is %+v, error %v, want one that wraps layer.ErrDigest", out, err)
	}
	h.counted(t, 0)
}

func testTooLarge(t *testing.T, open func(testing.TB) Harness) {
	h := open(t)
	if h.TooLarge == 0 {
		t.Skip("this service takes zips of any size")
	}
	count := &faults.Transport{}
	a := artifact(t, noise(h.TooLarge), zip.Store)
	_, err := h.brought(t, h.Open(t, counting(count)), a, &clock{}, publisher.Sharing{})
	var f *layer.Fault
	if !errors.Is(err, layer.ErrLimit) || !errors.As(err, &f) || f.Retry || f.Unknown {
		t.Errorf("error is %v, want one that wraps layer.ErrLimit, for good", err)
	}
	h.counted(t, 0)
	if got := count.Count(); got != 2 {
		t.Errorf("%d requests were made, want 2: to look, and to publish", got)
	}
}

func testDenied(t *testing.T, open func(testing.TB) Harness) {
	h, a := open(t), artifact(t, "a", zip.Deflate)
	if h.Denied == nil {
		t.Skip("this service knows no credentials")
	}
	count := &faults.Transport{}
	out, err := h.brought(t, h.Denied(t, counting(count)), a, &clock{}, publisher.Sharing{})
	if !errors.Is(err, fs.ErrPermission) || out.Version.Number != 0 {
		t.Errorf("outcome is %+v, error %v, want one that wraps fs.ErrPermission", out, err)
	}
	var f *layer.Fault
	if !errors.As(err, &f) || f.Code == "" || f.RequestID == "" || f.Hint == "" {
		t.Errorf("error is %+v, want a fault with a code, a request id and a hint", f)
	}
	if got := count.Count(); got != 1 {
		t.Errorf("%d requests were made, want 1", got)
	}
	// Whoever may look may still not be allowed to publish.
	_, err = h.Denied(t, nil).Publish(context.Background(), h.request(a, true))
	if !errors.Is(err, fs.ErrPermission) {
		t.Errorf("publishing: error is %v, want one that wraps fs.ErrPermission", err)
	}
	h.counted(t, 0)
}
