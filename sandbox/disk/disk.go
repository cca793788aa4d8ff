// Package disk keeps the sandbox's state in plain files: JSON documents that
// are replaced in one step, and blobs that are written aside and then moved
// into place. A process that is killed leaves the old state or the new one;
// what it left half-written is swept away by the next.
package disk

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// A Folder is one folder of state. All names are slash-separated and relative
// to it.
type Folder struct {
	path string
}

const scratch = "tmp"

// Open makes the folder if it is not there, and sweeps its scratch space.
func Open(path string) (Folder, error) {
	f := Folder{path}
	if err := os.RemoveAll(f.Path(scratch)); err != nil {
		return f, fmt.Errorf("opening state folder %q: %w", path, err)
	}
	if err := os.MkdirAll(f.Path(scratch), 0o700); err != nil {
		return f, fmt.Errorf("opening state folder %q: %w", path, err)
	}
	return f, nil
}

// Path returns the path of a file in the file system.
func (f Folder) Path(name string) string { return filepath.Join(f.path, filepath.FromSlash(name)) }

// Temp creates a new file in the scratch space. [Folder.Adopt] gives it its
// place; whoever does not adopt it removes it.
func (f Folder) Temp() (*os.File, error) { return os.CreateTemp(f.Path(scratch), "") }

// Adopt moves a closed file from the scratch space to name.
func (f Folder) Adopt(temp, name string) error {
	to := f.Path(name)
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	return os.Rename(temp, to)
}

// Save writes v as JSON under name, in place of what was there.
func (f Folder) Save(name string, v any) error {
	text, err := json.MarshalIndent(v, "", "\t")
	if err != nil {
		return fmt.Errorf("writing state %q: %w", name, err)
	}
	temp, err := f.Temp()
	if err != nil {
		return fmt.Errorf("writing state %q: %w", name, err)
	}
	_, err = temp.Write(append(text, '\n'))
	err = errors.Join(err, temp.Close())
	if err == nil {
		err = f.Adopt(temp.Name(), name)
	}
	if err != nil {
		return fmt.Errorf("writing state %q: %w", name, errors.Join(err, os.Remove(temp.Name())))
	}
	return nil
}

// Remove deletes a file. One that is not there is no error.
func (f Folder) Remove(name string) error {
	if err := os.Remove(f.Path(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// RemoveAll deletes a folder with everything in it.
func (f Folder) RemoveAll(name string) error { return os.RemoveAll(f.Path(name)) }

// Each calls visit with the name and the content of every JSON document
// below the folder name, in lexical order.
func (f Folder) Each(name string, visit func(name string, text []byte) error) error {
	err := fs.WalkDir(os.DirFS(f.path), name, func(at string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() || !strings.HasSuffix(at, ".json") {
			return nil
		}
		text, err := os.ReadFile(f.Path(at))
		if err != nil {
			return err
		}
		if err := visit(at, text); err != nil {
			return fmt.Errorf("reading state %q: %w", at, err)
		}
		return nil
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// ID returns a random name of 32 lower-case hexadecimal digits.
func ID() string {
	var b [16]byte
	rand.Read(b[:]) // never fails, see crypto/rand
	return hex.EncodeToString(b[:])
}
