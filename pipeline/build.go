package pipeline

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/manifest"
	"github.com/layerbuild/layerbuild/runtimes"
)

// Staged is a tree whose entries can be opened until Close.
type Staged struct {
	Tree  layer.Tree
	Notes []string
	Close func() error
}

// Steps are the stages that a build runs.
type Steps struct {
	Stage func(ctx context.Context, m *manifest.Manifest, l runtimes.Layout) (Staged, error)
	// Pack writes the zip of a tree to a path, whole or not at all.
	Pack func(ctx context.Context, t layer.Tree, path string) (layer.Artifact, error)
	// Tell is told what is being done, may be nil.
	Tell func(Event)
}

// An Event tells what a run is doing.
type Event struct {
	// Step is "staged", "packed", "reused", "uploading", "retrying" and so on.
	Step string `json:"step"`
	// Product and Where name the zip and, from the upload on, the target.
	Product string `json:"product,omitempty"`
	Where   string `json:"where,omitempty"`
	Text    string `json:"text"`
}

// A Built product is a product with the zip that was packed for it, which lies
// in a file of a temporary name until Keep is called.
type Built struct {
	Product  Product
	Artifact layer.Artifact
	final    string
}

// Build stages and packs every product below the output folder. Nothing is
// under a final name until [Keep]; on an error nothing is left. A tree over a
// limit of its cloud or the manifest's budget is an error that wraps
// layer.ErrLimit.
func Build(ctx context.Context, p *Plan, output string, steps Steps) (built []Built, notes []string, err error) {
	defer func() {
		if err != nil {
			Discard(built)
		}
	}()
	var open []Staged
	defer func() {
		for _, s := range open {
			err = errors.Join(err, s.Close())
		}
	}()
	for _, product := range p.Products {
		staged, err := steps.Stage(ctx, p.Manifest, product.Layout)
		if err != nil {
			return built, notes, fmt.Errorf("staging %s: %w", product, err)
		}
		open = append(open, staged)
		notes = appendNew(notes, staged.Notes)
		steps.tell(Event{Step: "staged", Product: product.String(), Text: fmt.Sprintf("%d entries, %d bytes", len(staged.Tree.Entries), staged.Tree.Size())})
		if err := checkTree(p, product, staged.Tree); err != nil {
			return built, notes, err
		}
		b := Built{Product: product, final: filepath.Join(output, product.Folder, product.Name+".zip")}
		twin := findTwin(open, staged.Tree)
		b.Artifact, err = steps.pack(ctx, b, staged.Tree, twin, built)
		if err != nil {
			return built, notes, fmt.Errorf("packing %s: %w", product, err)
		}
		built = append(built, b)
		if err := checkZip(p, product, b.Artifact); err != nil {
			return built, notes, err
		}
	}
	return built, notes, nil
}

// findTwin returns the index of an earlier tree that packs to the same bytes,
// or -1. The last tree is the new one itself.
func findTwin(open []Staged, t layer.Tree) int {
	for i := range open[:len(open)-1] {
		if open[i].Tree.Same(t) {
			return i
		}
	}
	return -1
}

func (s Steps) pack(ctx context.Context, b Built, t layer.Tree, twin int, built []Built) (layer.Artifact, error) {
	if err := os.MkdirAll(filepath.Dir(b.final), 0o777); err != nil {
		return layer.Artifact{}, err
	}
	path := filepath.Join(filepath.Dir(b.final), "."+filepath.Base(b.final)+".new")
	if twin >= 0 {
		a := built[twin].Artifact
		if err := copyFile(path, a.Path); err != nil {
			return layer.Artifact{}, err
		}
		a.Path = path
		s.tell(Event{Step: "reused", Product: b.Product.String(), Text: "same content as " + built[twin].Product.String()})
		return a, nil
	}
	a, err := s.Pack(ctx, t, path)
	if err == nil {
		s.tell(Event{Step: "packed", Product: b.Product.String(), Text: fmt.Sprintf("%d bytes, sha256:%s", a.Digests.Size, a.Digests.SHA256)})
	}
	return a, err
}

func (s Steps) tell(e Event) {
	if s.Tell != nil {
		s.Tell(e)
	}
}

// Keep moves the zips under their final names.
func Keep(built []Built) error {
	for i := range built {
		b := &built[i]
		if err := os.Rename(b.Artifact.Path, b.final); err != nil {
			return fmt.Errorf("keeping %s: %w", b.Product, err)
		}
		b.Artifact.Path = b.final
	}
	return nil
}

// Discard removes the zips of a build that was not kept.
func Discard(built []Built) {
	for _, b := range built {
		if b.Artifact.Path != b.final {
			os.Remove(b.Artifact.Path)
		}
	}
}

func appendNew(list, more []string) []string {
	seen := map[string]bool{}
	for _, s := range list {
		seen[s] = true
	}
	for _, s := range more {
		if !seen[s] {
			seen[s] = true
			list = append(list, s)
		}
	}
	return list
}

// copyFile makes dst a copy of src, by a hard link where the file system has
// them: neither is ever written again.
func copyFile(dst, src string) error {
	if err := os.Remove(dst); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if os.Link(src, dst) == nil {
		return nil
	}
	data, err := os.Open(src)
	if err != nil {
		return err
	}
	defer data.Close()
	out, err := os.Create(dst)
	if err != nil {
		return err
	}
	_, err = out.ReadFrom(data)
	return errors.Join(err, out.Close())
}
