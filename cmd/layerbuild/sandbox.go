package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/layerbuild/layerbuild/runtimes"
	"github.com/layerbuild/layerbuild/sandbox"
	"github.com/layerbuild/layerbuild/sandbox/weather"
)

type sandboxFlags struct {
	listen   string
	state    string
	strict   bool
	disabled []string
	log      string
	weather  weather.Forecast
	// record is told of every request, may be nil.
	record func(sandbox.Record)
}

func newSandbox(w world, o *options) *cobra.Command {
	var f sandboxFlags
	cmd := &cobra.Command{
		Use:   "sandbox [-- COMMAND [ARGUMENT]...]",
		Short: "Serve the emulated clouds on loopback",
		Long: `Sandbox serves S3 and Lambda, Alibaba Cloud's OSS and Function Compute, and Tencent
Cloud's COS and SCF on a loopback address, with throw-away credentials. It prints the
variables that lead SDKs and command line tools to it, as export lines or with --json
as one object, and serves until it is interrupted.

With a command it runs the command with these variables set, and ends with its exit
code.

--latency, --fail, --hang and --late make the clouds as unreliable as real ones can
be; the same --seed has the same requests of a region go wrong every time.`,
		Example: `  layerbuild sandbox
  layerbuild sandbox -- aws s3 mb s3://layers
  layerbuild sandbox --state .sandbox -- layerbuild publish
  layerbuild sandbox --fail 0.05 --hang eu-west-1 --log requests.jsonl -- layerbuild publish`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 && cmd.ArgsLenAtDash() != 0 {
				return &usageError{fmt.Errorf("unknown argument %q: a command goes after --", args[0])}
			}
			if err := f.weather.Check(); err != nil {
				return &usageError{err}
			}
			return runSandbox(cmd.Context(), w, o, f, args)
		},
	}
	cmd.Flags().StringVar(&f.listen, "listen", "127.0.0.1:0", "loopback address and port to serve on, 0 for a free one")
	cmd.Flags().StringVar(&f.state, "state", "", "keep buckets and layers in this folder (default: start empty)")
	cmd.Flags().BoolVar(&f.strict, "strict", false, "buckets have to be created first, request rates are those of the vendor")
	cmd.Flags().StringSliceVar(&f.disabled, "disabled", nil, "AWS regions that are not enabled for the account")
	cmd.Flags().StringVar(&f.log, "log", "", "append a line of JSON for every request to this file")
	cmd.Flags().DurationVar(&f.weather.Latency, "latency", 0, "what every request takes longer, such as 50ms")
	cmd.Flags().Float64Var(&f.weather.Fail, "fail", 0, "share of requests that go wrong, such as 0.05: throttled, answered 500 or 503, cut before or after they were acted on")
	cmd.Flags().StringSliceVar(&f.weather.Hang, "hang", nil, "regions that do not answer")
	cmd.Flags().DurationVar(&f.weather.Late, "late", 0, "how long publish requests wait before they are acted on, although the client may be gone")
	cmd.Flags().Uint64Var(&f.weather.Seed, "seed", 0, "chooses which requests go wrong, and how")
	return cmd
}

// startSandbox starts one that the caller closes.
func startSandbox(ctx context.Context, w world, f sandboxFlags) (*sandbox.Sandbox, error) {
	catalogue, err := runtimes.Load()
	if err != nil {
		return nil, err
	}
	box, err := sandbox.New(sandbox.Options{
		Dir: f.state, Clock: w.now, Catalogue: catalogue, Strict: f.strict,
		DisabledRegions: f.disabled, Fault: f.weather.Fault(), Log: f.record,
	})
	if err != nil {
		return nil, err
	}
	if err := box.Start(ctx, f.listen); err != nil {
		return nil, errors.Join(err, box.Close())
	}
	return box, nil
}

func runSandbox(ctx context.Context, w world, o *options, f sandboxFlags, command []string) (err error) {
	log, err := openRequestLog(f.log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, log.close()) }()
	f.record = log.add
	box, err := startSandbox(ctx, w, f)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, box.Close()) }()
	if len(command) > 0 {
		return runIn(ctx, w, box, command)
	}
	if err := printEnv(w, o, box); err != nil {
		return err
	}
	if !o.quiet {
		fmt.Fprintf(w.stderr, "serving on %s, until interrupted\n", box.URL())
	}
	<-ctx.Done()
	return ctx.Err()
}

// printEnv prints the variables as a shell takes them. Empty ones are unset:
// they could lead past the sandbox.
func printEnv(w world, o *options, box *sandbox.Sandbox) error {
	if o.json {
		env := map[string]string{}
		for _, v := range box.Env() {
			env[v.Name] = v.Value
		}
		return printDocument(w, env)
	}
	for _, v := range box.Env() {
		line := "unset " + v.Name
		if v.Value != "" {
			line = "export " + v.Name + "=" + v.Value
		}
		if _, err := fmt.Fprintln(w.stdout, line); err != nil {
			return err
		}
	}
	return nil
}

// An exitError is the exit code of a command that was run for the user, who
// has seen what it printed.
type exitError int

func (e exitError) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

func runIn(ctx context.Context, w world, box *sandbox.Sandbox, command []string) error {
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.Stdin, cmd.Stdout, cmd.Stderr = w.stdin, w.stdout, w.stderr
	cmd.Env = environWith(w.environ, box.Env())
	err := cmd.Run()
	var ended *exec.ExitError
	if errors.As(err, &ended) && ended.ExitCode() > 0 {
		return exitError(ended.ExitCode())
	}
	if err != nil {
		return fmt.Errorf("running %q: %w", command[0], err)
	}
	return nil
}

// environWith returns the environment with variables set, and taken out where
// they are empty.
func environWith(environ []string, variables []sandbox.Variable) []string {
	out := slices.DeleteFunc(slices.Clone(environ), func(kv string) bool {
		name, _, _ := strings.Cut(kv, "=")
		return slices.ContainsFunc(variables, func(v sandbox.Variable) bool { return v.Name == name })
	})
	for _, v := range variables {
		if v.Value != "" {
			out = append(out, v.Name+"="+v.Value)
		}
	}
	return out
}
