package publisher

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/layerbuild/layerbuild/layer"
)

// create publishes until a version is there. What the service certainly did not
// do is asked again; after a lost answer only when no version has shown up.
func (o Options) create(ctx context.Context, s *search, r Request) (Outcome, error) {
	pause, p := firstPause, s.p
	for attempt := 1; ; attempt++ {
		limit := o.timeout(ctx, r)
		if o.Before != nil {
			if err := o.Before(limit + settleMargin); err != nil {
				return Outcome{}, err
			}
		}
		v, err := publishOnce(ctx, p, r, limit)
		if err == nil {
			if err := match(v, r.Artifact.Digests); err != nil {
				return Outcome{}, withdraw(ctx, p, v, err)
			}
			return Outcome{Version: v, Status: Created, Reason: s.why()}, nil
		}
		var f *layer.Fault
		if !errors.As(err, &f) || !f.Retry && !f.Unknown {
			return Outcome{}, err
		}
		if ctx.Err() != nil {
			return Outcome{}, interrupted(ctx, err, f)
		}
		if f.Unknown {
			patience := o.settle(f)
			o.tell("nobody knows what came of the request: looking for the version for up to %s", patience)
			v, settled := s.await(ctx, patience)
			switch {
			case settled == nil && v.Repacked: // another run's, made meanwhile
				return found(v, r), nil
			case settled == nil:
				return Outcome{Version: v, Status: Created, Reason: "the answer was lost, the version was found"}, nil
			case !errors.Is(settled, fs.ErrNotExist):
				return Outcome{}, fmt.Errorf("%w; looking for what came of it: %w", err, settled)
			}
		}
		if attempt == o.Attempts {
			return Outcome{}, fmt.Errorf("%w (%d attempts)", err, attempt)
		}
		if f.Retry {
			if stopped := o.pause(ctx, &pause, f.After); stopped != nil {
				return Outcome{}, fmt.Errorf("%w; waiting to try again: %w", err, stopped)
			}
		}
	}
}

// publishOnce makes one request. Its own time limit is a lost answer, the
// caller's is not: that one shows in ctx.
func publishOnce(ctx context.Context, p Publisher, r Request, limit time.Duration) (layer.Version, error) {
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	v, err := p.Publish(limited, r)
	if err != nil && limited.Err() != nil && ctx.Err() == nil {
		return v, &layer.Fault{
			Message: fmt.Sprintf("no answer within %s", limit),
			Unknown: true, Err: err,
		}
	}
	return v, err
}

func interrupted(ctx context.Context, err error, f *layer.Fault) error {
	if !f.Unknown {
		return fmt.Errorf("%w (%w)", context.Cause(ctx), err)
	}
	return fmt.Errorf("%w (%w): a version may have been made all the same, the next run looks for it", context.Cause(ctx), err)
}
