package fc

import (
	"context"
	"errors"
	"io/fs"

	fc2 "github.com/alibabacloud-go/fc-open-20210406/v2/client"
	"github.com/alibabacloud-go/tea/dara"

	"github.com/layerbuild/layerbuild/publisher"
)

// createFunction makes two requests: a function is in a service, which is what
// has a role.
// https://www.alibabacloud.com/help/en/functioncompute/fc-2-0/developer-reference/api-fc-open-2021-04-06-createfunction
func (a *v2) createFunction(ctx context.Context, f function) (made bool, err error) {
	err = a.do(ctx, "CreateService", func(c *call) error {
		request := &fc2.CreateServiceRequest{ServiceName: &f.name, Role: given(f.role)}
		_, err := a.over(c).CreateServiceWithOptions(request, &fc2.CreateServiceHeaders{}, options())
		return err
	})
	if err != nil {
		return !certain(err), err
	}
	request := &fc2.CreateFunctionRequest{
		FunctionName: &f.name, Runtime: &f.runtime, Handler: &f.handler,
		Code: &fc2.Code{ZipFile: &f.zip}, Layers: pointers(f.layers),
		MemorySize: &f.memory, Timeout: &f.timeout,
	}
	return true, a.do(ctx, "CreateFunction", func(c *call) error {
		headers := &fc2.CreateFunctionHeaders{XFcCodeChecksum: &f.checksum}
		_, err := a.over(c).CreateFunctionWithOptions(&f.name, request, headers, options())
		return err
	})
}

// state makes no request: functions of 2.0 can be invoked at once.
func (a *v2) state(context.Context, string) (state, reason string, err error) {
	return "Active", "", nil
}

func (a *v2) invoke(ctx context.Context, name string, event []byte) (report publisher.TrialReport, err error) {
	headers := &fc2.InvokeFunctionHeaders{XFcInvocationType: dara.String("Sync"), XFcLogType: dara.String("Tail")}
	err = a.do(ctx, "InvokeFunction", func(c *call) error {
		out, err := a.over(c).InvokeFunctionWithOptions(&name, &name, &fc2.InvokeFunctionRequest{Body: event}, headers, options())
		if err == nil && c.Success() {
			report = reportOf(c)
			report.Output = out.Body
		}
		return err
	})
	return report, err
}

// deleteFunction removes the service as well, which must be empty by then.
func (a *v2) deleteFunction(ctx context.Context, name string) error {
	err := a.do(ctx, "DeleteFunction", func(c *call) error {
		_, err := a.over(c).DeleteFunctionWithOptions(&name, &name, &fc2.DeleteFunctionHeaders{}, options())
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	err = a.do(ctx, "DeleteService", func(c *call) error {
		_, err := a.over(c).DeleteServiceWithOptions(&name, &fc2.DeleteServiceHeaders{}, options())
		return err
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// trials goes by the services: one may be left without its function.
func (a *v2) trials(ctx context.Context) (list []trial, err error) {
	request := &fc2.ListServicesRequest{Prefix: dara.String(publisher.TrialPrefix), Limit: dara.Int32(pageSize)}
	err = paged(func(at *string) (p page[fc2.ListServicesResponseBodyServices], err error) {
		request.NextToken = at
		err = a.do(ctx, "ListServices", func(c *call) error {
			p, err = a.services(c, request)
			return err
		})
		return p, err
	}, func(s *fc2.ListServicesResponseBodyServices) error {
		list = append(list, trial{value(s.ServiceName), timeOf(value(s.CreatedTime))})
		return nil
	})
	return list, err
}

// services is one page of a listing.
func (a *v2) services(c *call, request *fc2.ListServicesRequest) (p page[fc2.ListServicesResponseBodyServices], err error) {
	out, err := a.over(c).ListServicesWithOptions(request, &fc2.ListServicesHeaders{}, options())
	if err != nil {
		return p, err
	}
	if out.Body == nil {
		return p, errEmpty
	}
	return page[fc2.ListServicesResponseBodyServices]{out.Body.Services, out.Body.NextToken}, nil
}
