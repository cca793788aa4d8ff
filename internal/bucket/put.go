package bucket

import (
	"context"
	"errors"
	"fmt"
	"hash/crc64"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/layerbuild/layerbuild/layer"
)

// cleanTime is what tidying up may take after the caller has given up.
const cleanTime = 15 * time.Second

// A transfer is one artifact on its way to one key.
type transfer struct {
	*Uploader
	key      string
	digests  layer.Digests
	file     *os.File
	progress *progress
}

// Put is the one of [uploader.Uploader]. These stores check no digest of the
// whole object before they keep it, so the file is read once before it is sent,
// and the CRC-64 of the store's answer is held against the artifact's. An object
// that was made of other bytes all the same is removed again.
//
// An upload in parts that fails for want of a connection or of time is left for
// the next run to go on with, and aborted otherwise.
func (u *Uploader) Put(ctx context.Context, key string, a layer.Artifact, sent func(int64)) (layer.Object, error) {
	t := &transfer{Uploader: u, key: key, digests: a.Digests, progress: &progress{sent: sent}}
	o, err := t.put(ctx, a.Path)
	if err != nil {
		return layer.Object{}, fmt.Errorf("uploading %q: %w", u.store.URL(key), err)
	}
	t.progress.reach(a.Digests.Size)
	return o, nil
}

func (t *transfer) put(ctx context.Context, path string) (layer.Object, error) {
	file, err := os.Open(path)
	if err != nil {
		return layer.Object{}, err
	}
	defer file.Close()
	t.file = file
	if err := t.check(); err != nil {
		return layer.Object{}, err
	}
	send := t.sendWhole
	if t.digests.Size > t.single {
		send = t.sendParts
	}
	o, err := send(ctx)
	if err != nil {
		return layer.Object{}, err
	}
	return t.confirm(ctx, o)
}

// check reads the file and compares it with what was packed.
func (t *transfer) check() error {
	info, err := t.file.Stat()
	if err != nil {
		return err
	}
	if info.Size() != t.digests.Size {
		return fmt.Errorf("%q has %d bytes and had %d when it was packed: %w",
			t.file.Name(), info.Size(), t.digests.Size, layer.ErrDigest)
	}
	h := crc64.New(crc64.MakeTable(crc64.ECMA))
	if _, err := io.Copy(h, io.NewSectionReader(t.file, 0, t.digests.Size)); err != nil {
		return err
	}
	if h.Sum64() != t.digests.CRC64 {
		return fmt.Errorf("%q has other bytes than when it was packed: %w", t.file.Name(), layer.ErrDigest)
	}
	return nil
}

func (t *transfer) sendWhole(ctx context.Context) (layer.Object, error) {
	return t.create(ctx, func() (layer.Object, error) {
		b := newBody(t.file, 0, t.digests.Size, t.progress)
		o, err := t.store.Put(ctx, t.key, b)
		b.end(err == nil)
		return o, err
	})
}

// create makes the request that makes the object, and makes it again when
// nothing came of it. When nobody knows what came of it, that is looked for
// first: then an object with the right bytes is this one.
func (t *transfer) create(ctx context.Context, request func() (layer.Object, error)) (o layer.Object, err error) {
	err = t.try(ctx, func() (err error) {
		o, err = request()
		if !unknown(err) || ctx.Err() != nil {
			return err
		}
		found, missing := t.store.Head(ctx, t.key)
		switch {
		case missing != nil:
			return err
		case found.Size == t.digests.Size && found.CRC64 == t.digests.CRC64Text():
			o = found
			return nil
		}
		return &layer.Fault{Message: "there is an object with other bytes", Cause: fs.ErrExist, Err: err}
	})
	return o, err
}

// confirm holds the digest that the store answered with against the sent one.
// The answer to the completion of an upload may lack it.
func (t *transfer) confirm(ctx context.Context, o layer.Object) (layer.Object, error) {
	if o.CRC64 == "" {
		found, err := t.stat(ctx, t.key)
		if err != nil {
			return layer.Object{}, fmt.Errorf("looking for its digest: %w", err)
		}
		o.CRC64 = found.CRC64
	}
	fault := &layer.Fault{Cause: layer.ErrDigest}
	switch o.CRC64 {
	case t.digests.CRC64Text():
		return o, nil
	case "":
		fault.Message = "the store confirmed no digest"
		fault.Hint = "the store must tell the CRC-64 of its objects"
	default:
		fault.Message = fmt.Sprintf("the store has other bytes: crc64 %s, sent was %s", o.CRC64, t.digests.CRC64Text())
	}
	return layer.Object{}, t.remove(ctx, o, fault)
}

// remove takes an object away that was made a moment ago, even when the run is
// being interrupted, and returns the cause with what else went wrong.
func (t *transfer) remove(ctx context.Context, o layer.Object, cause error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanTime)
	defer cancel()
	err := t.try(ctx, func() error { return t.store.Delete(ctx, o) })
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w; removing the object: %w", cause, err)
	}
	return cause
}
