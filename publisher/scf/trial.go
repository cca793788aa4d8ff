package scf

import (
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	scf "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/scf/v20180416"

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

// Try creates the function in the namespace "default", waits until it is
// active, invokes and removes it. Of two layers with the same file SCF shows
// the one that is named last.
func (p *Publisher) Try(ctx context.Context, t publisher.Trial) (publisher.TrialReport, error) {
	request := p.creation(t)
	report := publisher.TrialReport{}
	err := p.do(ctx, "CreateFunction", func(ctx context.Context) error {
		_, err := p.sdk.CreateFunctionWithContext(ctx, request)
		return err
	})
	var f *layer.Fault
	made := err == nil || errors.As(err, &f) && f.Unknown
	if err != nil {
		err = fmt.Errorf("creating function %q: %w", t.Name, err)
	} else {
		report, err = p.run(ctx, t)
	}
	if made {
		err = errors.Join(err, p.clear(ctx, t.Name))
	}
	report.Wins = "last"
	for _, v := range t.Layers {
		report.Order = append(report.Order, fmt.Sprintf("%s:%d", v.Name, v.Number))
	}
	return report, err
}

// creation is the request for the function. Descriptions take letters, digits
// and little else.
func (p *Publisher) creation(t publisher.Trial) *scf.CreateFunctionRequest {
	r := scf.NewCreateFunctionRequest()
	r.FunctionName, r.Runtime, r.Handler, r.Role = &t.Name, &t.Runtime, &t.Handler, given(t.Role)
	r.Type = common.StringPtr("Event")
	r.Code = &scf.Code{ZipFile: common.StringPtr(base64.StdEncoding.EncodeToString(t.Code))}
	r.Description = common.StringPtr(stampTag + p.o.Now().UTC().Format(stampFormat))
	memory, timeout := int64(usualMemory), int64(usualTimeout)
	if t.Memory > 0 {
		const step = 128
		mb := (t.Memory + 1<<20 - 1) >> 20
		memory = (mb + step - 1) / step * step
	}
	if t.Timeout > 0 {
		timeout = int64((t.Timeout + time.Second - 1) / time.Second)
	}
	r.MemorySize, r.Timeout = &memory, &timeout
	for _, v := range t.Layers {
		r.Layers = append(r.Layers, &scf.LayerVersionSimple{LayerName: &v.Name, LayerVersion: &v.Number})
	}
	return r
}

// run waits for a new function and invokes it.
func (p *Publisher) run(ctx context.Context, t publisher.Trial) (publisher.TrialReport, error) {
	pace := poll.Pace{First: 500 * time.Millisecond, Longest: 5 * time.Second, Patience: startPatience, Sleep: p.o.Sleep}
	done, err := poll.Until(ctx, pace, func() (bool, error) {
		status, reason, err := p.state(ctx, t.Name)
		if strings.HasSuffix(status, "Failed") {
			return false, fmt.Errorf("its state is %q: %s", status, reason)
		}
		return err == nil && status == active, err
	})
	if err == nil && !done {
		err = fmt.Errorf("it did not start within %s", startPatience)
	}
	if err != nil {
		return publisher.TrialReport{}, fmt.Errorf("waiting for function %q: %w", t.Name, err)
	}
	report, err := p.invoke(ctx, t)
	if err != nil {
		return report, fmt.Errorf("invoking function %q: %w", t.Name, err)
	}
	return report, nil
}

// state returns the state of a function and the reasons for it.
func (p *Publisher) state(ctx context.Context, name string) (status, reason string, err error) {
	request := scf.NewGetFunctionRequest()
	request.FunctionName = &name
	err = p.do(ctx, "GetFunction", func(ctx context.Context) error {
		out, err := p.sdk.GetFunctionWithContext(ctx, request)
		if err != nil {
			return err
		}
		if out.Response == nil || out.Response.Status == nil {
			return errEmpty
		}
		status = *out.Response.Status
		reasons := []string{}
		for _, r := range out.Response.StatusReasons {
			if r != nil {
				reasons = append(reasons, strings.TrimSpace(value(r.ErrorCode)+" "+value(r.ErrorMessage)))
			}
		}
		reason = cmp.Or(strings.Join(reasons, "; "), value(out.Response.StatusDesc), "no reason given")
		return nil
	})
	return status, reason, err
}

func (p *Publisher) invoke(ctx context.Context, t publisher.Trial) (report publisher.TrialReport, err error) {
	request := scf.NewInvokeRequest()
	request.FunctionName = &t.Name
	request.InvocationType, request.LogType = common.StringPtr("RequestResponse"), common.StringPtr("Tail")
	request.ClientContext = given(string(t.Event))
	err = p.do(ctx, "Invoke", func(ctx context.Context) error {
		out, err := p.sdk.InvokeWithContext(ctx, request)
		if err != nil {
			return err
		}
		if out.Response == nil || out.Response.Result == nil {
			return errEmpty
		}
		r := out.Response.Result
		report.Output, report.Log = []byte(value(r.RetMsg)), value(r.Log)
		if value(r.ErrMsg) != "" || value(r.InvokeResult) != 0 {
			report.Failed = true
			report.Output = []byte(cmp.Or(value(r.RetMsg), value(r.ErrMsg)))
		}
		return nil
	})
	return report, err
}
