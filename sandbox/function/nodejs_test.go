package function_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/layerbuild/layerbuild/runtimes"
	"github.com/layerbuild/layerbuild/sandbox/function"
)

// node is a function with one file of code.
func node(t testing.TB, service, code string, layers ...string) function.Function {
	t.Helper()
	return function.Function{
		Service: service, Cell: installed(t, service, "nodejs"), Handler: "index.handler",
		Code: pack(t, file{name: "index.js", content: code}), Layers: layers,
		Memory: 128 << 20, Name: "f", RequestID: "r-1",
	}
}

func TestNode(t *testing.T) {
	f := node(t, "lambda", `
exports.handler = async (event, context) => {
  console.log("ü"); console.error("said");
  return { event, name: context.functionName, id: context.awsRequestId, memory: context.memoryLimitInMB,
    left: context.getRemainingTimeInMillis() > 0, cwd: process.cwd(), file: __filename };
};`)
	r := returns(t, f, `{"a":[1,"é"]}`, `{"event":{"a":[1,"é"]},"name":"f","id":"r-1","memory":"128","left":true,"cwd":"/var/task","file":"/var/task/index.js"}`)
	if !strings.Contains(r.Log, "said\n") || !strings.Contains(r.Log, "ü\n") {
		t.Errorf("log is %q", r.Log)
	}
}

// TestNodeStyles: everything that ends a handler. Lambda's Node.js 24 knows
// fewer ways.
func TestNodeStyles(t *testing.T) {
	f := node(t, "scf", `
const wait = (ms) => new Promise((done) => setTimeout(done, ms));
const styles = exports;
styles.returned = async () => { await wait(5); return 1; };
styles.nothing = async () => {};
styles.promised = () => wait(5).then(() => 2);
styles.called = (e, c, callback) => setTimeout(() => callback(null, 3), 5);
styles.silent = () => { setTimeout(() => {}, 5); };
styles.late = (e, c, callback) => { callback(null, 4); setTimeout(() => console.log("late"), 30); };
styles.early = (e, c, callback) => { c.callbackWaitsForEmptyEventLoop = false; setInterval(() => {}, 5); callback(null, 5); };
styles.nested = { deep: async () => 6 };
styles.never = () => new Promise(() => {});
styles.thrown = async () => { throw new TypeError("t " + __filename); };
styles.sync = () => { throw new RangeError("r"); };
styles.failed = (e, c, callback) => callback("words");
styles.cyclic = async () => { const a = {}; a.a = a; return a; };
styles.stray = async () => { Promise.reject(new Error("stray")); await wait(1000); };
`)
	for handler, want := range map[string]string{
		"returned": "1", "nothing": "null", "promised": "2", "called": "3", "silent": "null", "late": "4", "early": "5", "nested.deep": "6",
	} {
		f.Handler = "index." + handler
		if r := returns(t, f, "{}", want); handler == "late" && !strings.Contains(r.Log, "late") {
			t.Errorf("the event loop was not waited for: %q", r.Log)
		}
	}
	for handler, want := range map[string][2]string{
		"never": {"Runtime.NodeJsExit", "never settled"}, "thrown": {"TypeError", "t /var/user/index.js"}, "sync": {"RangeError", "r"},
		"failed": {"string", "words"}, "cyclic": {"Runtime.JSONStringifyError", "circular"}, "stray": {"Runtime.UnhandledPromiseRejection", "stray"},
		"absent": {"Runtime.HandlerNotFound", "index.absent is undefined or not exported"},
	} {
		f.Handler = "index." + handler
		r := fails(t, f, "{}", want[0], want[1])
		if handler == "thrown" && (len(r.Error.Trace) < 2 || !strings.Contains(r.Error.Trace[1], "/var/user/index.js")) {
			t.Errorf("trace is %q", r.Error.Trace)
		}
	}
}

