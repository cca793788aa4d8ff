package scf

import (
	"context"
	"slices"

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	scf "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/scf/v20180416"
)

const (
	// defaultNamespace is where functions are of which nothing else is said.
	defaultNamespace = "default"
	// latest is the version of a function that can be changed.
	latest = "$LATEST"
)

// namespaces lists those of the region:
// https://cloud.tencent.com/document/api/583/37158
func (p *Publisher) namespaces(ctx context.Context) ([]*scf.Namespace, error) {
	request := scf.NewListNamespacesRequest()
	request.Limit = common.Int64Ptr(pageSize)
	return listing[*scf.Namespace]{
		action: "ListNamespaces",
		name: func(n *scf.Namespace) string {
			if n == nil {
				return ""
			}
			return value(n.Name)
		},
		ask: func(ctx context.Context, offset int64) ([]*scf.Namespace, int64, error) {
			request.Offset = &offset
			out, err := p.sdk.ListNamespacesWithContext(ctx, request)
			if err != nil {
				return nil, 0, err
			}
			if out.Response == nil || out.Response.RequestId == nil {
				return nil, 0, errEmpty
			}
			return out.Response.Namespaces, value(out.Response.TotalCount), nil
		},
	}.all(ctx, p)
}

// functions lists those in a namespace that have the word anywhere in their
// names.
func (p *Publisher) functions(ctx context.Context, namespace, word string) ([]*scf.Function, error) {
	request := scf.NewListFunctionsRequest()
	request.Namespace, request.SearchKey, request.Limit = &namespace, given(word), common.Int64Ptr(pageSize)
	return listing[*scf.Function]{
		action: "ListFunctions",
		name: func(f *scf.Function) string {
			if f == nil {
				return ""
			}
			return value(f.FunctionName)
		},
		ask: func(ctx context.Context, offset int64) ([]*scf.Function, int64, error) {
			request.Offset = &offset
			out, err := p.sdk.ListFunctionsWithContext(ctx, request)
			if err != nil {
				return nil, 0, err
			}
			if out.Response == nil || out.Response.RequestId == nil {
				return nil, 0, errEmpty
			}
			return out.Response.Functions, value(out.Response.TotalCount), nil
		},
	}.all(ctx, p)
}

// versionsOf lists the versions of a function, and always the one that can be
// changed: https://cloud.tencent.com/document/api/583/37162
func (p *Publisher) versionsOf(ctx context.Context, namespace, function string) ([]string, error) {
	request := scf.NewListVersionByFunctionRequest()
	request.Namespace, request.FunctionName, request.Limit = &namespace, &function, common.Uint64Ptr(pageSize)
	list, err := listing[string]{
		action: "ListVersionByFunction",
		name:   func(version string) string { return version },
		ask: func(ctx context.Context, offset int64) ([]string, int64, error) {
			request.Offset = common.Uint64Ptr(uint64(offset))
			out, err := p.sdk.ListVersionByFunctionWithContext(ctx, request)
			if err != nil {
				return nil, 0, err
			}
			if out.Response == nil || out.Response.RequestId == nil {
				return nil, 0, errEmpty
			}
			return common.StringValues(out.Response.FunctionVersion), int64(value(out.Response.TotalCount)), nil
		},
	}.all(ctx, p)
	if err == nil && !slices.Contains(list, latest) {
		list = append(list, latest)
	}
	return list, err
}
