package main

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/layerbuild/layerbuild/internal/testenv"
	"github.com/layerbuild/layerbuild/runtimes"
)

// TestSmoke publishes a package to the three clouds of a sandbox and has the
// node of this machine load it there, in functions that find it by each
// vendor's own search path.
func TestSmoke(t *testing.T) {
	testenv.Need(t, "node")
	major := regexp.MustCompile(`^v(\d+)\.`).FindStringSubmatch(run(t, ".", "node", "--version"))
	if major == nil {
		t.Fatal("node does not tell its version")
	}
	runtime := "nodejs" + major[1]
	c, err := runtimes.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{"lambda", "fc2", "fc3", "scf"} {
		service, _ := c.Service(s)
		if _, ok := service.Cell(runtime); !ok {
			testenv.Missing(t, "needs a node that all clouds have; %s does not have %s", s, runtime)
		}
	}
	dir, layerbuild := t.TempDir(), build(t)
	manifest := fmt.Sprintf(`schema = 1
[layer]
name     = "greeting"
runtimes = [%q]
[[source]]
files = "src"
into  = "packages"
[check]
imports = ["greeting"]
[[target]]
cloud   = "aws"
regions = ["us-east-1"]
smoke   = { role = "arn:aws:iam::123456789012:role/smoke", memory = "256MiB", timeout = "20s" }
[[target]]
cloud   = "aliyun"
regions = ["cn-hangzhou"]
bucket  = "greeting"
[[target]]
cloud   = "aliyun"
regions = ["cn-shanghai"]
account = "1234567890123456"
api     = "2.0"
[[target]]
cloud   = "tencent"
regions = ["ap-guangzhou"]
bucket  = "greeting-1250000000"
`, runtime)
	write(t, filepath.Join(dir, "layer.toml"), manifest)
	write(t, filepath.Join(dir, "src", "greeting", "package.json"), `{"name": "greeting", "version": "1.2.3", "main": "index.js"}`)
	write(t, filepath.Join(dir, "src", "greeting", "index.js"), `module.exports = () => "hello"`)
	layerbuild.run(t, dir, 0, "build")
	layerbuild.run(t, dir, 0, "publish", "--sandbox", "--state", "box")

	out := layerbuild.run(t, dir, 0, "smoke", "--sandbox", "--state", "box")
	for where, wins := range map[string]string{"aws/us-east-1": "last", "aliyun/cn-hangzhou": "first", "aliyun/cn-shanghai": "first", "tencent/ap-guangzhou": "last"} {
		want := regexp.MustCompile(`(?m)^passed  ` + where + `  greeting:1  ` + runtime + `  x86_64  greeting 1\.2\.3  layers \(` + wins + ` wins\): .*greeting`)
		if !want.MatchString(out) {
			t.Errorf("%s: want %s in\n%s", where, want, out)
		}
	}

	// Another layer with the same file wins on every cloud when it is mounted
	// after, whichever way round the cloud counts.
	other := filepath.Join(dir, "other")
	write(t, filepath.Join(other, "layer.toml"), strings.Replace(manifest, `"greeting"`, `"other"`, 1))
	write(t, filepath.Join(other, "src", "greeting", "package.json"), `{"name": "greeting", "version": "9.9.9", "main": "index.js"}`)
	write(t, filepath.Join(other, "src", "greeting", "index.js"), `module.exports = () => "bye"`)
	layerbuild.run(t, dir, 0, "build", "other")
	layerbuild.run(t, dir, 0, "publish", "--sandbox", "--state", "box", "other")
	out = layerbuild.run(t, dir, 0, "smoke", "--sandbox", "--state", "box", "--with", "other:1")
	for _, want := range []string{
		`passed  aws/us-east-1 .*  greeting 9\.9\.9  layers \(last wins\): .*greeting.*, .*other`,
		`passed  aliyun/cn-hangzhou .*  greeting 9\.9\.9  layers \(first wins\): .*other.*, .*greeting`,
		`passed  aliyun/cn-shanghai .*  greeting 9\.9\.9  layers \(first wins\): .*other.*, .*greeting`,
		`passed  tencent/ap-guangzhou .*  greeting 9\.9\.9  layers \(last wins\): .*greeting.*, .*other`,
	} {
		if !regexp.MustCompile(want).MatchString(out) {
			t.Errorf("want %s in\n%s", want, out)
		}
	}
	layerbuild.run(t, dir, exitFailure, "smoke", "--sandbox", "--state", "box", "--with", "other:7")

	write(t, filepath.Join(dir, "layer.toml"), strings.Replace(manifest, `imports = ["greeting"]`, `imports = ["greeting", "not-there"]`, 1))
	out = layerbuild.run(t, dir, exitCheck, "smoke", "--sandbox", "--state", "box", "--json")
	if n := strings.Count(out, `"status": "failed"`); n != 4 || !strings.Contains(out, `"not-there": "`) || !strings.Contains(out, `"greeting": "1.2.3"`) {
		t.Errorf("a module that is not there: %d failures in\n%s", n, out)
	}
}
