package builder

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/layerbuild/layerbuild/builder/volume"
)

// execFunc returns what decides on the execute bit of files in a folder.
func execFunc(ctx context.Context, folder string) (volume.ExecFunc, error) {
	if runtime.GOOS != "windows" {
		return volume.ByMode, nil
	}
	return execWithoutModes(ctx, folder)
}

// execWithoutModes is for file systems that have no execute bit: git's index
// knows it of the files that it tracks; of others the content tells.
func execWithoutModes(ctx context.Context, folder string) (volume.ExecFunc, error) {
	folder, err := filepath.EvalSymlinks(folder)
	if err != nil {
		return nil, volume.Bare(err)
	}
	tracked := gitModes(ctx, folder)
	return func(name string, _ fs.FileInfo) bool {
		if rel, err := filepath.Rel(folder, name); err == nil {
			if executable, ok := tracked[filepath.ToSlash(rel)]; ok {
				return executable
			}
		}
		return looksExecutable(name)
	}, nil
}

// gitModes returns which of the files below a folder git tracks, and whether
// as executable. Without git, or outside of a repository, none are.
func gitModes(ctx context.Context, folder string) map[string]bool {
	cmd := exec.CommandContext(ctx, "git", "ls-files", "--stage", "-z")
	cmd.Dir = folder
	out, err := cmd.Output()
	if err != nil {
		return nil
	}
	modes := map[string]bool{}
	for record := range strings.SplitSeq(string(out), "\x00") {
		// <mode> SP <object> SP <stage> TAB <path>
		if about, p, ok := strings.Cut(record, "\t"); ok {
			modes[p] = strings.HasPrefix(about, "100755 ")
		}
	}
	return modes
}

// looksExecutable reports whether a file is an ELF program or a script. A
// shared library is ELF too, and does no harm as executable.
func looksExecutable(name string) bool {
	f, err := os.Open(name)
	if err != nil {
		// Reading the content fails later, and says why.
		return false
	}
	defer f.Close()
	var head [4]byte
	n, err := io.ReadFull(f, head[:])
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return false
	}
	return bytes.HasPrefix(head[:n], []byte("#!")) || string(head[:n]) == "\x7fELF"
}
