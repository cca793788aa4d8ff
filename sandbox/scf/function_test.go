package scf_test

import (
	"encoding/base64"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	tencent "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/scf/v20180416"

	"github.com/layerbuild/layerbuild/sandbox/function"
	"github.com/layerbuild/layerbuild/sandbox/scf"
)

// newFunction is a request that creates one with layers, given as pairs of
// name and version.
func newFunction(name, space string, zip []byte, layers ...any) *tencent.CreateFunctionRequest {
	r := tencent.NewCreateFunctionRequest()
	r.FunctionName, r.Runtime, r.Handler = &name, common.StringPtr("Python3.9"), common.StringPtr("index.main")
	if space != "" {
		r.Namespace = &space
	}
	r.Code = &tencent.Code{ZipFile: common.StringPtr(base64.StdEncoding.EncodeToString(zip))}
	for i := 0; i < len(layers); i += 2 {
		r.Layers = append(r.Layers, &tencent.LayerVersionSimple{
			LayerName: common.StringPtr(layers[i].(string)), LayerVersion: common.Int64Ptr(int64(layers[i+1].(int)))})
	}
	return r
}

func create(t *testing.T, c *tencent.Client, r *tencent.CreateFunctionRequest) {
	t.Helper()
	if _, err := c.CreateFunction(r); err != nil {
		t.Fatal(err)
	}
}

func getFunction(t *testing.T, c *tencent.Client, name, space string) *tencent.GetFunctionResponseParams {
	t.Helper()
	r := tencent.NewGetFunctionRequest()
	r.FunctionName, r.Namespace = &name, &space
	out, err := c.GetFunction(r)
	if err != nil {
		t.Fatal(err)
	}
	return out.Response
}

func invoke(c *tencent.Client, name, event string) (*tencent.Result, error) {
	r := tencent.NewInvokeRequest()
	r.FunctionName, r.ClientContext, r.LogType = &name, &event, common.StringPtr("Tail")
	out, err := c.Invoke(r)
	if err != nil {
		return nil, err
	}
	return out.Response.Result, nil
}

func deleteFunction(c *tencent.Client, name, space string) error {
	r := tencent.NewDeleteFunctionRequest()
	r.FunctionName, r.Namespace = &name, &space
	_, err := c.DeleteFunction(r)
	return err
}

// TestFunction goes through the life of one: what it is made of arrives at the
// runner, with the layers in the order in which the later one wins.
func TestFunction(t *testing.T) {
	c := start(t, nil)
	c.result = function.Result{Output: []byte("got "), Log: "printed", Note: "a note"}
	api := c.client(t, "ap-guangzhou")
	first, second, code := makeZip(t, "a", "first"), makeZip(t, "a", "second"), makeZip(t, "index.py", "")
	publish(t, api, inline("one", first))
	publish(t, api, inline("two", second))
	in := newFunction("fn", "", code, "one", 1, "two", 1)
	in.Timeout, in.MemorySize, in.Description = common.Int64Ptr(7), common.Int64Ptr(256), common.StringPtr("d")
	in.Environment = &tencent.Environment{Variables: []*tencent.Variable{
		{Key: common.StringPtr("B"), Value: common.StringPtr("2")}, {Key: common.StringPtr("A"), Value: common.StringPtr("1")}}}
	create(t, api, in)
	got := getFunction(t, api, "fn", "default")
	text := fmt.Sprint(*got.Status, *got.Runtime, *got.Handler, *got.Timeout, *got.MemorySize, *got.Description, *got.CodeSize,
		*got.Layers[0].LayerName, *got.Layers[1].LayerName, *got.Environment.Variables[0].Key, *got.Namespace)
	if want := fmt.Sprint("Active", "Python3.9", "index.main", 7, 256, "d", len(code), "one", "two", "A", "default"); text != want {
		t.Errorf("got %s\nwant %s", text, want)
	}
	result, err := invoke(api, "fn", `{"x":1}`)
	if err != nil {
		t.Fatal(err)
	}
	if *result.RetMsg != `got {"x":1}` || *result.InvokeResult != 0 || *result.ErrMsg != "" || *result.Log != "printed\nsandbox: a note\n" {
		t.Errorf("%+v", *result)
	}
	run := c.runs[0]
	if run.Service != "scf" || run.Cell.Runtime != "python3.9" || run.Handler != "index.main" || run.Timeout != 7*time.Second ||
		run.Memory != 256<<20 || run.Env["A"] != "1" || run.Name != "fn" || len(run.Layers) != 2 {
		t.Errorf("run %+v", run)
	}
	for path, want := range map[string][]byte{run.Code: code, run.Layers[0]: first, run.Layers[1]: second} {
		if data, err := os.ReadFile(path); err != nil || string(data) != string(want) {
			t.Errorf("%q: %d bytes, %v", path, len(data), err)
		}
	}
	wantError(t, remove(api, "two", 1), "ResourceInUse.LayerVersion")
	if err := deleteFunction(api, "fn", "default"); err != nil {
		t.Fatal(err)
	}
	if err := remove(api, "two", 1); err != nil {
		t.Error(err)
	}
	if n := c.store.kept(t); n != 1 {
		t.Errorf("%d zips are kept, want 1", n)
	}
	wantError(t, deleteFunction(api, "fn", ""), "ResourceNotFound.Function")
}

