//go:build unix

package packager_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/layerbuild/layerbuild/packager"
)

// A limit on the size of files stands for a disk that is full, and needs no
// privileges. It is the process's, so that a child has to run into it.
func TestDiskFull(t *testing.T) {
	const variable = "PACKAGER_TEST_FULL"
	if folder := os.Getenv(variable); folder != "" {
		limit := syscall.Rlimit{Cur: 100_000, Max: 100_000}
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
			t.Fatal(err)
		}
		for _, memory := range []int64{0, 1} { // in the zip, and in a scratch file
			_, err := packager.Pack(t.Context(), tree(generated("large", 2<<20)), filepath.Join(folder, "layer.zip"), packager.Options{Level: 1, Memory: memory})
			if !errors.Is(err, syscall.EFBIG) || !strings.Contains(err.Error(), "file too large") {
				t.Errorf("memory %d: error is %v", memory, err)
			}
			onlyFile(t, folder, "")
		}
		return
	}
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestDiskFull$")
	child.Env = append(os.Environ(), variable+"="+t.TempDir())
	if out, err := child.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestFolderNotWritable(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may write anywhere")
	}
	folder := t.TempDir()
	if err := os.Chmod(folder, 0o555); err != nil {
		t.Fatal(err)
	}
	_, err := packager.Pack(t.Context(), everyKind(), filepath.Join(folder, "layer.zip"), packager.Options{})
	if !errors.Is(err, os.ErrPermission) {
		t.Errorf("error %v does not wrap fs.ErrPermission", err)
	}
}

func TestUmaskDoesNotMatter(t *testing.T) {
	old := syscall.Umask(0o077)
	a := pack(t, tree(executable("a", nil)), packager.Options{})
	syscall.Umask(old)
	info, err := os.Stat(a.Path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode() != 0o644 {
		t.Errorf("the zip has mode %v, want 0644", info.Mode())
	}
}
