package publisher

import (
	"context"
	"errors"
	"io/fs"
	"strings"
	"testing"
	"time"

	"github.com/layerbuild/layerbuild/layer"
)

func TestLostAnswer(t *testing.T) {
	other := good
	other.SHA256, other.Repacked = "other", true
	refused := &layer.Fault{Status: 403, Cause: fs.ErrPermission}
	tests := []struct {
		name      string
		fake      fake
		status    Status
		reason    string
		cause     error
		publishes int
		// waited is at least how long was slept.
		waited time.Duration
		// most is at most how long was slept, 0 for any time.
		most time.Duration
	}{
		{name: "found at once", fake: fake{version: good, appears: 2, publish: []error{lost}}, status: Created, reason: "the answer was lost, the version was found", publishes: 1},
		{name: "found later", fake: fake{version: good, appears: 9, publish: []error{lost}}, status: Created, reason: "the answer was lost, the version was found", publishes: 1, waited: 20 * time.Second},
		{name: "never made", fake: fake{version: good, publish: []error{lost}}, status: Created, reason: "no version had these bytes", publishes: 2, waited: time.Minute},
		{name: "lost again", fake: fake{version: good, publish: []error{lost, lost}}, status: Created, reason: "no version had these bytes", publishes: 3, waited: 2 * time.Minute},
		{name: "always lost", fake: fake{version: good, publish: []error{lost, lost, lost, lost}}, cause: lost, publishes: 3, waited: 3 * time.Minute},
		{name: "found, another's", fake: fake{version: other, appears: 2, publish: []error{lost}}, status: Unchanged, reason: "packed differently", publishes: 1},
		{name: "cannot look", fake: fake{version: good, finds: []error{nil, refused}, publish: []error{lost}}, cause: fs.ErrPermission, publishes: 1},
		{name: "failed inside", fake: fake{version: good, publish: []error{&layer.Fault{Status: 500, Unknown: true}}}, status: Created, reason: "no version had these bytes", publishes: 2, waited: 5 * time.Second, most: 10 * time.Second},
		{name: "failed at a gateway", fake: fake{version: good, publish: []error{&layer.Fault{Status: 504, Unknown: true}}}, status: Created, reason: "no version had these bytes", publishes: 2, waited: time.Minute},
		{name: "hard to look", fake: fake{version: good, appears: 4, finds: []error{nil, lost, lost}, publish: []error{lost}}, status: Created, reason: "the answer was lost, the version was found", publishes: 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f, clock := full{&test.fake}, &timer{}
			out, err := Publish(t.Context(), f, request, nil, Options{Attempts: 3, Settle: time.Minute, Sleep: clock.sleep})
			if !errors.Is(err, test.cause) || out.Status != test.status || out.Reason != test.reason {
				t.Errorf("outcome is %+v, error %v, want %s: %s, error %v", out, err, test.status, test.reason, test.cause)
			}
			if n := f.count("publish"); n != test.publishes {
				t.Errorf("published %d times, want %d", n, test.publishes)
			}
			if clock.slept < test.waited {
				t.Errorf("slept %s, want %s at least", clock.slept, test.waited)
			}
			if test.most > 0 && clock.slept > test.most {
				t.Errorf("slept %s, want %s at most", clock.slept, test.most)
			}
			if f.count("delete") != 0 {
				t.Error("a version was deleted")
			}
		})
	}
}

func TestNoAnswerInTime(t *testing.T) {
	f := &fake{version: good, appears: 2, hang: true}
	out, err := Publish(t.Context(), f, request, nil, Options{Timeout: time.Millisecond, Sleep: new(timer).sleep})
	if err != nil || out.Status != Created || f.count("publish") != 1 {
		t.Errorf("outcome is %+v, error %v, did %q", out, err, f.log)
	}
}

func TestTimeout(t *testing.T) {
	large := Request{Artifact: layer.Artifact{Digests: layer.Digests{Size: 50_000_000}}}
	uploaded := large
	uploaded.Object.Key = "k"
	tests := []struct {
		o       Options
		r       Request
		timeout time.Duration
		settle  time.Duration
	}{
		{Options{}, uploaded, 120 * time.Second, 125 * time.Second},
		{Options{}, large, 620 * time.Second, 125 * time.Second},
		{Options{Timeout: time.Second}, large, time.Second, 6 * time.Second},
		{Options{Timeout: time.Second, Settle: time.Minute}, large, time.Second, time.Minute},
	}
	for _, test := range tests {
		o := test.o.withDefaults()
		if timeout := o.timeout(t.Context(), test.r); timeout != test.timeout || o.Settle != test.settle {
			t.Errorf("%+v: timeout %s, settle %s, want %s and %s", test.o, timeout, o.Settle, test.timeout, test.settle)
		}
	}
}

