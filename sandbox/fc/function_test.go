package fc_test

import (
	"encoding/base64"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	fc3 "github.com/alibabacloud-go/fc-20230330/v4/client"
	fc2 "github.com/alibabacloud-go/fc-open-20210406/v2/client"
	util "github.com/alibabacloud-go/tea-utils/v2/service"
	"github.com/alibabacloud-go/tea/dara"
	"github.com/alibabacloud-go/tea/tea"

	"github.com/layerbuild/layerbuild/sandbox/function"
)

// newFunction2 and newFunction3 are requests that create a function.
func newFunction2(name string, zip []byte, layers ...string) *fc2.CreateFunctionRequest {
	return &fc2.CreateFunctionRequest{
		FunctionName: &name, Runtime: tea.String("python3.10"), Handler: tea.String("index.handler"),
		Code: &fc2.Code{ZipFile: tea.String(base64.StdEncoding.EncodeToString(zip))}, Layers: tea.StringSlice(layers),
	}
}

func newFunction3(name string, zip []byte, layers ...string) *fc3.CreateFunctionInput {
	return &fc3.CreateFunctionInput{
		FunctionName: &name, Runtime: tea.String("python3.10"), Handler: tea.String("index.handler"),
		Code: &fc3.InputCodeLocation{ZipFile: tea.String(base64.StdEncoding.EncodeToString(zip))}, Layers: tea.StringSlice(layers),
	}
}

func createFunction3(c *fc3.Client, in *fc3.CreateFunctionInput) (*fc3.Function, error) {
	out, err := c.CreateFunction(&fc3.CreateFunctionRequest{Body: in})
	if err != nil {
		return nil, err
	}
	return out.Body, nil
}

func newService(t *testing.T, c *fc2.Client, name string) {
	t.Helper()
	out, err := c.CreateService(&fc2.CreateServiceRequest{ServiceName: &name, Description: tea.String("d"), Role: tea.String("r")})
	if err != nil || *out.Body.ServiceName != name || *out.Body.Description != "d" || *out.Body.Role != "r" {
		t.Fatalf("%v, %v", out, err)
	}
}

// wantRun compares the last run with what the function was made of.
func wantRun(t *testing.T, c *cloud, service string, code []byte, layers ...[]byte) {
	t.Helper()
	run := c.runs[len(c.runs)-1]
	if run.Service != service || run.Cell.Runtime != "python3.10" || run.Handler != "index.handler" || run.Timeout != 7*time.Second ||
		run.Memory != 256<<20 || run.Env["A"] != "1" || run.Name != "fn" || len(run.Layers) != len(layers) {
		t.Errorf("run %+v", run)
	}
	for i, want := range append(layers, code) {
		path := append(run.Layers, run.Code)[i]
		if data, err := os.ReadFile(path); err != nil || string(data) != string(want) {
			t.Errorf("%d: %d bytes, %v", i, len(data), err)
		}
	}
}

