package main

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestInterruptedBuildLeavesNothing cancels a build while it packs, as Ctrl-C
// does.
func TestInterruptedBuildLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	manifest := "schema = 1\n[layer]\nname = \"big\"\nruntimes = [\"python3.12\"]\n[package]\nlevel = 9\n[[source]]\nfiles = \"src\"\n"
	write(t, filepath.Join(dir, "layer.toml"), manifest)
	var text bytes.Buffer
	for i := range 400_000 {
		fmt.Fprintf(&text, "line %d of a file that takes a while\n", i*i)
	}
	for i := range 4 {
		write(t, filepath.Join(dir, "src", fmt.Sprint(i)), text.String())
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	out := filepath.Join(dir, "dist", "local")
	go func() {
		for {
			if list, err := os.ReadDir(out); err == nil && len(list) > 0 {
				cancel()
				return
			}
			if ctx.Err() != nil {
				return
			}
			time.Sleep(time.Millisecond)
		}
	}()
	var stdout, stderr bytes.Buffer
	code := execute(ctx, []string{"build", dir}, world{stdout: &stdout, stderr: &stderr, now: time.Now, program: os.Executable})
	if code != exitInterrupted || !strings.Contains(stderr.String(), "interrupted") || stdout.Len() > 0 {
		t.Errorf("exit code %d, stdout %q, stderr %q", code, &stdout, &stderr)
	}
	// The file that processes lock is empty and stays, since another process
	// may have it open.
	mayStay := []string{filepath.Join(dir, "layer.toml"), filepath.Join(dir, stateDir, "lock")}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && !strings.HasPrefix(path, filepath.Join(dir, "src")) && !slices.Contains(mayStay, path) {
			t.Errorf("left behind: %s", path)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}
