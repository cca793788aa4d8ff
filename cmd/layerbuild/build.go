package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/layerbuild/layerbuild/internal/lockfile"
	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/pipeline"
)

// artifactJSON is how build --json and verify --json describe a zip.
type artifactJSON struct {
	Manifest   string    `json:"manifest"`
	Cloud      string    `json:"cloud"`
	Name       string    `json:"name"`
	Path       string    `json:"path"`
	SHA256     layer.Sum `json:"sha256"`
	CRC64      string    `json:"crc64"`
	Tree       layer.Sum `json:"tree"`
	Size       int64     `json:"size"`
	Unzipped   int64     `json:"unzipped"`
	Entries    int       `json:"entries"`
	Compressor string    `json:"compressor"`
	Level      int       `json:"level"`
	Epoch      int64     `json:"epoch"`
}

func newArtifactJSON(p *project, b pipeline.Built) artifactJSON {
	a := b.Artifact
	return artifactJSON{
		Manifest: p.file, Cloud: b.Product.Folder, Name: b.Product.Name, Path: filepath.ToSlash(a.Path),
		SHA256: a.Digests.SHA256, CRC64: a.Digests.CRC64Text(), Tree: a.Digests.Tree,
		Size: a.Digests.Size, Unzipped: a.Unzipped, Entries: len(a.Entries),
		Compressor: a.Packing.Compressor, Level: a.Packing.Level, Epoch: a.Packing.Epoch,
	}
}

func newBuild(w world, o *options) *cobra.Command {
	var locked bool
	cmd := &cobra.Command{
		Use:   "build [manifest|folder|./...]...",
		Short: "Build the zips of a manifest and update layer.lock",
		Long: `Build resolves the folder layout of each runtime, gathers the sources, packs the
zips below dist/, and writes layer.lock.

It prints a line for each zip, "<sha256>  <path>", which sha256sum -c takes.`,
		Example: "  layerbuild build\n  layerbuild build --locked ./...\n  layerbuild build --runtime python3.12 --json layers/web",
		RunE: func(cmd *cobra.Command, args []string) error {
			return runBuild(cmd.Context(), w, o, args, locked)
		},
	}
	o.buildFlags(cmd.Flags())
	cmd.Flags().BoolVar(&locked, "locked", false, "fail (exit 6) if layer.lock would change")
	return cmd
}

func runBuild(ctx context.Context, w world, o *options, args []string, locked bool) error {
	projects, err := loadProjects(args, o)
	if err != nil {
		return err
	}
	tell := newTeller(w, o)
	var failed causes
	list := []artifactJSON{}
	for _, p := range projects {
		built, err := buildAlone(ctx, w, o, p, locked, tell)
		if err != nil {
			failed.list = append(failed.list, err)
			if ctx.Err() != nil {
				break
			}
			continue
		}
		for _, b := range built {
			list = append(list, newArtifactJSON(p, b))
		}
	}
	if o.json {
		if err := printJSON(w, "artifacts", list); err != nil {
			return err
		}
	} else {
		for _, a := range list {
			fmt.Fprintf(w.stdout, "%s  %s\n", a.SHA256, a.Path)
		}
	}
	return failed.err(len(list) > 0)
}

// buildAlone builds a project while no other process does.
func buildAlone(ctx context.Context, w world, o *options, p *project, locked bool, tell *teller) (built []pipeline.Built, err error) {
	lock, err := p.lockState(w, "build")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, lock.Release()) }()
	return buildProject(ctx, w, o, p, locked, tell)
}

// buildProject builds a project's zips under their final names. With locked
// set, a lock that would change is an error and nothing is kept.
func buildProject(ctx context.Context, w world, o *options, p *project, locked bool, tell *teller) ([]pipeline.Built, error) {
	built, err := p.build(ctx, w, o, p.output, tell)
	if err != nil {
		return nil, err
	}
	defer pipeline.Discard(built)
	old, next, err := p.lock(built)
	if err != nil {
		return nil, err
	}
	if locked {
		if err := lockError(p, lockfile.Diff(old, next, p.whole)); err != nil {
			return nil, err
		}
	}
	if err := pipeline.Keep(built); err != nil {
		return nil, err
	}
	if !locked {
		if err := lockfile.Write(p.lockPath(), next); err != nil {
			return nil, err
		}
	}
	return built, nil
}

// lockError says how a build differs from the lock.
func lockError(p *project, differences []lockfile.Difference) error {
	if len(differences) == 0 {
		return nil
	}
	text := ""
	for _, d := range differences {
		text += "\n" + d.String()
	}
	return &hinted{
		error: fmt.Errorf("%s: the build is not what %s says: %w%s", p.file, lockfile.Name, layer.ErrDigest, text),
		hint:  fmt.Sprintf("if the change is wanted, run %q and commit %s", "layerbuild build "+p.file, filepath.ToSlash(p.lockPath())),
	}
}

// err returns the causes as an error, nil if there are none.
func (c *causes) err(done bool) error {
	if len(c.list) == 0 {
		return nil
	}
	c.done = done
	return c
}
