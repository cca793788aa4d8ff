package function_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/layerbuild/layerbuild/sandbox/function"
)

// python is a Lambda function with one file of code.
func python(t testing.TB, service, code string, layers ...string) function.Function {
	t.Helper()
	return function.Function{
		Service: service, Cell: installed(t, service, "python"), Handler: "index.handler",
		Code: pack(t, file{name: "index.py", content: code}), Layers: layers,
		Memory: 256 << 20, Name: "f", RequestID: "r-1",
	}
}

func TestPython(t *testing.T) {
	f := python(t, "lambda", `
import os, sys
def handler(event, context):
    print("said", file=sys.stderr)
    print("ü")
    return {"event": event, "name": context.function_name, "id": context.aws_request_id, "memory": context.memory_limit_in_mb,
            "left": 0 < context.get_remaining_time_in_millis() <= 60000, "cwd": os.getcwd(), "file": __file__, "ü": "ü"}
`)
	r := returns(t, f, `{"a": [1, "é"]}`, `{"event": {"a": [1, "é"]}, "name": "f", "id": "r-1", "memory": "256", "left": true, `+
		`"cwd": "/var/task", "file": "/var/task/index.py", "ü": "ü"}`)
	if !strings.Contains(r.Log, "said\n") || !strings.Contains(r.Log, "ü\n") {
		t.Errorf("log is %q", r.Log)
	}
	if !strings.Contains(r.Note, "/opt") || !strings.Contains(r.Note, "/var/task") || !strings.Contains(r.Note, "python 3.") {
		t.Errorf("note is %q", r.Note)
	}
}

// TestPythonSearchPath: code comes before the layers, of the layers the
// versioned folder before the plain one, and of two layers the later wins.
func TestPythonSearchPath(t *testing.T) {
	cell := installed(t, "lambda", "python")
	versioned := cell.Versioned + "/"
	where := func(text string) string { return "where = '" + text + "'\n" }
	first := pack(t,
		file{name: "python/one.py", content: where("first")},
		file{name: "python/two.py", content: where("first")},
		file{name: "python/code.py", content: where("first")},
		file{name: "python/versions.py", content: where("plain")},
		file{name: versioned + "versions.py", content: where("versioned")},
		file{name: versioned + "more.pth", content: "/var/task/hidden\nimport sys; sys.ran = True\n"},
		file{name: "site-packages/elsewhere.py"},
	)
	second := pack(t, file{name: "python/two.py", content: where("second")})
	f := python(t, "lambda", "", first, second)
	f.Code = pack(t, file{name: "index.py", content: `
import sys, importlib.util, one, two, code, versions
def handler(event, context):
    missing = [n for n in ("elsewhere", "pip", "setuptools", "run") if not importlib.util.find_spec(n)]
    return [one.where, two.where, code.where, versions.where, sys.ran, missing, sys.path[:3],
            [p for p in sys.path if "-packages" in p]]
`}, file{name: "code.py", content: where("code")}, file{name: "hidden/x.py"})
	opt := `"/opt/` + strings.TrimSuffix(versioned, "/") + `"`
	want := `["first", "second", "code", "versioned", true, ["elsewhere", "pip", "setuptools", "run"], ["/var/task", ` + opt + `, "/opt/python"], [` + opt + `]]`
	returns(t, f, "{}", want)
}

// TestPythonPathOfTheFunction: a function that sets PYTHONPATH has Lambda's
// folders not searched.
func TestPythonPathOfTheFunction(t *testing.T) {
	layer := pack(t, file{name: "python/one.py"}, file{name: "mine/two.py"}, file{name: "mine/sub/three.py"})
	f := python(t, "lambda", `
import os, importlib.util
def handler(event, context):
    return [bool(importlib.util.find_spec(n)) for n in ("one", "two", "three")] + [os.environ["PYTHONPATH"], os.environ["OTHER"]]
`, layer)
	f.Env = map[string]string{"PYTHONPATH": "/opt/mine:/var/task/x:/opt/mine/sub:/optional", "OTHER": "/opt/x"}
	returns(t, f, "{}", `[false, true, true, "/opt/mine:/var/task/x:/opt/mine/sub:/optional", "/opt/x"]`)
}

