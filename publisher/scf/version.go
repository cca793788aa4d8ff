package scf

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	scf "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/scf/v20180416"

	"github.com/layerbuild/layerbuild/internal/poll"
	"github.com/layerbuild/layerbuild/layer"
)

// The states of a version that matter here:
// https://www.tencentcloud.com/document/product/583/37883
const (
	publishing    = "Publishing"
	publishFailed = "PublishFailed"
	active        = "Active"
)

// patience bounds the wait for a version. Tencent's own tools wait 2 minutes.
const patience = 10 * time.Minute

// Get returns a version that functions can use, as [Publisher.Versions] does.
// The error wraps fs.ErrNotExist when there is none.
func (p *Publisher) Get(ctx context.Context, name string, number int64) (layer.Version, error) {
	v, status, err := p.get(ctx, name, number)
	if err == nil && status != active {
		return layer.Version{}, fmt.Errorf("the state of version %d is %q: %w", number, status, fs.ErrNotExist)
	}
	return v, err
}

// get returns a version, whatever its state.
func (p *Publisher) get(ctx context.Context, name string, number int64) (v layer.Version, status string, err error) {
	request := scf.NewGetLayerVersionRequest()
	request.LayerName, request.LayerVersion = &name, &number
	err = p.do(ctx, "GetLayerVersion", func(ctx context.Context) error {
		out, err := p.sdk.GetLayerVersionWithContext(ctx, request)
		if err != nil {
			return err
		}
		r := out.Response
		if r == nil || r.Status == nil {
			return errEmpty
		}
		status = *r.Status
		v = layer.Version{
			Name: name, Number: number, SHA256: value(r.CodeSha256), Location: value(r.Location),
			Description: value(r.Description), License: value(r.LicenseInfo), Runtimes: common.StringValues(r.CompatibleRuntimes),
			Created: value(r.AddTime),
		}
		return nil
	})
	return v, status, err
}

// settle waits until a version is published or is not.
func (p *Publisher) settle(ctx context.Context, name string, number int64) (v layer.Version, status string, err error) {
	pace := poll.Pace{First: 500 * time.Millisecond, Longest: 5 * time.Second, Patience: patience, Sleep: p.o.Sleep}
	_, err = poll.Until(ctx, pace, func() (bool, error) {
		v, status, err = p.get(ctx, name, number)
		return err == nil && status != publishing, err
	})
	return v, status, err
}

// settled waits for a version that was just made. That it cannot be told what
// became of it is a fault that leaves it open.
func (p *Publisher) settled(ctx context.Context, name string, number int64) (layer.Version, error) {
	v, status, err := p.settle(ctx, name, number)
	switch {
	case err == nil && status == active:
		return v, nil
	case err == nil && status == publishFailed:
		return layer.Version{}, p.failed(ctx, name, number)
	}
	f := &layer.Fault{Message: fmt.Sprintf("version %d was made, but is not active", number), Unknown: true, Err: err}
	if err == nil {
		f.Message += fmt.Sprintf(" after %s: its state is %q", patience, status)
		return layer.Version{}, f
	}
	f.Message += ": " + err.Error()
	var cause *layer.Fault
	if errors.As(err, &cause) {
		f.Hint = cause.Hint
	}
	return layer.Version{}, f
}

// failed removes a version that is of no use to anyone but counts for the
// quota, even when the run is being interrupted.
func (p *Publisher) failed(ctx context.Context, name string, number int64) error {
	const most = 30 * time.Second
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), most)
	defer cancel()
	f := &layer.Fault{
		Code: publishFailed, Message: fmt.Sprintf("SCF could not make version %d of the zip", number),
		Hint: hintFor("FailedOperation.PublishLayerVersion", ""),
	}
	if err := p.Delete(ctx, layer.Version{Name: name, Number: number}); err != nil {
		return fmt.Errorf("%w; %w", f, err)
	}
	return f
}
