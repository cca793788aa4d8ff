package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/layerbuild/layerbuild/internal/outputs"
	"github.com/layerbuild/layerbuild/pipeline"
)

// statusFlags are the flags that only status has.
type statusFlags struct {
	sandboxChoice
	formatChoice
}

func newStatus(w world, o *options) *cobra.Command {
	var f statusFlags
	cmd := &cobra.Command{
		Use:   "status [manifest|folder|./...]...",
		Short: "Show which region has what: versions, digests, sharing, drift",
		Long: `Status asks every region of every target what it has of the layers, and compares
that with layer.lock and the manifest. It builds nothing and changes nothing.

It prints a table with a line for each region and layer. The state is one of

  current     the newest version has the locked content
  superseded  a version has it, but a newer one has other content
  outdated    there are versions, and none has the locked content
  missing     there is no version
  unlocked    layer.lock does not have this layer
  skipped     the region is not enabled for the account
  failed      the region could not be asked

and after it what is not as the manifest says: sharing, description, licence,
runtimes.`,
		Example: "  layerbuild status\n  layerbuild status --target 'aliyun/*' --json",
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := errors.Join(f.sandboxChoice.check(), f.formatChoice.check(w, o)); err != nil {
				return &usageError{err}
			}
			return runStatus(cmd.Context(), w, o, args, f)
		},
	}
	o.filterFlags(cmd.Flags())
	f.sandboxChoice.flags(cmd.Flags())
	f.formatChoice.flags(cmd.Flags())
	return cmd
}

// standingJSON is a region as status --json describes it.
type standingJSON struct {
	Manifest string `json:"manifest"`
	pipeline.Standing
}

func runStatus(ctx context.Context, w world, o *options, args []string, f statusFlags) (err error) {
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
	var list []standingJSON
	var items []outputs.Item
	var failed causes
	good := false
	for _, p := range projects {
		locked, err := p.locked()
		if err != nil {
			failed.add(err)
			continue
		}
		connect.dir = p.dir
		for i, s := range pipeline.Survey(ctx, p.plan, pipeline.Surveying{Connect: connect.cloud, Digests: locked}) {
			list = append(list, standingJSON{filepath.ToSlash(p.file), s})
			items = append(items, standingItem(p.plan.Items[i], s))
			if s.Err != nil {
				failed.list = append(failed.list, fmt.Errorf("%s: %s: %w", s.Where(), s.Name, s.Err))
			}
			good = good || s.Err == nil
		}
	}
	tell.rates(connect.buckets)
	if !f.document() {
		if err := printStandings(w, o, list); err != nil {
			return err
		}
	}
	if err := f.formatChoice.write(ctx, w, o, connect, items, append([]standingJSON{}, list...)); err != nil {
		failed.add(err)
	}
	return failed.err(good)
}

func printStandings(w world, o *options, list []standingJSON) error {
	if o.json {
		return printJSON(w, "items", append([]standingJSON{}, list...))
	}
	t := newTable(w.stdout)
	t.row("TARGET", "LAYER", "VERSION", "DIGEST", "SHARED WITH", "PUBLISHED", "STATE")
	for _, s := range list {
		version := "-"
		switch {
		case s.Version > 0 && s.Version != s.Latest:
			version = fmt.Sprintf("%d of %d", s.Version, s.Latest)
		case s.Version > 0:
			version = fmt.Sprint(s.Version)
		}
		var grants []string
		for _, g := range s.Grants {
			grants = append(grants, g.To)
		}
		state := s.State
		if len(s.Drift) > 0 {
			state += ": " + strings.Join(s.Drift, "; ")
		}
		t.row(s.Where(), s.Name, version, shortDigest(s.SHA256, s.CRC64), orDash(strings.Join(grants, ",")), orDash(s.Created), state)
	}
	return t.print()
}

// shortDigest names content as briefly as can be told apart, by whichever
// checksum the cloud has.
func shortDigest(sha256, crc64 string) string {
	switch {
	case sha256 != "":
		return "sha256:" + sha256[:min(12, len(sha256))]
	case crc64 != "":
		return "crc64:" + crc64
	}
	return "-"
}

func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}
