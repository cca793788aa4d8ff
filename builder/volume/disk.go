package volume

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// An ExecFunc says whether a file on disk is to be executable.
type ExecFunc func(name string, info fs.FileInfo) bool

// ByMode takes the owner's execute bit.
func ByMode(_ string, info fs.FileInfo) bool { return info.Mode()&0o100 != 0 }

// Disk is a folder on disk. Files are read when they are opened.
type Disk struct {
	// root has no separator at its end, not even as the root of a disk.
	root string
	exec ExecFunc
	skip map[string]bool
}

// OpenDisk returns the folder at root, which may be a symlink to one. The
// folders of skip, given by absolute path, are not there; a root within one of
// them is an error.
func OpenDisk(root string, skip []string, exec ExecFunc) (*Disk, error) {
	root, err := realPath(root)
	if err != nil {
		return nil, err
	}
	d := &Disk{root: strings.TrimSuffix(root, string(filepath.Separator)), exec: exec, skip: make(map[string]bool, len(skip))}
	for _, s := range skip {
		// What does not exist yet cannot be read either.
		if s, err := realPath(s); err == nil {
			d.skip[s] = true
			if rel, err := filepath.Rel(s, root); err == nil && filepath.IsLocal(rel) {
				return nil, fmt.Errorf("lies in the output folder %q, which is never taken in", filepath.Base(s))
			}
		}
	}
	return d, nil
}

// FileOnDisk returns the node of a single file, or of what a symlink leads to,
// as the root of a volume.
func FileOnDisk(name string, exec ExecFunc) (Node, error) {
	info, err := os.Stat(name)
	if err != nil {
		return Node{}, Bare(err)
	}
	return fileNode("", name, info, exec), nil
}

// Find implements [Volume].
func (d *Disk) Find(p string) (Node, error) {
	name := d.name(p)
	if d.skip[name] {
		return Node{}, fs.ErrNotExist
	}
	info, err := os.Lstat(name)
	if err != nil {
		return Node{}, Bare(err)
	}
	return d.node(p, name, info.Mode(), func() (fs.FileInfo, error) { return info, nil })
}

// List implements [Volume].
func (d *Disk) List(folder string) ([]Node, error) {
	f, err := os.Open(d.name(folder))
	if err != nil {
		return nil, Bare(err)
	}
	list, err := f.ReadDir(-1)
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, Bare(err)
	}
	nodes := make([]Node, 0, len(list))
	for _, e := range list {
		p := e.Name()
		if folder != "" {
			p = folder + "/" + p
		}
		name := d.name(p)
		if d.skip[name] {
			continue
		}
		n, err := d.node(p, name, e.Type(), e.Info)
		if err != nil {
			return nil, fmt.Errorf("%q: %w", p, err)
		}
		nodes = append(nodes, n)
	}
	return nodes, nil
}

// name returns where a path lies. Both parts are clean.
func (d *Disk) name(p string) string {
	return d.root + string(filepath.Separator) + filepath.FromSlash(p)
}

// node asks for the file's info only where it is needed: one system call less
// for each folder and link.
func (d *Disk) node(p, name string, mode fs.FileMode, info func() (fs.FileInfo, error)) (Node, error) {
	switch mode.Type() {
	case fs.ModeDir:
		return Node{Path: p, Kind: Folder}, nil
	case fs.ModeSymlink:
		target, err := os.Readlink(name)
		if err != nil {
			return Node{}, Bare(err)
		}
		return Node{Path: p, Kind: Link, Target: filepath.ToSlash(target)}, nil
	}
	fi, err := info()
	if err != nil {
		return Node{}, Bare(err)
	}
	return fileNode(p, name, fi, d.exec), nil
}

func fileNode(p, name string, info fs.FileInfo, exec ExecFunc) Node {
	if !info.Mode().IsRegular() {
		return Node{Path: p, Kind: Unusable, Why: "is " + special(info.Mode())}
	}
	return Node{
		Path: p, Kind: File, Size: info.Size(), Exec: exec(name, info),
		Open: func() (io.ReadCloser, error) { return os.Open(name) },
	}
}

// special names a kind of file that no layer can hold.
func special(mode fs.FileMode) string {
	switch {
	case mode&fs.ModeNamedPipe != 0:
		return "a named pipe"
	case mode&fs.ModeSocket != 0:
		return "a socket"
	case mode&fs.ModeDevice != 0:
		return "a device"
	default:
		return "neither a file nor a folder nor a link"
	}
}

func realPath(name string) (string, error) {
	abs, err := filepath.Abs(name)
	if err != nil {
		return "", err
	}
	abs, err = filepath.EvalSymlinks(abs)
	return abs, Bare(err)
}

// Bare takes the absolute path out of an error of the file system, so that
// messages are the same on every machine.
func Bare(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}
