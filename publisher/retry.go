package publisher

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/layerbuild/layerbuild/layer"
)

const (
	defaultAttempts = 5
	defaultTimeout  = 2 * time.Minute
	// slowestLink is what an inline zip is given more time for, in bytes a
	// second.
	slowestLink = 100_000
	// settleMargin is what a service is given to show a version after the
	// request for it can no longer be on its way.
	settleMargin = 5 * time.Second

	firstPause   = 500 * time.Millisecond
	longestPause = 20 * time.Second
	// longestPoll keeps a version that has appeared from being waited for.
	longestPoll = 5 * time.Second
)

func (o Options) withDefaults() Options {
	if o.Attempts == 0 {
		o.Attempts = defaultAttempts
	}
	if o.Settle == 0 {
		o.Settle = cmp.Or(o.Timeout, defaultTimeout) + settleMargin
	}
	if o.Sleep == nil {
		o.Sleep = sleep
	}
	return o
}

// settle is how long after an unclear answer a version may still appear. A
// service that answered is no longer at work on the request, unless it was a
// gateway before it that answered (RFC 9110, sections 15.6.3 and 15.6.5).
func (o Options) settle(f *layer.Fault) time.Duration {
	switch f.Status {
	case 0, http.StatusBadGateway, http.StatusGatewayTimeout:
		return o.Settle
	}
	return min(o.Settle, settleMargin)
}

// timeout is what one publish request may take.
func (o Options) timeout(ctx context.Context, r Request) time.Duration {
	t := cmp.Or(o.Timeout, defaultTimeout)
	if o.Timeout == 0 && r.Object.Key == "" {
		t += time.Duration(r.Artifact.Digests.Size/slowestLink) * time.Second
	}
	if end, ok := ctx.Deadline(); ok {
		t = min(t, max(0, time.Until(end)))
	}
	return t
}

// Retry calls do until it succeeds, fails for good, or has had its attempts, as
// [Publish] does with what may be repeated: o says how often, how to wait and
// whom to tell.
func Retry(ctx context.Context, o Options, do func() error) error {
	return o.withDefaults().retry(ctx, do)
}

// retry calls do until it succeeds, fails for good, or has had its attempts.
// It is for requests that may be repeated when nobody knows what came of them.
func (o Options) retry(ctx context.Context, do func() error) error {
	pause := firstPause
	for attempt := 1; ; attempt++ {
		err := do()
		var f *layer.Fault
		if err == nil || !errors.As(err, &f) || !f.Retry && !f.Unknown || ctx.Err() != nil {
			return err
		}
		if attempt == o.Attempts {
			return fmt.Errorf("%w (%d attempts)", err, attempt)
		}
		if stopped := o.pause(ctx, &pause, f.After); stopped != nil {
			return fmt.Errorf("%w; waiting to try again: %w", err, stopped)
		}
	}
}

// pause waits at least as long as the service asked for, else between half of
// next and next, so that clients that failed together do not return together.
// The following pause is twice as long.
func (o Options) pause(ctx context.Context, next *time.Duration, after time.Duration) error {
	d := *next/2 + rand.N(*next/2)
	if d < after {
		d = after + rand.N(*next/2)
	}
	*next = min(2**next, longestPause)
	o.tell("trying again in %s", d.Round(time.Millisecond))
	return o.Sleep(ctx, d)
}

func (o Options) tell(format string, args ...any) {
	if o.Tell != nil {
		o.Tell(fmt.Sprintf(format, args...))
	}
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
