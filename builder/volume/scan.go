package volume

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/bodgit/sevenzip"
	"github.com/mholt/archives"
)

// A scanner goes once through the entries of an archive.
type scanner struct {
	archive *Archive
	meter   *meter
	// section is the archive's bytes; plain says that the extractor reads
	// from it directly, so that its position is the entry's.
	section *io.SectionReader
	plain   bool
	visit   func(record, *meter) error
	number  int
	packed  int64
	err     error
}

// scan visits the entries in the order of the archive, counting them against
// the limits.
func (a *Archive) scan(ctx context.Context, visit func(record, *meter) error) error {
	s := &scanner{
		archive: a, visit: visit, plain: a.format.unpack == nil,
		meter:   newMeter(a.limits, a.size),
		section: io.NewSectionReader(a.file, 0, a.size),
	}
	err := guard(func() error { return s.run(ctx) })
	var re *sevenzip.ReadError
	if errors.As(err, &re) && re.Encrypted {
		return errors.New("is encrypted, or has encrypted entries")
	}
	return err
}

func (s *scanner) run(ctx context.Context) error {
	if check := s.archive.format.precheck; check != nil {
		if err := check(s.section, s.archive.size); err != nil {
			return err
		}
	}
	if s.plain {
		return s.extract(ctx, s.section)
	}
	unpacked, err := s.archive.format.unpack.OpenReader(&steadyReader{ctx: ctx, r: s.section})
	if err != nil {
		return fmt.Errorf("unpacking: %w", err)
	}
	defer unpacked.Close()
	stream := &steadyReader{ctx: ctx, r: unpacked, meter: s.meter}
	if err := s.extract(ctx, stream); err != nil {
		return err
	}
	// The checksum of the compressed stream comes after the end of the tar.
	if _, err := io.Copy(io.Discard, stream); err != nil {
		return fmt.Errorf("unpacking: %w", err)
	}
	return nil
}

// extract keeps errors of the callback apart from those of the library, which
// would put words of its own before them.
func (s *scanner) extract(ctx context.Context, r io.Reader) error {
	err := s.archive.format.extractor.Extract(ctx, r, func(_ context.Context, fi archives.FileInfo) error {
		if s.err = s.entry(fi); s.err != nil {
			return fs.SkipAll
		}
		return nil
	})
	if s.err != nil {
		return s.err
	}
	switch {
	case err == nil || ctx.Err() != nil:
		return err
	case s.number == 0:
		return fmt.Errorf("cannot be read: %w", err)
	}
	return fmt.Errorf("cannot be read beyond entry %d: %w", s.number, err)
}

func (s *scanner) entry(fi archives.FileInfo) error {
	if err := s.meter.entry(fi.Size()); err != nil {
		return err
	}
	if err := s.take(s.archive.format.convert(fi)); err != nil {
		return fmt.Errorf("entry %.200q: %w", fi.NameInArchive, err)
	}
	s.number++
	return nil
}

func (s *scanner) take(r record) error {
	// Entries that share their bytes are how small zips become huge.
	if s.packed += r.packed; s.packed > s.archive.size {
		return errors.New("overlaps other entries")
	}
	var err error
	if r.Path, err = cleanEntry(r.name); err != nil {
		return err
	}
	if err := s.place(&r); err != nil {
		return err
	}
	return s.visit(r, s.meter)
}

// place settles where the content of a record will be read.
func (s *scanner) place(r *record) error {
	number := s.number
	r.record = inPlace
	switch {
	case r.Kind != File && r.Kind != Link || r.stream == nil:
	case r.Kind == Link:
		target, err := r.readTarget()
		r.Target = target
		return err
	case s.plain && r.contiguous:
		// archive/tar reads no further than the header.
		at, err := s.section.Seek(0, io.SeekCurrent)
		if err != nil {
			return err
		}
		if r.Size > s.archive.size-at {
			return io.ErrUnexpectedEOF
		}
		file, size := s.archive.file, r.Size
		r.stream = nil
		r.Open = func() (io.ReadCloser, error) {
			return io.NopCloser(io.NewSectionReader(file, at, size)), nil
		}
	default:
		r.record = number
		r.Open = func() (io.ReadCloser, error) { return s.archive.content(number) }
	}
	return nil
}

// A steadyReader stops when its context does, or when more comes out of a
// decompressor than the limits allow.
type steadyReader struct {
	ctx   context.Context
	r     io.Reader
	meter *meter
	n     int64
}

func (s *steadyReader) Read(p []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := s.r.Read(p)
	s.n += int64(n)
	if s.meter != nil {
		if over := s.meter.raw(s.n); over != nil {
			return 0, over
		}
	}
	return n, err
}

// guard turns a panic into an error. The decoders of foreign formats index
// slices by what an archive's headers say, and archives.Zip hands out a nil
// reader where the start of an entry is damaged.
func guard(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("is damaged: %v", p)
		}
	}()
	return f()
}
