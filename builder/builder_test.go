package builder_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/layerbuild/layerbuild/builder"
	"github.com/layerbuild/layerbuild/builder/internal/sample"
	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/manifest"
	"github.com/layerbuild/layerbuild/runtimes"
)

// place is a runtime's place with the folders that Lambda has for Python.
func place(runtime, arch string) runtimes.Place {
	return runtimes.Place{
		Cell:  runtimes.Cell{Runtime: runtime, Language: "python", Note: "it has none"},
		Arch:  arch,
		Slots: map[string]string{"packages": "python", "bin": "bin", "lib": "lib", "root": ""},
	}
}

func layout(places ...runtimes.Place) runtimes.Layout {
	if len(places) == 0 {
		places = []runtimes.Place{place("python3.12", "x86_64")}
	}
	return runtimes.Layout{Cloud: "aws", Name: "demo", Places: places}
}

// versioned gives each place a packages folder by its runtime.
func versioned(places ...runtimes.Place) runtimes.Layout {
	l := layout(places...)
	l.Versioned = true
	for _, p := range l.Places {
		p.Slots["packages"] = "python/lib/" + p.Cell.Runtime + "/site-packages"
	}
	return l
}

func files(path string) manifest.Source {
	return manifest.Source{Kind: "files", Path: path, Into: "root"}
}

func archive(path string) manifest.Source {
	return manifest.Source{Kind: "archive", Path: path, Into: "root"}
}

func of(sources ...manifest.Source) *manifest.Manifest {
	return &manifest.Manifest{Layer: manifest.Layer{Symlinks: "keep"}, Sources: sources}
}

func following(m *manifest.Manifest) *manifest.Manifest {
	m.Layer.Symlinks = "follow"
	return m
}

// folder writes a sample to a new folder and returns that.
func folder(t testing.TB, text string) string {
	t.Helper()
	dir := t.TempDir()
	sample.Disk(t, dir, sample.Parse(text))
	return dir
}

func put(t testing.TB, dir, name string, data []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
		t.Fatal(err)
	}
}

func stage(t testing.TB, dir string, m *manifest.Manifest, l runtimes.Layout) *builder.Staged {
	t.Helper()
	staged, err := builder.Stage(context.Background(), m, l, builder.Options{Dir: dir, Workers: 2})
	if err != nil {
		t.Fatalf("staging: %v", err)
	}
	t.Cleanup(func() {
		if err := staged.Close(); err != nil {
			t.Error(err)
		}
	})
	return staged
}

func stageError(t testing.TB, dir string, m *manifest.Manifest, l runtimes.Layout) error {
	t.Helper()
	staged, err := builder.Stage(context.Background(), m, l, builder.Options{Dir: dir, Workers: 2})
	if err == nil {
		list := listing(t, staged.Tree)
		staged.Close()
		t.Fatalf("no error, staged:\n%s", list)
	}
	return err
}

// listing spells a tree, a line for each entry, and checks that the sizes hold.
func listing(t testing.TB, tree layer.Tree) string {
	t.Helper()
	var b strings.Builder
	for _, e := range tree.Entries {
		body := content(t, e)
		if int64(len(body)) != e.Size {
			t.Errorf("%q has %d bytes, its size says %d", e.Path, len(body), e.Size)
		}
		if e.Mode == layer.Symlink {
			fmt.Fprintf(&b, "link %s -> %s\n", e.Path, body)
		} else {
			b.WriteString(strings.TrimRight(fmt.Sprintf("%s %s = %s", e.Mode.Perm(), e.Path, body), " ") + "\n")
		}
	}
	return b.String()
}

func content(t testing.TB, e layer.Entry) string {
	t.Helper()
	r, err := e.Open()
	if err != nil {
		t.Fatalf("opening %q: %v", e.Path, err)
	}
	defer r.Close()
	body, err := io.ReadAll(r)
	if err != nil {
		t.Fatalf("reading %q: %v", e.Path, err)
	}
	return string(body)
}

// want compares the listing of a tree, with the indentation of want dropped.
func want(t testing.TB, tree layer.Tree, want string) {
	t.Helper()
	var lines strings.Builder
	for line := range strings.Lines(want) {
		if line = strings.TrimSpace(line); line != "" {
			lines.WriteString(line + "\n")
		}
	}
	if diff := cmp.Diff(lines.String(), listing(t, tree)); diff != "" {
		t.Errorf("tree (-want +got):\n%s", diff)
	}
}

func wantError(t testing.TB, err error, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error lacks %q:\n%v", part, err)
		}
	}
	if strings.Contains(err.Error(), os.TempDir()) {
		t.Errorf("error depends on the machine:\n%v", err)
	}
}
