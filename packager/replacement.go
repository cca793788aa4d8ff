package packager

import (
	"os"
	"path/filepath"
)

// A replacement is a file that is written beside its final name and takes it
// only when it is complete.
type replacement struct {
	*os.File
	path      string
	committed bool
}

func newReplacement(path string) (*replacement, error) {
	f, err := createTemp(path)
	if err != nil {
		return nil, err
	}
	return &replacement{File: f, path: path}, nil
}

// createTemp creates a file beside the one at path: hidden, and with a name that
// tells whose it is should a kill leave it.
func createTemp(path string) (*os.File, error) {
	return os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".tmp-*")
}

// commit syncs the file and gives it its name.
func (r *replacement) commit() error {
	// CreateTemp makes files that only the owner can read.
	if err := r.Chmod(0o644); err != nil {
		return err
	}
	if err := r.Sync(); err != nil {
		return err
	}
	if err := r.Close(); err != nil {
		return err
	}
	if err := os.Rename(r.Name(), r.path); err != nil {
		return err
	}
	r.committed = true
	syncFolder(filepath.Dir(r.path))
	return nil
}

// discard removes the file unless it was committed.
func (r *replacement) discard() {
	if !r.committed {
		r.Close()
		os.Remove(r.Name())
	}
}
