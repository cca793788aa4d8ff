package function

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// unpackLimit bounds what a zip may hold in bytes, against bombs. It is more
// than any of the services takes.
const unpackLimit = 2 << 30

// unpack puts the content of a zip into a folder, over what is there. The
// folder stands for the path at in the cloud. Nothing is written outside the
// folder, whatever names and links the zip has.
func unpack(name, folder, at string, native *foreign) error {
	z, err := zip.OpenReader(name)
	if err != nil {
		return err
	}
	defer z.Close()
	root, err := os.OpenRoot(folder)
	if err != nil {
		return err
	}
	defer root.Close()
	u := unpacking{root: root, at: at, native: native, left: unpackLimit}
	for _, entry := range z.File {
		if err := u.entry(entry); err != nil {
			return fmt.Errorf("entry %q: %w", entry.Name, err)
		}
	}
	return nil
}

type unpacking struct {
	root   *os.Root
	at     string
	native *foreign
	left   int64
}

func (u *unpacking) entry(entry *zip.File) error {
	name := path.Clean(entry.Name)
	if !filepath.IsLocal(filepath.FromSlash(name)) || path.IsAbs(name) {
		return errors.New("path leaves the folder")
	}
	mode := entry.Mode()
	switch {
	case mode.IsDir():
		return u.folder(name)
	case !mode.IsRegular() && mode.Type() != fs.ModeSymlink:
		return fmt.Errorf("neither a file nor a link: %v", mode)
	}
	if err := u.folder(path.Dir(name)); err != nil {
		return err
	}
	if err := u.root.RemoveAll(name); err != nil {
		return err
	}
	content, err := entry.Open()
	if err != nil {
		return err
	}
	defer content.Close()
	if mode.Type() == fs.ModeSymlink {
		return u.link(name, content)
	}
	return u.file(name, mode, content)
}

// folder makes a folder. A file of an earlier layer gives way to it.
func (u *unpacking) folder(name string) error {
	for i := 0; i <= len(name); i++ {
		if i < len(name) && name[i] != '/' {
			continue
		}
		part := name[:i]
		info, err := u.root.Stat(part)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			// A link that leads nowhere gives way as well.
			if err := u.root.RemoveAll(part); err != nil {
				return err
			}
		case err != nil:
			return err
		case info.IsDir():
			continue
		default:
			if err := u.root.RemoveAll(part); err != nil {
				return err
			}
		}
		if err := u.root.Mkdir(part, 0o755); err != nil {
			return err
		}
	}
	return nil
}

func (u *unpacking) file(name string, mode fs.FileMode, content io.Reader) error {
	// The sandbox must be able to read and to remove it.
	file, err := u.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode.Perm()|0o600)
	if err != nil {
		return err
	}
	n, err := io.Copy(io.MultiWriter(file, u.native.look(path.Join(u.at, name))), io.LimitReader(content, u.left))
	if err = errors.Join(err, file.Close()); err != nil {
		return err
	}
	if u.left -= n; u.left <= 0 {
		return fmt.Errorf("the content is larger than %d bytes", unpackLimit)
	}
	return u.root.Chmod(name, mode.Perm()|0o600) // whatever the umask is
}

// link makes a link. It may lead to what is in the folder, in the cloud's
// spelling also by an absolute path.
func (u *unpacking) link(name string, content io.Reader) error {
	text, err := io.ReadAll(io.LimitReader(content, 4096))
	if err != nil {
		return err
	}
	target := string(text)
	if below, ok := strings.CutPrefix(target, u.at+"/"); ok {
		rel, err := filepath.Rel(filepath.FromSlash(path.Dir(name)), filepath.FromSlash(below))
		if err != nil {
			return err
		}
		target = filepath.ToSlash(rel)
	}
	if target == "" || path.IsAbs(target) || !filepath.IsLocal(filepath.FromSlash(path.Join(path.Dir(name), target))) {
		return fmt.Errorf("link to %q leaves the folder", target)
	}
	return u.root.Symlink(filepath.FromSlash(target), name)
}
