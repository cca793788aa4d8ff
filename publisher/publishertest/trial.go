package publishertest

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/layerbuild/layerbuild/internal/faults"
	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/publisher"
)

// A TrialHarness is one account in one region, without functions, and ways to
// look into it that do not go through the trier. Its functions do what [Play]
// does.
type TrialHarness struct {
	// Open returns a trier.
	Open func(t testing.TB, wrap Wrap) publisher.Trier
	// Layer publishes a layer that holds python/a.txt with the content.
	Layer func(t testing.TB, name, content string) layer.Version
	// Functions lists what a trial makes: functions, and what is around them.
	Functions func(t testing.TB) []string
	// Leave makes a function that was made some time ago, 4 minutes at most.
	Leave func(t testing.TB, name string, ago time.Duration)
	// Invokes recognises the request that invokes a function.
	Invokes func(*http.Request) bool
	// Trial has the runtime, the handler and the role of the functions.
	Trial publisher.Trial
	// Faults are failures after which nothing may be left.
	Faults []faults.Fault
}

// Play stands in for a function: with the event {"read": "python/a.txt"} it
// returns what that file holds for a function with the layers, of which a later
// one overwrites an earlier one; otherwise it fails with an error object.
func Play(layers []string, event []byte) (output []byte, failed bool) {
	var in struct{ Read string }
	err := json.Unmarshal(event, &in)
	content := ""
	for _, path := range layers {
		if err == nil {
			err = overlay(path, in.Read, &content)
		}
	}
	if err != nil || content == "" {
		return []byte(fmt.Sprintf(`{"errorMessage": %q}`, fmt.Sprint("nothing to read: ", err))), true
	}
	return []byte(fmt.Sprintf("%q", content)), false
}

func overlay(path, name string, content *string) error {
	z, err := zip.OpenReader(path)
	if err != nil {
		return err
	}
	defer z.Close()
	for _, entry := range z.File {
		if entry.Name != name {
			continue
		}
		r, err := entry.Open()
		if err != nil {
			return err
		}
		defer r.Close()
		text, err := io.ReadAll(r)
		*content = string(text)
		return err
	}
	return nil
}

// RunTrials runs the suite of triers; open returns a fresh account each time.
func RunTrials(t *testing.T, open func(t testing.TB) TrialHarness) {
	tests := []struct {
		name string
		run  func(*testing.T, func(testing.TB) TrialHarness)
	}{
		{"trial", testTrial},
		{"trial-fails", testTrialFails},
		{"trial-refused", testTrialRefused},
		{"trial-interrupted", testTrialInterrupted},
		{"trial-faults", testTrialFaults},
		{"sweep", testSweep},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { test.run(t, open) })
	}
}

const aTrial = publisher.TrialPrefix + "abc123"

