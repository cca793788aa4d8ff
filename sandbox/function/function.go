// Package function runs the functions of the sandbox's clouds for real: it
// unpacks layers and code, and calls the handler with an interpreter of this
// machine, in the surroundings that the vendor documents.
//
// What stands at /opt and at the code's folder in the cloud stands in a
// temporary folder here. Search paths are rewritten to there, and what the
// function says of that folder is turned back. Nothing else of the cloud is
// there: the operating system, the C library and what the vendor's runtime
// brings along, such as boto3, are this machine's or missing. It is no
// security boundary either: a function can do what the user can.
package function

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/layerbuild/layerbuild/runtimes"
)

// A Function is one deployed function.
type Function struct {
	// Service is the catalogue's: "lambda", "fc2", "fc3" or "scf". It decides
	// on search paths, and on how event and result are passed.
	Service string
	// Cell is the runtime. An interpreter of exactly its version is needed.
	Cell runtimes.Cell
	// Architecture is "x86_64" or "arm64"; "" is x86_64.
	Architecture string
	// Code is the path of the zip with the function's code, Handler the
	// file's name and the function's, as in "index.handler".
	Code    string
	Handler string
	// Layers are the paths of zips. Of two with the same file the later one
	// wins.
	Layers []string
	// Env is the function's own environment. In search paths such as
	// PYTHONPATH, /opt and the code's folder are rewritten.
	Env map[string]string
	// Timeout bounds the call of the handler, 0 is 3 seconds, which all
	// clouds begin with. Loading the code may take 10 seconds besides, as on
	// Lambda.
	Timeout time.Duration
	// Memory in bytes is told to the function. It is not a limit here.
	Memory int64
	// Name and RequestID are told to the function, too.
	Name, RequestID string
}

// A Result is what came of a call.
type Result struct {
	// Output is what the function returned, as the service sends it: JSON, or
	// on Function Compute the very bytes. Where Failed is set it is Error as
	// {"errorMessage", "errorType", "stackTrace"}.
	Output []byte
	// Failed says that the function raised an error, ended its process or
	// took too long.
	Failed bool
	Error  Error
	// Log is the last 64 KiB of what the function printed.
	Log string
	// Note says what ran the function, and what was rewritten.
	Note string
}

// An Error is what a function ended with.
type Error struct {
	Message string   `json:"errorMessage"`
	Type    string   `json:"errorType"`
	Trace   []string `json:"stackTrace"`
}

// Types of errors that are not of the function's making, in Lambda's spelling.
const (
	TimedOut = "Sandbox.Timedout"
	Exited   = "Runtime.ExitError"
)

const (
	defaultTimeout = 3 * time.Second
	// loadTime is Lambda's limit for the Init phase, see "Understanding the
	// Lambda execution environment lifecycle" in the developer guide.
	loadTime = 10 * time.Second
)

// Run unpacks the function and calls it once with the event. A function that
// fails is a Result. The error wraps a *[NotRunnable] when this machine cannot
// run it, and is about the zips or the machine otherwise.
func Run(ctx context.Context, f Function, event []byte) (Result, error) {
	if f.Timeout == 0 {
		f.Timeout = defaultTimeout
	}
	interpreter, err := find(ctx, f.Cell)
	if err != nil {
		return Result{}, err
	}
	temp, err := os.MkdirTemp("", "layerbuild-function-")
	if err != nil {
		return Result{}, fmt.Errorf("running a function: %w", err)
	}
	defer os.RemoveAll(temp)
	// Interpreters tell of files by their real path.
	if temp, err = filepath.EvalSymlinks(temp); err != nil {
		return Result{}, fmt.Errorf("running a function: %w", err)
	}
	b, err := newBox(temp, f, interpreter)
	if err != nil {
		return Result{}, fmt.Errorf("running a function: %w", err)
	}
	if err := b.unpack(f); err != nil {
		return Result{}, err
	}
	if err := b.prepare(f, interpreter, event); err != nil {
		return Result{}, fmt.Errorf("running a function: %w", err)
	}
	end, err := interpreter.run(ctx, b, f.Timeout)
	if err != nil {
		return Result{}, fmt.Errorf("running a function: %w", err)
	}
	r, err := b.collect(end)
	if err != nil {
		return Result{}, fmt.Errorf("running a function: %w", err)
	}
	r.Note = fmt.Sprintf("run with %s; search paths lead to the unpacked code and layers instead of %s and /opt; "+
		"the C library and all that the vendor's runtime brings along are this machine's or missing", interpreter, b.habitat.task)
	return r, nil
}
