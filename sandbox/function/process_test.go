package function_test

import (
	"context"
	"errors"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/layerbuild/layerbuild/sandbox/function"
)

// TestTimeout: the function and all that it started are ended.
func TestTimeout(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no process groups")
	}
	f := python(t, "lambda", `
import subprocess, sys, time
def handler(event, context):
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    print("pid", child.pid, flush=True)
    time.sleep(600)
`)
	f.Timeout = 1500 * time.Millisecond
	start := time.Now()
	r := fails(t, f, "{}", function.TimedOut, "Task timed out after 1.50 seconds")
	if took := time.Since(start); took < f.Timeout || took > 30*time.Second {
		t.Errorf("it took %v", took)
	}
	gone(t, r.Log)
}

// TestLeftovers: what a function leaves running ends with the call, and does
// not hold it up although it holds the output open.
func TestLeftovers(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no process groups")
	}
	f := python(t, "lambda", `
import subprocess, sys
def handler(event, context):
    print("pid", subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]).pid)
    return 1
`)
	gone(t, returns(t, f, "{}", "1").Log)
}

// gone waits for the end of the process that a log names.
func gone(t *testing.T, log string) {
	t.Helper()
	fields := strings.Fields(log)
	if len(fields) != 2 {
		t.Fatalf("log is %q", log)
	}
	pid, err := strconv.Atoi(fields[1])
	if err != nil {
		t.Fatal(err)
	}
	for range 1000 {
		// One that has ended may still wait to be collected.
		stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
		if err != nil || strings.Contains(string(stat), ") Z ") {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("process %d still runs", pid)
}

func TestCancel(t *testing.T) {
	f := python(t, "lambda", "import time\ndef handler(e, c): time.sleep(600)\n")
	f.Timeout = time.Hour
	why := errors.New("why")
	ctx, cancel := context.WithCancelCause(t.Context())
	time.AfterFunc(500*time.Millisecond, func() { cancel(why) })
	if _, err := function.Run(ctx, f, []byte("{}")); !errors.Is(err, why) {
		t.Errorf("error is %v", err)
	}
	cancel(nil)
	if _, err := function.Run(ctx, f, []byte("{}")); !errors.Is(err, why) {
		t.Errorf("error is %v", err)
	}
}

func TestLogIsBounded(t *testing.T) {
	f := python(t, "lambda", `
def handler(event, context):
    for i in range(20000):
        print("%06d" % i)
    print("ü" * 40000, end="")
    return 1
`)
	r := returns(t, f, "{}", "1")
	if len(r.Log) > 64<<10+3 || !strings.HasSuffix(r.Log, "üü") || strings.Contains(r.Log, "019999") {
		t.Errorf("%d bytes, %q … %q", len(r.Log), r.Log[:20], r.Log[len(r.Log)-20:])
	}
}

// TestNothingOfThisMachine: the function sees no variable but those of its
// cloud and its own, and the folder is gone after it.
func TestNothingOfThisMachine(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	t.Setenv("PYTHONPATH", temp)
	t.Setenv("PYTHONSTARTUP", temp)
	f := python(t, "lambda", `
import os
def handler(event, context):
    open(os.path.join(os.environ["TMPDIR"], "x"), "w").close()
    return [sorted(os.environ), os.environ["MINE"], os.environ["PATH"].split(":")[1:], os.environ["LD_LIBRARY_PATH"]]
`)
	f.Env = map[string]string{"MINE": "$HOME /opt"}
	returns(t, f, "{}", `[["HOME", "LAMBDA_RUNTIME_DIR", "LAMBDA_TASK_ROOT", "LANG", "LAYERBUILD_OPT", "LD_LIBRARY_PATH", "MINE", "PATH", `+
		`"PYTHONPATH", "TEMP", "TMP", "TMPDIR", "TZ"], "$HOME /opt", ["/var/runtime/bin", "/usr/local/bin", "/usr/bin/", "/bin", "/opt/bin"], `+
		`"/var/runtime/lib:/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:/var/task:/var/task/lib:/opt/lib"]`)
	left, err := os.ReadDir(temp)
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// TestPrograms: bin and lib of a layer are used where the cloud uses them.
func TestPrograms(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("needs a shell")
	}
	layer := pack(t, file{name: "bin/own-tool", content: "#!/bin/sh\necho ran $0\n", mode: 0o755}, file{name: "bin/plain", content: "#!/bin/sh\n"})
	code := `
import json, shutil, subprocess
def handler(event, context):
    tool = shutil.which("own-tool")
    return json.dumps([tool and subprocess.check_output(["own-tool"]).decode(), shutil.which("plain")])
`
	returns(t, python(t, "fc3", code, layer), "", `["ran /opt/bin/own-tool\n", null]`)
	scf := python(t, "scf", code, layer)
	returns(t, scf, "{}", `"[null, null]"`)
}