func TestFunctionFails(t *testing.T) {
	c := start(t, nil)
	api := c.client(t, "ap-guangzhou")
	create(t, api, newFunction("fn", "", makeZip(t, "index.py", "")))
	c.result = function.Result{Output: []byte(`{"errorMessage":"no"}`), Failed: true}
	result, err := invoke(api, "fn", "{}")
	if err != nil || *result.InvokeResult != -1 || !strings.HasPrefix(*result.ErrMsg, `{"errorMessage":"no"}`) || *result.RetMsg != "" {
		t.Errorf("%+v, %v", result, err)
	}
	c.err = &function.NotRunnable{Runtime: "python3.9", Reason: "no interpreter"}
	result, err = invoke(api, "fn", "{}")
	if err != nil || *result.InvokeResult != -1 || !strings.Contains(*result.ErrMsg, "Layerbuild.NotRun") || !strings.Contains(*result.Log, "no interpreter") {
		t.Errorf("%+v, %v", result, err)
	}
	c.err = os.ErrInvalid
	_, err = invoke(api, "fn", "{}")
	wantError(t, err, "InternalError.System")
	_, err = invoke(api, "fn", "{")
	wantError(t, err, "InvalidParameterValue.Param")
	r := tencent.NewInvokeRequest()
	r.FunctionName, r.InvocationType = common.StringPtr("fn"), common.StringPtr("Event")
	_, err = api.Invoke(r)
	wantError(t, err, "InvalidParameterValue.InvokeType")
	_, err = invoke(api, "other", "{}")
	wantError(t, err, "ResourceNotFound.Function")
}

func TestFunctionCreating(t *testing.T) {
	c := start(t, func(o *scf.Options) { o.Wait = scf.Wait{Polls: 2} })
	api := c.client(t, "ap-guangzhou")
	create(t, api, newFunction("fn", "", makeZip(t, "index.py", "")))
	for _, want := range []string{"Creating", "Creating", "Active"} {
		if want == "Creating" {
			_, err := invoke(api, "fn", "{}")
			wantError(t, err, "FailedOperation.FunctionStatusError")
			wantError(t, deleteFunction(api, "fn", ""), "FailedOperation.DeleteFunction")
		}
		if got := *getFunction(t, api, "fn", "").Status; got != want {
			t.Errorf("status is %s, want %s", got, want)
		}
	}
	if _, err := invoke(api, "fn", "{}"); err != nil {
		t.Error(err)
	}
}

