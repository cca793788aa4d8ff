package fc

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"io"
	"io/fs"
	"math"

	fc3 "github.com/alibabacloud-go/fc-20230330/v4/client"
	"github.com/alibabacloud-go/tea/dara"

	"github.com/layerbuild/layerbuild/publisher"
)

// createFunction makes one request.
// https://www.alibabacloud.com/help/en/functioncompute/fc/developer-reference/api-fc-2023-03-30-struct-createfunctioninput
func (a *v3) createFunction(ctx context.Context, f function) (made bool, err error) {
	body := &fc3.CreateFunctionInput{
		FunctionName: &f.name, Runtime: &f.runtime, Handler: &f.handler, Role: given(f.role),
		Code:   &fc3.InputCodeLocation{ZipFile: &f.zip, Checksum: &f.checksum},
		Layers: pointers(f.layers),
		Cpu:    dara.Float32(cpu(f.memory)), MemorySize: &f.memory, DiskSize: dara.Int32(512), Timeout: &f.timeout,
	}
	err = a.do(ctx, "CreateFunction", func(c *call) error {
		_, err := a.over(c).CreateFunctionWithOptions(&fc3.CreateFunctionRequest{Body: body}, nil, options())
		return err
	})
	return !certain(err), err
}

// cpu is as much as a function with that much memory can have: 1 for each GiB,
// in steps of 0.05.
func cpu(mib int32) float32 {
	steps := math.Floor(float64(mib) / 1024 * 20)
	return float32(max(steps, 1) / 20)
}

func (a *v3) state(ctx context.Context, name string) (state, reason string, err error) {
	err = a.do(ctx, "GetFunction", func(c *call) error {
		out, err := a.over(c).GetFunctionWithOptions(&name, &fc3.GetFunctionRequest{}, nil, options())
		if err != nil {
			return err
		}
		if out.Body == nil {
			return errEmpty
		}
		state, reason = value(out.Body.State), value(out.Body.StateReason)
		return nil
	})
	return state, reason, err
}

func (a *v3) invoke(ctx context.Context, name string, event []byte) (report publisher.TrialReport, err error) {
	headers := &fc3.InvokeFunctionHeaders{XFcInvocationType: dara.String("Sync"), XFcLogType: dara.String("Tail")}
	err = a.do(ctx, "InvokeFunction", func(c *call) error {
		out, err := a.over(c).InvokeFunctionWithOptions(&name, &fc3.InvokeFunctionRequest{Body: bytes.NewReader(event)}, headers, options())
		if err != nil || !c.Success() {
			return err
		}
		report = reportOf(c)
		if out.Body != nil {
			report.Output, err = io.ReadAll(out.Body)
		}
		return err
	})
	return report, err
}

// reportOf reads the header of an invocation, which is the same in both APIs.
func reportOf(c *call) publisher.TrialReport {
	log, err := base64.StdEncoding.DecodeString(c.Header.Get("X-Fc-Log-Result"))
	if err != nil {
		log = nil
	}
	return publisher.TrialReport{Failed: c.Header.Get("X-Fc-Error-Type") != "", Log: string(log)}
}

func (a *v3) deleteFunction(ctx context.Context, name string) error {
	err := a.do(ctx, "DeleteFunction", func(c *call) error {
		_, err := a.over(c).DeleteFunctionWithOptions(&name, nil, options())
		return err
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

func (a *v3) trials(ctx context.Context) (list []trial, err error) {
	request := &fc3.ListFunctionsRequest{Prefix: dara.String(publisher.TrialPrefix), FcVersion: dara.String("v3"), Limit: dara.Int32(pageSize)}
	err = paged(func(at *string) (p page[fc3.Function], err error) {
		request.NextToken = at
		err = a.do(ctx, "ListFunctions", func(c *call) error {
			p, err = a.functions(c, request)
			return err
		})
		return p, err
	}, func(f *fc3.Function) error {
		list = append(list, trial{value(f.FunctionName), timeOf(value(f.CreatedTime))})
		return nil
	})
	return list, err
}

// functions is one page of a listing.
func (a *v3) functions(c *call, request *fc3.ListFunctionsRequest) (p page[fc3.Function], err error) {
	out, err := a.over(c).ListFunctionsWithOptions(request, nil, options())
	if err != nil {
		return p, err
	}
	if out.Body == nil {
		return p, errEmpty
	}
	return page[fc3.Function]{out.Body.Functions, out.Body.NextToken}, nil
}
