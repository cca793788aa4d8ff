package scf

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	scf "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/scf/v20180416"

	"github.com/layerbuild/layerbuild/layer"
)

// Versions returns the versions that functions can use, without checksums: one
// that is being published, that failed to be or that is being deleted is none.
func (p *Publisher) Versions(ctx context.Context, name string) ([]layer.Version, error) {
	list, err := p.list(ctx, name)
	var versions []layer.Version
	for _, v := range list {
		if v.usable() {
			versions = append(versions, v.Version)
		}
	}
	return versions, err
}

// A listed version has its state beside it.
type listed struct {
	layer.Version
	status string
}

// usable goes by the state, where the service tells it.
func (v listed) usable() bool { return v.status == active || v.status == "" }

// list returns all versions, whatever their states, the newest first. The
// service has no pages for it.
func (p *Publisher) list(ctx context.Context, name string) ([]listed, error) {
	request := scf.NewListLayerVersionsRequest()
	request.LayerName = &name
	var list []listed
	err := p.do(ctx, "ListLayerVersions", func(ctx context.Context) error {
		out, err := p.sdk.ListLayerVersionsWithContext(ctx, request)
		if err != nil {
			return err
		}
		if out.Response == nil || out.Response.RequestId == nil {
			return errEmpty
		}
		list, err = listOf(name, out.Response.LayerVersions)
		return err
	})
	if err != nil && !isMissing(err) {
		return nil, fmt.Errorf("listing versions: %w", err)
	}
	return list, nil
}

func listOf(name string, versions []*scf.LayerVersionInfo) ([]listed, error) {
	var list []listed
	for _, v := range versions {
		if v == nil || value(v.LayerVersion) == 0 {
			return nil, errEmpty
		}
		list = append(list, listed{
			Version: layer.Version{
				Name: name, Number: *v.LayerVersion, Description: value(v.Description), License: value(v.LicenseInfo),
				Runtimes: common.StringValues(v.CompatibleRuntimes), Created: value(v.AddTime),
			},
			status: value(v.Status),
		})
	}
	slices.SortFunc(list, func(a, b listed) int { return cmp.Compare(b.Number, a.Number) })
	return list, nil
}
