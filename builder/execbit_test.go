package builder

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/layerbuild/layerbuild/builder/internal/sample"
	"github.com/layerbuild/layerbuild/internal/testenv"
)

// On a file system without modes git's index decides, and the content where
// git knows nothing. Tried here on one with modes, which must not matter.
func TestExecWithoutModes(t *testing.T) {
	testenv.Need(t, "git")
	dir := t.TempDir()
	sample.Disk(t, dir, sample.Parse(`
		src/tracked-run * #!/bin/sh
		src/tracked-script = #!/bin/sh
		src/ünï run * text
	`))
	git := exec.Command("sh", "-ec", "git init -q . && git add .")
	git.Dir = dir
	if out, err := git.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	sample.Disk(t, dir, sample.Parse("src/new-script = #!/bin/sh\nsrc/new-text * text\nsrc/new-elf = \x7fELF\nsrc/new-empty * "))
	if err := os.Chmod(filepath.Join(dir, "src/tracked-run"), 0o644); err != nil {
		t.Fatal(err)
	}
	check := func(t *testing.T, folder string, want map[string]bool) {
		t.Helper()
		decide, err := execWithoutModes(context.Background(), folder)
		if err != nil {
			t.Fatal(err)
		}
		real, err := filepath.EvalSymlinks(folder)
		if err != nil {
			t.Fatal(err)
		}
		for name, exec := range want {
			if got := decide(filepath.Join(real, filepath.FromSlash(name)), nil); got != exec {
				t.Errorf("%s: got %v", name, got)
			}
		}
	}
	check(t, filepath.Join(dir, "src"), map[string]bool{
		"tracked-run": true, "tracked-script": false, "ünï run": true,
		"new-script": true, "new-text": false, "new-elf": true, "new-empty": false, "missing": false,
	})
	plain := t.TempDir()
	sample.Disk(t, plain, sample.Parse("a = #!/bin/sh\nb * text"))
	check(t, plain, map[string]bool{"a": true, "b": false})
}
