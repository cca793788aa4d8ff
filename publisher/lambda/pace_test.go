package lambda_test

import (
	"context"
	"errors"
	"io/fs"
	"net/http"
	"slices"
	"testing"

	"github.com/layerbuild/layerbuild/internal/faults"
	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/publisher"
	"github.com/layerbuild/layerbuild/publisher/lambda"
)

// TestPace: every attempt waits for its turn, the SDK's own repetitions
// included, and what ends the wait ends the request.
func TestPace(t *testing.T) {
	s := startStage(t)
	var events []string
	wrap := func(next http.RoundTripper) http.RoundTripper {
		script := faults.At(2, answer(http.StatusInternalServerError, "ServiceException"))
		counted := &faults.Transport{Next: next, Script: script}
		return roundTripper(func(r *http.Request) (*http.Response, error) {
			events = append(events, "request")
			return counted.RoundTrip(r)
		})
	}
	var failure error
	p, err := lambda.New(lambda.Options{
		Config: s.config(t, s.key, wrap), Endpoint: s.endpoint,
		Pace: func(context.Context) error {
			events = append(events, "turn")
			return failure
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	v, err := p.Publish(t.Context(), publisher.Request{Name: "web", Artifact: zipped(t, "a")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Get(t.Context(), "web", v.Number); err != nil {
		t.Fatal(err)
	}
	if want := slices.Repeat([]string{"turn", "request"}, 3); !slices.Equal(events, want) {
		t.Errorf("events are %q, want %q", events, want)
	}
	failure = context.DeadlineExceeded
	_, err = p.Publish(t.Context(), publisher.Request{Name: "web", Artifact: zipped(t, "b")})
	var f *layer.Fault
	if !errors.As(err, &f) || f.Unknown || f.Retry || !errors.Is(err, failure) {
		t.Errorf("error is %v, want one by which no request went out", err)
	}
	if last := events[len(events)-1]; len(events) != 7 || last != "turn" {
		t.Errorf("events are %q, want one more turn and no request", events)
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// TestDisabledRegion: a region that the account has not enabled says so, in a
// way.
func TestDisabledRegion(t *testing.T) {
	s := startStage(t, region)
	_, err := s.open(t, nil).Find(t.Context(), "web", layer.Digests{})
	var f *layer.Fault
	if !errors.As(err, &f) || !f.Region || f.Code != "UnrecognizedClientException" || !errors.Is(err, fs.ErrPermission) {
		t.Errorf("error is %v, want one that may be about the region", err)
	}
	s = startStage(t, "us-east-1")
	if _, err := s.open(t, nil).Find(t.Context(), "web", layer.Digests{}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("in another region: error is %v, want one that wraps fs.ErrNotExist", err)
	}
}
