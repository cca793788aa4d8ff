package main

import (
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/layerbuild/layerbuild/sandbox"
	"github.com/layerbuild/layerbuild/sandbox/sandboxtest"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"layerbuild": main})
}

// TestScripts runs the real command: one script or more for every verb and
// every exit code.
func TestScripts(t *testing.T) {
	const dir = "testdata/script"
	testscript.Run(t, testscript.Params{
		Dir:                 dir,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup:               setup,
		Cmds:                commands(t),
	})
	files, err := filepath.Glob(filepath.Join(dir, "*.txtar"))
	if err != nil || len(files) < 20 {
		t.Errorf("%d scripts found, %v", len(files), err)
	}
}

// setup gives a script a home without credentials and a cloud that nobody can
// reach by accident.
func setup(env *testscript.Env) error {
	home := filepath.Join(env.WorkDir, ".home")
	env.Setenv("HOME", home)
	env.Setenv("TMPDIR", filepath.Join(env.WorkDir, ".tmp"))
	env.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	for _, dir := range []string{home, filepath.Join(env.WorkDir, ".tmp")} {
		if err := os.MkdirAll(dir, 0o777); err != nil {
			return err
		}
	}
	return nil
}

func commands(t *testing.T) map[string]func(*testscript.TestScript, bool, []string) {
	return map[string]func(*testscript.TestScript, bool, []string){
		"exits":    exits,
		"sandbox":  func(ts *testscript.TestScript, neg bool, args []string) { startCloud(t, ts, args) },
		"function": func(ts *testscript.TestScript, neg bool, args []string) { makeFunction(t, ts, args) },
		"holdlock": holdLock,
		"empty":    empty,
		"replace":  replace,
	}
}

// exits N command…: runs a command and wants its exit code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits N command [argument]...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	var ended *exec.ExitError
	if errors.As(err, &ended) {
		got = ended.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// startCloud starts an emulated cloud and leads the script's commands to it.
// Arguments are regions that do not answer: "hang:eu-west-1", or that answer
// with an error: "503:eu-west-1"; "usage:" are listings of functions that are
// refused.
func startCloud(t *testing.T, ts *testscript.TestScript, args []string) {
	fault := func(r *http.Request) sandbox.Fault {
		for _, a := range args {
			what, region, _ := strings.Cut(a, ":")
			if what == "usage" {
				if strings.HasSuffix(strings.TrimSuffix(r.URL.Path, "/"), "/functions") && r.Method == http.MethodGet {
					return sandbox.Fault{Status: http.StatusForbidden, Code: "AccessDeniedException"}
				}
				continue
			}
			if !strings.Contains(r.Header.Get("Authorization"), "/"+region+"/") {
				continue
			}
			if what == "hang" {
				return sandbox.Fault{Delay: time.Hour}
			}
			status, err := strconv.Atoi(what)
			if err != nil {
				t.Errorf("sandbox %s: %v", a, err)
			}
			return sandbox.Fault{Status: status}
		}
		return sandbox.Fault{}
	}
	box := sandboxtest.Start(t, sandbox.Options{Fault: fault})
	for _, v := range box.Env() {
		ts.Setenv(v.Name, v.Value)
	}
}

// empty stdout|stderr|DIR: nothing was printed, or the folder holds nothing.
func empty(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: empty stdout|stderr|DIR")
	}
	isEmpty := false
	switch args[0] {
	case "stdout", "stderr":
		isEmpty = ts.ReadFile(args[0]) == ""
	default:
		list, err := os.ReadDir(ts.MkAbs(args[0]))
		isEmpty = err == nil && len(list) == 0 || errors.Is(err, os.ErrNotExist)
	}
	if isEmpty == neg {
		ts.Fatalf("empty %s: got %v", args[0], isEmpty)
	}
}

// replace OLD NEW FILE: edits a file.
func replace(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: replace OLD NEW FILE")
	}
	text := ts.ReadFile(args[2])
	if !strings.Contains(text, args[0]) {
		ts.Fatalf("%s does not contain %q", args[2], args[0])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), []byte(strings.ReplaceAll(text, args[0], args[1])), 0o666))
}
