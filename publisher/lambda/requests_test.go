package lambda_test

import (
	"net/http"
	"testing"

	"github.com/layerbuild/layerbuild/internal/faults"
	"github.com/layerbuild/layerbuild/publisher"
)

// TestRequests counts what publishing takes.
func TestRequests(t *testing.T) {
	s := startStage(t)
	r := publisher.Request{Name: "web", Runtimes: []string{"python3.12"}, Artifact: zipped(t, "a")}
	share := publisher.Sharing{Accounts: []string{"111111111111"}}
	steps := []struct {
		name    string
		sharing publisher.Sharing
		want    int
	}{
		{"publish", publisher.Sharing{}, 2},    // list, publish
		{"unchanged", publisher.Sharing{}, 2},  // list, get
		{"share", share, 4},                    // and the policy twice
		{"shared, unchanged", share, 3},        // and the policy once
		{"left alone", publisher.Sharing{}, 2}, // as unchanged
	}
	for _, step := range steps {
		count := &faults.Transport{}
		wrap := func(next http.RoundTripper) http.RoundTripper { count.Next = next; return count }
		_, err := publisher.Publish(t.Context(), s.open(t, wrap), r, nil, publisher.Options{Sharing: step.sharing})
		if err != nil || count.Count() != step.want {
			t.Errorf("%s: %d requests, error %v, want %d", step.name, count.Count(), err, step.want)
		}
	}
}
