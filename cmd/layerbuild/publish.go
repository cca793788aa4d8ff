package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/layerbuild/layerbuild/internal/outputs"
	"github.com/layerbuild/layerbuild/pipeline"
	"github.com/layerbuild/layerbuild/pipeline/journal"
)

// publishFlags are the flags that only publish has.
type publishFlags struct {
	dryRun, detailed bool
	until            string
	yes, republish   bool
	onlyMissing      bool
	failFast         bool
	sandboxChoice
	formatChoice
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
running it again does what is missing, also after a kill: a journal in .layerbuild/
tells which request may still be under way.

It prints a line for each region and zip: status, target, ARN, sha256, or what
--format asks for. Receipts lie beside the zips.`,
		Example: "  layerbuild publish --sandbox\n  layerbuild publish --dry-run ./...\n  layerbuild publish --target 'aws/eu-*' --json\n  layerbuild publish --only-missing --format github",
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.check(w, o); err != nil {
				return &usageError{err}
			}
			if f.dryRun {
				return runPlan(cmd.Context(), w, o, args, f)
			}
			return runPublish(cmd.Context(), w, o, args, f)
		},
	}
	o.buildFlags(cmd.Flags())
	cmd.Flags().BoolVar(&f.dryRun, "dry-run", false, "say what would be done, and change nothing: the same as plan")
	cmd.Flags().StringVar(&f.until, "until", "", `stop after a step: "upload"`)
	f.runFlags(cmd.Flags())
	cmd.Flags().BoolVar(&f.failFast, "fail-fast", false, "stop everything at the first failure; the next run settles what was begun")
	f.sandboxChoice.flags(cmd.Flags())
	f.formatChoice.flags(cmd.Flags())
	return cmd
}

// runFlags adds the flags that plan has, too.
func (f *publishFlags) runFlags(fs *pflag.FlagSet) {
	fs.BoolVar(&f.yes, "yes", false, "share also where that makes older versions public (Function Compute shares a layer as a whole)")
	fs.BoolVar(&f.republish, "republish", false, "make a new version where only the description, licence, runtimes or architectures changed")
	fs.BoolVar(&f.onlyMissing, "only-missing", false, "leave out, without asking, what an earlier run here finished")
}

func (f publishFlags) check(w world, o *options) error {
	switch {
	case f.until != "" && f.until != string(pipeline.ToUpload):
		return fmt.Errorf("--until %q: want %q", f.until, pipeline.ToUpload)
	case f.until != "" && f.dryRun:
		return errors.New("--until and --dry-run exclude each other")
	}
	if err := f.formatChoice.check(w, o); err != nil {
		return err
	}
	if f.dryRun && len(f.formats) > 0 {
		return errors.New("--format and --dry-run exclude each other: plan has --json")
	}
	return f.sandboxChoice.check()
}

// publication is how the flags ask to publish.
func (f publishFlags) publication(w world, connect connector, tell *teller) pipeline.Publication {
	return pipeline.Publication{
		Connect: connect.cloud, Endpoint: connect.functionsAt,
		Until: cmp.Or(pipeline.Until(f.until), pipeline.ToShare),
		Yes:   f.yes, Republish: f.republish, OnlyMissing: f.onlyMissing, FailFast: f.failFast,
		Now: w.now, Tell: tell.event,
	}
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
	started := w.now()
	var receipts []itemJSON
	var items []outputs.Item
	var failed causes
	for _, p := range projects {
		list, err := publishProject(ctx, w, o, p, f, connect, tell)
		for i, r := range list {
			items = append(items, publishedItem(p.plan.Items[i], r.Receipt))
		}
		receipts = append(receipts, list...)
		if err != nil {
			failed.add(err)
			if ctx.Err() != nil || f.failFast {
				break
			}
		}
	}
	tell.rates(connect.buckets)
	tell.summary(receipts, w.now().Sub(started))
	if !f.document() {
		if err := printReceipts(w, o, receipts); err != nil {
			return err
		}
	}
	if err := f.formatChoice.write(ctx, w, o, connect, items, append([]itemJSON{}, receipts...)); err != nil {
		failed.add(err)
	}
	good := false
	for _, r := range receipts {
		good = good || r.Err == nil && (r.Status != pipeline.Skipped || r.Version > 0)
	}
	return failed.err(good)
}

// itemJSON is a receipt as publish --json prints it.
type itemJSON struct {
	Manifest string `json:"manifest"`
	pipeline.Receipt
}

func publishProject(ctx context.Context, w world, o *options, p *project, f publishFlags, connect connector, tell *teller) (list []itemJSON, err error) {
	lock, err := p.lockState(w, "publish")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, lock.Release()) }()
	built, err := buildProject(ctx, w, o, p, true, tell)
	if err != nil {
		return nil, err
	}
	connect.dir = p.dir
	how := f.publication(w, connect, tell)
	how.Record = pipeline.WriteReceipt(p.output)
	if !connect.forgets() {
		if how.Journal, err = journal.Open(p.journalPath(), w.now); err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, how.Journal.Close()) }()
	}
	var failed causes
	for _, r := range pipeline.Publish(ctx, p.plan, built, how) {
		list = append(list, itemJSON{filepath.ToSlash(p.file), r})
		if r.Err != nil {
			failed.list = append(failed.list, fmt.Errorf("%s: %s: %w", r.Where(), r.Name, r.Err))
		}
	}
	return list, failed.err(false)
}

// printReceipts prints a line for each item, in columns.
func printReceipts(w world, o *options, receipts []itemJSON) error {
	if o.json {
		return printJSON(w, "items", append([]itemJSON{}, receipts...))
	}
	t := newTable(w.stdout)
	for _, r := range receipts {
		name := r.Name
		if r.Version > 0 {
			name = fmt.Sprintf("%s:%d", r.Name, r.Version)
		}
		if r.ARN != nil {
			name = *r.ARN
		}
		t.row(r.Status, r.Where(), name, "sha256:"+r.SHA256)
	}
	return t.print()
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
