package main

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"

	"github.com/layerbuild/layerbuild/internal/outputs"
	"github.com/layerbuild/layerbuild/manifest"
	"github.com/layerbuild/layerbuild/pipeline"
	"github.com/layerbuild/layerbuild/sandbox"
	"github.com/layerbuild/layerbuild/sandbox/sandboxtest"
)

func choice(t *testing.T, args ...string) formatChoice {
	t.Helper()
	var f formatChoice
	set := pflag.NewFlagSet("test", pflag.ContinueOnError)
	f.flags(set)
	if err := set.Parse(args); err != nil {
		t.Fatal(err)
	}
	return f
}

func TestFormatCheck(t *testing.T) {
	actions := []string{"GITHUB_OUTPUT=o", "GITHUB_STEP_SUMMARY=s"}
	for _, test := range []struct {
		args    string
		json    bool
		environ []string
		// want is a part of the error, "" for none.
		want     string
		document bool
	}{
		{"", false, nil, "", false},
		{"", true, nil, "", false},
		{"--format json", false, nil, "", false},
		{"--format json", true, nil, "", false},
		{"--format md", false, nil, "", true},
		{"--format tfvars,ssm", false, nil, "", true},
		{"--format env --format github", false, actions, "", true},
		{"--format github,ssm", true, actions, "", false},
		{"--format ssm --ssm-prefix /a/b", false, nil, "", false},
		{"--format md", true, nil, "only one of", false},
		{"--format json,env", false, nil, "only one of", false},
		{"--format md,tfvars", false, nil, "only one of", false},
		{"--format github", false, nil, "GITHUB_OUTPUT is not set", false},
		{"--format github", false, actions[:1], "GITHUB_STEP_SUMMARY is not set", false},
		{"--format yaml", false, nil, `--format "yaml": want json, md,`, false},
		{"--format ssm --ssm-prefix a", false, nil, `--ssm-prefix: parameter prefix "a"`, false},
		{"--ssm-prefix /a", false, nil, "goes with --format ssm", false},
	} {
		f := choice(t, strings.Fields(test.args)...)
		o := &options{json: test.json}
		err := f.check(world{environ: test.environ}, o)
		switch {
		case test.want != "":
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%s: error is %v, want %q", test.args, err, test.want)
			}
		case err != nil:
			t.Errorf("%s: %v", test.args, err)
		case f.document() != test.document || o.json != (test.json || f.has(formatJSON)):
			t.Errorf("%s: document %v, json %v", test.args, f.document(), o.json)
		}
	}
}

func published() []outputs.Item {
	arn := "arn:aws:lambda:eu-west-1:123456789012:layer:web:1"
	r := pipeline.Receipt{Cloud: "aws", Region: "eu-west-1", Name: "web", Version: 1, ARN: &arn, SHA256: "aa", Status: pipeline.Created}
	bad := pipeline.Receipt{Cloud: "aws", Region: "eu-west-2", Name: "web", Status: pipeline.Failed, Error: "no"}
	return []outputs.Item{publishedItem(pipeline.Item{}, r), publishedItem(pipeline.Item{}, bad)}
}

func TestFormatDocuments(t *testing.T) {
	for format, want := range map[string]string{
		"md": "| `aws/eu-west-1` | `web` | 1 |", "tfvars": `"aws/eu-west-1/web" = {`, "env": "LAYERBUILD_AWS_EU_WEST_1_WEB_VERSION=1\n",
	} {
		var out bytes.Buffer
		if err := choice(t, "--format", format).write(t.Context(), world{stdout: &out}, &options{}, connector{}, published(), nil); err != nil {
			t.Error(err)
		}
		if !strings.Contains(out.String(), want) {
			t.Errorf("%s is %s", format, out.String())
		}
	}
	var out bytes.Buffer
	if err := choice(t, "--format", "json").write(t.Context(), world{stdout: &out}, &options{json: true}, connector{}, published(), nil); err != nil || out.Len() > 0 {
		t.Errorf("%q, %v", out.String(), err)
	}
}

