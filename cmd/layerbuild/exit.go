package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/manifest"
	"github.com/layerbuild/layerbuild/pipeline"
	"github.com/layerbuild/layerbuild/runtimes"
)

// The exit codes, a contract.
const (
	exitOK          = 0
	exitFailure     = 1
	exitUsage       = 2
	exitMixed       = 3
	exitPermission  = 4
	exitLimit       = 5
	exitDigest      = 6
	exitCheck       = 7
	exitToDo        = 10
	exitInterrupted = 130
)

var errInterrupted = errors.New("interrupted")

// A usageError is a command line that cannot be carried out.
type usageError struct{ error }

func (e *usageError) Unwrap() error { return e.error }

// A causes error holds what went wrong with several manifests or targets, one
// error each; done says that others were done all the same.
type causes struct {
	list []error
	done bool
}

func (c *causes) Error() string {
	lines := make([]string, len(c.list))
	for i, err := range c.list {
		lines[i] = err.Error()
	}
	return strings.Join(lines, "\n")
}

func (c *causes) Unwrap() []error { return c.list }

// exitCode maps an error to its code: one cause everywhere is that cause's
// code, several are 3.
func exitCode(err error) int {
	if errors.Is(err, errInterrupted) {
		return exitInterrupted
	}
	var child exitError
	if errors.As(err, &child) {
		return int(child)
	}
	var several *causes
	if errors.As(err, &several) {
		codes := make([]int, len(several.list))
		for i, e := range several.list {
			codes[i] = exitCode(e)
		}
		slices.Sort(codes)
		if codes = slices.Compact(codes); len(codes) > 1 || several.done {
			return exitMixed
		}
		return codes[0]
	}
	var bad *manifest.Error
	var misuse *usageError
	var unknown *runtimes.UnknownRuntimeError
	switch {
	case errors.As(err, &bad), errors.As(err, &misuse), errors.As(err, &unknown), errors.Is(err, pipeline.ErrNothing):
		return exitUsage
	case errors.Is(err, layer.ErrLimit):
		return exitLimit
	case errors.Is(err, layer.ErrDigest):
		return exitDigest
	case errors.Is(err, pipeline.ErrTrial):
		return exitCheck
	case errors.Is(err, fs.ErrPermission):
		return exitPermission
	case errors.Is(err, context.Canceled):
		return exitInterrupted
	}
	return exitFailure
}

// report prints an error, a line for each thing that went wrong, and the way
// out where one is known.
func report(w world, cmd *cobra.Command, err error) {
	noColor, _ := cmd.Flags().GetBool("no-color")
	color := newPalette(w, noColor)
	if errors.Is(err, errInterrupted) {
		fmt.Fprintln(w.stderr, color.bad("layerbuild: interrupted"))
		return
	}
	var child exitError
	if errors.As(err, &child) {
		return
	}
	list := []error{err}
	var several *causes
	if errors.As(err, &several) {
		list = several.list
	}
	for _, e := range list {
		for line := range strings.Lines(e.Error() + "\n") {
			fmt.Fprint(w.stderr, color.bad("layerbuild: "), line)
		}
		if hint := hintOf(e); hint != "" {
			fmt.Fprintln(w.stderr, "hint: "+hint)
		}
	}
	var misuse *usageError
	if errors.As(err, &misuse) {
		fmt.Fprintf(w.stderr, "hint: run %q\n", cmd.CommandPath()+" --help")
	}
}

// A hinted error carries a way out.
type hinted struct {
	error
	hint string
}

func (h *hinted) Unwrap() error { return h.error }

func hintOf(err error) string {
	var h *hinted
	if errors.As(err, &h) {
		return h.hint
	}
	var f *layer.Fault
	if errors.As(err, &f) {
		return f.Hint
	}
	return ""
}
