package fc_test

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"errors"
	"testing"

	fc3 "github.com/alibabacloud-go/fc-20230330/v4/client"
	fc2 "github.com/alibabacloud-go/fc-open-20210406/v2/client"
	"github.com/alibabacloud-go/tea/tea"

	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/publisher/fc"
)

// service is the one that functions of 2.0 are made in.
const service = "svc"

// uses returns what has functions of an API use layer versions. 3.0 is asked
// for the versions of every single function, so of the many that a suite makes
// only some are of 3.0.
func (c *cloud) uses(api string) func(t testing.TB, function string, v layer.Version) {
	const most = 4
	made := map[string]bool{}
	return func(t testing.TB, function string, v layer.Version) {
		t.Helper()
		if api == fc.V2 || !made[function] && len(made) == most {
			c.useV2(t, function, v)
			return
		}
		made[function] = true
		c.useV3(t, function, v)
	}
}

func (c *cloud) useV2(t testing.TB, function string, v layer.Version) {
	t.Helper()
	client, err := fc2.NewClient(c.config())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.CreateService(&fc2.CreateServiceRequest{ServiceName: tea.String(service)}); err != nil && !refusedAs(err, "ServiceAlreadyExists") {
		t.Fatal(err)
	}
	layers := []*string{&v.ARN}
	_, err = client.CreateFunction(tea.String(service), &fc2.CreateFunctionRequest{
		FunctionName: &function, Runtime: tea.String("python3.10"), Handler: tea.String("index.handler"),
		Code: &fc2.Code{ZipFile: tea.String(emptyZip(t))}, Layers: layers,
	})
	if refusedAs(err, "FunctionAlreadyExists") {
		if _, err = client.PublishServiceVersion(tea.String(service), &fc2.PublishServiceVersionRequest{}); err == nil {
			_, err = client.UpdateFunction(tea.String(service), &function, &fc2.UpdateFunctionRequest{Layers: layers})
		}
	}
	if err != nil {
		t.Fatal(err)
	}
}

func (c *cloud) useV3(t testing.TB, function string, v layer.Version) {
	t.Helper()
	client, layers := c.client(t), []*string{&v.ARN}
	_, err := client.CreateFunction(&fc3.CreateFunctionRequest{Body: &fc3.CreateFunctionInput{
		FunctionName: &function, Runtime: tea.String("python3.10"), Handler: tea.String("index.handler"),
		Code: &fc3.InputCodeLocation{ZipFile: tea.String(emptyZip(t))}, Layers: layers,
	}})
	if refusedAs(err, "FunctionAlreadyExists") {
		if _, err = client.PublishFunctionVersion(&function, &fc3.PublishFunctionVersionRequest{}); err == nil {
			_, err = client.UpdateFunction(&function, &fc3.UpdateFunctionRequest{Body: &fc3.UpdateFunctionInput{Layers: layers}})
		}
	}
	if err != nil {
		t.Fatal(err)
	}
}

// refusedAs reports whether the service refused something with the code.
func refusedAs(err error, code string) bool {
	var e interface{ GetCode() *string }
	if errors.As(err, &e) {
		return tea.StringValue(e.GetCode()) == code
	}
	old, ok := errors.AsType[*tea.SDKError](err)
	return ok && tea.StringValue(old.Code) == code
}

// emptyZip is the code of functions that are never invoked.
func emptyZip(t testing.TB) string {
	t.Helper()
	var buf bytes.Buffer
	if err := zip.NewWriter(&buf).Close(); err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(buf.Bytes())
}