// TestFunction3 goes through the life of one: the runner, with whom the last
// layer wins, gets them in the order opposite to the request's.
func TestFunction3(t *testing.T) {
	c := start(t, nil)
	c.result = function.Result{Output: []byte("got "), Log: "printed", Note: "a note"}
	api := c.v3(t)
	first, second, code := makeZip(t, "a", "first"), makeZip(t, "a", "second"), makeZip(t, "index.py", "")
	publish(t, api, "one", first)
	publish(t, api, "two", second)
	in := newFunction3("fn", code, arn("one", 1), arn("two", 1))
	in.Timeout, in.MemorySize, in.Description, in.Role = tea.Int32(7), tea.Int32(256), tea.String("d"), tea.String("role")
	in.Code.Checksum, in.EnvironmentVariables = tea.String(crc(code)), map[string]*string{"A": tea.String("1")}
	made, err := createFunction3(api, in)
	if err != nil {
		t.Fatal(err)
	}
	got, err := api.GetFunction(tea.String("fn"), &fc3.GetFunctionRequest{})
	if err != nil || got.Body.String() != made.String() {
		t.Errorf("%v\n%v\n%v", got, made, err)
	}
	text := fmt.Sprint(*made.FunctionName, *made.FunctionArn, *made.CodeChecksum, *made.CodeSize, *made.Timeout, *made.MemorySize, *made.Role, *made.State,
		*made.Layers[0].Arn, *made.Layers[0].Size, *made.Layers[1].Arn, *made.EnvironmentVariables["A"])
	if want := fmt.Sprint("fn", "acs:fc:cn-hangzhou:"+account+":functions/fn", crc(code), len(code), 7, 256, "role", "Active",
		arn("one", 1), len(first), arn("two", 1), "1"); text != want {
		t.Errorf("got %s\nwant %s", text, want)
	}
	out, err := api.InvokeFunctionWithOptions(tea.String("fn"), &fc3.InvokeFunctionRequest{Body: strings.NewReader(`{"x":1}`)},
		&fc3.InvokeFunctionHeaders{XFcLogType: tea.String("Tail")}, &dara.RuntimeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(out.Body)
	log, errLog := base64.StdEncoding.DecodeString(*out.Headers["x-fc-log-result"])
	if err != nil || errLog != nil || string(body) != `got {"x":1}` || string(log) != "printed\nsandbox: a note\n" || out.Headers["x-fc-error-type"] != nil {
		t.Errorf("%q, %q, %v", body, log, err)
	}
	wantRun(t, c, "fc3", code, second, first)
	// A version that a function uses can be deleted, and the function goes on.
	if _, err := api.DeleteLayerVersion(tea.String("two"), tea.String("1")); err != nil {
		t.Fatal(err)
	}
	if _, err := api.InvokeFunction(tea.String("fn"), &fc3.InvokeFunctionRequest{Body: strings.NewReader("{}")}); err != nil {
		t.Error(err)
	}
	wantRun(t, c, "fc3", code, second, first)
	if _, err := api.DeleteFunction(tea.String("fn")); err != nil {
		t.Fatal(err)
	}
	if n := c.store.kept(t); n != 1 {
		t.Errorf("%d zips are kept, want 1", n)
	}
	_, err = api.DeleteFunction(tea.String("fn"))
	wantError(t, err, 404, "FunctionNotFound")
	_, err = api.GetFunction(tea.String("fn"), &fc3.GetFunctionRequest{})
	wantError(t, err, 404, "FunctionNotFound")
}

func TestFunction2(t *testing.T) {
	c := start(t, nil)
	c.result = function.Result{Output: []byte("got "), Log: strings.Repeat("x", 5000)}
	api := c.v2(t)
	first, second, code := makeZip(t, "a", "first"), makeZip(t, "a", "second"), makeZip(t, "index.py", "")
	publish(t, c.v3(t), "one", first)
	old, err := api.CreateLayerVersion(tea.String("two"), inline2(second))
	if err != nil {
		t.Fatal(err)
	}
	newService(t, api, "svc")
	in := newFunction2("fn", code, arn("one", 1), *old.Body.Arn) // both forms are taken
	in.Timeout, in.MemorySize, in.EnvironmentVariables = tea.Int32(7), tea.Int32(256), map[string]*string{"A": tea.String("1")}
	create := func(checksum string) (*fc2.CreateFunctionResponse, error) {
		return api.CreateFunctionWithOptions(tea.String("svc"), in, &fc2.CreateFunctionHeaders{XFcCodeChecksum: &checksum}, &util.RuntimeOptions{})
	}
	_, err = create("1")
	wantError(t, err, 400, "InvalidArgument")
	made, err := create(crc(code))
	if err != nil {
		t.Fatal(err)
	}
	if b := made.Body; *b.CodeChecksum != crc(code) || *b.LayersArnV2[0] != arn("one", 1) || *b.LayersArnV2[1] != arn("two", 1) || *b.Layers[1] != *old.Body.Arn {
		t.Errorf("%v", made)
	}
	got, err := api.GetFunction(tea.String("svc"), tea.String("fn"), &fc2.GetFunctionRequest{})
	if err != nil || *got.Body.FunctionName != "fn" || !strings.HasSuffix(*got.Body.CreatedTime, ".000+0000") && len(*got.Body.CreatedTime) != 28 {
		t.Errorf("%v, %v", got, err)
	}
	out, err := api.InvokeFunctionWithOptions(tea.String("svc"), tea.String("fn"), &fc2.InvokeFunctionRequest{Body: []byte(`{"x":1}`)},
		&fc2.InvokeFunctionHeaders{XFcLogType: tea.String("Tail")}, &util.RuntimeOptions{})
	if err != nil || string(out.Body) != `got {"x":1}` {
		t.Errorf("%v, %v", out, err)
	}
	if log, err := base64.StdEncoding.DecodeString(*out.Headers["x-fc-log-result"]); err != nil || len(log) != 4096 {
		t.Errorf("%d bytes of log, %v", len(log), err)
	}
	wantRun(t, c, "fc2", code, second, first)
	_, err = api.DeleteService(tea.String("svc"))
	wantError(t, err, 409, "ServiceNotEmpty")
	if _, err := api.DeleteFunction(tea.String("svc"), tea.String("fn")); err != nil {
		t.Fatal(err)
	}
	if _, err := api.DeleteService(tea.String("svc")); err != nil {
		t.Fatal(err)
	}
	_, err = api.GetFunction(tea.String("svc"), tea.String("fn"), &fc2.GetFunctionRequest{})
	wantError(t, err, 404, "ServiceNotFound")
	if n := c.store.kept(t); n != 2 {
		t.Errorf("%d zips are kept, want 2", n)
	}
}

func TestFunctionFails(t *testing.T) {
	c := start(t, nil)
	api := c.v3(t)
	if _, err := createFunction3(api, newFunction3("fn", makeZip(t, "index.py", ""))); err != nil {
		t.Fatal(err)
	}
	invoke := func() (string, string, error) {
		out, err := api.InvokeFunction(tea.String("fn"), &fc3.InvokeFunctionRequest{Body: strings.NewReader("")})
		if err != nil {
			return "", "", err
		}
		body, err := io.ReadAll(out.Body)
		return string(body), tea.StringValue(out.Headers["x-fc-error-type"]), err
	}
	c.result = function.Result{Output: []byte(`{"errorMessage":"no"}`), Failed: true}
	if body, kind, err := invoke(); body != `{"errorMessage":"no"}` || kind != "UnhandledInvocationError" || err != nil {
		t.Errorf("%q, %q, %v", body, kind, err)
	}
	c.err = &function.NotRunnable{Runtime: "python3.10", Reason: "no interpreter"}
	if body, kind, err := invoke(); !strings.Contains(body, "Layerbuild.NotRun") || kind != "UnhandledInvocationError" || err != nil {
		t.Errorf("%q, %q, %v", body, kind, err)
	}
	c.err = os.ErrInvalid
	_, _, err := invoke()
	wantError(t, err, 500, "InternalServerError")
	_, err = api.InvokeFunctionWithOptions(tea.String("fn"), &fc3.InvokeFunctionRequest{}, &fc3.InvokeFunctionHeaders{XFcInvocationType: tea.String("Async")}, &dara.RuntimeOptions{})
	wantError(t, err, 400, "InvalidArgument")
	_, err = api.InvokeFunction(tea.String("other"), &fc3.InvokeFunctionRequest{})
	wantError(t, err, 404, "FunctionNotFound")
}

func TestCreateFunctionRefused(t *testing.T) {
	c := start(t, nil)
	v2, v3 := c.v2(t), c.v3(t)
	zip := makeZip(t, "index.py", "")
	publish(t, v3, "layer", zip)
	if _, err := createFunction3(v3, newFunction3("there", zip)); err != nil {
		t.Fatal(err)
	}
	kept := c.store.kept(t)
	layer := arn("layer", 1)
	for name, bad := range map[string]struct {
		change func(*fc3.CreateFunctionInput)
		status int
		code   string
	}{
		"six layers": {func(in *fc3.CreateFunctionInput) {
			in.Layers = tea.StringSlice([]string{layer, layer, layer, layer, layer, layer})
		}, 400, "InvalidArgument"},
		"no such layer":   {func(in *fc3.CreateFunctionInput) { in.Layers = tea.StringSlice([]string{arn("none", 1)}) }, 404, "LayerNotFound"},
		"no such version": {func(in *fc3.CreateFunctionInput) { in.Layers = tea.StringSlice([]string{arn("layer", 2)}) }, 404, "LayerVersionNotFound"},
		"layer elsewhere": {func(in *fc3.CreateFunctionInput) {
			in.Layers = tea.StringSlice([]string{strings.Replace(layer, "hangzhou", "shanghai", 1)})
		}, 400, "InvalidArgument"},
		"older ARN": {func(in *fc3.CreateFunctionInput) {
			in.Layers = tea.StringSlice([]string{"1135a0a9c02dbdaf6e6f9877ed51e951#layer#1"})
		}, 400, "InvalidArgument"},
		"other runtime": {func(in *fc3.CreateFunctionInput) {
			in.Layers, in.Runtime = tea.StringSlice([]string{layer}), tea.String("python3.9")
		}, 400, "InvalidArgument"},
		"unknown runtime": {func(in *fc3.CreateFunctionInput) { in.Runtime = tea.String("cobol") }, 400, "InvalidArgument"},
		"no handler":      {func(in *fc3.CreateFunctionInput) { in.Handler = nil }, 400, "InvalidArgument"},
		"no name":         {func(in *fc3.CreateFunctionInput) { in.FunctionName = nil }, 400, "InvalidArgument"},
		"bad name":        {func(in *fc3.CreateFunctionInput) { in.FunctionName = tea.String("-a") }, 400, "InvalidArgument"},
		"no code":         {func(in *fc3.CreateFunctionInput) { in.Code = nil }, 400, "InvalidArgument"},
		"no zip":          {func(in *fc3.CreateFunctionInput) { in.Code.ZipFile = tea.String("AAAA") }, 400, "InvalidArgument"},
		"memory":          {func(in *fc3.CreateFunctionInput) { in.MemorySize = tea.Int32(100) }, 400, "InvalidArgument"},
		"timeout":         {func(in *fc3.CreateFunctionInput) { in.Timeout = tea.Int32(86401) }, 400, "InvalidArgument"},
		"wrong checksum":  {func(in *fc3.CreateFunctionInput) { in.Code.Checksum = tea.String("1") }, 400, "InvalidArgument"},
		"there already":   {func(in *fc3.CreateFunctionInput) { in.FunctionName = tea.String("there") }, 409, "FunctionAlreadyExists"},
		"denied":          {func(in *fc3.CreateFunctionInput) { in.FunctionName = tea.String("denied-fn") }, 403, "AccessDenied"},
	} {
		t.Run(name, func(t *testing.T) {
			in := newFunction3("fn", zip)
			bad.change(in)
			_, err := createFunction3(v3, in)
			wantError(t, err, bad.status, bad.code)
		})
	}
	_, err := v2.CreateFunction(tea.String("none"), newFunction2("fn", zip))
	wantError(t, err, 404, "ServiceNotFound")
	newService(t, v2, "svc")
	if _, err := v2.CreateFunction(tea.String("svc"), newFunction2("there", zip)); err != nil { // not the same as in 3.0
		t.Fatal(err)
	}
	_, err = v2.CreateFunction(tea.String("svc"), newFunction2("there", zip))
	if m := wantError(t, err, 409, "FunctionAlreadyExists"); !strings.Contains(m, "function 'there' already exists in service 'svc'") {
		t.Errorf("message is %q", m)
	}
	if n := c.store.kept(t); n != kept+1 {
		t.Errorf("%d zips are kept, %d before", n, kept)
	}
}

// TestOthersLayers: a layer of another account can be used once it is public.
func TestOthersLayers(t *testing.T) {
	c := start(t, nil)
	publish(t, c.v3(t), "layer", makeZip(t, "a", "1"))
	theirs := arn("layer", 1)
	c.account = "42"
	use := func() error {
		_, err := createFunction3(c.v3(t), newFunction3("fn", makeZip(t, "index.py", ""), theirs))
		return err
	}
	wantError(t, use(), 403, "AccessDenied")
	c.account = account
	if _, err := c.v3(t).PutLayerACL(tea.String("layer"), &fc3.PutLayerACLRequest{Acl: tea.String("1")}); err != nil {
		t.Fatal(err)
	}
	c.account = "42"
	if err := use(); err != nil {
		t.Error(err)
	}
}

func TestLists(t *testing.T) {
	c := start(t, nil)
	v2, v3 := c.v2(t), c.v3(t)
	zip := makeZip(t, "index.py", "")
	for _, name := range []string{"s2", "s1", "t"} {
		newService(t, v2, name)
	}
	_, err := v2.CreateService(&fc2.CreateServiceRequest{ServiceName: tea.String("t")})
	wantError(t, err, 409, "ServiceAlreadyExists")
	_, err = v2.CreateService(&fc2.CreateServiceRequest{ServiceName: tea.String("1")})
	wantError(t, err, 400, "InvalidArgument")
	_, err = v2.CreateService(&fc2.CreateServiceRequest{ServiceName: tea.String("denied-s")})
	wantError(t, err, 403, "AccessDenied")
	services, err := v2.ListServices(&fc2.ListServicesRequest{Prefix: tea.String("s"), Limit: tea.Int32(1)})
	if err != nil || len(services.Body.Services) != 1 || *services.Body.Services[0].ServiceName != "s1" || *services.Body.NextToken != "s2" {
		t.Errorf("%v, %v", services, err)
	}
	one, err := v2.GetService(tea.String("t"), &fc2.GetServiceRequest{})
	if err != nil || *one.Body.ServiceName != "t" {
		t.Errorf("%v, %v", one, err)
	}
	for _, name := range []string{"b", "a2", "a1"} {
		if _, err := v2.CreateFunction(tea.String("t"), newFunction2(name, zip)); err != nil {
			t.Fatal(err)
		}
		if _, err := createFunction3(v3, newFunction3("x"+name, zip)); err != nil {
			t.Fatal(err)
		}
	}
	old, err := v2.ListFunctions(tea.String("t"), &fc2.ListFunctionsRequest{Prefix: tea.String("a"), Limit: tea.Int32(1), StartKey: tea.String("a1")})
	if err != nil || len(old.Body.Functions) != 1 || *old.Body.Functions[0].FunctionName != "a1" || *old.Body.NextToken != "a2" {
		t.Errorf("%v, %v", old, err)
	}
	current, err := v3.ListFunctions(&fc3.ListFunctionsRequest{NextToken: tea.String("xa2")})
	if err != nil || len(current.Body.Functions) != 2 || *current.Body.Functions[1].FunctionName != "xb" || current.Body.NextToken != nil {
		t.Errorf("%v, %v", current, err)
	}
	_, err = v2.ListFunctions(tea.String("none"), &fc2.ListFunctionsRequest{})
	wantError(t, err, 404, "ServiceNotFound")
	_, err = v3.ListFunctions(&fc3.ListFunctionsRequest{Limit: tea.Int32(101)})
	wantError(t, err, 400, "InvalidArgument")
}
