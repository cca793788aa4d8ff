package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/layerbuild/layerbuild/pipeline"
)

// Options are the flags that all verbs share.
type options struct {
	dir      string
	targets  []string
	runtimes []string
	archs    []string
	output   string
	jobs     int
	json     bool
	progress string
	quiet    bool
	verbose  bool
	noColor  bool
}

func (o *options) filter() pipeline.Filter {
	return pipeline.Filter{Targets: o.targets, Runtimes: o.runtimes, Architectures: o.archs}
}

func newRoot(w world) *cobra.Command {
	var o options
	root := &cobra.Command{
		Use:   "layerbuild",
		Short: "Build serverless layers that anyone can rebuild bit for bit, and publish them",
		Long: `layerbuild turns a layer.toml into serverless layer versions: the same bytes on
every machine, a new version only when something changed.

Exit codes:
  0    done, or nothing to do
  1    another failure
  2    wrong usage or manifest
  3    some targets done and others not, or different causes
  4    credentials or permission
  5    a limit or budget is exceeded
  6    not reproducible, or a digest differs
  7    a function does not load the layer
  10   there is something to do (plan --detailed-exitcode)
  130  interrupted`,
		SilenceUsage: true, SilenceErrors: true,
		Args: usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.check(); err != nil {
				return &usageError{err}
			}
			if o.dir != "" {
				if err := os.Chdir(o.dir); err != nil {
					return &usageError{fmt.Errorf("-C %q: %w", o.dir, err)}
				}
			}
			return nil
		},
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return &usageError{err} })
	f := root.PersistentFlags()
	f.StringVarP(&o.dir, "directory", "C", "", "run as if started in this folder")
	f.BoolVar(&o.json, "json", false, "print one JSON document instead of lines")
	f.StringVar(&o.progress, "progress", "auto", "how to tell what is going on: auto, plain, json or none")
	f.BoolVarP(&o.quiet, "quiet", "q", false, "print results, warnings and errors only")
	f.BoolVarP(&o.verbose, "verbose", "v", false, "tell each step in detail")
	f.BoolVar(&o.noColor, "no-color", false, "no colours (also by NO_COLOR)")
	root.AddCommand(
		newBuild(w, &o), newVerify(w, &o), newPlan(w, &o), newPublish(w, &o), newStatus(w, &o), newPrune(w, &o), newSmoke(w, &o), newInspect(w, &o), newDiff(w, &o),
		newRuntimes(w, &o), newSandbox(w, &o), newSchema(w), newVersion(w, &o),
	)
	root.InitDefaultCompletionCmd()
	return root
}

// buildFlags adds the flags of the verbs that build.
func (o *options) buildFlags(f *pflag.FlagSet) {
	o.filterFlags(f)
	f.StringVarP(&o.output, "output", "o", "", `output folder (default "dist" beside each manifest)`)
	f.IntVarP(&o.jobs, "jobs", "j", runtime.GOMAXPROCS(0), "how many files to compress at once; never changes the bytes")
}

// filterFlags adds the flags that restrict the matrix.
func (o *options) filterFlags(f *pflag.FlagSet) {
	f.StringSliceVar(&o.targets, "target", nil, `only targets that match, such as "aws", "aws/eu-west-1" or "*/eu-*"`)
	f.StringSliceVar(&o.runtimes, "runtime", nil, "only zips for these runtimes")
	f.StringSliceVar(&o.archs, "arch", nil, "only zips for these architectures")
}

func (o *options) check() error {
	switch o.progress {
	case "auto", "plain", "json", "none":
	default:
		return fmt.Errorf("--progress %q: want auto, plain, json or none", o.progress)
	}
	if o.jobs < 0 {
		return fmt.Errorf("--jobs %d: want 1 or more", o.jobs)
	}
	return nil
}

// manifestPaths resolves the arguments of a verb: manifests, folders that hold
// one, and "folder/..." for all manifests below.
func manifestPaths(args []string) ([]string, error) {
	if len(args) == 0 {
		args = []string{"."}
	}
	var paths []string
	seen := map[string]bool{}
	add := func(p string) {
		if p = filepath.Clean(p); !seen[p] {
			seen[p] = true
			paths = append(paths, p)
		}
	}
	for _, arg := range args {
		if root, ok := strings.CutSuffix(filepath.ToSlash(arg), "/..."); ok {
			found, err := manifestsBelow(root)
			if err != nil {
				return nil, err
			}
			if len(found) == 0 {
				return nil, &usageError{fmt.Errorf("%s: no %s below %q", arg, manifestName, root)}
			}
			for _, p := range found {
				add(p)
			}
			continue
		}
		info, err := os.Stat(arg)
		if err != nil {
			return nil, &usageError{fmt.Errorf("reading manifest: %w", err)}
		}
		if info.IsDir() {
			folder := arg
			arg = filepath.Join(arg, manifestName)
			if _, err := os.Stat(arg); errors.Is(err, os.ErrNotExist) {
				return nil, &usageError{fmt.Errorf("there is no %s in the folder %q: write one, or name the folder or file that it is in", manifestName, folder)}
			} else if err != nil {
				return nil, &usageError{fmt.Errorf("reading manifest: %w", err)}
			}
		}
		add(arg)
	}
	return paths, nil
}

const manifestName = "layer.toml"

// manifestsBelow finds manifests in lexical order, and does not look into
// folders that hold other people's: hidden ones, dist and node_modules.
func manifestsBelow(root string) ([]string, error) {
	var found []string
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() && path != root && (strings.HasPrefix(name, ".") || name == "dist" || name == "node_modules") {
			return filepath.SkipDir
		}
		if !d.IsDir() && name == manifestName {
			found = append(found, path)
		}
		return nil
	})
	if err != nil {
		return nil, &usageError{fmt.Errorf("looking for manifests: %w", err)}
	}
	return found, nil
}
