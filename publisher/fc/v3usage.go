package fc

import (
	"context"
	"fmt"

	fc3 "github.com/alibabacloud-go/fc-20230330/v4/client"
	"github.com/alibabacloud-go/tea/dara"
	"golang.org/x/sync/errgroup"
)

// survey leaves the functions of 2.0 to the other API, which has their
// versions.
// https://www.alibabacloud.com/help/en/functioncompute/fc/developer-reference/api-fc-2023-03-30-listfunctions
func (a *v3) survey(ctx context.Context, show func(user string, layers []string)) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(parallel)
	request := &fc3.ListFunctionsRequest{FcVersion: dara.String("v3"), Limit: dara.Int32(pageSize)}
	g.Go(func() error {
		err := paged(func(at *string) (p page[fc3.Function], err error) {
			request.NextToken = at
			err = a.ask(ctx, "ListFunctions", func(c *call) error {
				p, err = a.functions(c, request)
				return err
			})
			return p, err
		}, func(f *fc3.Function) error {
			if value(f.FunctionName) == "" {
				return errEmpty
			}
			g.Go(func() error { return a.surveyFunction(ctx, f, show) })
			return nil
		})
		if err != nil {
			return fmt.Errorf("listing functions: %w", err)
		}
		return nil
	})
	return g.Wait()
}

// surveyFunction shows a function that was listed, and its versions. Listings
// may leave out some of what a function has.
func (a *v3) surveyFunction(ctx context.Context, f *fc3.Function, show func(user string, layers []string)) error {
	name := value(f.FunctionName)
	if f.Layers != nil {
		show(name, arnsOfV3(f))
	} else if err := a.surveyVersion(ctx, name, "", show); err != nil {
		return err
	}
	request := &fc3.ListFunctionVersionsRequest{Limit: dara.Int32(pageSize)}
	err := paged(func(at *string) (p page[fc3.Version], err error) {
		request.NextToken = at
		err = a.ask(ctx, "ListFunctionVersions", func(c *call) error {
			out, err := a.over(c).ListFunctionVersionsWithOptions(&name, request, nil, options())
			if err != nil {
				return err
			}
			if out.Body == nil {
				return errEmpty
			}
			p = page[fc3.Version]{out.Body.Versions, out.Body.NextToken}
			return nil
		})
		return p, err
	}, func(v *fc3.Version) error {
		if value(v.VersionId) == "" {
			return errEmpty
		}
		return a.surveyVersion(ctx, name, *v.VersionId, show)
	})
	if err != nil && !gone(err) {
		return fmt.Errorf("listing the versions of function %q: %w", name, err)
	}
	return nil
}

// surveyVersion shows a version of a function, "" for the function itself.
func (a *v3) surveyVersion(ctx context.Context, name, version string, show func(user string, layers []string)) error {
	user := name
	if version != "" {
		user += ":" + version
	}
	err := a.ask(ctx, "GetFunction", func(c *call) error {
		out, err := a.over(c).GetFunctionWithOptions(&name, &fc3.GetFunctionRequest{Qualifier: given(version)}, nil, options())
		if err != nil {
			return err
		}
		if out.Body == nil || value(out.Body.FunctionName) == "" {
			return errEmpty
		}
		show(user, arnsOfV3(out.Body))
		return nil
	})
	if err != nil && !gone(err) {
		return fmt.Errorf("asking for the layers of function %q: %w", user, err)
	}
	return nil
}

func arnsOfV3(f *fc3.Function) []string {
	arns := make([]string, len(f.Layers))
	for i, l := range f.Layers {
		if l != nil {
			arns[i] = value(l.Arn)
		}
	}
	return arns
}
