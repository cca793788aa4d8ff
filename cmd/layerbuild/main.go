// Command layerbuild builds serverless layers from a layer.toml, the same
// bytes on every machine, and publishes them.
//
// What it writes where is a contract: results go to stdout, one line each or
// one JSON document; everything else goes to stderr, as "layerbuild: " and a
// sentence without a capital or a full stop, a way out on a line "hint: ".
package main

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"
)

// A world is all that the command knows of the process around it.
type world struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	environ        []string
	now            func() time.Time
	// terminal says whether stderr is one.
	terminal bool
	// program is the path of this executable, for children.
	program func() (string, error)
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := execute(ctx, os.Args[1:], world{
		stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr,
		environ: os.Environ(), now: time.Now, terminal: isTerminal(os.Stderr), program: os.Executable,
	})
	stop()
	os.Exit(code)
}

// execute runs one command line and returns its exit code.
func execute(ctx context.Context, args []string, w world) int {
	root := newRoot(w)
	root.SetArgs(args)
	root.SetIn(w.stdin)
	root.SetOut(w.stdout)
	root.SetErr(w.stderr)
	cmd, err := root.ExecuteContextC(ctx)
	if err == nil {
		return exitOK
	}
	if ctx.Err() != nil {
		err = errors.Join(errInterrupted, err)
	}
	report(w, cmd, err)
	return exitCode(err)
}

// isTerminal reports whether f is a terminal, and not a file or pipe.
func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// usage turns the errors of a command's arguments into usage errors.
func usage(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if err := check(cmd, args); err != nil {
			return &usageError{err}
		}
		return nil
	}
}
