package uploader

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"sync/atomic"

	"github.com/layerbuild/layerbuild/layer"
)

// Key returns where an artifact belongs in a bucket: the name of the layer and
// the digest of the zip, so that an object is never changed, and one of other
// content never in its way. The prefix is empty or ends in a slash.
func Key(prefix, name string, d layer.Digests) string {
	return prefix + name + "/" + d.SHA256.String() + ".zip"
}

// tries bounds how often Upload sends an artifact.
const tries = 3

// Upload makes sure that the artifact is in the store under key, and reports
// whether that took an upload.
//
// An object with the artifact's digest is left as it is, one with other bytes
// is an error that wraps layer.ErrDigest. Some stores refuse to say whether an
// object is there to those who may only write; then the upload is tried.
// When the object came about in the meantime, or the answer to an upload was
// lost, what the store has decides.
//
// sent is told of bytes as [Uploader] has it, over all tries; it may be nil.
func Upload(ctx context.Context, u Uploader, key string, a layer.Artifact, sent func(int64)) (o layer.Object, uploaded bool, err error) {
	o, err = u.Stat(ctx, key)
	switch {
	case err == nil:
		return o, false, compare(o, a.Digests)
	case !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrPermission):
		return layer.Object{}, false, err
	}
	t := tally{sent: sent}
	for try := 1; ; try++ {
		o, err := u.Put(ctx, key, a, t.add)
		if err == nil {
			return o, true, nil
		}
		exists := errors.Is(err, fs.ErrExist)
		if !exists && !unknown(err) || ctx.Err() != nil {
			return layer.Object{}, false, err
		}
		t.reach(0)
		o, statErr := u.Stat(ctx, key)
		switch {
		case statErr == nil && !exists: // only the answer was lost
			t.reach(a.Digests.Size)
			return o, true, compare(o, a.Digests)
		case statErr == nil:
			return o, false, compare(o, a.Digests)
		case !errors.Is(statErr, fs.ErrNotExist):
			return layer.Object{}, false, fmt.Errorf("%w; looking at what is there: %w", err, statErr)
		case try == tries:
			return layer.Object{}, false, err
		}
	}
}

func unknown(err error) bool {
	var f *layer.Fault
	return errors.As(err, &f) && f.Unknown
}

// compare checks an object that was there by the best digest that the store
// knows of it.
func compare(o layer.Object, d layer.Digests) error {
	var got, want string
	switch {
	case o.Size != d.Size:
		got, want = fmt.Sprintf("%d bytes", o.Size), fmt.Sprintf("%d bytes", d.Size)
	case o.SHA256 != "":
		got, want = "sha256 "+o.SHA256, "sha256 "+d.SHA256.String()
	case o.CRC64 != "":
		got, want = "crc64 "+o.CRC64, "crc64 "+d.CRC64Text()
	case o.CRC64NVME != "":
		got, want = "crc64nvme "+o.CRC64NVME, "crc64nvme "+strconv.FormatUint(d.CRC64NVME, 10)
	default:
		got, want = "no digest that could be compared", "sha256 "+d.SHA256.String()
	}
	if got == want {
		return nil
	}
	return fmt.Errorf("the object under key %q is another: %w", o.Key, &layer.Fault{
		Message: fmt.Sprintf("it has %s, the artifact has %s", got, want),
		Cause:   layer.ErrDigest,
		Hint:    "something else wrote this object: remove it, or choose another prefix",
	})
}

// A tally knows what sent was told, so that what was sent in vain can be taken
// back.
type tally struct {
	sent  func(int64)
	total atomic.Int64
}

func (t *tally) add(n int64) {
	t.total.Add(n)
	if t.sent != nil {
		t.sent(n)
	}
}

func (t *tally) reach(total int64) {
	if n := total - t.total.Load(); n != 0 {
		t.add(n)
	}
}