func TestCreateFunctionRefused(t *testing.T) {
	c := start(t, nil)
	api := c.client(t, "ap-guangzhou")
	zip := makeZip(t, "index.py", "")
	publish(t, api, inline("layer", zip))
	publish(t, api, inline("broken", []byte("no zip")))
	create(t, api, newFunction("there", "", zip))
	kept := c.store.kept(t)
	many := []any{"layer", 1, "layer", 1, "layer", 1, "layer", 1, "layer", 1, "layer", 1}
	with := func(change func(*tencent.CreateFunctionRequest)) *tencent.CreateFunctionRequest {
		r := newFunction("fn", "", zip)
		change(r)
		return r
	}
	for name, bad := range map[string]struct {
		in   *tencent.CreateFunctionRequest
		code string
	}{
		"six layers":      {newFunction("fn", "", zip, many...), "InvalidParameterValue.Layers"},
		"no such layer":   {newFunction("fn", "", zip, "none", 1), "ResourceNotFound.Layer"},
		"no such version": {newFunction("fn", "", zip, "layer", 2), "ResourceNotFound.LayerVersion"},
		"broken layer":    {newFunction("fn", "", zip, "broken", 1), "InvalidParameterValue.Layers"},
		"other runtime": {with(func(r *tencent.CreateFunctionRequest) {
			r.Runtime, r.Layers = common.StringPtr("Python3.10"), newFunction("", "", nil, "layer", 1).Layers
		}), "InvalidParameterValue.Layers"},
		"unknown runtime": {with(func(r *tencent.CreateFunctionRequest) { r.Runtime = common.StringPtr("Cobol") }), "InvalidParameterValue.Runtime"},
		"no handler":      {with(func(r *tencent.CreateFunctionRequest) { r.Handler = nil }), "InvalidParameterValue.Handler"},
		"no name":         {with(func(r *tencent.CreateFunctionRequest) { r.FunctionName = nil }), "MissingParameter"},
		"no code":         {with(func(r *tencent.CreateFunctionRequest) { r.Code = nil }), "MissingParameter"},
		"bad name":        {newFunction("fn_", "", zip), "InvalidParameter.FunctionName"},
		"memory":          {with(func(r *tencent.CreateFunctionRequest) { r.MemorySize = common.Int64Ptr(100) }), "InvalidParameterValue.MemorySize"},
		"timeout":         {with(func(r *tencent.CreateFunctionRequest) { r.Timeout = common.Int64Ptr(901) }), "LimitExceeded.Timeout"},
		"no zip":          {newFunction("fn", "", []byte("text")), "InvalidParameterValue.ZipFile"},
		"there already":   {newFunction("there", "", zip), "ResourceInUse.FunctionName"},
		"no namespace":    {newFunction("fn", "nowhere", zip), "ResourceNotFound.Namespace"},
		"denied":          {newFunction("denied-fn", "", zip), "UnauthorizedOperation.CAM"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := api.CreateFunction(bad.in)
			wantError(t, err, bad.code)
		})
	}
	if n := c.store.kept(t); n != kept {
		t.Errorf("%d zips are kept, %d before", n, kept)
	}
	for _, memory := range []int64{64, 3072} {
		create(t, api, with(func(r *tencent.CreateFunctionRequest) {
			r.FunctionName, r.MemorySize = common.StringPtr(fmt.Sprint("fn", memory)), &memory
		}))
	}
}

func TestNamespaces(t *testing.T) {
	c := start(t, nil)
	api := c.client(t, "ap-guangzhou")
	newSpace := func(name string) error {
		r := tencent.NewCreateNamespaceRequest()
		r.Namespace = &name
		_, err := api.CreateNamespace(r)
		return err
	}
	if err := newSpace("other"); err != nil {
		t.Fatal(err)
	}
	wantError(t, newSpace("other"), "ResourceInUse.Namespace")
	wantError(t, newSpace("default"), "ResourceInUse.Namespace")
	wantError(t, newSpace("a b"), "InvalidParameterValue.NamespaceInvalid")
	spaces, err := api.ListNamespaces(tencent.NewListNamespacesRequest())
	if err != nil || *spaces.Response.TotalCount != 2 || *spaces.Response.Namespaces[0].Name != "default" || *spaces.Response.Namespaces[1].Name != "other" {
		t.Errorf("%+v, %v", spaces, err)
	}
	zip := makeZip(t, "index.py", "")
	for _, name := range []string{"b1", "a1", "a2"} {
		create(t, api, newFunction(name, "", zip))
	}
	create(t, api, newFunction("a1", "other", zip))
	list := func(change func(*tencent.ListFunctionsRequest)) string {
		r := tencent.NewListFunctionsRequest()
		change(r)
		out, err := api.ListFunctions(r)
		if err != nil {
			t.Fatal(err)
		}
		names := []string{fmt.Sprint(*out.Response.TotalCount)}
		for _, f := range out.Response.Functions {
			names = append(names, *f.Namespace+"/"+*f.FunctionName)
		}
		return strings.Join(names, " ")
	}
	for want, change := range map[string]func(*tencent.ListFunctionsRequest){
		"3 default/a1 default/a2 default/b1": func(*tencent.ListFunctionsRequest) {},
		"1 other/a1":                         func(r *tencent.ListFunctionsRequest) { r.Namespace = common.StringPtr("other") },
		"2 default/a1 default/a2":            func(r *tencent.ListFunctionsRequest) { r.SearchKey = common.StringPtr("a") },
		"3 default/b1":                       func(r *tencent.ListFunctionsRequest) { r.Offset = common.Int64Ptr(2) },
	} {
		if got := list(change); got != want {
			t.Errorf("functions are %q, want %q", got, want)
		}
	}
	r := tencent.NewListFunctionsRequest()
	r.Namespace = common.StringPtr("nowhere")
	_, err = api.ListFunctions(r)
	wantError(t, err, "ResourceNotFound.Namespace")
}
