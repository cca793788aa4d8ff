package lambda

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/layerbuild/layerbuild/internal/poll"
	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/publisher"
)

const (
	// usualMemory is in MB, usualTimeout in seconds.
	usualMemory  = 512
	usualTimeout = 60
	// startPatience bounds the wait for a function, endPatience its removal.
	startPatience = 2 * time.Minute
	endPatience   = 30 * time.Second
)

// Try creates the function, which needs a role here, waits until it is active,
// invokes and removes it. Of two layers with the same file Lambda shows the one
// that is named last.
func (p *Publisher) Try(ctx context.Context, t publisher.Trial) (publisher.TrialReport, error) {
	report := publisher.TrialReport{}
	if t.Role == "" {
		return report, &layer.Fault{
			Message: "a function on lambda needs a role",
			Hint:    "set target.smoke.role to the ARN of a role that Lambda may assume; the policy AWSLambdaBasicExecutionRole is enough for it",
		}
	}
	in := creation(t)
	f := fault(p.create(ctx, in))
	var err error
	if f != nil {
		err = fmt.Errorf("creating function %q: %w", t.Name, f)
	} else {
		report, err = p.run(ctx, t)
	}
	if f == nil || f.Unknown {
		err = errors.Join(err, p.clear(ctx, t.Name))
	}
	report.Order, report.Wins = in.Layers, "last"
	return report, err
}

func creation(t publisher.Trial) *lambda.CreateFunctionInput {
	in := &lambda.CreateFunctionInput{
		FunctionName: &t.Name, Role: &t.Role, Runtime: types.Runtime(t.Runtime), Handler: &t.Handler,
		Code:       &types.FunctionCode{ZipFile: t.Code},
		MemorySize: aws.Int32(usualMemory), Timeout: aws.Int32(usualTimeout),
	}
	if t.Architecture != "" {
		in.Architectures = []types.Architecture{types.Architecture(t.Architecture)}
	}
	for _, v := range t.Layers {
		in.Layers = append(in.Layers, v.ARN)
	}
	if t.Memory > 0 {
		const least = 128
		in.MemorySize = aws.Int32(int32(max(least, (t.Memory+1<<20-1)>>20)))
	}
	if t.Timeout > 0 {
		in.Timeout = aws.Int32(int32((t.Timeout + time.Second - 1) / time.Second))
	}
	return in
}

// create takes a function that is there already for one that the SDK made when
// the answer was lost: the name is random.
func (p *Publisher) create(ctx context.Context, in *lambda.CreateFunctionInput) error {
	_, err := p.client.CreateFunction(ctx, in)
	f := fault(err)
	switch {
	case f == nil || f.Status == http.StatusConflict:
		return nil
	case f.Code == codeInvalid && strings.Contains(f.Message, "cannot be assumed"):
		f.Hint = "the role (target.smoke.role) must trust lambda.amazonaws.com; one that was just made takes some seconds"
	case f.Code == "AccessDeniedException":
		f.Hint = "trying a layer needs lambda:CreateFunction, lambda:GetFunctionConfiguration, lambda:InvokeFunction and lambda:DeleteFunction on " +
			publisher.TrialPrefix + "*, lambda:GetLayerVersion on the layers, and iam:PassRole on the role"
	}
	return f
}

// run waits for a new function and invokes it.
func (p *Publisher) run(ctx context.Context, t publisher.Trial) (publisher.TrialReport, error) {
	pace := poll.Pace{First: 500 * time.Millisecond, Longest: 5 * time.Second, Patience: startPatience, Sleep: p.sleep}
	done, err := poll.Until(ctx, pace, func() (bool, error) {
		out, err := p.client.GetFunctionConfiguration(ctx, &lambda.GetFunctionConfigurationInput{FunctionName: &t.Name})
		if f := fault(err); f != nil {
			return false, f
		}
		if out.State == types.StateFailed {
			return false, fmt.Errorf("it failed to start: %s", aws.ToString(out.StateReason))
		}
		return out.State != types.StatePending, nil
	})
	if err == nil && !done {
		err = fmt.Errorf("it did not start within %s", startPatience)
	}
	if err != nil {
		return publisher.TrialReport{}, fmt.Errorf("waiting for function %q: %w", t.Name, err)
	}
	out, err := p.client.Invoke(ctx, &lambda.InvokeInput{FunctionName: &t.Name, Payload: t.Event, LogType: types.LogTypeTail})
	f := fault(err)
	if f == nil && len(out.Payload) == 0 { // what returns nothing returns null
		f = incomplete()
	}
	if f != nil {
		return publisher.TrialReport{}, fmt.Errorf("invoking function %q: %w", t.Name, f)
	}
	log, err := base64.StdEncoding.DecodeString(aws.ToString(out.LogResult))
	if err != nil {
		log = nil
	}
	return publisher.TrialReport{Output: out.Payload, Failed: out.FunctionError != nil, Log: string(log)}, nil
}

// clear removes a function, also when the run is being interrupted. One that is
// still being made may have to be waited for.
func (p *Publisher) clear(ctx context.Context, name string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), endPatience)
	defer cancel()
	pace := poll.Pace{First: 500 * time.Millisecond, Longest: 5 * time.Second, Patience: endPatience, Sleep: p.sleep}
	_, err := poll.Until(ctx, pace, func() (bool, error) {
		_, err := p.client.DeleteFunction(ctx, &lambda.DeleteFunctionInput{FunctionName: &name})
		f := fault(err)
		if f == nil || absent(f) {
			return true, nil
		}
		f.Retry = f.Retry || f.Status == http.StatusConflict
		return false, f
	})
	if err != nil {
		return fmt.Errorf("removing function %q: %w", name, err)
	}
	return nil
}

// Sweep goes by when a function was last changed, which for these is when it
// was made. Lambda lists all functions of the region for it.
func (p *Publisher) Sweep(ctx context.Context, before time.Time) ([]string, error) {
	var names []string
	var failed error
	pages := lambda.NewListFunctionsPaginator(p.client, &lambda.ListFunctionsInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if f := fault(err); f != nil {
			return names, errors.Join(failed, fmt.Errorf("listing functions: %w", f))
		}
		for _, f := range page.Functions {
			name := aws.ToString(f.FunctionName)
			made, err := time.Parse("2006-01-02T15:04:05.999-0700", aws.ToString(f.LastModified))
			if err != nil || !strings.HasPrefix(name, publisher.TrialPrefix) || !made.Before(before) {
				continue
			}
			if err := p.clear(ctx, name); err != nil {
				failed = errors.Join(failed, err)
				continue
			}
			names = append(names, name)
		}
	}
	return names, failed
}
