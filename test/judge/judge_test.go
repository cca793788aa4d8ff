package judge

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/layerbuild/layerbuild/internal/testenv"
	"github.com/layerbuild/layerbuild/sandbox"
	"github.com/layerbuild/layerbuild/sandbox/sandboxtest"
)

// TestBoto3 has the sandbox judged by AWS's SDK for Python.
func TestBoto3(t *testing.T) {
	python := testenv.Need(t, "python3")[0]
	if err := exec.Command(python, "-c", "import boto3").Run(); err != nil {
		testenv.Missing(t, "needs boto3: pip install -r test/judge/requirements.txt")
	}
	judge(t, 115, python, "judge_boto3.py")
}

// TestJavaScript has the sandbox judged by AWS's SDK for JavaScript.
func TestJavaScript(t *testing.T) {
	node := testenv.Need(t, "node")[0]
	if _, err := os.Stat("node_modules/@aws-sdk/client-lambda"); err != nil {
		testenv.Missing(t, "needs the SDK: npm ci --prefix test/judge")
	}
	judge(t, 40, node, "judge_sdk.mjs")
}

// judge runs a script against a fresh sandbox. It must end well, after at
// least so many checks: a script that ends early has judged nothing.
func judge(t *testing.T, least int, command ...string) {
	t.Helper()
	sb := sandboxtest.Start(t, sandbox.Options{})
	cmd := exec.CommandContext(t.Context(), command[0], command[1:]...)
	cmd.Env = environment(sb)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	checks := strings.Count("\n"+string(out), "\nok ")
	if err != nil || checks < least {
		t.Errorf("%s: %v after %d checks, at least %d expected\n%s%s", command[1], err, checks, least, out, stderr.String())
	}
	t.Logf("%s: %d checks", command[1], checks)
}

// environment is this process's with the sandbox's on top.
func environment(sb *sandbox.Sandbox) []string {
	own := map[string]bool{}
	var env []string
	for _, v := range sb.Env() {
		own[v.Name] = true
		if v.Value != "" {
			env = append(env, v.Name+"="+v.Value)
		}
	}
	for _, entry := range os.Environ() {
		if name, _, _ := strings.Cut(entry, "="); !own[name] {
			env = append(env, entry)
		}
	}
	return env
}
