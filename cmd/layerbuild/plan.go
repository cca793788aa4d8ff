package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/layerbuild/layerbuild/internal/lockfile"
	"github.com/layerbuild/layerbuild/pipeline"
	"github.com/layerbuild/layerbuild/pipeline/journal"
)

func newPlan(w world, o *options) *cobra.Command {
	f := publishFlags{dryRun: true}
	cmd := &cobra.Command{
		Use:   "plan [manifest|folder|./...]...",
		Short: "Say what publish would build, upload, publish and share, and why",
		Long: `Plan builds the zips in a temporary folder and looks into every region: what would be
built, uploaded, published, shared or skipped there, and why. It changes nothing,
neither here nor in a cloud. With the same flags, publish does what plan says.

It prints a line for each zip and for each region: what would be done, the target,
the layer and its version, and the reason.`,
		Example: "  layerbuild plan\n  layerbuild plan --json ./...\n  layerbuild plan --detailed-exitcode || layerbuild publish",
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.check(w, o); err != nil {
				return &usageError{err}
			}
			return runPlan(cmd.Context(), w, o, args, f)
		},
	}
	o.buildFlags(cmd.Flags())
	f.runFlags(cmd.Flags())
	cmd.Flags().BoolVar(&f.detailed, "detailed-exitcode", false, "end with 10 instead of 0 when there is something to do")
	f.sandboxChoice.flags(cmd.Flags())
	return cmd
}

// productJSON is a zip as plan --json describes it.
type productJSON struct {
	artifactJSON
	// Lock says how the zip stands to layer.lock: "unchanged", "changed" or
	// "new".
	Lock string `json:"lock"`
}

// previewJSON is what would be done in a region, as plan --json describes it.
type previewJSON struct {
	Manifest string `json:"manifest"`
	pipeline.Preview
}

type noteJSON struct {
	Manifest string `json:"manifest"`
	Text     string `json:"text"`
}

// A planned is all that plan found out.
type planned struct {
	artifacts []productJSON
	items     []previewJSON
	notes     []noteJSON
}

func runPlan(ctx context.Context, w world, o *options, args []string, f publishFlags) (err error) {
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
	var all planned
	var failed causes
	for _, p := range projects {
		if err := all.project(ctx, w, o, p, f, connect, tell); err != nil {
			failed.add(err)
			if ctx.Err() != nil {
				break
			}
		}
	}
	tell.rates(connect.buckets)
	if err := all.print(w, o); err != nil {
		return err
	}
	if len(failed.list) == 0 && f.detailed && all.something() {
		return exitError(exitToDo)
	}
	good := false
	for _, v := range all.items {
		good = good || v.Err == nil
	}
	return failed.err(good)
}

func (all *planned) project(ctx context.Context, w world, o *options, p *project, f publishFlags, connect connector, tell *teller) error {
	temp, err := os.MkdirTemp("", "layerbuild-plan-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	built, err := p.build(ctx, w, o, temp, tell)
	if err != nil {
		return err
	}
	old, _, err := p.lock(built)
	if err != nil {
		return err
	}
	for _, n := range p.plan.Notes {
		all.notes = append(all.notes, noteJSON{p.file, n})
	}
	for _, b := range built {
		all.artifacts = append(all.artifacts, p.planned(b, old))
	}
	connect.dir = p.dir
	how := f.publication(w, connect, tell)
	if !connect.forgets() {
		lines, err := journal.Read(p.journalPath())
		if err != nil {
			return err
		}
		how.Journal = journal.Of(lines, w.now)
	}
	var failed causes
	for _, v := range pipeline.PreviewAll(ctx, p.plan, built, how) {
		all.items = append(all.items, previewJSON{filepath.ToSlash(p.file), v})
		if v.Err != nil {
			failed.list = append(failed.list, fmt.Errorf("%s: %s: %w", v.Where(), v.Name, v.Err))
		}
	}
	return failed.err(false)
}

// planned describes a zip with the path that build would give it.
func (p *project) planned(b pipeline.Built, old lockfile.File) productJSON {
	j := productJSON{artifactJSON: newArtifactJSON(p, b), Lock: "unchanged"}
	j.Path = filepath.ToSlash(p.zipPath(b))
	locked, ok := old.Artifacts[keyOf(b)]
	switch {
	case !ok:
		j.Lock = "new"
	case locked.SHA256 != b.Artifact.Digests.SHA256:
		j.Lock = "changed"
	}
	return j
}

// something reports whether there is anything to do.
func (all *planned) something() bool {
	for _, a := range all.artifacts {
		if a.Lock != "unchanged" {
			return true
		}
	}
	for _, v := range all.items {
		if len(v.Actions) > 0 {
			return true
		}
	}
	return false
}

func (all *planned) print(w world, o *options) error {
	if o.json {
		return printDocument(w, map[string]any{
			"schema":    jsonSchema,
			"artifacts": append([]productJSON{}, all.artifacts...),
			"items":     append([]previewJSON{}, all.items...),
			"notes":     append([]noteJSON{}, all.notes...),
		})
	}
	t := newTable(w.stdout)
	for _, a := range all.artifacts {
		reason := "layer.lock is " + a.Lock
		what := "build"
		if a.Lock == "unchanged" {
			what, reason = "unchanged", "as layer.lock says"
		}
		t.row(what, a.Cloud, a.Name, fmt.Sprintf("%d bytes sha256:%s", a.Size, a.SHA256), reason)
	}
	if err := t.print(); err != nil {
		return err
	}
	t = newTable(w.stdout)
	for _, v := range all.items {
		name := v.Name
		if v.Version > 0 {
			name = fmt.Sprintf("%s:%d", v.Name, v.Version)
		}
		what := v.Status
		if len(v.Actions) > 0 {
			what = strings.Join(v.Actions, "+")
		}
		t.row(what, v.Where(), name, "sha256:"+v.SHA256, v.why())
	}
	return t.print()
}

// why says in words why, and whom sharing would change.
func (v previewJSON) why() string {
	list := []string{v.Reason}
	if v.Err != nil {
		list = []string{v.Error}
	}
	if len(v.Grant) > 0 {
		list = append(list, "share with "+strings.Join(v.Grant, ", "))
	}
	if len(v.Revoke) > 0 {
		list = append(list, "no longer share with "+strings.Join(v.Revoke, ", "))
	}
	if len(v.Widens) > 0 {
		list = append(list, "sharing would open older versions, too: "+strings.Trim(strings.Join(strings.Fields(fmt.Sprint(v.Widens)), ", "), "[]")+" (--yes)")
	}
	return strings.Join(list, "; ")
}
