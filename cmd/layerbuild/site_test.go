package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/layerbuild/layerbuild/sandbox"
)

// plenty is a time limit that a run does not reach on the slowest machine.
const plenty = 5 * time.Minute

// A site is a project in a folder of its own, which processes of the real
// command publish to a sandbox.
type site struct {
	dir string
	env []string
}

// newSite writes a project and builds it once, for its lock.
func newSite(t *testing.T, manifest string) site {
	t.Helper()
	s := site{dir: t.TempDir()}
	write(t, filepath.Join(s.dir, "layer.toml"), manifest)
	write(t, filepath.Join(s.dir, "src", "web", "__init__.py"), "import sys\n")
	write(t, filepath.Join(s.dir, "src", "web", "data.txt"), "what is packed\n")
	if r := s.run("build", "-q"); r.code != exitOK {
		t.Fatalf("building: %s", r)
	}
	return s
}

// against is a fresh copy of the site that uses a sandbox.
func (s site) against(box *sandbox.Sandbox, dir string) (site, error) {
	if err := os.CopyFS(dir, os.DirFS(s.dir)); err != nil {
		return site{}, err
	}
	return site{dir: dir, env: environWith(os.Environ(), box.Env())}, nil
}

var timeoutKey = regexp.MustCompile(`(?m)^timeout *=.*$`)

// patient gives all targets that have a time limit another one.
func (s site) patient(limit time.Duration) error {
	path := filepath.Join(s.dir, "layer.toml")
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return os.WriteFile(path, timeoutKey.ReplaceAll(text, fmt.Appendf(nil, `timeout = "%.0fs"`, limit.Seconds())), 0o666)
}

// command is a process of the command that is not started yet.
func (s site) command(args ...string) *exec.Cmd {
	cmd := exec.Command("layerbuild", args...) // the one that TestMain puts there
	cmd.Dir, cmd.Env = s.dir, s.env
	return cmd
}

// A result is what a process left behind; code is -1 if it was killed.
type result struct {
	code           int
	stdout, stderr bytes.Buffer
	took           time.Duration
}

func (r *result) String() string {
	return fmt.Sprintf("exit code %d\n%s\n%s", r.code, &r.stdout, &r.stderr)
}

// run runs the command to its end.
func (s site) run(args ...string) *result {
	cmd := s.command(args...)
	var r result
	cmd.Stdout, cmd.Stderr = &r.stdout, &r.stderr
	start := time.Now()
	err := cmd.Run()
	r.took, r.code = time.Since(start), cmd.ProcessState.ExitCode()
	if _, ended := errors.AsType[*exec.ExitError](err); err != nil && !ended {
		fmt.Fprintln(&r.stderr, err)
	}
	return &r
}

// items reads what publish --json prints.
func (r *result) items(t *testing.T) []itemJSON {
	t.Helper()
	var doc struct{ Items []itemJSON }
	if err := json.Unmarshal(r.stdout.Bytes(), &doc); err != nil {
		t.Fatalf("%v: %s", err, r)
	}
	return doc.Items
}

// made counts, by the sandbox's records, how often each version was made and
// each object was uploaded: "aws/eu-west-1 web", "bucket/key".
func made(records []sandbox.Record) (versions, objects map[string]int) {
	versions, objects = map[string]int{}, map[string]int{}
	for _, r := range records {
		if r.Faulty || r.Status >= 300 || r.Code != "" {
			continue
		}
		switch r.Action {
		case "PublishLayerVersion", "CreateLayerVersion":
			versions[r.Service+"/"+r.Region+" "+r.Layer]++
		case "PutObject", "CompleteMultipartUpload":
			objects[r.Bucket+"/"+r.Key]++
		}
	}
	return versions, objects
}
