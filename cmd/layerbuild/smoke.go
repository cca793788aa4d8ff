package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/layerbuild/layerbuild/internal/handlers"
	"github.com/layerbuild/layerbuild/internal/lockfile"
	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/pipeline"
)

func newSmoke(w world, o *options) *cobra.Command {
	var f sandboxChoice
	var with []string
	cmd := &cobra.Command{
		Use:   "smoke [manifest|folder|./...]...",
		Short: "Try published versions in throw-away functions",
		Long: `Smoke creates a function with the published layer for each target, region,
runtime and architecture, lets it import what check.imports names, and removes it
again, also on failure and when it is interrupted. Functions that earlier runs left
are removed first. The version is the one with the bytes that layer.lock describes.

A role, memory and time limit come from target.smoke. It prints a line for each
function; one that does not load the layer ends in exit code 7.`,
		Example: "  layerbuild smoke --target aws/us-east-1\n  layerbuild smoke --sandbox --state .layerbuild/sandbox",
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.check(); err != nil {
				return &usageError{err}
			}
			return runSmoke(cmd.Context(), w, o, args, f, with)
		},
	}
	o.filterFlags(cmd.Flags())
	f.flags(cmd.Flags())
	cmd.Flags().StringArrayVar(&with, "with", nil, "mount another published layer, name:version, which wins over the ones before")
	return cmd
}

// trialJSON is a trial as smoke --json prints it.
type trialJSON struct {
	Manifest string `json:"manifest"`
	pipeline.Trial
}

func runSmoke(ctx context.Context, w world, o *options, args []string, f sandboxChoice, with []string) (err error) {
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
	trials := []trialJSON{}
	var failed causes
	good := false
	for _, p := range projects {
		connect.dir = p.dir
		list, err := smokeProject(ctx, w, p, connect, with, tell)
		if err != nil {
			failed.list = append(failed.list, err)
		}
		for _, t := range list {
			trials = append(trials, trialJSON{filepath.ToSlash(p.file), t})
			if t.Err != nil {
				failed.list = append(failed.list, fmt.Errorf("%s: %s: %s %s: %w", t.Where(), t.Name, t.Runtime, t.Arch, t.Err))
			}
			good = good || t.Err == nil
		}
	}
	if err := printTrials(w, o, trials); err != nil {
		return err
	}
	return failed.err(good)
}

func smokeProject(ctx context.Context, w world, p *project, connect connector, with []string, tell *teller) ([]pipeline.Trial, error) {
	lock, err := lockfile.Read(p.lockPath())
	if err != nil {
		return nil, missingLock(p)
	}
	for _, n := range p.plan.Notes {
		tell.note(p.file, n)
	}
	if len(p.plan.Manifest.Imports) == 0 {
		tell.note(p.file, "check.imports names nothing: the functions only have to start")
	}
	return pipeline.Smoke(ctx, p.plan, pipeline.Smoking{
		Connect: connect.cloud,
		Probe:   probe,
		Digests: func(product pipeline.Product) (layer.Digests, error) {
			a, ok := lock.Artifacts[lockfile.Key{Cloud: product.Folder, Name: product.Name}]
			if !ok {
				return layer.Digests{}, missingLock(p)
			}
			return a.Digests()
		},
		With: with, Now: w.now, Tell: tell.event,
	}), nil
}

// probe writes the function that a runtime is tried with.
func probe(service, language string, imports []string) (pipeline.Probe, error) {
	code, err := handlers.For(service, language, imports)
	if err != nil {
		return pipeline.Probe{}, err
	}
	return pipeline.Probe{Zip: code.Zip, Handler: code.Handler, Read: func(output []byte) (map[string]string, map[string]string, error) {
		r, err := handlers.Read(output, imports)
		if errors.Is(err, handlers.ErrNotRun) {
			err = fmt.Errorf("%w: %w", pipeline.ErrNotRun, err)
		}
		return r.Imports, r.Failed, err
	}}, nil
}

func printTrials(w world, o *options, trials []trialJSON) error {
	if o.json {
		return printJSON(w, "trials", trials)
	}
	for _, t := range trials {
		text := t.Reason
		if t.Status == pipeline.Passed {
			text = imported(t.Imports) + "  layers (" + t.Wins + " wins): " + strings.Join(t.Layers, ", ")
		}
		fmt.Fprintf(w.stdout, "%s\n", strings.TrimSpace(fmt.Sprintf("%s  %s  %s:%d  %s  %s  %s", t.Status, t.Where(), t.Name, t.Version, t.Runtime, t.Arch, text)))
	}
	return nil
}

// imported lists modules with their versions: "requests 2.31.0, yaml".
func imported(imports map[string]string) string {
	var list []string
	for _, name := range slices.Sorted(maps.Keys(imports)) {
		list = append(list, strings.TrimSpace(name+" "+imports[name]))
	}
	if list == nil {
		return "started"
	}
	return strings.Join(list, ", ")
}
