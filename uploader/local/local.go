// Package local is a folder that serves as a bucket: an object is a file below
// it, under its key.
package local

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"

	"github.com/layerbuild/layerbuild/internal/digest"
	"github.com/layerbuild/layerbuild/internal/wholefile"
	"github.com/layerbuild/layerbuild/layer"
)

// An Uploader is a folder. Any number of processes may use it at once.
type Uploader struct{ folder string }

// New returns an uploader into a folder, which comes into being with the first
// object.
func New(folder string) *Uploader { return &Uploader{folder} }

// Stat reads the object to take its digests: what a file held once proves
// nothing.
func (u *Uploader) Stat(ctx context.Context, key string) (layer.Object, error) {
	o, err := u.stat(ctx, key)
	if err != nil {
		return layer.Object{}, fmt.Errorf("looking for %q in %q: %w", key, u.folder, err)
	}
	return o, nil
}

func (u *Uploader) stat(ctx context.Context, key string) (layer.Object, error) {
	root, err := os.OpenRoot(u.folder)
	if err != nil {
		return layer.Object{}, err
	}
	defer root.Close()
	f, err := root.Open(filepath.FromSlash(key))
	if err != nil {
		return layer.Object{}, err
	}
	defer f.Close()
	h := digest.New()
	if _, err := wholefile.Copy(ctx, h, f, nil); err != nil {
		return layer.Object{}, err
	}
	return u.object(key, h.Digests()), nil
}

func (u *Uploader) object(key string, d layer.Digests) layer.Object {
	return layer.Object{
		Bucket: u.folder, Key: key, Size: d.Size,
		SHA256: d.SHA256.String(), CRC64: d.CRC64Text(),
		CRC64NVME: strconv.FormatUint(d.CRC64NVME, 10),
	}
}

// Put copies to a file without a name, which gets the key as its name only
// when its bytes are on the disk and have the artifact's digests.
func (u *Uploader) Put(ctx context.Context, key string, a layer.Artifact, sent func(int64)) (layer.Object, error) {
	if sent == nil {
		sent = func(int64) {}
	}
	if err := u.put(ctx, key, a, sent); err != nil {
		return layer.Object{}, fmt.Errorf("copying to %q in %q: %w", key, u.folder, err)
	}
	return u.object(key, a.Digests), nil
}

func (u *Uploader) put(ctx context.Context, key string, a layer.Artifact, sent func(int64)) error {
	if err := os.MkdirAll(u.folder, 0o777); err != nil {
		return err
	}
	// The root keeps a key with ".." in it, or one that follows a link,
	// inside the folder.
	root, err := os.OpenRoot(u.folder)
	if err != nil {
		return err
	}
	defer root.Close()
	name := filepath.FromSlash(key)
	if err := root.MkdirAll(filepath.FromSlash(path.Dir(key)), 0o777); err != nil {
		return err
	}
	if _, err := root.Lstat(name); err == nil {
		return fs.ErrExist
	}
	source, err := os.Open(a.Path)
	if err != nil {
		return err
	}
	defer source.Close()
	file, err := wholefile.New(root, filepath.Dir(name))
	if err != nil {
		return err
	}
	defer file.Close()
	h := digest.New()
	n, err := wholefile.Copy(ctx, io.MultiWriter(h, file), source, sent)
	if err == nil {
		err = same(h.Digests(), a)
	}
	if err == nil {
		err = file.Name(name)
	}
	if err != nil {
		sent(-n)
	}
	return err
}

func same(got layer.Digests, a layer.Artifact) error {
	got.Tree = a.Digests.Tree
	if got != a.Digests {
		return fmt.Errorf("%q is not what was packed: sha256 %s, want %s: %w", a.Path, got.SHA256, a.Digests.SHA256, layer.ErrDigest)
	}
	return nil
}
