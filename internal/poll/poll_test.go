package poll

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/layerbuild/layerbuild/layer"
)

func TestUntil(t *testing.T) {
	busy := &layer.Fault{Retry: true, After: 7 * time.Second}
	lost := &layer.Fault{Unknown: true}
	refused := &layer.Fault{Status: 400}
	const s = time.Second
	tests := []struct {
		name string
		// looks are the errors of the looks before the one that is done.
		looks  []error
		pauses []time.Duration
		done   bool
		err    error
	}{
		{"at once", nil, nil, true, nil},
		{"later", []error{nil, nil, nil, nil}, []time.Duration{s, 3 * s / 2, 2 * s, 2 * s}, true, nil},
		{"busy and lost", []error{busy, lost}, []time.Duration{7 * s, 3 * s / 2}, true, nil},
		{"refused", []error{nil, refused}, []time.Duration{s}, false, refused},
		{"never", slices.Repeat([]error{nil}, 9), []time.Duration{s, 3 * s / 2, 2 * s, 2 * s, 2 * s, 3 * s / 2}, false, nil},
		{"lost for good", slices.Repeat([]error{lost}, 9), []time.Duration{s, 3 * s / 2, 2 * s, 2 * s, 2 * s, 3 * s / 2}, false, lost},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var pauses []time.Duration
			n := 0
			done, err := Until(t.Context(), Pace{
				First: s, Longest: 2 * s, Patience: 10 * s,
				Sleep: func(_ context.Context, d time.Duration) error {
					pauses = append(pauses, d)
					return nil
				},
			}, func() (bool, error) {
				n++
				if n > len(test.looks) {
					return true, nil
				}
				return false, test.looks[n-1]
			})
			if done != test.done || !errors.Is(err, test.err) || !slices.Equal(pauses, test.pauses) {
				t.Errorf("done %v, error %v, after pauses of %v, want %v, %v, %v", done, err, pauses, test.done, test.err, test.pauses)
			}
		})
	}
}

func TestUntilInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	_, err := Until(ctx, Pace{First: time.Hour, Longest: time.Hour, Patience: time.Hour, Sleep: Sleep}, func() (bool, error) {
		cancel()
		return false, nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("ended before the pause: error is %v, want context.Canceled", err)
	}
	ctx, cancel = context.WithCancel(t.Context())
	time.AfterFunc(10*time.Millisecond, cancel)
	_, err = Until(ctx, Pace{First: time.Hour, Longest: time.Hour, Patience: time.Hour, Sleep: Sleep}, func() (bool, error) { return false, nil })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("ended in the pause: error is %v, want context.Canceled", err)
	}
	if err := Sleep(t.Context(), time.Nanosecond); err != nil {
		t.Error(err)
	}
}
