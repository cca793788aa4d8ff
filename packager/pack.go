// Package packager writes a [layer.Tree] as a zip whose bytes depend on the
// tree, the level and the epoch and on nothing else: not on the number of
// workers, the memory they may take, the machine, its clock or its time zone.
// docs/format.md describes the bytes.
//
//	artifact, err := packager.Pack(ctx, tree, "dist/aws/web-deps.zip", packager.Options{})
//
// It also reads zips of any origin back into listings and digests ([Read]), and
// finds the first thing in which two of them differ.
package packager

import (
	"context"
	"fmt"

	"github.com/layerbuild/layerbuild/layer"
)

// Pack writes the tree to a zip at path, in a folder that exists, and returns
// it with all its digests. Each content is read once, or twice where it is over
// 256 KiB and deflate does not shrink it.
//
// The zip appears under its name complete, synced to disk and with permission
// 0644, replacing what was there, or not at all: after an error, also that of a
// cancelled context, nothing is left behind and nothing goes on. A Read of an
// entry's content that hangs is waited for.
//
// Of several entries that fail, the error names the first in order of path.
// Entries of 4 GiB and more are refused with an error that wraps
// [layer.ErrLimit].
func Pack(ctx context.Context, t layer.Tree, path string, o Options) (layer.Artifact, error) {
	a, err := pack(ctx, t, path, o)
	if err != nil {
		return layer.Artifact{}, fmt.Errorf("packing %q: %w", path, err)
	}
	return a, nil
}

func pack(ctx context.Context, t layer.Tree, path string, o Options) (layer.Artifact, error) {
	s, err := o.settle()
	if err != nil {
		return layer.Artifact{}, err
	}
	if err := checkTree(t); err != nil {
		return layer.Artifact{}, err
	}
	file, err := newReplacement(path)
	if err != nil {
		return layer.Artifact{}, err
	}
	defer file.discard()

	scratch := newScratch(path)
	defer scratch.close()

	out := newDigester(file)
	listed, err := assemble(ctx, t, s, scratch, out)
	digests, writeErr := out.finish()
	if err == nil {
		err = writeErr
	}
	if err == nil {
		err = context.Cause(ctx)
	}
	if err == nil {
		err = file.commit()
	}
	if err != nil {
		return layer.Artifact{}, err
	}
	digests.Tree = layer.TreeDigest(listed)
	return layer.Artifact{
		Path:     path,
		Digests:  digests,
		Packing:  s.packing(),
		Unzipped: t.Size(),
		Entries:  listed,
	}, nil
}
