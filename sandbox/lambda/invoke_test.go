package lambda_test

import (
	"encoding/base64"
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awslambda "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/layerbuild/layerbuild/internal/handlers"
	"github.com/layerbuild/layerbuild/sandbox"
)

// TestInvokeWithLayers: the function finds what is in its layers, and of two
// with the same file it sees the later one's.
func TestInvokeWithLayers(t *testing.T) {
	runtime := installedPython(t)
	_, c := start(t, sandbox.Options{})
	first := layer(t, c, "first", "python/shared.py", "where = 'first'", "python/one.py", "where = 'first'")
	second := layer(t, c, "second", "python/shared.py", "where = 'second'")
	in := request(t, "f", `
import os, one, shared
def handler(event, context):
    print("said")
    return [shared.where, one.where, shared.__file__, event, os.environ["MINE"], os.environ["AWS_REGION"], os.environ["AWS_EXECUTION_ENV"],
            context.function_name, context.memory_limit_in_mb, "AWS_SECRET_ACCESS_KEY" in os.environ]
`, first, second)
	in.Runtime, in.Timeout, in.MemorySize = runtime, aws.Int32(60), aws.Int32(256)
	in.Environment = &types.Environment{Variables: map[string]string{"MINE": "ü"}}
	create(t, c, in)
	want := `["second", "first", "/opt/python/shared.py", {"a": 1}, "ü", "eu-west-1", "AWS_Lambda_` + string(runtime) + `", "f", "256", false]`
	out := invoke(t, c, "f", `{"a":1}`)
	if string(out.Payload) != want || out.FunctionError != nil || out.StatusCode != 200 || aws.ToString(out.ExecutedVersion) != "$LATEST" {
		t.Errorf("%s, %v\nwant %s", out.Payload, aws.ToString(out.FunctionError), want)
	}
	log, err := base64.StdEncoding.DecodeString(aws.ToString(out.LogResult))
	if err != nil || !regexp.MustCompile(`^START RequestId: (\S+) Version: \$LATEST\nsaid\nEND RequestId: \S+\nREPORT RequestId: \S+\tDuration: .*\nsandbox: run with python .*/opt`).Match(log) {
		t.Errorf("%s, %v", log, err)
	}
	// The order of the list decides, not that of publication.
	turned := *in
	turned.FunctionName, turned.Layers = aws.String("turned"), []string{second, first}
	create(t, c, &turned)
	if out := invoke(t, c, "turned", "null"); !strings.HasPrefix(string(out.Payload), `["first", "first", "/opt/python/shared.py", null, `) {
		t.Errorf("%s", out.Payload)
	}
	// A layer that is deleted stays with the functions that have it.
	if _, err := c.DeleteLayerVersion(t.Context(), &awslambda.DeleteLayerVersionInput{LayerName: aws.String("first"), VersionNumber: aws.Int64(1)}); err != nil {
		t.Fatal(err)
	}
	if out := invoke(t, c, "f", ""); !strings.Contains(string(out.Payload), `"second", "first"`) || !strings.Contains(string(out.Payload), "{}") {
		t.Errorf("%s", out.Payload)
	}
}

func TestInvokeNode(t *testing.T) {
	runtime := installedNode(t)
	_, c := start(t, sandbox.Options{})
	in := request(t, "f", "", layer(t, c, "l", "nodejs/node_modules/pack/index.js", "module.exports = 'layer'"))
	in.Runtime, in.Timeout = runtime, aws.Int32(60)
	in.Code.ZipFile = makeZip(t, "index.js", `
exports.handler = async (event) => { if (event.fail) throw new TypeError("x"); return require("pack"); };`)
	create(t, c, in)
	if out := invoke(t, c, "f", "{}"); string(out.Payload) != `"layer"` || out.FunctionError != nil {
		t.Errorf("%s", out.Payload)
	}
	out := invoke(t, c, "f", `{"fail":true}`)
	if !strings.HasPrefix(string(out.Payload), `{"errorType":"TypeError","errorMessage":"x","trace":["TypeError: x","    at `) || aws.ToString(out.FunctionError) != "Unhandled" {
		t.Errorf("%s", out.Payload)
	}
}

