package scf

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	scf "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/scf/v20180416"

	"github.com/layerbuild/layerbuild/layer"
)

// Usage asks for the layers of each version of each function in each namespace
// of the region, since no listing has them. Users are spelled
// "namespace/function:version". What is deleted meanwhile uses nothing.
func (p *Publisher) Usage(ctx context.Context, name string) (map[int64][]string, error) {
	users := map[int64][]string{}
	namespaces, err := p.namespaces(ctx)
	if err != nil {
		return nil, fmt.Errorf("listing namespaces: %w", err)
	}
	for _, n := range namespaces {
		functions, err := p.functions(ctx, *n.Name, "")
		if err != nil && !gone(err) {
			return nil, fmt.Errorf("listing the functions in namespace %q: %w", *n.Name, err)
		}
		for _, f := range functions {
			if err := p.addUses(ctx, users, *n.Name, *f.FunctionName, name); err != nil {
				return nil, err
			}
		}
	}
	for number, list := range users {
		slices.Sort(list)
		users[number] = slices.Compact(list)
	}
	return users, nil
}

// addUses adds the versions of a function to the users of what they mount of
// the layer.
func (p *Publisher) addUses(ctx context.Context, users map[int64][]string, namespace, function, name string) error {
	versions, err := p.versionsOf(ctx, namespace, function)
	if err != nil && !gone(err) {
		return fmt.Errorf("listing the versions of function \"%s/%s\": %w", namespace, function, err)
	}
	for _, version := range versions {
		user := namespace + "/" + function + ":" + version
		numbers, err := p.mounts(ctx, namespace, function, version, name)
		if err != nil && !gone(err) {
			return fmt.Errorf("asking for the layers of function %q: %w", user, err)
		}
		for _, n := range numbers {
			users[n] = append(users[n], user)
		}
	}
	return nil
}

// gone reports whether what was listed a moment ago is not there any more. That
// something else is missing, such as a layer, says nothing about a function.
func gone(err error) bool {
	f, ok := errors.AsType[*layer.Fault](err)
	if !ok {
		return false
	}
	switch f.Code {
	case "ResourceNotFound.Namespace", "ResourceNotFound.Function", "ResourceNotFound.FunctionName", "ResourceNotFound.Version":
		return true
	}
	return false
}

// mounts returns which versions of the layer are in a version of a function.
func (p *Publisher) mounts(ctx context.Context, namespace, function, version, name string) (numbers []int64, err error) {
	request := scf.NewGetFunctionRequest()
	request.Namespace, request.FunctionName, request.Qualifier = &namespace, &function, &version
	request.ShowCode = common.StringPtr("FALSE")
	err = p.patiently(ctx, "GetFunction", func(ctx context.Context) error {
		out, err := p.sdk.GetFunctionWithContext(ctx, request)
		if err != nil {
			return err
		}
		if out.Response == nil || out.Response.FunctionName == nil {
			return errEmpty
		}
		numbers = nil
		for _, l := range out.Response.Layers {
			if l == nil || value(l.LayerName) == "" || value(l.LayerVersion) == 0 {
				return errEmpty
			}
			if *l.LayerName == name {
				numbers = append(numbers, *l.LayerVersion)
			}
		}
		return nil
	})
	return numbers, err
}
