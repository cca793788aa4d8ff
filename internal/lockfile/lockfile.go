// Package lockfile reads and writes layer.lock: what each artifact of a
// manifest was when it was last built, so that anyone can tell whether it
// still is. It holds no time and nothing of the machine.
package lockfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"github.com/BurntSushi/toml"

	"github.com/layerbuild/layerbuild/layer"
)

// Name is the file's name, beside layer.toml.
const Name = "layer.lock"

const schema = 1

// MaxEntries is how many entries an artifact may have to be listed in full
// when the manifest leaves it to us; above it the lock holds a digest per
// package, so that it stays reviewable.
const MaxEntries = 5000

// A File is the content of a lock: artifacts by [Key].
type File struct {
	Artifacts map[Key]Artifact
}

// A Key names one artifact of a manifest: the folder below dist/ and the
// layer's rendered name.
type Key struct {
	Cloud, Name string
}

func (k Key) String() string { return k.Cloud + "/" + k.Name }

// An Artifact is what the lock knows of one zip.
type Artifact struct {
	Tree       layer.Sum `toml:"tree"`
	SHA256     layer.Sum `toml:"sha256"`
	CRC64      string    `toml:"crc64"`
	Size       int64     `toml:"size"`
	Unzipped   int64     `toml:"unzipped"`
	Compressor string    `toml:"compressor"`
	Level      int       `toml:"level"`
	Epoch      int64     `toml:"epoch"`
	// Entries are lines "mode sha256[:16] path", sorted by path. They are
	// missing when Groups tells the content instead: digests of whole
	// packages and folders, lines "sha256[:16] count path".
	Entries []string `toml:"entries"`
	Groups  []string `toml:"groups"`
}

// Of makes the lock's view of an artifact, listing every entry or not.
func Of(a layer.Artifact, entries bool) Artifact {
	l := Artifact{
		Tree: a.Digests.Tree, SHA256: a.Digests.SHA256, CRC64: a.Digests.CRC64Text(),
		Size: a.Digests.Size, Unzipped: a.Unzipped,
		Compressor: a.Packing.Compressor, Level: a.Packing.Level, Epoch: a.Packing.Epoch,
	}
	for _, e := range a.Entries {
		l.Entries = append(l.Entries, entryLine(e))
	}
	if !entries {
		l.Entries, l.Groups = nil, groupLines(l.Entries)
	}
	return l
}

// Digests returns what the lock knows of the zip's digests: all but the
// CRC-64/NVME.
func (a Artifact) Digests() (layer.Digests, error) {
	crc, err := strconv.ParseUint(a.CRC64, 10, 64)
	if err != nil {
		return layer.Digests{}, fmt.Errorf("crc64 %q is not a decimal number", a.CRC64)
	}
	return layer.Digests{Tree: a.Tree, SHA256: a.SHA256, CRC64: crc, Size: a.Size}, nil
}

// Read reads the lock file at path. The error wraps fs.ErrNotExist when there
// is none.
func Read(path string) (File, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return File{}, fmt.Errorf("reading lock file: %w", err)
	}
	f, err := Parse(data)
	if err != nil {
		return File{}, fmt.Errorf("reading lock file %q: %w", path, err)
	}
	return f, nil
}

// Parse decodes the content of a lock file.
func Parse(data []byte) (File, error) {
	var head struct {
		Schema int `toml:"schema"`
	}
	if _, err := toml.Decode(string(data), &head); err != nil {
		return File{}, syntaxError(err)
	}
	if head.Schema != schema {
		return File{}, fmt.Errorf("schema %d is not known to this version of layerbuild, which reads %d", head.Schema, schema)
	}
	var doc struct {
		Schema int                            `toml:"schema"`
		Locked map[string]map[string]Artifact `toml:"artifact"`
	}
	meta, err := toml.Decode(string(data), &doc)
	if err != nil {
		return File{}, syntaxError(err)
	}
	if extra := meta.Undecoded(); len(extra) > 0 {
		return File{}, fmt.Errorf("unknown key %q", extra[0])
	}
	f := File{Artifacts: map[Key]Artifact{}}
	for cloud, byName := range doc.Locked {
		for name, a := range byName {
			f.Artifacts[Key{cloud, name}] = a
		}
	}
	return f, nil
}

// syntaxError gives a TOML error the line that it has but does not always say.
func syntaxError(err error) error {
	var p toml.ParseError
	if errors.As(err, &p) {
		return fmt.Errorf("line %d: %s", p.Position.Line, p.Message)
	}
	return err
}

// Write puts the lock at path, whole or not at all, and leaves a file that
// says the same untouched.
func Write(path string, f File) error {
	data := f.Encode()
	old, err := os.ReadFile(path)
	if err == nil && string(old) == string(data) {
		return nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("writing lock file: %w", err)
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), "."+Name+".tmp-*")
	if err != nil {
		return fmt.Errorf("writing lock file: %w", err)
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.Write(data)
	err = errors.Join(err, tmp.Chmod(0o644), tmp.Sync(), tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("writing lock file %q: %w", path, err)
	}
	return nil
}
