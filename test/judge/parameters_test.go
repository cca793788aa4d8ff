package judge

import (
	"context"
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"

	"github.com/layerbuild/layerbuild/internal/awscloud"
	"github.com/layerbuild/layerbuild/internal/outputs"
	"github.com/layerbuild/layerbuild/internal/parameters"
	"github.com/layerbuild/layerbuild/sandbox"
	"github.com/layerbuild/layerbuild/sandbox/sandboxtest"
)

// TestParameters writes parameters to the sandbox and to moto and compares
// what our code makes of their answers.
func TestParameters(t *testing.T) {
	sb := sandboxtest.Start(t, sandbox.Options{})
	c := sb.Credential()
	ours := releases(t, sb.URL(), awscloud.Credentials{AccessKeyID: c.Key, SecretAccessKey: c.Secret})
	theirs := releases(t, startMoto(t), awscloud.Credentials{AccessKeyID: "testing", SecretAccessKey: "testing"})
	if d := cmp.Diff(theirs, ours); d != "" {
		t.Errorf("the sandbox (+) differs from moto (-):\n%s", d)
	}
	if len(ours) != 2*12+0+2*3+1 {
		t.Errorf("%d were told of: %q", len(ours), ours)
	}
}

// releases writes what three releases publish and tells what was written: all,
// nothing, and what is new.
func releases(t *testing.T, endpoint string, keys awscloud.Credentials) []string {
	t.Helper()
	how := parameters.Options{
		Endpoint: endpoint, Prefix: "/team/layers",
		Config: func(ctx context.Context, region, _ string) (aws.Config, error) {
			return awscloud.Config(ctx, awscloud.Options{Region: region, Static: &keys})
		},
	}
	var told []string
	for _, version := range []int64{1, 1, 2} {
		var items []outputs.Item
		for _, region := range []string{"us-east-1", "eu-west-1"} {
			for n := range 4 {
				i := outputs.Item{Cloud: "aws", Region: region, Name: fmt.Sprintf("web-%d", n), Version: 1, SHA256: "aa", ARN: "arn:1"}
				if n == 0 {
					i.Version, i.SHA256, i.ARN = version, fmt.Sprint("sum", version), fmt.Sprint("arn:", version)
				}
				items = append(items, i)
			}
		}
		written, err := parameters.Write(t.Context(), how, items)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range written {
			told = append(told, fmt.Sprintf("%s %s=%s", p.Region, p.Name, p.Value))
		}
	}
	return append(told, fmt.Sprint(len(told), " in all"))
}
