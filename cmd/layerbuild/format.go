package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/layerbuild/layerbuild/internal/outputs"
	"github.com/layerbuild/layerbuild/internal/parameters"
	"github.com/layerbuild/layerbuild/pipeline"
)

// The formats of --format. The first four are documents on stdout.
const (
	formatJSON   = "json"
	formatMD     = "md"
	formatTfvars = "tfvars"
	formatEnv    = "env"
	formatGitHub = "github"
	formatSSM    = "ssm"
)

// A formatChoice is the flags by which results are handed to other tools.
type formatChoice struct {
	formats   []string
	ssmPrefix string
}

func (f *formatChoice) flags(fs *pflag.FlagSet) {
	fs.StringSliceVar(&f.formats, "format", nil, "hand results on as json, md, tfvars or env (on stdout), to github (outputs and summary of a step) or ssm (parameters)")
	fs.StringVar(&f.ssmPrefix, "ssm-prefix", parameters.DefaultPrefix, "with --format ssm: what the parameters' names begin with")
}

// check reports wrong flags, and a place that is not there to write to, before
// anything is published. The format "json" is --json, which it sets.
func (f formatChoice) check(w world, o *options) error {
	for _, format := range f.formats {
		switch format {
		case formatJSON, formatMD, formatTfvars, formatEnv:
		case formatGitHub:
			for _, name := range []string{"GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"} {
				if getenv(w.environ, name) == "" {
					return fmt.Errorf("--format github: %s is not set, which a step of GitHub Actions has", name)
				}
			}
		case formatSSM:
			if err := parameters.CheckPrefix(f.ssmPrefix); err != nil {
				return fmt.Errorf("--ssm-prefix: %w", err)
			}
		default:
			return fmt.Errorf("--format %q: want json, md, tfvars, env, github or ssm", format)
		}
	}
	o.json = o.json || f.has(formatJSON)
	documents := 0
	for _, chosen := range []bool{o.json, f.has(formatMD), f.has(formatTfvars), f.has(formatEnv)} {
		if chosen {
			documents++
		}
	}
	switch {
	case documents > 1:
		return errors.New("--format: only one of json, md, tfvars and env can go to stdout")
	case f.ssmPrefix != "" && f.ssmPrefix != parameters.DefaultPrefix && !f.has(formatSSM):
		return errors.New("--ssm-prefix goes with --format ssm")
	}
	return nil
}

func (f formatChoice) has(format string) bool { return slices.Contains(f.formats, format) }

// document reports whether write prints one on stdout, where there are then no
// lines.
func (f formatChoice) document() bool {
	return f.has(formatMD) || f.has(formatTfvars) || f.has(formatEnv)
}

// write hands items on in every chosen format but json. list is what --json
// prints of them. One format that fails does not stop the others.
func (f formatChoice) write(ctx context.Context, w world, o *options, c connector, items []outputs.Item, list any) error {
	var failed causes
	for _, format := range f.formats {
		var err error
		switch format {
		case formatMD:
			err = outputs.Markdown(w.stdout, items)
		case formatTfvars:
			err = outputs.Tfvars(w.stdout, items)
		case formatEnv:
			err = outputs.Env(w.stdout, items)
		case formatGitHub:
			log := w.stdout
			if o.json || f.document() {
				log = w.stderr // where GitHub looks for commands, too
			}
			err = writeGitHub(w, log, items, list)
		case formatSSM:
			err = f.writeSSM(ctx, w, o, c, items)
		}
		var regions parameters.RegionErrors
		switch {
		case errors.As(err, &regions):
			failed.list = append(failed.list, regions...)
		case err != nil:
			failed.list = append(failed.list, fmt.Errorf("--format %s: %w", format, err))
		}
	}
	return failed.err(false)
}

func writeGitHub(w world, log io.Writer, items []outputs.Item, list any) error {
	var output, summary strings.Builder
	err := outputs.GitHub{Output: &output, Summary: &summary, Log: log, Random: rand.Text}.Write(items, list)
	if err != nil {
		return err
	}
	return errors.Join(
		appendTo(getenv(w.environ, "GITHUB_OUTPUT"), output.String()),
		appendTo(getenv(w.environ, "GITHUB_STEP_SUMMARY"), summary.String()))
}

func appendTo(path, text string) error {
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
	if err != nil {
		return err
	}
	_, err = io.WriteString(file, text)
	return errors.Join(err, file.Close())
}

func (f formatChoice) writeSSM(ctx context.Context, w world, o *options, c connector, items []outputs.Item) error {
	how := parameters.Options{Config: c.awsConfig, Prefix: f.ssmPrefix}
	if c.sandbox != nil {
		how.Endpoint = c.sandbox.URL()
	}
	written, err := parameters.Write(ctx, how, items)
	tell := newTeller(w, o)
	for _, p := range written {
		tell.event(pipeline.Event{Step: "parameter", Product: p.Name, Where: "aws/" + p.Region, Text: p.Value})
	}
	return err
}

// publishedItem is what a receipt hands on.
func publishedItem(i pipeline.Item, r pipeline.Receipt) outputs.Item {
	item := outputs.Item{
		Cloud: r.Cloud, Region: r.Region, Name: r.Name, Profile: i.Target.Profile, Version: r.Version,
		SHA256: r.SHA256, CRC64: r.CRC64, Size: r.Size, Runtimes: r.Runtimes, Architectures: r.Architectures,
		Status: r.Status, Reason: r.Reason, Error: r.Error,
	}
	if r.ARN != nil {
		item.ARN = *r.ARN
	}
	return item
}

// standingItem is what a region's standing hands on.
func standingItem(i pipeline.Item, s pipeline.Standing) outputs.Item {
	item := outputs.Item{
		Cloud: s.Cloud, Region: s.Region, Name: s.Name, Profile: i.Target.Profile, Version: s.Version,
		SHA256: s.SHA256, CRC64: s.CRC64, Size: s.Size, Runtimes: i.Runtimes, Architectures: i.Architectures,
		Status: s.State, Reason: strings.Join(s.Drift, ", "), Error: s.Error,
	}
	if s.ARN != nil {
		item.ARN = *s.ARN
	}
	return item
}
