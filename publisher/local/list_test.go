package local

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestVersionsDamaged: what is not whole any more is no version.
func TestVersionsDamaged(t *testing.T) {
	folder := t.TempDir()
	at := filepath.Join(folder, "layers", "web")
	p := New(folder)
	for range 4 {
		publish(t, p, request(t, "content"))
	}
	damage := map[string]string{"1.zip": "cont", "3.zip": "c0ntent", "9.zip": "of a process that was killed"}
	for name, content := range damage {
		if err := os.WriteFile(filepath.Join(at, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Remove(filepath.Join(at, "2.zip")); err != nil {
		t.Fatal(err)
	}
	list, err := p.Versions(t.Context(), "web")
	if err != nil || len(list) != 2 || list[0].Number != 4 || list[1].Number != 3 {
		t.Errorf("versions are %+v, error %v, want 4 and 3, which has its size", list, err)
	}
	for n := range int64(10) {
		v, err := p.Get(t.Context(), "web", n)
		if n == 4 != (err == nil) || err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("version %d is %+v, error %v", n, v, err)
		}
	}
	if err := os.WriteFile(filepath.Join(at, "4.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if list, err := p.Versions(t.Context(), "web"); err == nil || !strings.Contains(err.Error(), `"4.json"`) {
		t.Errorf("with a broken document: versions are %+v, error %v, want one that names it", list, err)
	}
}

func TestVersionsElsewhere(t *testing.T) {
	p := New(t.TempDir())
	for _, name := range []string{"", "..", "a/b"} {
		if list, err := p.Versions(t.Context(), name); err == nil {
			t.Errorf("%q: versions are %+v, want an error", name, list)
		}
		if v, err := p.Get(t.Context(), name, 1); err == nil {
			t.Errorf("%q: version is %+v, want an error", name, v)
		}
	}
	if v, err := p.Get(t.Context(), "web", 1); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without the layer: version is %+v, error %v, want one that wraps fs.ErrNotExist", v, err)
	}
	publish(t, p, request(t, "content"))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if list, err := p.Versions(ctx, "web"); !errors.Is(err, context.Canceled) {
		t.Errorf("versions are %+v, error %v, want context.Canceled", list, err)
	}
}

func TestCreated(t *testing.T) {
	before := time.Now().Add(-time.Minute)
	v := publish(t, New(t.TempDir()), request(t, "content"))
	if at, err := time.Parse(time.RFC3339, v.Created); err != nil || at.Before(before) || at.After(before.Add(2*time.Minute)) {
		t.Errorf("created %q, error %v, want now", v.Created, err)
	}
}

func TestUsage(t *testing.T) {
	p := New(t.TempDir())
	publish(t, p, request(t, "content"))
	if usage, err := p.Usage(t.Context(), "web"); err != nil || len(usage) > 0 {
		t.Errorf("usage is %v, error %v, want none", usage, err)
	}
}
