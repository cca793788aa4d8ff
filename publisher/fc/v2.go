package fc

import (
	"context"
	"net/url"
	"strconv"

	fc2 "github.com/alibabacloud-go/fc-open-20210406/v2/client"
	"github.com/alibabacloud-go/tea/dara"

	"github.com/layerbuild/layerbuild/layer"
)

// v2 is the API 2021-04-06.
type v2 struct {
	sender
	sdk *fc2.Client
}

func newV2(o Options, host *url.URL) (*v2, error) {
	s := sender{o}
	sdk, err := fc2.NewClient(s.config(host))
	return &v2{s, sdk}, err
}

// over is the SDK's client for one call.
func (a *v2) over(c *call) *fc2.Client {
	one := *a.sdk
	one.HttpClient, one.Credential = c, c
	return &one
}

// create reads an answer that is like no other: its size is "codesize", and
// its only ARN is of the older form.
func (a *v2) create(ctx context.Context, name string, in creation) (v version, err error) {
	request := &fc2.CreateLayerVersionRequest{
		Code:              &fc2.Code{ZipFile: given(in.zip), OssBucketName: given(in.bucket), OssObjectName: given(in.object)},
		CompatibleRuntime: pointers(in.runtimes), Description: given(in.description),
	}
	err = a.do(ctx, "CreateLayerVersion", func(c *call) error {
		out, err := a.over(c).CreateLayerVersionWithOptions(&name, request, &fc2.CreateLayerVersionHeaders{}, options())
		if err != nil {
			return err
		}
		l := out.Body
		if l == nil {
			return errEmpty
		}
		same := &fc2.Layer{
			LayerName: l.LayerName, Version: l.Version, CodeChecksum: l.CodeChecksum, CodeSize: l.Codesize,
			Description: l.Description, CreateTime: l.CreateTime, Acl: l.Acl, CompatibleRuntime: l.CompatibleRuntime,
		}
		if l.Code != nil {
			same.Code = &fc2.LayerCode{Location: l.Code.Location}
		}
		v, err = a.version(same)
		return err
	})
	return v, err
}

func (a *v2) get(ctx context.Context, name string, number int64) (v version, err error) {
	err = a.do(ctx, "GetLayerVersion", func(c *call) error {
		out, err := a.over(c).GetLayerVersionWithOptions(&name, dara.String(strconv.FormatInt(number, 10)), &fc2.GetLayerVersionHeaders{}, options())
		if err == nil {
			v, err = a.version(out.Body)
		}
		return err
	})
	return v, err
}

func (a *v2) list(ctx context.Context, name string, start int64) (page []version, next int64, err error) {
	request := &fc2.ListLayerVersionsRequest{Limit: dara.Int32(pageSize), StartVersion: given(int32(start))}
	err = a.do(ctx, "ListLayerVersions", func(c *call) error {
		out, err := a.over(c).ListLayerVersionsWithOptions(&name, request, &fc2.ListLayerVersionsHeaders{}, options())
		if err != nil {
			return err
		}
		if out.Body == nil {
			return errEmpty
		}
		for _, l := range out.Body.Layers {
			v, err := a.version(l)
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

func (a *v2) remove(ctx context.Context, name string, number int64) error {
	return a.do(ctx, "DeleteLayerVersion", func(c *call) error {
		_, err := a.over(c).DeleteLayerVersionWithOptions(&name, dara.String(strconv.FormatInt(number, 10)), &fc2.DeleteLayerVersionHeaders{}, options())
		return err
	})
}

func (a *v2) open(ctx context.Context, name string, public bool) error {
	return a.do(ctx, "PutLayerACL", func(c *call) error {
		_, err := a.over(c).PutLayerACLWithOptions(&name, &fc2.PutLayerACLRequest{Public: &public}, &fc2.PutLayerACLHeaders{}, options())
		return err
	})
}

// version reads what the answers of 2.0 have. One without a number is none.
func (a *v2) version(l *fc2.Layer) (version, error) {
	if l == nil || value(l.Version) == 0 {
		return version{}, errEmpty
	}
	v := version{
		Version: layer.Version{
			Name: value(l.LayerName), Number: int64(*l.Version), ARN: value(l.ArnV2),
			CRC64: value(l.CodeChecksum), Size: value(l.CodeSize),
			Description: value(l.Description), License: value(l.License), Runtimes: values(l.CompatibleRuntime),
			Created: value(l.CreateTime),
		},
		public: value(l.Acl) == 1,
	}
	if v.ARN == "" {
		v.ARN = arn(a.o.Region, a.o.Account, v.Name, v.Number)
	}
	if l.Code != nil {
		v.Location = value(l.Code.Location)
	}
	return v, nil
}
