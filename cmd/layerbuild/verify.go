package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/layerbuild/layerbuild/internal/lockfile"
	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/packager"
	"github.com/layerbuild/layerbuild/pipeline"
)

// verdictJSON is how verify --json describes a zip.
type verdictJSON struct {
	artifactJSON
	Status string `json:"status"`
	// Content tells changed files from changed packing.
	Content bool `json:"content"`
	// Field and Entry are the first difference.
	Field  string `json:"field"`
	Entry  string `json:"entry"`
	Reason string `json:"reason"`
}

func newVerify(w world, o *options) *cobra.Command {
	var perturb bool
	cmd := &cobra.Command{
		Use:   "verify [manifest|folder|./...]...",
		Short: "Rebuild and compare with layer.lock",
		Long: `Verify builds every zip again, in a temporary folder, and compares it with
layer.lock. A difference ends in exit code 6 and names the first entry and field
(path, mode, bytes) that differs, or says that the content is the same and only
the packing (compressor, level, epoch) is not. Nothing is written.

With --perturb it also builds copies of the manifest's folder twice in different
surroundings: another folder, umask, file order, modification times, time zone,
locale, number of workers and temporary folder.`,
		Example: "  layerbuild verify ./...\n  layerbuild verify --perturb",
		RunE: func(cmd *cobra.Command, args []string) error {
			return runVerify(cmd.Context(), w, o, args, perturb)
		},
	}
	o.buildFlags(cmd.Flags())
	cmd.Flags().BoolVar(&perturb, "perturb", false, "also build twice in different surroundings")
	return cmd
}

func runVerify(ctx context.Context, w world, o *options, args []string, perturb bool) error {
	projects, err := loadProjects(args, o)
	if err != nil {
		return err
	}
	tell := newTeller(w, o)
	var failed causes
	verdicts := []verdictJSON{}
	good := false
	for _, p := range projects {
		list, err := verifyProject(ctx, w, o, p, tell)
		verdicts = append(verdicts, list...)
		if err == nil && perturb {
			err = perturbProject(ctx, w, o, p, tell)
		}
		if err != nil {
			failed.list = append(failed.list, err)
			if ctx.Err() != nil {
				break
			}
			continue
		}
		good = true
	}
	if o.json {
		if err := printJSON(w, "artifacts", verdicts); err != nil {
			return err
		}
	} else {
		for _, v := range verdicts {
			fmt.Fprintf(w.stdout, "%s  %s/%s  sha256:%s\n", v.Status, v.Cloud, v.Name, v.SHA256)
		}
	}
	return failed.err(good)
}

// verifyProject rebuilds a project in a temporary folder and compares it with
// its lock.
func verifyProject(ctx context.Context, w world, o *options, p *project, tell *teller) ([]verdictJSON, error) {
	if _, err := os.Stat(p.lockPath()); errors.Is(err, fs.ErrNotExist) {
		return nil, missingLock(p)
	}
	temp, err := os.MkdirTemp("", "layerbuild-verify-*")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(temp)
	built, err := p.build(ctx, w, o, temp, tell)
	if err != nil {
		return nil, err
	}
	old, next, err := p.lock(built)
	if err != nil {
		return nil, err
	}
	differences := lockfile.Diff(old, next, p.whole)
	for i := range differences {
		if err := p.explain(ctx, &differences[i], old, built); err != nil {
			return nil, err
		}
	}
	return verdicts(p, built, differences), lockError(p, differences)
}

// explain makes a difference as exact as two zips can tell it, where the zip
// that the lock describes is still in the output folder.
func (p *project) explain(ctx context.Context, d *lockfile.Difference, locked lockfile.File, built []pipeline.Built) error {
	i := slices.IndexFunc(built, func(b pipeline.Built) bool { return keyOf(b) == d.Key })
	if i < 0 {
		return nil
	}
	kept := p.zipPath(built[i])
	old, err := packager.Read(ctx, kept, packager.Limits{})
	if err != nil || old.Artifact.Digests.SHA256 != locked.Artifacts[d.Key].SHA256 {
		return ctx.Err() // another zip, or none: the lock has to do
	}
	if first, ok := packager.FirstDifference(old.Artifact.Entries, built[i].Artifact.Entries); ok {
		d.Path, d.Field, d.Locked, d.Built = first.Path, first.Field, first.A, first.B
		return nil
	}
	if d.Field != "zip" {
		return nil
	}
	first, ok, err := packager.FirstPackingDifference(kept, built[i].Artifact.Path)
	if ok {
		d.Path, d.Field, d.Locked, d.Built = first.Path, first.Field, first.A, first.B
	}
	return err
}

func verdicts(p *project, built []pipeline.Built, differences []lockfile.Difference) []verdictJSON {
	byKey := map[lockfile.Key]lockfile.Difference{}
	for _, d := range differences {
		byKey[d.Key] = d
	}
	var list []verdictJSON
	for _, b := range built {
		v := verdictJSON{artifactJSON: newArtifactJSON(p, b), Status: "same"}
		v.Path = filepath.ToSlash(p.zipPath(b))
		if d, ok := byKey[keyOf(b)]; ok {
			v.Status, v.Content, v.Field, v.Entry, v.Reason = "differs", d.Content, d.Field, d.Path, d.String()
		}
		list = append(list, v)
	}
	return list
}

func missingLock(p *project) error {
	return &hinted{
		error: fmt.Errorf("%s: there is no %s to compare with: %w", p.file, filepath.ToSlash(p.lockPath()), layer.ErrDigest),
		hint:  fmt.Sprintf("run %q and commit the lock", "layerbuild build "+p.file),
	}
}
