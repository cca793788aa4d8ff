// Package invoke is what the sandbox's function services have in common when
// they run a function: they hold its zips open meanwhile, and answer for what
// this machine cannot run.
package invoke

import (
	"context"
	"errors"
	"os"
	"strings"

	"github.com/layerbuild/layerbuild/sandbox/function"
)

// A Runner runs a function, as [function.Run] does.
type Runner func(context.Context, function.Function, []byte) (function.Result, error)

// Zips are files that are held open, so that they stay what they are.
type Zips struct {
	files []*os.File
	errs  []error
}

// Path takes a file that was just opened, or the error of opening it, and
// returns where it lies.
func (z *Zips) Path(file *os.File, err error) string {
	if err != nil {
		z.errs = append(z.errs, err)
		return ""
	}
	z.files = append(z.files, file)
	return file.Name()
}

// Err is what was wrong with the files that Path was given.
func (z *Zips) Err() error { return errors.Join(z.errs...) }

// Close closes all files.
func (z *Zips) Close() {
	for _, file := range z.files {
		file.Close()
	}
}

// Run runs a function. One that this machine cannot run ends with an error
// object that says so.
func Run(ctx context.Context, run Runner, f function.Function, event []byte) (function.Result, error) {
	result, err := run(ctx, f, event)
	if e, ok := errors.AsType[*function.NotRunnable](err); ok {
		return function.Result{Output: e.Output(), Failed: true, Note: e.Error()}, nil
	}
	return result, err
}

// Tail is the end of a function's log, 4 KB as all clouds give it, with what
// the sandbox has to say below.
func Tail(r function.Result) string {
	const most = 4096
	log := r.Log
	if r.Note != "" {
		if log != "" && !strings.HasSuffix(log, "\n") {
			log += "\n"
		}
		log += "sandbox: " + r.Note + "\n"
	}
	return strings.ToValidUTF8(log[max(0, len(log)-most):], "")
}