// TestFunctionErrors: a function that fails is an answer, not an error.
func TestFunctionErrors(t *testing.T) {
	runtime := installedPython(t)
	_, c := start(t, sandbox.Options{})
	for name, test := range map[string]struct{ code, want string }{
		"raises":   {"def handler(e, c):\n    raise Exception('Handler fails')\n", `^{"errorMessage":"Handler fails","errorType":"Exception","requestId":"[0-9a-f-]{36}","stackTrace":\["  File \\"/var/task/index.py\\", line 2, in handler\\n`},
		"imports":  {"import nowhere", `^{"errorMessage":"Unable to import module 'index': No module named 'nowhere'","errorType":"Runtime.ImportModuleError"`},
		"exits":    {"import sys\ndef handler(e, c): sys.exit(1)", `^{"errorType":"Runtime.ExitError","errorMessage":"RequestId: [0-9a-f-]{36} Error: Runtime exited with error: exit status 1"}$`},
		"too-long": {"import time\ndef handler(e, c): time.sleep(600)", `^{"errorType":"Sandbox.Timedout","errorMessage":"RequestId: [0-9a-f-]{36} Error: Task timed out after 1.00 seconds"}$`},
	} {
		t.Run(name, func(t *testing.T) {
			in := request(t, name, test.code)
			in.Runtime, in.Timeout = runtime, aws.Int32(1)
			create(t, c, in)
			out := invoke(t, c, name, "{}")
			if aws.ToString(out.FunctionError) != "Unhandled" || out.StatusCode != 200 || !regexp.MustCompile(test.want).Match(out.Payload) {
				t.Errorf("%v %s\nwant %s", aws.ToString(out.FunctionError), out.Payload, test.want)
			}
		})
	}
}

// TestNotRunHere: a function that this machine cannot run is no success.
func TestNotRunHere(t *testing.T) {
	_, c := start(t, sandbox.Options{})
	for _, runtime := range []types.Runtime{"java21", "provided.al2023"} {
		in := request(t, strings.ReplaceAll(string(runtime), ".", "-"), "")
		in.Runtime = runtime
		create(t, c, in)
		out := invoke(t, c, *in.FunctionName, "{}")
		var doc struct{ ErrorType, ErrorMessage string }
		if err := json.Unmarshal(out.Payload, &doc); err != nil || aws.ToString(out.FunctionError) != "Unhandled" ||
			doc.ErrorType != "Layerbuild.NotRun" || !strings.Contains(doc.ErrorMessage, "not run: ") {
			t.Errorf("%s, %v", out.Payload, err)
		}
	}
}

// TestSmoke: the throw-away code that is generated runs here.
func TestSmoke(t *testing.T) {
	runtime := installedPython(t)
	_, c := start(t, sandbox.Options{})
	imports := []string{"there", "absent"}
	code, err := handlers.For("lambda", "python", imports)
	if err != nil {
		t.Fatal(err)
	}
	in := request(t, "layerbuild-smoke-1", "", layer(t, c, "l", "python/there.py", "__version__ = '1.2'"))
	in.Runtime, in.Code.ZipFile, in.Handler, in.Timeout = runtime, code.Zip, &code.Handler, aws.Int32(60)
	create(t, c, in)
	report, err := handlers.Read(invoke(t, c, *in.FunctionName, "{}").Payload, imports)
	if err != nil || report.OK || report.Imports["there"] != "1.2" || !strings.Contains(report.Failed["absent"], "No module named") {
		t.Errorf("%+v, %v", report, err)
	}
}

func TestInvokeRefuses(t *testing.T) {
	_, c := start(t, sandbox.Options{})
	in := request(t, "f", "")
	if _, err := c.CreateFunction(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	call := func(in awslambda.InvokeInput) error {
		_, err := c.Invoke(t.Context(), &in)
		return err
	}
	wantError(t, call(awslambda.InvokeInput{FunctionName: aws.String("f")}), 409, "ResourceConflictException",
		"The operation cannot be performed at this time. The function is currently in the following state: Pending")
	wantError(t, call(awslambda.InvokeInput{FunctionName: aws.String("f"), Payload: []byte("{")}), 400, "InvalidRequestContentException", "Could not parse request body into json")
	wantError(t, call(awslambda.InvokeInput{FunctionName: aws.String("f"), Payload: make([]byte, 6291457)}), 413, "RequestTooLargeException",
		"Request must be smaller than 6291456 bytes for the InvokeFunction operation")
	wantError(t, call(awslambda.InvokeInput{FunctionName: aws.String("f"), InvocationType: "Event"}), 400, "InvalidParameterValueException", "InvocationType")
	wantError(t, call(awslambda.InvokeInput{FunctionName: aws.String("g")}), 404, "ResourceNotFoundException", "Function not found: arn:aws:lambda:eu-west-1:123456789012:function:g")
	wantError(t, call(awslambda.InvokeInput{FunctionName: aws.String("f"), Qualifier: aws.String("7")}), 404, "ResourceNotFoundException", "function:f:7")
}

// TestClosingEndsCalls: a sandbox that is closed does not wait for functions.
func TestClosingEndsCalls(t *testing.T) {
	runtime := installedPython(t)
	s, c := start(t, sandbox.Options{})
	in := request(t, "f", "import time\ndef handler(e, c): time.sleep(600)")
	in.Runtime, in.Timeout = runtime, aws.Int32(900)
	create(t, c, in)
	done := make(chan error, 1)
	go func() {
		_, err := c.Invoke(t.Context(), &awslambda.InvokeInput{FunctionName: aws.String("f")})
		done <- err
	}()
	time.Sleep(time.Second)
	began := time.Now()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("closing took %v", took)
	}
	if err := <-done; err == nil {
		t.Error("the call was answered")
	}
}
