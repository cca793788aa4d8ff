package fc

import (
	"context"
	"fmt"

	fc2 "github.com/alibabacloud-go/fc-open-20210406/v2/client"
	"github.com/alibabacloud-go/tea/dara"
	"golang.org/x/sync/errgroup"
)

// survey goes through the services, and for each through its functions as they
// are and as they were in each of its versions.
// https://www.alibabacloud.com/help/en/functioncompute/fc-2-0/user-guide/manage-versions
func (a *v2) survey(ctx context.Context, show func(user string, layers []string)) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(parallel)
	request := &fc2.ListServicesRequest{Limit: dara.Int32(pageSize)}
	g.Go(func() error {
		err := paged(func(at *string) (p page[fc2.ListServicesResponseBodyServices], err error) {
			request.NextToken = at
			err = a.ask(ctx, "ListServices", func(c *call) error {
				p, err = a.services(c, request)
				return err
			})
			return p, err
		}, func(s *fc2.ListServicesResponseBodyServices) error {
			if value(s.ServiceName) == "" {
				return errEmpty
			}
			g.Go(func() error { return a.surveyService(ctx, *s.ServiceName, show) })
			return nil
		})
		if err != nil {
			return fmt.Errorf("listing services: %w", err)
		}
		return nil
	})
	return g.Wait()
}

// surveyService shows the functions of a service, and those of its versions.
func (a *v2) surveyService(ctx context.Context, service string, show func(user string, layers []string)) error {
	if err := a.surveyVersion(ctx, edition{service, ""}, show); err != nil {
		return err
	}
	request := &fc2.ListServiceVersionsRequest{Limit: dara.Int32(pageSize)}
	err := paged(func(at *string) (p page[fc2.ListServiceVersionsResponseBodyVersions], err error) {
		request.NextToken = at
		err = a.ask(ctx, "ListServiceVersions", func(c *call) error {
			out, err := a.over(c).ListServiceVersionsWithOptions(&service, request, &fc2.ListServiceVersionsHeaders{}, options())
			if err != nil {
				return err
			}
			if out.Body == nil {
				return errEmpty
			}
			p = page[fc2.ListServiceVersionsResponseBodyVersions]{out.Body.Versions, out.Body.NextToken}
			return nil
		})
		return p, err
	}, func(v *fc2.ListServiceVersionsResponseBodyVersions) error {
		if value(v.VersionId) == "" {
			return errEmpty
		}
		return a.surveyVersion(ctx, edition{service, *v.VersionId}, show)
	})
	if err != nil && !gone(err) {
		return fmt.Errorf("listing the versions of service %q: %w", service, err)
	}
	return nil
}

// An edition is a version of a service, "" for the service itself.
type edition struct{ service, version string }

func (e edition) String() string {
	if e.version == "" {
		return e.service
	}
	return e.service + "." + e.version
}

// user names a function of the edition.
func (e edition) user(function string) string { return e.String() + "/" + function }

// surveyVersion shows the functions of an edition. Listings may leave out some
// of what a function has.
func (a *v2) surveyVersion(ctx context.Context, e edition, show func(user string, layers []string)) error {
	request := &fc2.ListFunctionsRequest{Qualifier: given(e.version), Limit: dara.Int32(pageSize)}
	err := paged(func(at *string) (p page[fc2.ListFunctionsResponseBodyFunctions], err error) {
		request.NextToken = at
		err = a.ask(ctx, "ListFunctions", func(c *call) error {
			out, err := a.over(c).ListFunctionsWithOptions(&e.service, request, &fc2.ListFunctionsHeaders{}, options())
			if err != nil {
				return err
			}
			if out.Body == nil {
				return errEmpty
			}
			p = page[fc2.ListFunctionsResponseBodyFunctions]{out.Body.Functions, out.Body.NextToken}
			return nil
		})
		return p, err
	}, func(f *fc2.ListFunctionsResponseBodyFunctions) error {
		name := value(f.FunctionName)
		if name == "" {
			return errEmpty
		}
		if f.Layers == nil && f.LayersArnV2 == nil {
			return a.surveyFunction(ctx, e, name, show)
		}
		show(e.user(name), arnsOfV2(f.Layers, f.LayersArnV2))
		return nil
	})
	if err != nil && !gone(err) {
		return fmt.Errorf("listing the functions of service %q: %w", e, err)
	}
	return nil
}

// surveyFunction shows one function of an edition.
func (a *v2) surveyFunction(ctx context.Context, e edition, name string, show func(user string, layers []string)) error {
	err := a.ask(ctx, "GetFunction", func(c *call) error {
		request := &fc2.GetFunctionRequest{Qualifier: given(e.version)}
		out, err := a.over(c).GetFunctionWithOptions(&e.service, &name, request, &fc2.GetFunctionHeaders{}, options())
		if err != nil {
			return err
		}
		if out.Body == nil || value(out.Body.FunctionName) == "" {
			return errEmpty
		}
		show(e.user(name), arnsOfV2(out.Body.Layers, out.Body.LayersArnV2))
		return nil
	})
	if err != nil && !gone(err) {
		return fmt.Errorf("asking for the layers of function %q: %w", e.user(name), err)
	}
	return nil
}

// arnsOfV2 prefers the newer form, which says whose a layer is.
func arnsOfV2(older, newer []*string) []string {
	if len(newer) < len(older) {
		return append(values(newer), values(older)...)
	}
	return values(newer)
}
