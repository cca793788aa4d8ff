package bucket

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/layerbuild/layerbuild/layer"
)

const (
	// attempts bounds how often one request is made.
	attempts     = 5
	firstPause   = 500 * time.Millisecond
	longestPause = 20 * time.Second
)

// try calls do until it succeeds, fails for good, or has had its attempts. It
// stands in for the retries of the SDKs, which would read a body again while
// the connection of the attempt before may still be reading it.
func (u *Uploader) try(ctx context.Context, do func() error) error {
	pause := firstPause
	for attempt := 1; ; attempt++ {
		err := do()
		if err == nil || !transient(err) || ctx.Err() != nil {
			return err
		}
		if attempt == attempts {
			return fmt.Errorf("%w (%d attempts)", err, attempt)
		}
		// Clients that failed together do not return together.
		wait := pause/2 + rand.N(pause/2)
		var f *layer.Fault
		if errors.As(err, &f) && wait < f.After {
			wait = f.After + rand.N(pause/2)
		}
		if stopped := u.sleep(ctx, wait); stopped != nil {
			return fmt.Errorf("%w; waiting to try again: %w", err, stopped)
		}
		pause = min(2*pause, longestPause)
	}
}

// transient reports whether the same request may succeed another time.
func transient(err error) bool {
	var f *layer.Fault
	return errors.As(err, &f) && (f.Retry || f.Unknown)
}

func unknown(err error) bool {
	var f *layer.Fault
	return errors.As(err, &f) && f.Unknown
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
