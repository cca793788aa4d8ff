package scf

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	scf "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/scf/v20180416"

	"github.com/layerbuild/layerbuild/internal/poll"
	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/publisher"
)

// Functions say in their description when they were made, since the service
// says it without a time zone.
const (
	stampTag    = "made by layerbuild at "
	stampFormat = "20060102T150405Z"
)

// clear removes a function, also when the run is being interrupted. One that is
// still being made can be removed only when it is ready.
func (p *Publisher) clear(ctx context.Context, name string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), endPatience)
	defer cancel()
	request := scf.NewDeleteFunctionRequest()
	request.FunctionName = &name
	pace := poll.Pace{First: 500 * time.Millisecond, Longest: 5 * time.Second, Patience: endPatience, Sleep: p.o.Sleep}
	_, err := poll.Until(ctx, pace, func() (bool, error) {
		err := p.do(ctx, "DeleteFunction", func(ctx context.Context) error {
			_, err := p.sdk.DeleteFunctionWithContext(ctx, request)
			return err
		})
		var f *layer.Fault
		if errors.As(err, &f) && busy(f.Code) {
			status, _, _ := p.state(ctx, name) // "" if that fails too
			err = fmt.Errorf("%w: its state is %q", err, status)
		}
		return err == nil || isMissing(err), err
	})
	if err != nil && !isMissing(err) {
		return fmt.Errorf("removing function %q: %w", name, err)
	}
	return nil
}

// Sweep goes by when a function says that it was made, else by what SCF says.
func (p *Publisher) Sweep(ctx context.Context, before time.Time) ([]string, error) {
	list, err := p.trials(ctx)
	if err != nil {
		return nil, fmt.Errorf("listing functions: %w", err)
	}
	var names []string
	for _, f := range list {
		made := madeAt(f)
		if made.IsZero() || !made.Before(before) {
			continue
		}
		if failed := p.clear(ctx, *f.FunctionName); failed != nil {
			err = errors.Join(err, failed)
			continue
		}
		names = append(names, *f.FunctionName)
	}
	return names, err
}

// madeAt is the zero time for a function that does not say. AddTime is most
// likely China's; read as UTC a function is never older than it is.
func madeAt(f *scf.Function) time.Time {
	stamp, _ := strings.CutPrefix(value(f.Description), stampTag)
	if t, err := time.Parse(stampFormat, stamp); err == nil {
		return t
	}
	if t, err := time.Parse(time.DateTime, value(f.AddTime)); err == nil {
		return t
	}
	return time.Time{}
}

// trials lists throw-away functions. The service looks for the word anywhere
// in a name.
func (p *Publisher) trials(ctx context.Context) ([]*scf.Function, error) {
	list, err := p.functions(ctx, defaultNamespace, publisher.TrialPrefix)
	return slices.DeleteFunc(list, func(f *scf.Function) bool {
		return !strings.HasPrefix(*f.FunctionName, publisher.TrialPrefix)
	}), err
}
