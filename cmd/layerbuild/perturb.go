package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/layerbuild/layerbuild/internal/lockfile"
	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/manifest"
	"github.com/layerbuild/layerbuild/runtimes"
)

// Surroundings are what must not show in the bytes of a build.
type surroundings struct {
	name    string
	umask   fs.FileMode
	reverse bool
	mtime   time.Time
	jobs    string
	environ []string
}

// twoSurroundings differ in everything that one machine can change.
func twoSurroundings() []surroundings {
	return []surroundings{
		{
			name: "a", umask: 0o022, mtime: time.Unix(1_000_000_001, 0), jobs: "1",
			environ: []string{"TZ=UTC", "LC_ALL=C", "GOMAXPROCS=1"},
		},
		{
			name: "other place", umask: 0o077, reverse: true, mtime: time.Unix(2_000_000_000, 0), jobs: "7",
			environ: []string{"TZ=Asia/Kathmandu", "LC_ALL=tr_TR.UTF-8", "SOURCE_DATE_EPOCH=1700000000"},
		},
	}
}

// perturbProject builds two copies of the project's folder in different
// surroundings, by this program as a child, and compares their locks.
func perturbProject(ctx context.Context, w world, o *options, p *project, tell *teller) error {
	temp, err := os.MkdirTemp("", "layerbuild-perturb-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	var locks []lockfile.File
	for _, s := range twoSurroundings() {
		tell.step(p.file, "perturbed", s.name)
		lock, err := buildIn(ctx, w, o, p, s, filepath.Join(temp, s.name))
		if err != nil {
			return fmt.Errorf("%s: building in other surroundings: %w", p.file, err)
		}
		locks = append(locks, lock)
	}
	differences := lockfile.Diff(locks[0], locks[1], true)
	if len(differences) == 0 {
		return nil
	}
	text := ""
	for _, d := range differences {
		text += "\n" + d.String()
	}
	return fmt.Errorf("%s: two builds in different surroundings differ: %w%s", p.file, layer.ErrDigest, text)
}

// buildIn copies the project below a folder and builds it there.
func buildIn(ctx context.Context, w world, o *options, p *project, s surroundings, dir string) (lockfile.File, error) {
	home, err := s.copyProject(p, dir)
	if err != nil {
		return lockfile.File{}, err
	}
	tmp := filepath.Join(dir, "tmp")
	if err := os.MkdirAll(tmp, 0o777); err != nil {
		return lockfile.File{}, err
	}
	program, err := w.program()
	if err != nil {
		return lockfile.File{}, err
	}
	file := filepath.Join(home, filepath.Base(p.file))
	args := []string{"build", "--progress", "none", "--jobs", s.jobs, "--output", filepath.Join(dir, "out"), file}
	for _, f := range []struct {
		flag   string
		values []string
	}{{"--target", o.targets}, {"--runtime", o.runtimes}, {"--arch", o.archs}} {
		for _, v := range f.values {
			args = append(args, f.flag, v)
		}
	}
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Args[0] = "layerbuild"
	cmd.Env = append(slices.Clone(w.environ), append(s.environ, "TMPDIR="+tmp)...)
	if p.plan.Manifest.Package.EpochFromEnv {
		cmd.Env = append(cmd.Env, "SOURCE_DATE_EPOCH="+getenv(w.environ, "SOURCE_DATE_EPOCH"))
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Run(); err != nil {
		return lockfile.File{}, fmt.Errorf("%w: %s", err, strings.TrimSpace(stderr.String()))
	}
	return lockfile.Read(filepath.Join(home, lockfile.Name))
}

// copyProject copies the manifest and its sources, sources outside of its
// folder to where the copy's relative paths lead.
func (s surroundings) copyProject(p *project, dir string) (string, error) {
	depth := 0
	sources := p.sources()
	for _, src := range sources {
		depth = max(depth, strings.Count(src+"/", "../"))
	}
	home := filepath.Join(dir, strings.Repeat("d/", depth), "project")
	if err := os.MkdirAll(home, 0o777); err != nil {
		return "", err
	}
	if err := s.copyFile(filepath.Join(home, filepath.Base(p.file)), p.file); err != nil {
		return "", err
	}
	for _, src := range sources {
		if err := s.copyTree(filepath.Join(home, filepath.FromSlash(src)), filepath.Join(p.dir, filepath.FromSlash(src)), p.output); err != nil {
			return "", err
		}
	}
	return home, nil
}

// sources returns the paths of the sources, placeholders filled in, that no
// other one holds.
func (p *project) sources() []string {
	var list []string
	for _, src := range p.plan.Manifest.Sources {
		for _, product := range p.plan.Products {
			for _, place := range product.Layout.Places {
				rendered := path.Clean(manifest.Render(src.Path, map[string]string{
					"runtime": runtimes.Token(place.Cell.Runtime), "arch": place.Arch,
				}))
				if _, err := os.Lstat(filepath.Join(p.dir, filepath.FromSlash(rendered))); err == nil {
					list = append(list, rendered)
				}
			}
		}
	}
	slices.Sort(list)
	list = slices.Compact(list)
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool {
		return slices.ContainsFunc(list, func(o string) bool {
			return o == "." && s != "." && !strings.HasPrefix(s, "..") || strings.HasPrefix(s, o+"/")
		})
	})
}

func (s surroundings) copyTree(dst, src, output string) error {
	info, err := os.Stat(src)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		if err := os.MkdirAll(filepath.Dir(dst), 0o777); err != nil {
			return err
		}
		return s.copyFile(dst, src)
	}
	skip, err := filepath.Abs(output)
	if err != nil {
		return err
	}
	if abs, err := filepath.Abs(src); err != nil || abs == skip {
		return err
	}
	if err := os.MkdirAll(dst, 0o777); err != nil {
		return err
	}
	entries, err := os.ReadDir(src)
	if err != nil {
		return err
	}
	if s.reverse {
		slices.Reverse(entries)
	}
	for _, e := range entries {
		if e.Name() == ".git" || e.Name() == ".layerbuild" {
			continue
		}
		from, to := filepath.Join(src, e.Name()), filepath.Join(dst, e.Name())
		switch {
		case e.IsDir():
			err = s.copyTree(to, from, output)
		case e.Type()&fs.ModeSymlink != 0:
			err = copyLink(to, from)
		default:
			err = s.copyFile(to, from)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func copyLink(dst, src string) error {
	target, err := os.Readlink(src)
	if err != nil {
		return err
	}
	if err := os.Symlink(target, dst); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}

// copyFile copies the content, and of the mode what the umask leaves.
func (s surroundings) copyFile(dst, src string) error {
	in, err := os.Open(src)
	if err != nil {
		return err
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return err
	}
	out, err := os.Create(dst)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	mode := fs.FileMode(0o666)
	if info.Mode()&0o100 != 0 {
		mode = 0o777
	}
	return errors.Join(err, out.Chmod(mode&^s.umask), out.Close(), os.Chtimes(dst, s.mtime, s.mtime))
}
