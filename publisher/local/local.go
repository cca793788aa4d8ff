// Package local is a registry of layers in a folder: for targets without an
// account. Version 3 of the layer "web" is layers/web/3.json and
// layers/web/3.zip.
package local

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/layerbuild/layerbuild/internal/digest"
	"github.com/layerbuild/layerbuild/internal/wholefile"
	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/publisher"
)

// A Publisher is a registry. Any number of processes may use it at once. It is
// also a [publisher.Getter], a [publisher.Lister], a [publisher.Deleter] and a
// [publisher.UsageReader].
type Publisher struct{ folder string }

// New returns the registry in a folder, which comes into being with the first
// version.
func New(folder string) *Publisher { return &Publisher{folder} }

// A document is what the registry keeps of a version beside its zip.
type document struct {
	layer.Version
	Tree layer.Sum `json:"tree"`
}

// open returns the folder of a layer.
func (p *Publisher) open(name string) (*os.Root, error) {
	if !filepath.IsLocal(name) || filepath.Base(name) != name || name == "." {
		return nil, fmt.Errorf("%q is no name of a layer", name)
	}
	return os.OpenRoot(filepath.Join(p.folder, "layers", name))
}

// Publish copies the object, or the artifact where there is none. The version
// exists from the moment in which its document has a name.
func (p *Publisher) Publish(ctx context.Context, r publisher.Request) (layer.Version, error) {
	v, err := p.publish(ctx, r)
	if err != nil {
		return layer.Version{}, fmt.Errorf("writing to the registry %q: %w", p.folder, err)
	}
	return v, nil
}

func (p *Publisher) publish(ctx context.Context, r publisher.Request) (layer.Version, error) {
	source, err := open(r)
	if err != nil {
		return layer.Version{}, err
	}
	defer source.Close()
	root, err := p.open(r.Name)
	if isMissing(err) {
		if err := os.MkdirAll(filepath.Join(p.folder, "layers", r.Name), 0o777); err != nil {
			return layer.Version{}, err
		}
		root, err = p.open(r.Name)
	}
	if err != nil {
		return layer.Version{}, err
	}
	defer root.Close()

	zip, err := wholefile.New(root, ".")
	if err != nil {
		return layer.Version{}, err
	}
	defer zip.Close()
	h := digest.New()
	if _, err := wholefile.Copy(ctx, io.MultiWriter(h, zip), source, nil); err != nil {
		return layer.Version{}, err
	}
	number, err := take(root, zip)
	if err != nil {
		return layer.Version{}, err
	}
	d := h.Digests()
	doc := &document{
		Version: layer.Version{
			Name: r.Name, Number: number, ARN: "local:" + r.Name + ":" + strconv.FormatInt(number, 10),
			SHA256: d.SHA256.String(), CRC64: d.CRC64Text(), Size: d.Size, Description: r.Description,
			License: r.License, Runtimes: r.Runtimes, Architectures: r.Architectures,
		},
		Tree: r.Artifact.Digests.Tree,
	}
	if err := write(root, doc); err != nil {
		return layer.Version{}, err
	}
	return doc.Version, nil
}

// open opens what is to be published.
func open(r publisher.Request) (io.ReadCloser, error) {
	if r.Object.Key == "" {
		return os.Open(r.Artifact.Path)
	}
	bucket, err := os.OpenRoot(r.Object.Bucket)
	if err != nil {
		return nil, err
	}
	defer bucket.Close()
	return bucket.Open(filepath.FromSlash(r.Object.Key))
}

// take names the zip after the next free number, which no other process then
// gets.
func take(root *os.Root, zip *wholefile.File) (int64, error) {
	for {
		last, err := numbers(root, "")
		if err != nil {
			return 0, err
		}
		next := int64(1)
		if len(last) > 0 {
			next = last[0] + 1
		}
		err = zip.Name(file(next, ".zip"))
		if !isTaken(err) {
			return next, err
		}
	}
}

// write dates and names the document, or takes the zip away again. The date is
// the zip's, as the file system has it.
func write(root *os.Root, doc *document) (err error) {
	defer func() {
		if err != nil {
			root.Remove(file(doc.Number, ".zip"))
		}
	}()
	zip, err := root.Stat(file(doc.Number, ".zip"))
	if err != nil {
		return err
	}
	doc.Created = zip.ModTime().UTC().Format(time.RFC3339)
	text, err := json.MarshalIndent(doc, "", "  ")
	if err != nil {
		return err
	}
	f, err := wholefile.New(root, ".")
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := f.Write(append(text, '\n')); err != nil {
		return err
	}
	return f.Name(file(doc.Number, ".json"))
}

// Delete removes a version. Its number is not used again.
func (p *Publisher) Delete(_ context.Context, v layer.Version) error {
	root, err := p.open(v.Name)
	if err == nil {
		defer root.Close()
		err = root.Rename(file(v.Number, ".json"), file(v.Number, ".deleted"))
	}
	if err == nil {
		err = root.Remove(file(v.Number, ".zip"))
	}
	if err != nil && !isMissing(err) {
		return fmt.Errorf("deleting from the registry %q: %w", p.folder, err)
	}
	return nil
}