func (h TrialHarness) trial(t testing.TB, event string, layers ...layer.Version) publisher.Trial {
	t.Helper()
	var code bytes.Buffer
	w := zip.NewWriter(&code)
	f, err := w.Create("index.py")
	if err == nil {
		_, err = io.WriteString(f, "def handler(event, context): return event\n")
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	trial := h.Trial
	trial.Name, trial.Layers, trial.Code, trial.Event = aTrial, layers, code.Bytes(), []byte(event)
	return trial
}

func (h TrialHarness) clean(t testing.TB) {
	t.Helper()
	if left := h.Functions(t); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
}

const readEvent = `{"read": "python/a.txt"}`

func testTrial(t *testing.T, open func(testing.TB) TrialHarness) {
	h := open(t)
	first, second := h.Layer(t, "first", "of the first"), h.Layer(t, "second", "of the second")
	report, err := h.Open(t, nil).Try(t.Context(), h.trial(t, readEvent, first, second))
	if err != nil {
		t.Fatal(err)
	}
	if string(report.Output) != `"of the second"` || report.Failed || report.Log == "" {
		t.Errorf("report is %+v, output %s, want what the later layer holds, and a log", report, report.Output)
	}
	order := []string{first.Name, second.Name}
	if report.Wins == "first" {
		slices.Reverse(order)
	} else if report.Wins != "last" {
		t.Errorf("of two layers %q wins, want first or last", report.Wins)
	}
	if len(report.Order) != 2 || !strings.Contains(report.Order[0], order[0]) || !strings.Contains(report.Order[1], order[1]) {
		t.Errorf("the order is %q, want %q", report.Order, order)
	}
	h.clean(t)
}

// testTrialFails: a function that fails is no error, but stands in the report.
func testTrialFails(t *testing.T, open func(testing.TB) TrialHarness) {
	h := open(t)
	report, err := h.Open(t, nil).Try(t.Context(), h.trial(t, `{"read": "nothing"}`, h.Layer(t, "a", "a")))
	if err != nil || !report.Failed || !strings.Contains(string(report.Output), "nothing to read") {
		t.Errorf("report is %+v, output %s, error %v, want a failure with its message", report, report.Output, err)
	}
	h.clean(t)
}

func testTrialRefused(t *testing.T, open func(testing.TB) TrialHarness) {
	h := open(t)
	missing := h.Layer(t, "a", "a")
	missing.Number, missing.ARN = 99, strings.TrimSuffix(missing.ARN, "1")+"99"
	_, err := h.Open(t, nil).Try(t.Context(), h.trial(t, readEvent, missing))
	var f *layer.Fault
	if !errors.As(err, &f) || f.Code == "" || strings.Contains(err.Error(), "removing") {
		t.Errorf("error is %v, want the service's refusal alone", err)
	}
	h.clean(t)
}

// testTrialInterrupted ends the context before and after the function was
// invoked.
func testTrialInterrupted(t *testing.T, open func(testing.TB) TrialHarness) {
	for _, after := range []bool{false, true} {
		h := open(t)
		ctx, cancel := context.WithCancel(t.Context())
		invoked := false
		wrap := func(next http.RoundTripper) http.RoundTripper {
			return roundTripper(func(r *http.Request) (*http.Response, error) {
				if !h.Invokes(r) {
					return next.RoundTrip(r)
				}
				invoked = true
				if after {
					defer cancel()
				} else {
					cancel()
				}
				answer, err := next.RoundTrip(r)
				if err == nil {
					answer.Body = io.NopCloser(ended{})
				}
				return answer, err
			})
		}
		_, err := h.Open(t, wrap).Try(ctx, h.trial(t, readEvent, h.Layer(t, "a", "a")))
		if !errors.Is(err, context.Canceled) || !invoked {
			t.Errorf("invoked %v, error %v, want context.Canceled", invoked, err)
		}
		h.clean(t)
		cancel()
	}
}

// ended is the body of an answer whose context ended.
type ended struct{}

func (ended) Read([]byte) (int, error) { return 0, context.Canceled }

// testTrialFaults puts each fault at each request of a trial, one at a time.
// Nothing is left, whatever comes of the trial.
func testTrialFaults(t *testing.T, open func(testing.TB) TrialHarness) {
	h := open(t)
	smooth := &faults.Transport{}
	if _, err := h.Open(t, counting(smooth)).Try(t.Context(), h.trial(t, readEvent, h.Layer(t, "a", "a"))); err != nil {
		t.Fatal(err)
	}
	for _, fault := range h.Faults {
		for k := 1; k <= smooth.Count(); k++ {
			t.Run(fmt.Sprintf("%s-at-%d-of-%d", fault.Name, k, smooth.Count()), func(t *testing.T) {
				h := open(t)
				rough := &faults.Transport{Script: faults.At(k, fault)}
				report, err := h.Open(t, counting(rough)).Try(t.Context(), h.trial(t, readEvent, h.Layer(t, "a", "a")))
				if err == nil && string(report.Output) != `"a"` {
					t.Errorf("report is %+v without an error", report)
				}
				h.clean(t)
			})
		}
	}
}

func testSweep(t *testing.T, open func(testing.TB) TrialHarness) {
	h := open(t)
	now := time.Now()
	old, young, other := publisher.TrialPrefix+"old", publisher.TrialPrefix+"young", "other-than-"+publisher.TrialPrefix+"a"
	h.Leave(t, old, 4*time.Minute)
	h.Leave(t, other, 4*time.Minute)
	h.Leave(t, young, 0)
	names, err := h.Open(t, nil).Sweep(t.Context(), now.Add(-2*time.Minute))
	if err != nil || !slices.Equal(names, []string{old}) {
		t.Errorf("removed %q, error %v, want %q", names, err, old)
	}
	left := h.Functions(t)
	if len(left) == 0 || slices.ContainsFunc(left, func(name string) bool { return strings.Contains(name, old) }) ||
		!slices.Contains(left, young) || !slices.Contains(left, other) {
		t.Errorf("left are %q, want %q and %q", left, young, other)
	}
	if names, err := h.Open(t, nil).Sweep(t.Context(), now.Add(-2*time.Minute)); err != nil || len(names) > 0 {
		t.Errorf("second time: removed %q, error %v, want none", names, err)
	}
}
