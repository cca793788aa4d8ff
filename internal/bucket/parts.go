package bucket

import (
	"context"
	"errors"
	"io/fs"

	"golang.org/x/sync/errgroup"

	"github.com/layerbuild/layerbuild/layer"
)

const (
	// parallel is how many parts are sent at once.
	parallel = 4
	// rounds bounds how often an upload is begun anew after another run took
	// it away.
	rounds = 3
)

// cut says how a file is cut into parts.
type cut struct{ size, part int64 }

func newCut(size, part int64) cut {
	if least := (size + MaxParts - 1) / MaxParts; part < least {
		part = least
	}
	return cut{size, part}
}

func (c cut) count() int { return int((c.size + c.part - 1) / c.part) }

// at returns where a part begins, and its size. Numbers are from 1.
func (c cut) at(number int) (offset, size int64) {
	offset = int64(number-1) * c.part
	return offset, min(c.part, c.size-offset)
}

func (t *transfer) sendParts(ctx context.Context) (layer.Object, error) {
	c := newCut(t.digests.Size, t.partSize)
	for round := 1; ; round++ {
		o, err := t.sendUpload(ctx, c)
		if !errors.Is(err, ErrGone) || round == rounds || ctx.Err() != nil {
			return o, err
		}
		// Another run was at the same upload and has completed it or given
		// it up.
		t.progress.reach(0)
		switch _, missing := t.stat(ctx, t.key); {
		case missing == nil:
			return layer.Object{}, &layer.Fault{Message: "another run has made the object", Cause: fs.ErrExist, Err: err}
		case !errors.Is(missing, fs.ErrNotExist):
			return layer.Object{}, err
		}
	}
}

func (t *transfer) sendUpload(ctx context.Context, c cut) (layer.Object, error) {
	id, there, err := t.open(ctx, c)
	if err != nil {
		return layer.Object{}, err
	}
	o, err := t.fill(ctx, c, id, there)
	if err != nil && !transient(err) && ctx.Err() == nil && !errors.Is(err, ErrGone) {
		clean, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanTime)
		defer cancel()
		t.abort(clean, t.key, id)
	}
	return o, err
}

// fill sends the parts of an upload that are not there, and completes it.
func (t *transfer) fill(ctx context.Context, c cut, id string, there map[int]Part) (layer.Object, error) {
	parts := make([]Part, c.count())
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	for i := range parts {
		number := i + 1
		offset, size := c.at(number)
		if part, ok := there[number]; ok {
			parts[i] = part
			t.progress.add(size)
			continue
		}
		group.Go(func() (err error) {
			parts[i], err = t.sendPart(groupCtx, id, number, offset, size)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return layer.Object{}, err
	}
	return t.create(ctx, func() (layer.Object, error) { return t.store.Complete(ctx, t.key, id, parts) })
}

func (t *transfer) sendPart(ctx context.Context, id string, number int, offset, size int64) (part Part, err error) {
	err = t.try(ctx, func() (err error) {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		b := newBody(t.file, offset, size, t.progress)
		part, err = t.store.Send(ctx, t.key, id, number, b)
		if sum := b.sum(); err == nil && part.CRC64 != "" && part.CRC64 != sum {
			err = &layer.Fault{
				Message: "a part arrived with crc64 " + part.CRC64 + ", sent was " + sum,
				Cause:   layer.ErrDigest, Retry: true,
			}
		}
		b.end(err == nil)
		return err
	})
	return part, err
}

// abort passes over failures: the upload may be gone, and if it is not, a
// later run finds it again.
func (t *transfer) abort(ctx context.Context, key, id string) {
	_ = t.try(ctx, func() error { return t.store.Abort(ctx, key, id) })
}
