package main

import (
	"archive/zip"
	"context"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"

	"github.com/layerbuild/layerbuild/internal/packages"
	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/packager"
)

// sideJSON is one of the two layers, as diff --json describes it.
type sideJSON struct {
	// Name is the zip's path, or the version: its ARN where the cloud has one.
	Name string `json:"name"`
	// Version is the number of a published version, 0 for a zip.
	Version  int64     `json:"version"`
	SHA256   layer.Sum `json:"sha256"`
	CRC64    string    `json:"crc64"`
	Tree     layer.Sum `json:"tree"`
	Size     int64     `json:"size"`
	Unzipped int64     `json:"unzipped"`
	Entries  int       `json:"entries"`
}

// A side is one of the two layers that are compared.
type side struct {
	sideJSON
	entries  []layer.Listed
	packages []packages.Package
	// links are the targets of symlinks, by path.
	links map[string]string
}

// openSide reads a zip, or the one of the version that r names.
func openSide(ctx context.Context, l *lookup, path string, r *reference) (side, error) {
	name := filepath.ToSlash(path)
	var v layer.Version
	if r != nil {
		var done func()
		var err error
		if v, path, done, err = l.fetch(ctx, *r); err != nil {
			return side{}, err
		}
		defer done()
		r.number, name = v.Number, v.ARN
		if name == "" {
			name = r.String()
		}
	}
	s, err := readSide(ctx, path)
	if err != nil && r != nil {
		return side{}, fmt.Errorf("the zip of %s: %w", name, err)
	}
	s.Name, s.Version = name, v.Number
	return s, err
}

func readSide(ctx context.Context, path string) (side, error) {
	c, err := packager.Read(ctx, path, packager.Limits{})
	if err != nil {
		return side{}, err
	}
	a, d := c.Artifact, c.Artifact.Digests
	s := side{
		sideJSON: sideJSON{
			SHA256: d.SHA256, CRC64: d.CRC64Text(), Tree: d.Tree, Size: d.Size, Unzipped: a.Unzipped, Entries: len(a.Entries),
		},
		entries: a.Entries,
	}
	z, err := zip.OpenReader(path)
	if err != nil {
		return side{}, fmt.Errorf("reading %q: %w", path, err)
	}
	defer z.Close()
	if s.packages, err = packages.Find(&z.Reader); err == nil {
		s.links, err = links(&z.Reader)
	}
	if err != nil {
		return side{}, fmt.Errorf("reading %q: %w", path, err)
	}
	return s, nil
}

// longestLink bounds what is read of a symlink: PATH_MAX of Linux.
const longestLink = 4096

// links reads the targets of symlinks.
func links(z *zip.Reader) (map[string]string, error) {
	targets := map[string]string{}
	for _, f := range z.File {
		if f.Mode()&fs.ModeSymlink == 0 {
			continue
		}
		r, err := f.Open()
		if err != nil {
			return nil, fmt.Errorf("entry %q: %w", f.Name, err)
		}
		target, err := io.ReadAll(io.LimitReader(r, longestLink))
		r.Close()
		if err != nil {
			return nil, fmt.Errorf("entry %q: %w", f.Name, err)
		}
		targets[f.Name] = string(target)
	}
	return targets, nil
}
