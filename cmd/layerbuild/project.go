package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"github.com/layerbuild/layerbuild/builder"
	"github.com/layerbuild/layerbuild/internal/lockfile"
	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/manifest"
	"github.com/layerbuild/layerbuild/packager"
	"github.com/layerbuild/layerbuild/pipeline"
	"github.com/layerbuild/layerbuild/runtimes"
)

// A project is one manifest with its plan, already filtered.
type project struct {
	// file is the manifest's path, dir its folder, output where zips go.
	file, dir, output string
	plan              *pipeline.Plan
	// whole says that no filter left anything out.
	whole bool
}

func (p *project) lockPath() string { return filepath.Join(p.dir, lockfile.Name) }

// loadProjects reads the manifests that the arguments name. All problems of
// all manifests are reported together.
func loadProjects(args []string, o *options) ([]*project, error) {
	paths, err := manifestPaths(args)
	if err != nil {
		return nil, err
	}
	catalogue, err := runtimes.Load()
	if err != nil {
		return nil, err
	}
	var list []*project
	var bad causes
	for _, path := range paths {
		p, err := loadProject(path, catalogue, o)
		if err != nil {
			bad.list = append(bad.list, err)
			continue
		}
		list = append(list, p)
	}
	if len(bad.list) > 0 {
		return nil, &bad
	}
	return list, nil
}

func loadProject(path string, c *runtimes.Catalogue, o *options) (*project, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, &usageError{fmt.Errorf("reading manifest: %w", err)}
	}
	m, err := manifest.Parse(filepath.ToSlash(path), data, pipeline.Check(c))
	if err != nil {
		return nil, err
	}
	plan, err := pipeline.New(m, c)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if plan, err = plan.Only(o.filter(), c); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	p := &project{file: filepath.ToSlash(path), dir: filepath.Dir(path), plan: plan, whole: o.filter().IsZero()}
	p.output = filepath.Join(p.dir, "dist")
	if o.output != "" {
		p.output = o.output
	}
	return p, nil
}

// build stages and packs the project's zips; none has its final name yet.
func (p *project) build(ctx context.Context, w world, o *options, output string, tell *teller) ([]pipeline.Built, error) {
	epoch, err := p.epoch(w)
	if err != nil {
		return nil, err
	}
	skip, err := p.outputs(p.output, output)
	if err != nil {
		return nil, err
	}
	steps := pipeline.Steps{
		Stage: func(ctx context.Context, m *manifest.Manifest, l runtimes.Layout) (pipeline.Staged, error) {
			s, err := builder.Stage(ctx, m, l, builder.Options{Dir: p.dir, Skip: skip, Workers: o.jobs})
			if err != nil {
				return pipeline.Staged{}, err
			}
			return pipeline.Staged{Tree: s.Tree, Notes: s.Notes, Close: s.Close}, nil
		},
		Pack: func(ctx context.Context, t layer.Tree, path string) (layer.Artifact, error) {
			return packager.Pack(ctx, t, path, packager.Options{Level: p.plan.Manifest.Package.Level, Epoch: epoch, Workers: o.jobs})
		},
		Tell: tell.event,
	}
	for _, n := range p.plan.Notes {
		tell.note(p.file, n)
	}
	built, notes, err := pipeline.Build(ctx, p.plan, output, steps)
	for _, n := range notes {
		tell.note(p.file, n)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p.file, err)
	}
	return built, nil
}

// epoch returns the time of all entries. SOURCE_DATE_EPOCH counts only where
// the manifest asks for it: it changes with each commit, and so would the
// layer's version.
func (p *project) epoch(w world) (int64, error) {
	pkg := p.plan.Manifest.Package
	if !pkg.EpochFromEnv {
		return pkg.Epoch, nil
	}
	text := getenv(w.environ, "SOURCE_DATE_EPOCH")
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, &usageError{fmt.Errorf("%s: package.epoch is \"env\", but SOURCE_DATE_EPOCH is %q: want seconds since 1970", p.file, text)}
	}
	if err := packager.CheckEpoch(n); err != nil {
		return 0, &usageError{fmt.Errorf("SOURCE_DATE_EPOCH: %w", err)}
	}
	return n, nil
}

// lock returns the project's lock, empty if there is none, and what it would
// be after this build.
func (p *project) lock(built []pipeline.Built) (old, next lockfile.File, err error) {
	old, err = lockfile.Read(p.lockPath())
	if errors.Is(err, fs.ErrNotExist) {
		old, err = lockfile.File{}, nil
	}
	next.Artifacts = map[lockfile.Key]lockfile.Artifact{}
	if !p.whole {
		for k, a := range old.Artifacts {
			next.Artifacts[k] = a
		}
	}
	for _, b := range built {
		next.Artifacts[keyOf(b)] = lockfile.Of(b.Artifact, p.listEntries(b.Artifact))
	}
	return old, next, err
}

// locked returns what tells each product's digests as they were locked. The
// error wraps fs.ErrNotExist for one that is not.
func (p *project) locked() (func(pipeline.Product) (layer.Digests, error), error) {
	lock, err := lockfile.Read(p.lockPath())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return func(product pipeline.Product) (layer.Digests, error) {
		a, ok := lock.Artifacts[lockfile.Key{Cloud: product.Folder, Name: product.Name}]
		if !ok {
			return layer.Digests{}, fmt.Errorf("%s is not in %s: %w", product, lockfile.Name, fs.ErrNotExist)
		}
		return a.Digests()
	}, nil
}

func keyOf(b pipeline.Built) lockfile.Key {
	return lockfile.Key{Cloud: b.Product.Folder, Name: b.Product.Name}
}

// zipPath is where a product's zip lies once it is kept.
func (p *project) zipPath(b pipeline.Built) string {
	return filepath.Join(p.output, b.Product.Folder, b.Product.Name+".zip")
}

func (p *project) listEntries(a layer.Artifact) bool {
	switch p.plan.Manifest.Lock.Entries {
	case "true":
		return true
	case "false":
		return false
	}
	return len(a.Entries) <= lockfile.MaxEntries
}

// outputs returns the absolute paths of what builds write to: output folders,
// or only the folders below them where they hold the manifest itself.
func (p *project) outputs(folders ...string) ([]string, error) {
	home, err := filepath.Abs(p.dir)
	if err != nil {
		return nil, err
	}
	var list []string
	for _, f := range folders {
		abs, err := filepath.Abs(f)
		if err != nil {
			return nil, err
		}
		if rel, err := filepath.Rel(abs, home); err != nil || !filepath.IsLocal(rel) {
			list = append(list, abs)
			continue
		}
		for _, product := range p.plan.Products {
			list = append(list, filepath.Join(abs, product.Folder))
		}
	}
	return list, nil
}

// getenv returns a variable of an environment, the last one set.
func getenv(environ []string, name string) string {
	value := ""
	for _, kv := range environ {
		if len(kv) > len(name) && kv[len(name)] == '=' && kv[:len(name)] == name {
			value = kv[len(name)+1:]
		}
	}
	return value
}
