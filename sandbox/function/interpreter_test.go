package function_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/layerbuild/layerbuild/runtimes"
	"github.com/layerbuild/layerbuild/sandbox/function"
)

// TestNotRunnable: another version, and no interpreter at all, are neither a
// success nor a failure of the function.
func TestNotRunnable(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("needs shell scripts")
	}
	bin := t.TempDir()
	t.Setenv("PATH", bin)
	script := func(name, text string) {
		if err := os.WriteFile(filepath.Join(bin, name), []byte("#!/bin/sh\n"+text+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	script("python3.99", "echo 'shim: python3.99: command not found' >&2; echo second >&2; exit 127")
	script("python3", "echo 3.9.18; echo /somewhere/python3.9")
	script("node", "echo nonsense")
	for runtime, want := range map[string]string{
		"python3.99":     "it needs python 3.99: python3.99 does not start (shim: python3.99: command not found), python3 is 3.9.18",
		"python3.1":      "it needs python 3.1: python3 is 3.9.18",
		"nodejs20":       `it needs nodejs 20: node does not start (it answered "nonsense\n")`,
		"ruby3.4":        "it needs ruby 3.4: no interpreter is on PATH",
		"java21":         `it has no way to run functions in the language "java"`,
		"custom.debian9": `it has no way to run functions in the language "custom"`,
	} {
		language := strings.TrimRight(strings.SplitN(runtime, ".", 2)[0], "0123456789")
		f := function.Function{Service: "lambda", Cell: runtimes.Cell{Runtime: runtime, Language: language}, Code: "no such file"}
		_, err := function.Run(t.Context(), f, nil)
		n, ok := errors.AsType[*function.NotRunnable](err)
		if !ok || !errors.Is(err, function.ErrNotRunnable) || n.Runtime != runtime || n.Reason != want {
			t.Errorf("%s: %v, want %s", runtime, err, want)
			continue
		}
		var doc struct{ ErrorType, ErrorMessage string }
		if err := json.Unmarshal(n.Output(), &doc); err != nil || doc.ErrorType != function.NotRunType || doc.ErrorMessage != n.Error() {
			t.Errorf("%s, %v", n.Output(), err)
		}
	}
}

// TestExactVersion: 3.1 is no 3.11, and a patch version fits.
func TestExactVersion(t *testing.T) {
	f := python(t, "lambda", "def handler(e, c): return 1")
	f.Cell = runtimes.Cell{Runtime: "python" + versions["python"][:3], Language: "python"}
	if _, err := function.Run(t.Context(), f, []byte("{}")); len(versions["python"]) > 3 && !errors.Is(err, function.ErrNotRunnable) {
		t.Errorf("%s ran, error is %v", f.Cell.Runtime, err)
	}
}

// TestForeignLayer: code that only the cloud can load is not run here.
func TestForeignLayer(t *testing.T) {
	arch, machine := "arm64", "\xb7\x00"
	if runtime.GOARCH == "arm64" {
		arch, machine = "x86_64", "\x3e\x00"
	}
	native := pack(t, file{name: "lib/x.so", content: "\x7fELF\x02\x01\x01" + strings.Repeat("\x00", 9) + "\x03\x00" + machine})
	f := python(t, "lambda", "def handler(e, c): return 1", native)
	f.Architecture = arch
	_, err := function.Run(t.Context(), f, []byte("{}"))
	if !errors.Is(err, function.ErrNotRunnable) || !strings.Contains(err.Error(), "/opt/lib/x.so is code for linux on "+arch) {
		t.Errorf("error is %v", err)
	}
	f.Layers = nil // plain Python is the same everywhere
	returns(t, f, "{}", "1")
}

func TestBrokenZips(t *testing.T) {
	f := python(t, "lambda", "def handler(e, c): return 1")
	good := f.Code
	bad := pack(t, file{name: "../x"})
	f.Layers = []string{bad}
	if _, err := function.Run(t.Context(), f, nil); err == nil || !strings.Contains(err.Error(), `unpacking the layer "a.zip": entry "../x": path leaves the folder`) {
		t.Errorf("error is %v", err)
	}
	f.Layers, f.Code = []string{good}, bad
	if _, err := function.Run(t.Context(), f, nil); err == nil || !strings.Contains(err.Error(), "unpacking the code ") {
		t.Errorf("error is %v", err)
	}
	f.Code = filepath.Join(t.TempDir(), "none")
	if _, err := function.Run(t.Context(), f, nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error is %v", err)
	}
	f.Code, f.Layers, f.Service = good, nil, "gcf"
	if _, err := function.Run(t.Context(), f, nil); err == nil || !strings.Contains(err.Error(), `no service "gcf"`) {
		t.Errorf("error is %v", err)
	}
}
