package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/layerbuild/layerbuild/internal/testenv"
)

// TestRealInput builds, verifies and publishes what people put into layers: a
// node_modules tree of more than 5,000 files that npm installed, a wheel of
// numpy, and a tar.xz with executables and symlinks that tar and xz made. Other
// programs read the zips back, and the runtimes load what is in them.
func TestRealInput(t *testing.T) {
	testenv.Network(t)
	testenv.Need(t, "npm", "node", "python3", "tar", "xz", "unzip", "bsdtar")
	dir, layerbuild := t.TempDir(), build(t)
	version := strings.TrimSpace(run(t, dir, "python3", "-c", "import sys; print('%d.%d' % sys.version_info[:2])"))

	write(t, filepath.Join(dir, "package.json"), `{"name":"real","version":"1.0.0","private":true}`)
	run(t, dir, "npm", "install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts",
		"date-fns@4.1.0", "rxjs@7.8.1", "typescript@5.6.3", "sharp@0.34.5")
	if n := strings.Count(run(t, dir, "find", "node_modules", "-type", "f"), "\n"); n < 5000 {
		t.Fatalf("node_modules has %d files", n)
	}
	run(t, dir, "python3", "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary=:all:", "-d", "wheels", "numpy==2.2.6")
	wheels, err := filepath.Glob(filepath.Join(dir, "wheels", "*.whl"))
	if err != nil || len(wheels) != 1 {
		t.Fatalf("wheels: %v %v", wheels, err)
	}
	write(t, filepath.Join(dir, "tools", "opt", "lib", "libtool.so.1.2"), "not really a library\n")
	write(t, filepath.Join(dir, "tools", "opt", "bin", "hello"), "#!/bin/sh\necho hello from a layer\n")
	run(t, dir, "chmod", "755", "tools/opt/bin/hello")
	run(t, dir, "ln", "-s", "libtool.so.1.2", "tools/opt/lib/libtool.so.1")
	run(t, dir, "ln", "-s", "hello", "tools/opt/bin/hi")
	run(t, dir, "tar", "-cJf", "tools.tar.xz", "tools")

	write(t, filepath.Join(dir, "layer.toml"), fmt.Sprintf(`schema = 1
[layer]
name     = "real-{runtime}"
runtimes = ["python%s", "nodejs22"]
[[source]]
archive  = %q
into     = "packages"
runtimes = ["python%s"]
[[source]]
files    = "node_modules"
into     = "packages"
runtimes = ["nodejs22"]
[[source]]
archive = "tools.tar.xz"
strip   = 2
[[target]]
cloud   = "aws"
regions = ["eu-central-1"]
bucket  = "real-layers"
`, version, "wheels/"+filepath.Base(wheels[0]), version))

	layerbuild.run(t, dir, 0, "build")
	layerbuild.run(t, dir, 0, "verify", "--perturb")
	python := filepath.Join(dir, "dist", "aws", "real-python"+strings.ReplaceAll(version, ".", "")+".zip")
	node := filepath.Join(dir, "dist", "aws", "real-nodejs22.zip")
	for _, zip := range []string{python, node} {
		run(t, dir, "unzip", "-tq", zip)
		run(t, dir, "python3", "-m", "zipfile", "-t", zip)
		run(t, dir, "bsdtar", "-tf", zip)
		readBack(t, layerbuild, zip)
	}

	opt := filepath.Join(dir, "opt-python")
	run(t, dir, "unzip", "-q", python, "-d", opt)
	isolated := []string{"-I", "-c", "import sys; sys.path.insert(0, sys.argv[1]); import numpy; print(int(numpy.arange(4).sum()), numpy.__file__)"}
	if out := run(t, dir, "python3", append(isolated, filepath.Join(opt, "python"))...); !strings.HasPrefix(out, "6 "+opt) {
		t.Errorf("numpy from the layer: %s", out)
	}
	if out := run(t, dir, filepath.Join(opt, "bin", "hi")); out != "hello from a layer\n" {
		t.Errorf("a linked executable of the layer: %s", out)
	}
	if target, err := os.Readlink(filepath.Join(opt, "lib", "libtool.so.1")); target != "libtool.so.1.2" {
		t.Errorf("libtool.so.1 -> %q, %v", target, err)
	}
	opt = filepath.Join(dir, "opt-node")
	run(t, dir, "unzip", "-q", node, "-d", opt)
	script := "const s = require('sharp'); require('rxjs'); console.log(require('date-fns').format(new Date(2020, 1, 29), 'yyyy-MM-dd'), s.format.png.id)"
	cmd := exec.Command("node", "-e", script)
	cmd.Dir, cmd.Env = t.TempDir(), append(os.Environ(), "NODE_PATH="+filepath.Join(opt, "nodejs", "node_modules"))
	if out, err := cmd.CombinedOutput(); err != nil || string(out) != "2020-02-29 png\n" {
		t.Errorf("packages from the layer: %v\n%s", err, out)
	}
	if out := run(t, dir, filepath.Join(opt, "nodejs", "node_modules", ".bin", "tsc"), "--version"); out != "Version 5.6.3\n" {
		t.Errorf("a linked command of the layer: %s", out)
	}

	first := layerbuild.run(t, dir, 0, "publish", "--sandbox", "--state", "box")
	again := layerbuild.run(t, dir, 0, "publish", "--sandbox", "--state", "box")
	if strings.Count(first, "created  ") != 2 || strings.Count(again, "unchanged  ") != 2 {
		t.Errorf("published:\n%s\nand again:\n%s", first, again)
	}
}