func TestPythonPathsOfOtherClouds(t *testing.T) {
	layer := pack(t, file{name: "python/folder.py"}, file{name: "flat.py"})
	code := `
import importlib.util, json
def look(event):
    return [bool(importlib.util.find_spec(n)) for n in ("folder", "flat")] + [type(event).__name__, __file__]
def handler(event, context):
    return json.dumps(look(event))
def main_handler(event, context):
    return look(event)
`
	returns(t, python(t, "fc3", code, layer), `{}`, `[true, false, "bytes", "/code/index.py"]`)
	scf := python(t, "scf", code, layer)
	scf.Handler = "index.main_handler"
	returns(t, scf, `{}`, `[false, true, "dict", "/var/user/index.py"]`)
}

// TestFunctionComputeReturnsBytes: what a function returns is not wrapped.
func TestFunctionComputeReturnsBytes(t *testing.T) {
	f := python(t, "fc2", `
def handler(event, context):
    return {b"text": "plain", b"bytes": b"\xff\x00", b"object": {"a": 1}}[event]
`)
	for event, want := range map[string]string{"text": "plain", "bytes": "\xff\x00", "object": `{"a": 1}`} {
		returns(t, f, event, want)
	}
}

func TestPythonFailures(t *testing.T) {
	for name, test := range map[string]struct{ code, handler, kind, message string }{
		"raises":        {"def handler(e, c):\n    raise KeyError('ü ' + __file__)\n", "", "KeyError", "ü /var/task/index.py"},
		"import":        {"import nowhere\n", "", "Runtime.ImportModuleError", "Unable to import module 'index': No module named 'nowhere'"},
		"raises early":  {"raise ValueError('x')\n", "", "ValueError", "x"},
		"syntax":        {"def handler(:\n", "", "Runtime.UserCodeSyntaxError", "Syntax error in module 'index'"},
		"no handler":    {"x = 1\n", "", "Runtime.HandlerNotFound", "Handler 'handler' missing on module 'index'"},
		"no module":     {"", "other.handler", "Runtime.ImportModuleError", "No module named 'other'"},
		"bad name":      {"", "index", "Runtime.MalformedHandlerName", "Bad handler 'index'"},
		"marshal":       {"def handler(e, c):\n    return {1, 2}\n", "", "Runtime.MarshalError", "not JSON serializable"},
		"exits":         {"import sys\ndef handler(e, c):\n    sys.exit(3)\n", "", function.Exited, "exit status 3"},
		"exits well":    {"import os\ndef handler(e, c):\n    os._exit(0)\n", "", function.Exited, "without providing a reason"},
		"killed":        {"import os\ndef handler(e, c):\n    os.kill(os.getpid(), 9)\n", "", function.Exited, "signal: killed"},
		"exits on load": {"import sys\nsys.exit(1)\n", "", function.Exited, "exit status 1"},
	} {
		t.Run(name, func(t *testing.T) {
			f := python(t, "lambda", test.code)
			if test.handler != "" {
				f.Handler = test.handler
			}
			r := fails(t, f, "{}", test.kind, test.message)
			var doc map[string]any
			if err := json.Unmarshal(r.Output, &doc); err != nil || len(doc) != 3 || doc["errorType"] != test.kind || doc["stackTrace"] == nil {
				t.Errorf("%s, %v", r.Output, err)
			}
			if name == "raises" && (len(r.Error.Trace) != 1 || !strings.HasPrefix(r.Error.Trace[0], "  File \"/var/task/index.py\", line 2, in handler\n")) {
				t.Errorf("trace is %q", r.Error.Trace)
			}
		})
	}
}

func TestPythonFoldersInHandler(t *testing.T) {
	f := python(t, "lambda", "")
	f.Code, f.Handler = pack(t, file{name: "a/b.py", content: "def c(e, x): return 1"}), "a/b.c"
	returns(t, f, "{}", "1")
}

// TestLoadingHasItsOwnTime: a slow import does not count.
func TestLoadingHasItsOwnTime(t *testing.T) {
	f := python(t, "lambda", "import time\ntime.sleep(1.5)\ndef handler(e, c): return 1\n")
	f.Timeout = time.Second
	returns(t, f, "{}", "1")
}
