package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/layerbuild/layerbuild/pipeline"
	"github.com/layerbuild/layerbuild/pipeline/journal"
)

// pruneFlags are the flags that only prune has.
type pruneFlags struct {
	keep      int
	olderThan string
	shared    bool
	yes       bool
	sandboxChoice
}

func newPrune(w world, o *options) *cobra.Command {
	var f pruneFlags
	cmd := &cobra.Command{
		Use:   "prune [manifest|folder|./...]...",
		Short: "Remove old layer versions that no function uses",
		Long: `Prune looks at every version of the layers in every region and removes the old ones:
those that are not among the newest (target.keep, --keep), that are older than asked
for (--older-than), that no function uses in any of its versions, that do not have the
locked content, and that are not and were not shared with others. If any of that cannot
be found out in a region, nothing is removed there.

Without --yes it only says what it would remove. It prints a line for each version: what
became of it, the target, the layer and its version, and why.`,
		Example: "  layerbuild prune --keep 5\n  layerbuild prune --older-than 90d --target aws --yes",
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.check(); err != nil {
				return &usageError{err}
			}
			return runPrune(cmd.Context(), w, o, args, f)
		},
	}
	o.filterFlags(cmd.Flags())
	cmd.Flags().IntVar(&f.keep, "keep", 0, "how many of the newest versions stay (default: what target.keep says)")
	cmd.Flags().StringVar(&f.olderThan, "older-than", "", `only versions older than this, such as "90d", "12h" or "4w"`)
	cmd.Flags().BoolVar(&f.shared, "shared", false, "also versions that are or were shared: others may use them unseen")
	cmd.Flags().BoolVar(&f.yes, "yes", false, "remove them")
	f.sandboxChoice.flags(cmd.Flags())
	return cmd
}

func (f pruneFlags) check() error {
	if f.keep < 0 {
		return fmt.Errorf("--keep %d: want 1 or more", f.keep)
	}
	if _, err := f.age(); err != nil {
		return err
	}
	return f.sandboxChoice.check()
}

// age reads --older-than: a Go duration, or a whole number of days or weeks.
func (f pruneFlags) age() (time.Duration, error) {
	if f.olderThan == "" {
		return 0, nil
	}
	const day = 24 * time.Hour
	d, err := time.ParseDuration(f.olderThan)
	for unit, length := range map[string]time.Duration{"d": day, "w": 7 * day} {
		if number, ok := strings.CutSuffix(f.olderThan, unit); ok {
			n, bad := strconv.Atoi(number)
			d, err = time.Duration(n)*length, bad
			if n > 100_000 {
				err = errors.New("too long")
			}
		}
	}
	if err != nil || d <= 0 {
		return 0, fmt.Errorf("--older-than %q: want a length of time such as 90d, 4w or 12h", f.olderThan)
	}
	return d, nil
}

// prunedJSON is a version as prune --json describes it.
type prunedJSON struct {
	Manifest string `json:"manifest"`
	pipeline.Pruned
}

func runPrune(ctx context.Context, w world, o *options, args []string, f pruneFlags) (err error) {
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
	var list []prunedJSON
	var failed causes
	for _, p := range projects {
		connect.dir = p.dir
		pruned, err := pruneProject(ctx, w, p, f, connect)
		if err != nil {
			failed.add(err)
		}
		for _, v := range pruned {
			list = append(list, prunedJSON{filepath.ToSlash(p.file), v})
			if v.Err != nil {
				failed.list = append(failed.list, fmt.Errorf("%s: %s: %w", v.Where(), v.Name, v.Err))
			}
		}
		if ctx.Err() != nil {
			break
		}
	}
	tell.rates(connect.buckets)
	if err := printPruned(w, o, list); err != nil {
		return err
	}
	good, would := false, 0
	for _, v := range list {
		good = good || v.Err == nil
		if v.Status == pipeline.Planned {
			would++
		}
	}
	if would > 0 {
		tell.note("prune", fmt.Sprintf("nothing was removed: --yes removes the %d planned", would))
	}
	return failed.err(good)
}

func pruneProject(ctx context.Context, w world, p *project, f pruneFlags, connect connector) (list []pipeline.Pruned, err error) {
	if f.yes {
		lock, err := p.lockState(w, "prune")
		if err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, lock.Release()) }()
	}
	locked, err := p.locked()
	if err != nil {
		return nil, err
	}
	lines, err := journal.Read(p.journalPath())
	if err != nil {
		return nil, err
	}
	age, err := f.age()
	if err != nil {
		return nil, err
	}
	return pipeline.Prune(ctx, p.plan, pipeline.Pruning{
		Connect: connect.cloud, Digests: locked, Keep: f.keep, OlderThan: age, Shared: f.shared, Yes: f.yes, Now: w.now,
		WasShared: func(i pipeline.Item, name string, version int64) bool {
			for _, l := range lines {
				if l.Step == journal.Shared && l.Target == i.Where() && l.Name == name && l.Version == version && l.Endpoint == connect.functionsAt(i) {
					return true
				}
			}
			return false
		},
	}), nil
}

func printPruned(w world, o *options, list []prunedJSON) error {
	if o.json {
		return printJSON(w, "items", append([]prunedJSON{}, list...))
	}
	t := newTable(w.stdout)
	for _, v := range list {
		name, why := v.Name, v.Reason
		if v.Version > 0 {
			name = fmt.Sprintf("%s:%d", v.Name, v.Version)
		}
		t.row(v.Status, v.Where(), name, why)
	}
	return t.print()
}