// TestFormatGitHub: files are appended to, and commands stay out of documents.
func TestFormatGitHub(t *testing.T) {
	dir := t.TempDir()
	output, summary := filepath.Join(dir, "output"), filepath.Join(dir, "summary")
	if err := os.WriteFile(output, []byte("before=1\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	var stdout, stderr bytes.Buffer
	w := world{stdout: &stdout, stderr: &stderr, environ: []string{"GITHUB_OUTPUT=" + output, "GITHUB_STEP_SUMMARY=" + summary}}
	f := choice(t, "--format", "github")
	for _, json := range []bool{false, true} {
		if err := f.write(t.Context(), w, &options{json: json}, connector{}, published(), []string{"item"}); err != nil {
			t.Fatal(err)
		}
	}
	const annotation = "::error title=layerbuild aws/eu-west-2/web::no\n"
	if stdout.String() != annotation || stderr.String() != annotation {
		t.Errorf("stdout %q, stderr %q", stdout.String(), stderr.String())
	}
	for file, want := range map[string]string{output: "aws_eu_west_1_web<<", summary: "| target |"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Count(string(text), want) != 2 || file == output && !strings.HasPrefix(string(text), "before=1\nitems<<") {
			t.Errorf("%s is %s", file, text)
		}
	}
}

// TestFormatsFailAlone: one that cannot be written does not stop the others.
func TestFormatsFailAlone(t *testing.T) {
	refuse := sandbox.Fault{Status: 400, Code: "AccessDeniedException", Message: "not allowed"}
	box := sandboxtest.Start(t, sandbox.Options{Fault: (&sandboxtest.Faults{}).Next})
	items := published()
	items[0].ARN = "a b"
	var stdout, stderr bytes.Buffer
	w := world{stdout: &stdout, stderr: &stderr, now: time.Now}
	f := choice(t, "--format", "env,ssm")
	err := f.write(t.Context(), w, &options{verbose: true}, connector{sandbox: box}, items, nil)
	if err == nil || !strings.HasPrefix(err.Error(), "--format env: LAYERBUILD_AWS_EU_WEST_1_WEB_ARN: ") || stdout.Len() > 0 {
		t.Errorf("error is %v, after %q", err, stdout.String())
	}
	if !strings.Contains(stderr.String(), "aws/eu-west-1 /layerbuild/web/version: parameter: 1\n") {
		t.Errorf("stderr is %q", stderr.String())
	}

	faults := &sandboxtest.Faults{}
	faults.Add(refuse)
	box = sandboxtest.Start(t, sandbox.Options{Fault: faults.Next})
	err = choice(t, "--format", "ssm").write(t.Context(), w, &options{}, connector{sandbox: box}, published(), nil)
	var several *causes
	if !errors.As(err, &several) || len(several.list) != 1 || !errors.Is(err, fs.ErrPermission) || exitCode(err) != exitPermission {
		t.Errorf("error is %v", err)
	}
}

// TestFormatWithoutSandbox: parameters go where the environment says.
func TestFormatWithoutSandbox(t *testing.T) {
	box := sandboxtest.Start(t, sandbox.Options{})
	for _, v := range box.Env() {
		t.Setenv(v.Name, v.Value)
		if v.Value == "" {
			os.Unsetenv(v.Name)
		}
	}
	t.Setenv("AWS_ENDPOINT_URL", "") // the service's own variable is enough
	var stderr bytes.Buffer
	f := choice(t, "--format", "ssm", "--ssm-prefix", "/team/layers")
	if err := f.write(context.Background(), world{stderr: &stderr}, &options{verbose: true}, connector{}, published(), nil); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(stderr.String(), "aws/eu-west-1 /team/layers/web/"); n != 3 {
		t.Errorf("%d were written: %s", n, stderr.String())
	}
}

func TestStandingItem(t *testing.T) {
	arn := "arn"
	i := standingItem(pipeline.Item{Target: manifest.Target{Profile: "p"}, Runtimes: []string{"python3.12"}}, pipeline.Standing{
		Cloud: "aws", Region: "r", Name: "n", Version: 3, ARN: &arn, State: pipeline.Current, Drift: []string{"a", "b"},
	})
	if i.Profile != "p" || i.ARN != "arn" || i.Status != pipeline.Current || i.Reason != "a, b" || i.Runtimes[0] != "python3.12" {
		t.Errorf("item is %+v", i)
	}
}
