package packager

import (
	"io"
	"os"
	"sync"
)

// A spool keeps the compressed blocks of an entry until its turn in the zip:
// in memory, or in a scratch file where that would be too much.
type spool struct {
	scratch *scratch // nil for a spool in memory
	blocks  [][]byte
	extents []extent
}

// add appends a copy of a block.
func (s *spool) add(block []byte) error {
	if s.scratch == nil {
		s.blocks = append(s.blocks, append([]byte(nil), block...))
		return nil
	}
	e, err := s.scratch.append(block)
	s.extents = append(s.extents, e)
	return err
}

func (s *spool) copyTo(w io.Writer) error {
	for _, b := range s.blocks {
		if _, err := w.Write(b); err != nil {
			return err
		}
	}
	var buffer []byte
	for _, e := range s.extents {
		if cap(buffer) < e.length {
			buffer = make([]byte, e.length)
		}
		buffer = buffer[:e.length]
		if _, err := s.scratch.file.ReadAt(buffer, e.offset); err != nil {
			return err
		}
		if _, err := w.Write(buffer); err != nil {
			return err
		}
	}
	return nil
}

// A scratch is a temporary file that appears when the first block goes to it.
// It only grows: at the end it is at most as large as the zip.
type scratch struct {
	path string // of the zip

	mu      sync.Mutex
	file    *os.File
	removed bool
	end     int64
}

func newScratch(path string) *scratch { return &scratch{path: path} }

type extent struct {
	offset int64
	length int
}

// append writes a block; several goroutines may do so at once.
func (s *scratch) append(block []byte) (extent, error) {
	e, err := s.reserve(len(block))
	if err == nil {
		_, err = s.file.WriteAt(block, e.offset)
	}
	return e, err
}

func (s *scratch) reserve(length int) (extent, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.file == nil {
		f, err := createTemp(s.path)
		if err != nil {
			return extent{}, err
		}
		// Where an open file can be removed, not even a kill leaves it.
		s.removed = os.Remove(f.Name()) == nil
		s.file = f
	}
	e := extent{offset: s.end, length: length}
	s.end += int64(length)
	return e, nil
}

// close removes the file. It is called once, when nothing uses it any more.
func (s *scratch) close() {
	if s.file == nil {
		return
	}
	s.file.Close()
	if !s.removed {
		os.Remove(s.file.Name())
	}
}
