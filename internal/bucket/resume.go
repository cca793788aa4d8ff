package bucket

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"hash/crc64"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	// leftoverAge is how old an unfinished upload has to be to belong to a
	// run that was killed and not to one that is still sending.
	leftoverAge = time.Hour
	// candidates bounds how many unfinished uploads are looked into.
	candidates = 3
)

// ours is the name that uploader.Key gives an object within its folder.
var ours = regexp.MustCompile(`^[0-9a-f]{64}\.zip$`)

// open returns an upload and what the store has of it: one that an earlier run
// left, if its parts are parts of this file, else a new one. When the answer to
// the beginning of a new one is lost, the next attempt finds it as if it were
// left by another run.
func (t *transfer) open(ctx context.Context, c cut) (id string, there map[int]Part, err error) {
	err = t.try(ctx, func() (err error) {
		if id, there = t.resume(ctx, c); id == "" {
			id, err = t.store.Begin(ctx, t.key)
		}
		return err
	})
	return id, there, err
}

// resume finds an upload of the same key to go on with, "" if there is none,
// and aborts the left-overs of the same layer: their parts are stored and paid
// for until then. Listing takes a permission of its own, and nothing here is
// necessary, so what goes wrong is passed over.
func (t *transfer) resume(ctx context.Context, c cut) (id string, there map[int]Part) {
	folder := t.key[:strings.LastIndexByte(t.key, '/')+1]
	found, err := t.store.Uploads(ctx, folder)
	if err != nil {
		return "", nil
	}
	slices.SortStableFunc(found, func(a, b Upload) int { return b.Begun.Compare(a.Begun) })
	tried := 0
	for _, up := range found {
		if up.Key == t.key && id == "" && tried < candidates {
			tried++
			if there = t.usable(ctx, c, up.ID); there != nil {
				id = up.ID
				continue
			}
		}
		name, below := strings.CutPrefix(up.Key, folder)
		old := !up.Begun.IsZero() && t.now().Sub(up.Begun) > leftoverAge
		if below && old && ours.MatchString(name) {
			t.abort(ctx, up.Key, up.ID)
		}
	}
	return id, there
}

// usable returns the parts of an upload by number, nil unless every one of
// them is a part of this file, cut in the same way. Others may belong to a run
// that is still sending.
func (t *transfer) usable(ctx context.Context, c cut, id string) map[int]Part {
	parts, err := t.store.Parts(ctx, t.key, id)
	if err != nil {
		return nil
	}
	there := make(map[int]Part, len(parts))
	for _, part := range parts {
		if ctx.Err() != nil || part.Number < 1 || part.Number > c.count() || !t.has(c, part) {
			return nil
		}
		there[part.Number] = part
	}
	return there
}

// has compares a part with the file.
func (t *transfer) has(c cut, part Part) bool {
	offset, size := c.at(part.Number)
	if part.Size != size {
		return false
	}
	section := io.NewSectionReader(t.file, offset, size)
	if part.CRC64 != "" {
		h := crc64.New(crc64.MakeTable(crc64.ECMA))
		_, err := io.Copy(h, section)
		return err == nil && part.CRC64 == strconv.FormatUint(h.Sum64(), 10)
	}
	h := md5.New()
	_, err := io.Copy(h, section)
	return err == nil && strings.EqualFold(strings.Trim(part.ETag, `"`), hex.EncodeToString(h.Sum(nil)))
}
