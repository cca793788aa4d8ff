package scf

import (
	"context"
	"errors"
	"testing"
	"time"

	scf "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/scf/v20180416"
)

// TestPace: no second has more than the 20 requests that SCF takes.
func TestPace(t *testing.T) {
	now := time.Unix(1e9, 0)
	var sent []time.Time
	p := &pace{
		now:   func() time.Time { return now },
		sleep: func(_ context.Context, d time.Duration) error { now = now.Add(d); return nil },
	}
	for i := range 200 {
		if i == 100 {
			now = now.Add(time.Hour) // what was saved up does not count
		}
		if err := p.wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		sent = append(sent, now)
	}
	for i, from := range sent {
		n := 0
		for _, at := range sent[i:] {
			if at.Before(from.Add(time.Second)) {
				n++
			}
		}
		if n > 20 {
			t.Fatalf("%d requests in the second after request %d", n, i+1)
		}
	}
	if took := sent[99].Sub(sent[0]); took > 7*time.Second {
		t.Errorf("100 requests took %s, want 95 of 15 a second", took)
	}
}

func TestPaceInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	p := &pace{now: time.Now, sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() }}
	for range 2 * burst {
		if err := p.wait(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("error is %v, want context.Canceled", err)
		}
	}
}

// TestMadeAt: a function is never taken for older than it is.
func TestMadeAt(t *testing.T) {
	tests := []struct {
		description, added string
		want               time.Time
	}{
		{"made by layerbuild at 20261122T210000Z", "2026-11-23 05:00:00", time.Date(2026, 11, 22, 21, 0, 0, 0, time.UTC)},
		{"", "2026-11-23 05:00:00", time.Date(2026, 11, 23, 5, 0, 0, 0, time.UTC)},
		{"made by layerbuild at some time", "2026-11-23 05:00:00", time.Date(2026, 11, 23, 5, 0, 0, 0, time.UTC)},
		{"", "yesterday", time.Time{}},
	}
	for _, test := range tests {
		if got := madeAt(&scf.Function{Description: &test.description, AddTime: &test.added}); !got.Equal(test.want) {
			t.Errorf("%q and %q: %s, want %s", test.description, test.added, got, test.want)
		}
	}
	if got := madeAt(&scf.Function{}); !got.IsZero() {
		t.Errorf("a function that says nothing was made at %s", got)
	}
}