// readBack wants Python's zipfile and inspect to see the same entries.
func readBack(t *testing.T, layerbuild program, zip string) {
	t.Helper()
	const script = `import hashlib, json, sys, zipfile
z = zipfile.ZipFile(sys.argv[1])
print(json.dumps([[i.filename, oct(i.external_attr >> 16), hashlib.sha256(z.read(i)).hexdigest()] for i in z.infolist()]))`
	var python [][3]string
	if err := json.Unmarshal([]byte(run(t, ".", "python3", "-c", script, zip)), &python); err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Artifacts []struct {
			Entries []struct{ Path, Mode, SHA256 string }
		}
	}
	if err := json.Unmarshal([]byte(layerbuild.run(t, ".", 0, "inspect", "--json", zip)), &doc); err != nil {
		t.Fatal(err)
	}
	entries := doc.Artifacts[0].Entries
	if len(entries) != len(python) || len(entries) == 0 {
		t.Fatalf("%s: %d entries, %d by Python", zip, len(entries), len(python))
	}
	modes := map[string]string{"0644": "0o100644", "0755": "0o100755", "link": "0o120777"}
	for i, e := range entries {
		if python[i] != [3]string{e.Path, modes[e.Mode], e.SHA256} {
			t.Fatalf("%s: entry %d is %v, by Python %v", zip, i, e, python[i])
		}
	}
}

// A program is a layerbuild that was built as users build it: the tests' own
// binary has the race detector, which is no way to treat 5,000 files.
type program string

func build(t *testing.T) program {
	t.Helper()
	path := filepath.Join(t.TempDir(), "layerbuild")
	run(t, ".", "go", "build", "-o", path, ".")
	return program(path)
}

// run wants an exit code and returns what was printed on stdout.
func (p program) run(t *testing.T, dir string, want int, args ...string) string {
	t.Helper()
	cmd := exec.Command(string(p), args...)
	cmd.Dir = dir
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if code := cmd.ProcessState.ExitCode(); code != want {
		t.Fatalf("layerbuild %s: exit code %d, want %d: %v\n%s", strings.Join(args, " "), code, want, err, &stderr)
	}
	return stdout.String()
}

func run(t *testing.T, dir, program string, args ...string) string {
	t.Helper()
	cmd := exec.Command(program, args...)
	cmd.Dir = dir
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s %s: %v\n%s", program, strings.Join(args, " "), err, &stderr)
	}
	return stdout.String()
}
