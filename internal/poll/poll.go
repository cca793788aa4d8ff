// Package poll asks again and again, for what a service does in its own time
// and for what it was too busy to do at once.
package poll

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/layerbuild/layerbuild/layer"
)

// A Pace is how often and for how long to ask.
type Pace struct {
	// First is the first pause; each is half as long again as the one before,
	// up to Longest.
	First, Longest time.Duration
	// Patience is the sum of all pauses. What the requests take comes on top.
	Patience time.Duration
	// Sleep waits for d or returns the context's error.
	Sleep func(ctx context.Context, d time.Duration) error
}

// Until calls look at once and then after each pause, until it is done or
// fails for good, or patience is at its end. A *layer.Fault that may pass is
// looked past; if it does not, it is the error. Neither done nor an error is
// patience alone.
func Until(ctx context.Context, p Pace, look func() (done bool, err error)) (done bool, err error) {
	pause, left := p.First, p.Patience
	for {
		done, err := look()
		var f *layer.Fault
		passing := errors.As(err, &f) && (f.Retry || f.Unknown)
		if done || err != nil && !passing || left <= 0 {
			return done, err
		}
		if ctx.Err() != nil {
			return false, cmp.Or(err, ctx.Err())
		}
		wait := pause
		if passing {
			wait = max(wait, f.After)
		}
		wait = min(wait, left)
		if err := p.Sleep(ctx, wait); err != nil {
			return false, err
		}
		left -= wait
		pause = min(pause+pause/2, p.Longest)
	}
}

// Sleep waits for d in real time.
func Sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