func TestInterrupted(t *testing.T) {
	stop := errors.New("stopped by the user")
	during := func(f *fake, o Options) error {
		ctx, cancel := context.WithCancelCause(t.Context())
		defer cancel(nil)
		o.Sleep = func(context.Context, time.Duration) error { cancel(stop); return ctx.Err() }
		if f.hang {
			o.Before = func(time.Duration) error { cancel(stop); return nil }
		}
		_, err := Publish(ctx, f, request, nil, o)
		return err
	}
	err := during(&fake{hang: true, version: good}, Options{})
	if !errors.Is(err, stop) && !errors.Is(err, context.Canceled) {
		t.Errorf("while publishing: error is %v", err)
	}
	err = during(&fake{version: good, publish: []error{lost}}, Options{})
	if !errors.Is(err, context.Canceled) || !errors.Is(err, lost) {
		t.Errorf("while looking: error is %v", err)
	}
	err = during(&fake{version: good, publish: []error{&layer.Fault{Retry: true}}}, Options{})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("while pausing: error is %v", err)
	}
}

func TestPending(t *testing.T) {
	// A version of an earlier run shows up while it is waited for.
	f, clock := &fake{version: good, appears: 5}, &timer{}
	out, err := Publish(t.Context(), f, request, noUpload(t), Options{Pending: time.Minute, Sleep: clock.sleep})
	if err != nil || out.Status != Unchanged || f.count("publish") != 0 {
		t.Errorf("outcome is %+v, error %v, did %q", out, err, f.log)
	}
	// None shows up.
	f, clock = &fake{version: good}, &timer{}
	out, err = Publish(t.Context(), f, request, nil, Options{Pending: time.Minute, Sleep: clock.sleep})
	if err != nil || out.Status != Created || clock.slept != time.Minute {
		t.Errorf("outcome is %+v, error %v, after %s", out, err, clock.slept)
	}
}

func TestBeforeStops(t *testing.T) {
	full := errors.New("disk full")
	f := &fake{version: good}
	_, err := Publish(t.Context(), f, request, nil, Options{Before: func(time.Duration) error { return full }})
	if !errors.Is(err, full) || f.count("publish") != 0 {
		t.Errorf("error is %v, did %q", err, f.log)
	}
}

func TestRetries(t *testing.T) {
	throttled := &layer.Fault{Status: 429, Code: "Slow", Retry: true, After: 10 * time.Second}
	f, clock := &fake{version: good, publish: []error{throttled, throttled}}, &timer{}
	var told []string
	out, err := Publish(t.Context(), f, request, nil, Options{Sleep: clock.sleep, Tell: func(s string) { told = append(told, s) }})
	if err != nil || out.Status != Created || f.count("publish") != 3 || f.count("find") != 1 {
		t.Errorf("outcome is %+v, error %v, did %q", out, err, f.log)
	}
	if clock.slept < 20*time.Second || clock.slept > 22*time.Second {
		t.Errorf("slept %s, want twice 10s and a little", clock.slept)
	}
	if len(told) != 2 || !strings.HasPrefix(told[0], "trying again in 10.") {
		t.Errorf("told %q", told)
	}

	f = &fake{version: good, finds: []error{throttled, throttled, throttled, throttled, throttled}}
	_, err = Publish(t.Context(), f, request, nil, Options{Sleep: clock.sleep})
	if !errors.Is(err, throttled) || !strings.Contains(err.Error(), "5 attempts") || f.count("find") != 5 {
		t.Errorf("error is %v, did %q", err, f.log)
	}

	for _, permanent := range []error{errors.New("plain"), &layer.Fault{Status: 400}} {
		f = &fake{version: good, publish: []error{permanent}}
		if _, err = Publish(t.Context(), f, request, nil, Options{Sleep: clock.sleep}); !errors.Is(err, permanent) || f.count("publish") != 1 {
			t.Errorf("error is %v, did %q", err, f.log)
		}
	}
}

func TestPausesGrow(t *testing.T) {
	o, clock := Options{}, &timer{}
	o.Sleep = clock.sleep
	next := firstPause
	for range 20 {
		before, expected := clock.slept, next
		if err := o.pause(t.Context(), &next, 0); err != nil {
			t.Fatal(err)
		}
		if d := clock.slept - before; d < expected/2 || d > expected || d > longestPause {
			t.Errorf("pause of %s, want from %s to %s", d, expected/2, expected)
		}
	}
	if next != longestPause {
		t.Errorf("pauses end at %s, want %s", next, longestPause)
	}
}

func TestSleep(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	if err := sleep(ctx, time.Nanosecond); err != nil {
		t.Error(err)
	}
	cancel()
	if err := sleep(ctx, time.Hour); !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v, want context.Canceled", err)
	}
}
