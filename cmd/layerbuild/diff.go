package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/layerbuild/layerbuild/internal/packages"
)

// How two zips stand to each other.
const (
	sameZip  = "same"
	repacked = "repacked"
	differs  = "differs"
)

// shownFiles is how many files are listed without -v.
const shownFiles = 50

func newDiff(w world, o *options) *cobra.Command {
	var f lookupFlags
	var code bool
	cmd := &cobra.Command{
		Use:   "diff OLD NEW",
		Short: "Compare two zips or published versions: packages, files, sizes",
		Long: `Diff compares two layers. Each is the path of a zip, or a published version, which
is fetched and held to the checksum that its cloud tells:

  arn:aws:lambda:us-east-1:123456789012:layer:web:7
  acs:fc:cn-hangzhou:1880770869020000:layers/web/versions/7
  tencent/ap-guangzhou/web:7      likewise aws/… and aliyun/…
  aws/us-east-1/web:latest        the newest version
  local/web:7                     the registry of a local target

It prints whether they are the same, have the same content in other bytes
("repacked"), or differ; their sizes; the packages that were added, removed,
upgraded or downgraded, as dist-info, package.json, jars and gem specifications
tell them; and the files. The exit code is 0 also where they differ, unless
--exit-code is given.`,
		Example: "  layerbuild diff old.zip dist/aws/web.zip\n  layerbuild diff aws/us-east-1/web:latest dist/aws/web.zip\n  layerbuild diff --json aws/us-east-1/web:6 aws/us-east-1/web:7",
		Args:    usage(cobra.ExactArgs(2)),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.check(); err != nil {
				return &usageError{err}
			}
			d, err := runDiff(cmd.Context(), w, o, args, f)
			if err == nil && code && d.Status == differs {
				return exitError(exitDigest)
			}
			return err
		},
	}
	f.flags(cmd.Flags())
	cmd.Flags().BoolVar(&code, "exit-code", false, "end in exit code 6 where the content differs")
	return cmd
}

// diffJSON is what diff --json prints.
type diffJSON struct {
	Schema int `json:"schema"`
	// Status is "same", "repacked" (the same content in other bytes) or
	// "differs".
	Status   string            `json:"status"`
	Old      sideJSON          `json:"old"`
	New      sideJSON          `json:"new"`
	Packages []packages.Change `json:"packages"`
	Files    []fileChange      `json:"files"`
}

func runDiff(ctx context.Context, w world, o *options, args []string, f lookupFlags) (d diffJSON, err error) {
	refs := make([]*reference, len(args))
	published := false
	for i, arg := range args {
		r, ok, err := parseReference(arg)
		if err != nil {
			return d, &usageError{err}
		}
		if ok {
			refs[i], published = &r, true
		}
	}
	var l *lookup
	if published {
		var done func() error
		if l, done, err = newLookup(ctx, w, o, f); err != nil {
			return d, err
		}
		defer func() { err = errors.Join(err, done()) }()
	}
	var sides [2]side
	for i, arg := range args {
		if sides[i], err = openSide(ctx, l, arg, refs[i]); err != nil {
			return d, err
		}
	}
	d = compareSides(sides[0], sides[1])
	if o.json {
		return d, printDocument(w, d)
	}
	printDiff(w, d, o.verbose)
	return d, nil
}

func compareSides(old, now side) diffJSON {
	d := diffJSON{
		Schema: jsonSchema, Status: differs, Old: old.sideJSON, New: now.sideJSON,
		Packages: append([]packages.Change{}, packages.Changes(old.packages, now.packages)...),
		Files:    append([]fileChange{}, fileChanges(old, now)...),
	}
	switch {
	case old.SHA256 == now.SHA256:
		d.Status = sameZip
	case old.Tree == now.Tree:
		d.Status = repacked
	}
	return d
}

func printDiff(w world, d diffJSON, all bool) {
	fmt.Fprintf(w.stdout, "%s  %s  %s\n", d.Status, printable(d.Old.Name), printable(d.New.Name))
	fmt.Fprintf(w.stdout, "entries   %s\n", change(int64(d.Old.Entries), int64(d.New.Entries)))
	fmt.Fprintf(w.stdout, "unzipped  %s\n", change(d.Old.Unzipped, d.New.Unzipped))
	fmt.Fprintf(w.stdout, "zip       %s\n", change(d.Old.Size, d.New.Size))
	for _, p := range d.Packages {
		fmt.Fprintf(w.stdout, "package %s  %s  %s  %s\n", p.Kind, p.Ecosystem, p.Name, fromTo(p.Old, p.New))
	}
	for i, f := range d.Files {
		if i == shownFiles && !all {
			fmt.Fprintf(w.stdout, "… and %d more files (-v lists them)\n", len(d.Files)-i)
			break
		}
		fmt.Fprintf(w.stdout, "file %s  %s  %s\n", f.Change, printable(f.Path), f.details())
	}
}

// change says how a number became another one.
func change(old, now int64) string {
	if old == now {
		return fmt.Sprint(now)
	}
	return fmt.Sprintf("%d -> %d (%+d)", old, now, now-old)
}

// fromTo says what was replaced by what; either may be nothing.
func fromTo(old, now string) string {
	if old == "" || now == "" {
		return old + now
	}
	return old + " -> " + now
}
