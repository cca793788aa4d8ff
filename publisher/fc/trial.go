package fc

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/layerbuild/layerbuild/internal/digest"
	"github.com/layerbuild/layerbuild/internal/poll"
	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/publisher"
)

const (
	// smallest is the memory of a trial that does not say, in MiB: the least
	// that is to be had, 128, starts some runtimes only just.
	smallest = 512
	// usualTimeout is in seconds.
	usualTimeout = 60
	// startPatience bounds the wait for a function, endPatience its removal.
	startPatience = 2 * time.Minute
	endPatience   = 30 * time.Second
)

// Try creates the function, in 2.0 with a service of the same name around it,
// and removes both. Of two layers with the same file Function Compute shows
// the one that is named first, so the list is turned.
func (p *Publisher) Try(ctx context.Context, t publisher.Trial) (publisher.TrialReport, error) {
	f := functionOf(t)
	made, err := p.api.createFunction(ctx, f)
	report := publisher.TrialReport{}
	if err != nil {
		err = fmt.Errorf("creating function %q: %w", t.Name, err)
	} else {
		report, err = p.run(ctx, t)
	}
	if made {
		err = errors.Join(err, p.clear(ctx, t.Name))
	}
	report.Order, report.Wins = f.layers, "first"
	return report, err
}

func functionOf(t publisher.Trial) function {
	sums := digest.New()
	_, _ = sums.Write(t.Code) // never fails
	f := function{
		name: t.Name, runtime: t.Runtime, handler: t.Handler, role: t.Role,
		zip: base64.StdEncoding.EncodeToString(t.Code), checksum: sums.Digests().CRC64Text(),
		memory: smallest, timeout: usualTimeout,
	}
	for _, v := range slices.Backward(t.Layers) {
		f.layers = append(f.layers, v.ARN)
	}
	if t.Memory > 0 {
		const step = 64
		mib := (t.Memory + 1<<20 - 1) >> 20
		f.memory = int32(max(128, (mib+step-1)/step*step))
	}
	if t.Timeout > 0 {
		f.timeout = int32((t.Timeout + time.Second - 1) / time.Second)
	}
	return f
}

// run waits for a new function and invokes it.
func (p *Publisher) run(ctx context.Context, t publisher.Trial) (publisher.TrialReport, error) {
	pace := poll.Pace{First: 500 * time.Millisecond, Longest: 5 * time.Second, Patience: startPatience, Sleep: p.o.Sleep}
	done, err := poll.Until(ctx, pace, func() (bool, error) {
		state, reason, err := p.api.state(ctx, t.Name)
		if state == "Failed" {
			return false, fmt.Errorf("it failed to start: %s", reason)
		}
		return err == nil && state != "Pending", err
	})
	if err == nil && !done {
		err = fmt.Errorf("it did not start within %s", startPatience)
	}
	if err != nil {
		return publisher.TrialReport{}, fmt.Errorf("waiting for function %q: %w", t.Name, err)
	}
	report, err := p.api.invoke(ctx, t.Name, t.Event)
	if err != nil {
		return report, fmt.Errorf("invoking function %q: %w", t.Name, err)
	}
	return report, nil
}

// clear removes a function, also when the run is being interrupted.
func (p *Publisher) clear(ctx context.Context, name string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), endPatience)
	defer cancel()
	pace := poll.Pace{First: 500 * time.Millisecond, Longest: 5 * time.Second, Patience: endPatience, Sleep: p.o.Sleep}
	_, err := poll.Until(ctx, pace, func() (bool, error) {
		err := p.api.deleteFunction(ctx, name)
		return err == nil, err
	})
	if err != nil {
		return fmt.Errorf("removing function %q: %w", name, err)
	}
	return nil
}

// Sweep goes by the time of creation; a function that does not tell it is left
// alone.
func (p *Publisher) Sweep(ctx context.Context, before time.Time) ([]string, error) {
	list, err := p.api.trials(ctx)
	if err != nil {
		return nil, fmt.Errorf("listing functions: %w", err)
	}
	var names []string
	for _, one := range list {
		if !strings.HasPrefix(one.name, publisher.TrialPrefix) || one.created.IsZero() || !one.created.Before(before) {
			continue
		}
		if failed := p.clear(ctx, one.name); failed != nil {
			err = errors.Join(err, failed)
			continue
		}
		names = append(names, one.name)
	}
	return names, err
}

// certain reports whether a request that failed did nothing.
func certain(err error) bool {
	var f *layer.Fault
	return errors.As(err, &f) && !f.Unknown
}