func atoi(t testing.TB, text string) int {
	t.Helper()
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestNodeCannotLoad(t *testing.T) {
	fails(t, node(t, "lambda", `require("nowhere");`), "{}", "Runtime.ImportModuleError", "Cannot find module 'nowhere'")
	fails(t, node(t, "lambda", `exports.handler = async () => {`), "{}", "Runtime.UserCodeSyntaxError", "")
	fails(t, node(t, "lambda", `throw new Error("x");`), "{}", "Error", "x")
	f := node(t, "lambda", ``)
	f.Handler = "other.handler"
	fails(t, f, "{}", "Runtime.ImportModuleError", "Cannot find module 'other'")
}

// module is an npm package that says where it is from.
func module(folder, name, from string) []file {
	return []file{
		{name: folder + "/" + name + "/package.json", content: `{"name": "` + name + `", "version": "1.2.3"}`},
		{name: folder + "/" + name + "/index.js", content: `module.exports = "` + from + `";`},
	}
}

func TestNodeSearchPath(t *testing.T) {
	versioned := "nodejs/node" + versions["nodejs"] + "/node_modules"
	layer := pack(t, append(append(append(module("nodejs/node_modules", "both", "plain"),
		module(versioned, "both", "versioned")...),
		module("nodejs/node_modules", "code", "layer")...),
		module("nodejs/node16000/node_modules", "other", "other")...)...)
	f := node(t, "lambda", "", layer)
	f.Code = pack(t, append(module("node_modules", "code", "code"), file{name: "index.js", content: `
const look = (name) => { try { return require(name); } catch (e) { return e.code; } };
exports.handler = async () => [look("both"), look("code"), look("other"), process.env.NODE_PATH.split(":").slice(0, 2)];`})...)
	returns(t, f, "{}", `["versioned","code","MODULE_NOT_FOUND",["/opt/`+versioned+`","/opt/nodejs/node_modules"]]`)
}

func TestNodePathsOfOtherClouds(t *testing.T) {
	layer := pack(t, append(append(module("nodejs/node_modules", "folder", "folder"), module("node_modules", "flat", "flat")...),
		file{name: "loose.js", content: "module.exports = 1"})...)
	code := `
const look = (name) => { try { require(name); return true; } catch (e) { return false; } };
const found = (event) => [look("folder"), look("flat"), look("loose"), event.constructor.name, __filename];
exports.handler = (event, context, callback) => callback(null, found(event));
exports.main_handler = async (event) => found(event);`
	returns(t, node(t, "fc3", code, layer), `{}`, `[true,false,false,"Buffer","/code/index.js"]`)
	scf := node(t, "scf", code, layer)
	scf.Handler = "index.main_handler"
	returns(t, scf, `{}`, `[false,true,true,"Object","/var/user/index.js"]`)
}

// TestFunctionComputeSpellsNodeResults: as the vendor's page on handlers has it.
func TestFunctionComputeSpellsNodeResults(t *testing.T) {
	f := node(t, "fc3", `
const results = { buffer: Buffer.from([255, 0]), object: { a: 1 }, text: "plain", number: 7 };
exports.handler = async (event) => results[event];`)
	for event, want := range map[string]string{"buffer": "\xff\x00", "object": `{"a":1}`, "text": "plain", "number": "7"} {
		returns(t, f, event, want)
	}
}

// TestNodeModules: ES modules find packages of a layer on Lambda only.
func TestNodeModules(t *testing.T) {
	layer := pack(t, append(module("nodejs/node_modules", "pack", "layer"), module("node_modules", "pack", "layer")...)...)
	code := `
import { createRequire } from "node:module";
let found;
try { found = (await import("pack")).default; } catch (e) { found = e.code; }
export const handler = async () => [found, createRequire(import.meta.url)("pack")];
export const main_handler = handler;`
	f := node(t, "lambda", "", layer)
	f.Code = pack(t, file{name: "index.mjs", content: code})
	returns(t, f, "{}", `["layer","layer"]`)
	f.Code = pack(t, file{name: "index.js", content: code}, file{name: "package.json", content: `{"type": "module"}`})
	returns(t, f, "{}", `["layer","layer"]`)
	f.Service, f.Cell, f.Handler = "scf", installed(t, "scf", "nodejs"), "index.main_handler"
	returns(t, f, "{}", `["ERR_MODULE_NOT_FOUND","layer"]`)
}

// TestNodeIsIsolated: packages above the temporary folder and those of the
// user are not found.
func TestNodeIsIsolated(t *testing.T) {
	above := t.TempDir()
	for _, dir := range []string{filepath.Join(above, "node_modules"), filepath.Join(above, "home", ".node_modules")} {
		if err := os.MkdirAll(filepath.Join(dir, "stray"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "stray", "index.js"), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	// With it, index.js would be an ES module.
	if err := os.WriteFile(filepath.Join(above, "package.json"), []byte(`{"type": "module"}`), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", above)
	t.Setenv("HOME", filepath.Join(above, "home"))
	t.Setenv("NODE_PATH", filepath.Join(above, "node_modules"))
	code := `
exports.handler = async () => {
  let required, imported;
  try { require("stray"); required = true; } catch (e) { required = e.code; }
  try { await import("stray"); imported = true; } catch (e) { imported = e.code; }
  return [required, imported];
};`
	returns(t, node(t, "lambda", code), "{}", `["MODULE_NOT_FOUND","ERR_MODULE_NOT_FOUND"]`)
}

// TestCallbacksEndWithNode24: Lambda goes by the declared parameters.
func TestCallbacksEndWithNode24(t *testing.T) {
	f := node(t, "lambda", `
exports.three = async (event, context, callback) => 1;
exports.rest = async (event, context, ...rest) => rest.length;`)
	if atoi(t, versions["nodejs"]) < 24 {
		f.Cell = runtimes.Cell{Runtime: "nodejs24", Language: "nodejs"}
		_, err := function.Run(t.Context(), f, []byte("{}"))
		if err == nil {
			t.Error("an older Node.js ran it")
		}
		return
	}
	f.Handler, f.Timeout = "index.three", time.Minute
	fails(t, f, "{}", "Runtime.CallbackHandlerDeprecated", "Node.js 24")
	f.Handler = "index.rest"
	returns(t, f, "{}", "1")
}
