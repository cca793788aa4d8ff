// Package sample makes small trees for tests, as a folder or as an archive.
package sample

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A File is a file, folder or link of a sample.
type File struct {
	Path, Body string
	// Target makes it a link, Hard a hard link.
	Target, Hard string
	Exec, Folder bool
}

// Parse reads a sample, one line each:
//
//	a/b.txt = content
//	a/run * content        (executable)
//	a/link -> target
//	a/hard => target       (hard link)
//	a/empty/
func Parse(text string) []File {
	var files []File
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		switch path, op, rest := split(line); {
		case line == "":
		case op == "->":
			files = append(files, File{Path: path, Target: rest})
		case op == "=>":
			files = append(files, File{Path: path, Hard: rest})
		case op == "*":
			files = append(files, File{Path: path, Body: rest, Exec: true})
		case strings.HasSuffix(path, "/"):
			files = append(files, File{Path: strings.TrimSuffix(path, "/"), Folder: true})
		default:
			files = append(files, File{Path: path, Body: rest})
		}
	}
	return files
}

func split(line string) (path, op, rest string) {
	for _, op := range []string{" -> ", " => ", " * ", " = "} {
		if path, rest, ok := strings.Cut(line+" ", op); ok {
			return path, strings.TrimSpace(op), strings.TrimSuffix(rest, " ")
		}
	}
	return line, "", ""
}

// Disk writes a sample below dir.
func Disk(t testing.TB, dir string, files []File) {
	t.Helper()
	for _, f := range files {
		name := filepath.Join(dir, filepath.FromSlash(f.Path))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := write(name, dir, f); err != nil {
			t.Fatal(err)
		}
	}
}

func write(name, dir string, f File) error {
	switch {
	case f.Folder:
		return os.MkdirAll(name, 0o755)
	case f.Target != "":
		return os.Symlink(f.Target, name)
	case f.Hard != "":
		return os.Link(filepath.Join(dir, filepath.FromSlash(f.Hard)), name)
	}
	return os.WriteFile(name, []byte(f.Body), perm(f))
}

func perm(f File) os.FileMode {
	if f.Exec {
		return 0o755
	}
	return 0o644
}
