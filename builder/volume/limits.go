package volume

import (
	"cmp"
	"errors"
	"fmt"

	"github.com/layerbuild/layerbuild/layer"
)

// Limits bound what an archive may hold; zero means the default. All of its
// entries count, also those that are not taken in.
type Limits struct {
	// Entries is how many there may be, folders included.
	Entries int64
	// Bytes is the size of their content, unpacked.
	Bytes int64
	// Ratio is Bytes over the size of the archive.
	Ratio int64
}

// The defaults leave room for whole toolchains of which a layer takes a few
// files, and stop what was made to fill memory: no layer may be larger than
// 500 MB, real archives seldom shrink to less than a fiftieth, and deflate,
// which can reach a thousandth, does so only on bytes that are all the same.
const (
	DefaultEntries = 100_000
	DefaultBytes   = 2 << 30
	DefaultRatio   = 200
)

// WithDefaults returns the limits that hold.
func (l Limits) WithDefaults() Limits {
	return Limits{
		Entries: cmp.Or(l.Entries, DefaultEntries),
		Bytes:   cmp.Or(l.Bytes, DefaultBytes),
		Ratio:   cmp.Or(l.Ratio, DefaultRatio),
	}
}

const (
	// ratioFloor is the size up to which the default ratio does not matter:
	// a log of one repeated line is no danger.
	ratioFloor = 16 << 20
	// entryOverhead is what a tar spends on an entry besides its content: an
	// extended header of two blocks, the header, and the filling of the last
	// block.
	entryOverhead = 4 * 512
)

// A meter counts what comes out of an archive against its limits.
type meter struct {
	limits         Limits
	size           int64
	floor          int64
	entries, bytes int64
}

func newMeter(l Limits, archiveSize int64) *meter {
	m := &meter{limits: l.WithDefaults(), size: max(archiveSize, 1)}
	if l.Ratio == 0 {
		m.floor = ratioFloor
	}
	return m
}

// entry counts one entry whose reader yields no more than size bytes.
func (m *meter) entry(size int64) error {
	if size < 0 {
		return errors.New("an entry has a negative size")
	}
	m.entries++
	if m.entries > m.limits.Entries {
		return over("more than %d entries", m.limits.Entries, "entries")
	}
	return m.copied(size)
}

// copied counts content that there will be once more.
func (m *meter) copied(size int64) error {
	if size > m.limits.Bytes-m.bytes {
		return over("more than %d bytes unpacked", m.limits.Bytes, "bytes")
	}
	m.bytes += size
	return m.ratio(m.bytes)
}

// raw judges how many bytes a decompressor has yielded, the headers and the
// filling between entries included.
func (m *meter) raw(n int64) error {
	if (n-m.limits.Bytes)/entryOverhead > m.limits.Entries {
		return over("more than %d bytes unpacked", m.limits.Bytes, "bytes")
	}
	return m.ratio(n)
}

func (m *meter) ratio(unpacked int64) error {
	if unpacked > m.floor && unpacked/m.size > m.limits.Ratio {
		return over("more than %d times its size unpacked", m.limits.Ratio, "ratio")
	}
	return nil
}

func over(format string, limit int64, key string) error {
	return fmt.Errorf(format+" (source.limits.%s): %w", limit, key, layer.ErrLimit)
}
