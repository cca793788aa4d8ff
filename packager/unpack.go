package packager

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"io/fs"

	"github.com/layerbuild/layerbuild/layer"
)

// flagEncrypted marks an encrypted entry (APPNOTE 4.4.4).
const flagEncrypted = 1

// An unpacker reads entries of a zip, one at a time.
type unpacker struct {
	buffer []byte
	sum    hash.Hash
}

func newUnpacker() *unpacker {
	return &unpacker{buffer: make([]byte, 64<<10), sum: sha256.New()}
}

// unpack reads an entry to its end.
func (u *unpacker) unpack(ctx context.Context, f *zip.File) (layer.Listed, error) {
	l := layer.Listed{Path: f.Name, Size: int64(f.UncompressedSize64), Packed: int64(f.CompressedSize64), Stored: f.Method == zip.Store}
	var err error
	if l.Mode, err = stagedMode(f.Mode()); err != nil {
		return l, err
	}
	if f.Flags&flagEncrypted != 0 {
		return l, errors.New("it is encrypted")
	}
	crc, err := u.digest(ctx, f)
	if cause := context.Cause(ctx); cause != nil {
		return l, cause
	}
	if err != nil {
		return l, corrupt(err)
	}
	// archive/zip takes a CRC-32 of 0 for none.
	if crc != f.CRC32 {
		return l, corrupt(zip.ErrChecksum)
	}
	u.sum.Sum(l.SHA256[:0])
	return l, nil
}

func (u *unpacker) digest(ctx context.Context, f *zip.File) (uint32, error) {
	r, err := f.Open()
	if err != nil {
		return 0, err
	}
	defer r.Close()
	u.sum.Reset()
	crc := uint32(0)
	for {
		if err := context.Cause(ctx); err != nil {
			return 0, err
		}
		n, err := r.Read(u.buffer)
		u.sum.Write(u.buffer[:n])
		crc = crc32.Update(crc, crc32.IEEETable, u.buffer[:n])
		if err == io.EOF {
			return crc, nil
		}
		if err != nil {
			return 0, err
		}
	}
}

// corrupt tells bytes that are wrong from those that could not be had.
func corrupt(err error) error {
	var disk *fs.PathError
	if errors.As(err, &disk) || errors.Is(err, zip.ErrAlgorithm) {
		return err
	}
	return fmt.Errorf("%w: %w", layer.ErrDigest, err)
}

// stagedMode returns what staging makes of a mode.
func stagedMode(m fs.FileMode) (layer.Mode, error) {
	switch {
	case m.Type() == fs.ModeSymlink:
		return layer.Symlink, nil
	case !m.IsRegular():
		return 0, fmt.Errorf("%v is neither a file nor a symlink", m)
	case m&0o100 != 0:
		return layer.Executable, nil
	}
	return layer.Regular, nil
}
