package lambda_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awslambda "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/layerbuild/layerbuild/internal/testenv"
	"github.com/layerbuild/layerbuild/sandbox"
	"github.com/layerbuild/layerbuild/sandbox/sandboxtest"
)

const (
	region = "eu-west-1"
	role   = "arn:aws:iam::" + sandbox.Account + ":role/service-role/smoke"
)

// start starts a sandbox and returns a client without retries.
func start(t testing.TB, o sandbox.Options) (*sandbox.Sandbox, *awslambda.Client) {
	t.Helper()
	s := sandboxtest.Start(t, o)
	return s, client(s, region)
}

func client(s *sandbox.Sandbox, region string) *awslambda.Client {
	c := s.Credential()
	return awslambda.NewFromConfig(aws.Config{
		Region: region, BaseEndpoint: aws.String(s.URL()), Retryer: func() aws.Retryer { return aws.NopRetryer{} },
		Credentials: credentials.NewStaticCredentialsProvider(c.Key, c.Secret, c.Token),
	})
}

// makeZip packs files, given as pairs of name and content.
func makeZip(t testing.TB, pairs ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(pairs); i += 2 {
		f, err := w.Create(pairs[i])
		if err == nil {
			_, err = io.WriteString(f, pairs[i+1])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// layer publishes a layer and returns the version's ARN.
func layer(t testing.TB, c *awslambda.Client, name string, pairs ...string) string {
	t.Helper()
	out, err := c.PublishLayerVersion(t.Context(), &awslambda.PublishLayerVersionInput{
		LayerName: &name, Content: &types.LayerVersionContentInput{ZipFile: makeZip(t, pairs...)},
	})
	if err != nil {
		t.Fatal(err)
	}
	return *out.LayerVersionArn
}

// request asks for a function with one file of Python.
func request(t testing.TB, name, code string, layers ...string) *awslambda.CreateFunctionInput {
	t.Helper()
	return &awslambda.CreateFunctionInput{
		FunctionName: &name, Role: aws.String(role), Runtime: "python3.12", Handler: aws.String("index.handler"),
		Code: &types.FunctionCode{ZipFile: makeZip(t, "index.py", code)}, Layers: layers,
	}
}

// create makes a function and waits until it can be called.
func create(t testing.TB, c *awslambda.Client, in *awslambda.CreateFunctionInput) *awslambda.CreateFunctionOutput {
	t.Helper()
	out, err := c.CreateFunction(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	waiter := awslambda.NewFunctionActiveV2Waiter(c, func(o *awslambda.FunctionActiveV2WaiterOptions) {
		o.MinDelay, o.MaxDelay = time.Millisecond, time.Millisecond
	})
	if err := waiter.Wait(t.Context(), &awslambda.GetFunctionInput{FunctionName: in.FunctionName}, time.Minute); err != nil {
		t.Fatal(err)
	}
	return out
}

func invoke(t testing.TB, c *awslambda.Client, name, event string) *awslambda.InvokeOutput {
	t.Helper()
	in := &awslambda.InvokeInput{FunctionName: &name, LogType: types.LogTypeTail}
	if event != "" {
		in.Payload = []byte(event)
	}
	out, err := c.Invoke(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// wantError checks status, code and message of an error that Lambda answered.
func wantError(t testing.TB, err error, status int, code, message string) {
	t.Helper()
	var api smithy.APIError
	var response *smithyhttp.ResponseError
	if !errors.As(err, &api) || !errors.As(err, &response) {
		t.Errorf("error is %v, want %d %s", err, status, code)
	} else if api.ErrorCode() != code || response.HTTPStatusCode() != status || !strings.Contains(api.ErrorMessage(), message) {
		t.Errorf("error is %d %s: %s\nwant %d %s: %s", response.HTTPStatusCode(), api.ErrorCode(), api.ErrorMessage(), status, code, message)
	}
}

// installed returns Lambda's name of the runtime that the interpreter can run,
// which it puts first on PATH.
func installed(t *testing.T, prefix, suffix string, probe ...string) types.Runtime {
	t.Helper()
	out, err := exec.Command(testenv.Need(t, probe[0])[0], probe[1:]...).Output()
	lines := strings.Fields(string(out))
	if err != nil || len(lines) != 2 {
		t.Fatalf("%q, %v", out, err)
	}
	t.Setenv("PATH", filepath.Dir(lines[1])+string(os.PathListSeparator)+os.Getenv("PATH"))
	return types.Runtime(prefix + lines[0] + suffix)
}

func installedPython(t *testing.T) types.Runtime {
	return installed(t, "python", "", "python3", "-c", "import sys; print('%d.%d' % sys.version_info[:2]); print(sys.executable)")
}

func installedNode(t *testing.T) types.Runtime {
	return installed(t, "nodejs", ".x", "node", "-p", "process.versions.node.split('.')[0] + '\\n' + process.execPath")
}
