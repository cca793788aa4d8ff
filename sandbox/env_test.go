package sandbox_test

import (
	"net"
	"os"
	"strings"
	"testing"
	"time"

	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	awslambda "github.com/aws/aws-sdk-go-v2/service/lambda"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	awsssm "github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/layerbuild/layerbuild/sandbox"
	"github.com/layerbuild/layerbuild/sandbox/sandboxtest"
)

// TestEnv: the SDK's own chain finds the sandbox by its environment, whatever
// else is set.
func TestEnv(t *testing.T) {
	sb := sandboxtest.Start(t, sandbox.Options{})
	t.Setenv("AWS_PROFILE", "production")
	t.Setenv("AWS_SESSION_TOKEN", "real")
	t.Setenv("AWS_ROLE_ARN", "arn:aws:iam::999999999999:role/real")
	t.Setenv("AWS_WEB_IDENTITY_TOKEN_FILE", "/nowhere")
	t.Setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")
	names := map[string]bool{}
	for _, v := range sb.Env() {
		if names[v.Name] {
			t.Errorf("%s is there twice", v.Name)
		}
		names[v.Name] = true
		t.Setenv(v.Name, v.Value)
		if v.Value == "" {
			os.Unsetenv(v.Name)
		}
	}
	conf, err := awsconfig.LoadDefaultConfig(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if conf.Region != sandbox.Region {
		t.Errorf("region is %q", conf.Region)
	}
	if _, err := awss3.NewFromConfig(conf).ListBuckets(t.Context(), nil); err != nil {
		t.Error(err)
	}
	if _, err := awslambda.NewFromConfig(conf).ListLayers(t.Context(), nil); err != nil {
		t.Error(err)
	}
	path := "/"
	if _, err := awsssm.NewFromConfig(conf).GetParametersByPath(t.Context(), &awsssm.GetParametersByPathInput{Path: &path}); err != nil {
		t.Error(err)
	}
}

func TestStart(t *testing.T) {
	for _, address := range []string{"0.0.0.0:0", "192.0.2.1:80", ":0", "localhost:0", "example.com:80", "127.0.0.1"} {
		sb, err := sandbox.New(sandbox.Options{Clock: time.Now, Catalogue: catalogue(t)})
		if err != nil {
			t.Fatal(err)
		}
		if err := sb.Start(t.Context(), address); err == nil || !strings.Contains(err.Error(), "loopback") {
			t.Errorf("%s: error is %v", address, err)
		}
		if err := sb.Close(); err != nil {
			t.Error(err)
		}
	}
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	sb, err := sandbox.New(sandbox.Options{Clock: time.Now, Catalogue: catalogue(t)})
	if err != nil {
		t.Fatal(err)
	}
	defer sb.Close()
	if err := sb.Start(t.Context(), taken.Addr().String()); err == nil {
		t.Error("two listen on the same port")
	}
}
