package fc

import (
	"context"
	"net/url"
	"strconv"

	fc3 "github.com/alibabacloud-go/fc-20230330/v4/client"
	"github.com/alibabacloud-go/tea/dara"

	"github.com/layerbuild/layerbuild/layer"
)

// v3 is the API 2023-03-30.
type v3 struct {
	sender
	sdk *fc3.Client
}

func newV3(o Options, host *url.URL) (*v3, error) {
	s := sender{o}
	sdk, err := fc3.NewClient(s.config(host))
	return &v3{s, sdk}, err
}

// over is the SDK's client for one call.
func (a *v3) over(c *call) *fc3.Client {
	one := *a.sdk
	one.HttpClient, one.Credential = c, c
	return &one
}

func (a *v3) create(ctx context.Context, name string, in creation) (v version, err error) {
	body := &fc3.CreateLayerVersionInput{
		Code: &fc3.InputCodeLocation{
			ZipFile: given(in.zip), OssBucketName: given(in.bucket), OssObjectName: given(in.object),
			Checksum: given(in.checksum),
		},
		CompatibleRuntime: pointers(in.runtimes), Description: given(in.description), License: given(in.license),
	}
	err = a.do(ctx, "CreateLayerVersion", func(c *call) error {
		out, err := a.over(c).CreateLayerVersionWithOptions(&name, &fc3.CreateLayerVersionRequest{Body: body}, nil, options())
		if err == nil {
			v, err = versionOfV3(out.Body)
		}
		return err
	})
	return v, err
}

func (a *v3) get(ctx context.Context, name string, number int64) (v version, err error) {
	err = a.do(ctx, "GetLayerVersion", func(c *call) error {
		out, err := a.over(c).GetLayerVersionWithOptions(&name, dara.String(strconv.FormatInt(number, 10)), nil, options())
		if err == nil {
			v, err = versionOfV3(out.Body)
		}
		return err
	})
	return v, err
}

func (a *v3) list(ctx context.Context, name string, start int64) (page []version, next int64, err error) {
	request := &fc3.ListLayerVersionsRequest{Limit: dara.Int32(pageSize)}
	if start > 0 {
		request.StartVersion = dara.String(strconv.FormatInt(start, 10))
	}
	err = a.do(ctx, "ListLayerVersions", func(c *call) error {
		out, err := a.over(c).ListLayerVersionsWithOptions(&name, request, nil, options())
		if err != nil {
			return err
		}
		if out.Body == nil {
			return errEmpty
		}
		for _, l := range out.Body.Layers {
			v, err := versionOfV3(l)
			if err != nil {
				return err
			}
			page = append(page, v)
		}
		next = int64(value(out.Body.NextVersion))
		return nil
	})
	return page, next, err
}

func (a *v3) remove(ctx context.Context, name string, number int64) error {
	return a.do(ctx, "DeleteLayerVersion", func(c *call) error {
		_, err := a.over(c).DeleteLayerVersionWithOptions(&name, dara.String(strconv.FormatInt(number, 10)), nil, options())
		return err
	})
}

func (a *v3) open(ctx context.Context, name string, public bool) error {
	acl := "0"
	if public {
		acl = "1"
	}
	return a.do(ctx, "PutLayerACL", func(c *call) error {
		_, err := a.over(c).PutLayerACLWithOptions(&name, &fc3.PutLayerACLRequest{Acl: &acl}, nil, options())
		return err
	})
}

// versionOfV3 reads what all answers of 3.0 have. One without a number is
// none.
func versionOfV3(l *fc3.Layer) (version, error) {
	if l == nil || value(l.Version) == 0 {
		return version{}, errEmpty
	}
	v := version{
		Version: layer.Version{
			Name: value(l.LayerName), Number: int64(*l.Version), ARN: value(l.LayerVersionArn),
			CRC64: value(l.CodeChecksum), Size: value(l.CodeSize),
			Description: value(l.Description), License: value(l.License), Runtimes: values(l.CompatibleRuntime),
			Created: value(l.CreateTime),
		},
		public: value(l.Acl) == "1",
	}
	if l.Code != nil {
		v.Location = value(l.Code.Location)
	}
	return v, nil
}

// options leave retrying to the callers.
func options() *dara.RuntimeOptions { return &dara.RuntimeOptions{} }
