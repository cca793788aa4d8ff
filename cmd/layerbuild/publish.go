package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/layerbuild/layerbuild/pipeline"
)

// publishFlags are the flags that only publish has.
type publishFlags struct {
	dryRun bool
	until  string
	yes    bool
	sandboxChoice
}

func newPublish(w world, o *options) *cobra.Command {
	var f publishFlags
	cmd := &cobra.Command{
		Use:   "publish [manifest|folder|./...]...",
		Short: "Build, upload, publish and share, to all targets in parallel",
		Long: `Publish builds the zips and fails (exit 6) if they are not what layer.lock says.
For each region it looks for a version with the same content, and only where
there is none uploads the zip and publishes a new one, compares the checksum that
the cloud returns, and shares it. A region that fails does not stop the others;
running it again does what is missing.

It prints a line for each region and zip: status, target, ARN, sha256. Receipts lie
beside the zips.`,
		Example: "  layerbuild publish --sandbox\n  layerbuild publish --dry-run ./...\n  layerbuild publish --target 'aws/eu-*' --json",
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.check(); err != nil {
				return &usageError{err}
			}
			return runPublish(cmd.Context(), w, o, args, f)
		},
	}
	o.buildFlags(cmd.Flags())
	cmd.Flags().BoolVar(&f.dryRun, "dry-run", false, "look what is there, and change nothing")
	cmd.Flags().StringVar(&f.until, "until", "", `stop after a step: "upload"`)
	cmd.Flags().BoolVar(&f.yes, "yes", false, "share also where that makes older versions public (Function Compute shares a layer as a whole)")
	f.sandboxChoice.flags(cmd.Flags())
	return cmd
}

func (f publishFlags) check() error {
	switch {
	case f.until != "" && f.until != string(pipeline.ToUpload):
		return fmt.Errorf("--until %q: want %q", f.until, pipeline.ToUpload)
	case f.until != "" && f.dryRun:
		return errors.New("--until and --dry-run exclude each other")
	}
	return f.sandboxChoice.check()
}

func (f publishFlags) steps() pipeline.Until {
	if f.dryRun {
		return pipeline.ToFind
	}
	return cmp.Or(pipeline.Until(f.until), pipeline.ToShare)
}

func runPublish(ctx context.Context, w world, o *options, args []string, f publishFlags) (err error) {
	projects, err := loadProjects(args, o)
	if err != nil {
		return err
	}
	tell := newTeller(w, o)
	connect, done, err := f.connector(ctx, w)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	var receipts []itemJSON
	var failed causes
	for _, p := range projects {
		list, err := publishProject(ctx, w, o, p, f, connect, tell)
		receipts = append(receipts, list...)
		if err != nil {
			failed.add(err)
			if ctx.Err() != nil {
				break
			}
		}
	}
	if err := printReceipts(w, o, receipts); err != nil {
		return err
	}
	good := false
	for _, r := range receipts {
		good = good || r.Err == nil
	}
	return failed.err(good)
}

// itemJSON is a receipt as publish --json prints it.
type itemJSON struct {
	Manifest string `json:"manifest"`
	pipeline.Receipt
}

func publishProject(ctx context.Context, w world, o *options, p *project, f publishFlags, connect connector, tell *teller) ([]itemJSON, error) {
	built, err := buildProject(ctx, w, o, p, true, tell)
	if err != nil {
		return nil, err
	}
	connect.dir = p.dir
	receipts := pipeline.Publish(ctx, p.plan, built, pipeline.Publication{
		Connect: connect.cloud, Until: f.steps(), Yes: f.yes, Now: w.now,
		Record: pipeline.WriteReceipt(p.output), Tell: tell.event,
	})
	var list []itemJSON
	var failed causes
	for _, r := range receipts {
		list = append(list, itemJSON{filepath.ToSlash(p.file), r})
		if r.Err != nil {
			failed.list = append(failed.list, fmt.Errorf("%s: %s: %w", r.Where(), r.Name, r.Err))
		}
	}
	return list, failed.err(false)
}

func printReceipts(w world, o *options, receipts []itemJSON) error {
	if o.json {
		return printJSON(w, "items", append([]itemJSON{}, receipts...))
	}
	for _, r := range receipts {
		name := r.Name
		if r.Version > 0 {
			name = fmt.Sprintf("%s:%d", r.Name, r.Version)
		}
		if r.ARN != nil {
			name = *r.ARN
		}
		fmt.Fprintf(w.stdout, "%s  %s  %s  sha256:%s\n", r.Status, r.Where(), name, r.SHA256)
	}
	return nil
}

// add takes in an error, the causes of a causes error one by one.
func (c *causes) add(err error) {
	var several *causes
	if errors.As(err, &several) {
		c.list = append(c.list, several.list...)
		return
	}
	c.list = append(c.list, err)
}
