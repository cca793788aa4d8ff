package pipeline

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/layerbuild/layerbuild/builder"
	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/manifest"
	"github.com/layerbuild/layerbuild/packager"
	"github.com/layerbuild/layerbuild/runtimes"
)

// folder writes files into a new folder and returns steps that build from it,
// and the events that they tell.
func folder(t *testing.T, files map[string]string) (dir string, steps Steps, events *[]Event) {
	t.Helper()
	dir = t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	events = &[]Event{}
	return dir, Steps{
		Stage: func(ctx context.Context, m *manifest.Manifest, l runtimes.Layout) (Staged, error) {
			s, err := builder.Stage(ctx, m, l, builder.Options{Dir: dir})
			if err != nil {
				return Staged{}, err
			}
			return Staged{Tree: s.Tree, Notes: s.Notes, Close: s.Close}, nil
		},
		Pack: func(ctx context.Context, t layer.Tree, path string) (layer.Artifact, error) {
			return packager.Pack(ctx, t, path, packager.Options{})
		},
		Tell: func(e Event) { *events = append(*events, e) },
	}, events
}

func files(t *testing.T, dir string) []string {
	t.Helper()
	var list []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			rel, _ := filepath.Rel(dir, path)
			list = append(list, filepath.ToSlash(rel))
		}
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return list
}

const threeLayouts = header + `
[layer]
name = "web"
runtimes = ["python3.10"]
[[target]]
cloud = "aws"
regions = ["us-east-1"]
[[target]]
cloud = "local"
layout = "fc"
[[target]]
cloud = "local"
layout = "scf"
`

func TestEqualTreesAreBuiltOnce(t *testing.T) {
	dir, steps, events := folder(t, map[string]string{"src/a.py": "a"})
	out := filepath.Join(dir, "dist")
	built, _, err := Build(t.Context(), plan(t, threeLayouts), out, steps)
	if err != nil {
		t.Fatal(err)
	}
	if got := files(t, out); slices.ContainsFunc(got, func(s string) bool { return strings.HasSuffix(s, ".zip") }) {
		t.Errorf("under final names before they were kept: %v", got)
	}
	if err := Keep(built); err != nil {
		t.Fatal(err)
	}
	want := []string{"aws/web.zip", "local-fc/web.zip", "local-scf/web.zip"}
	if got := files(t, out); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	var stepsTold []string
	for _, e := range *events {
		stepsTold = append(stepsTold, e.Step+" "+e.Product)
	}
	// Lambda and Function Compute have the same folders, SCF has none.
	wantSteps := []string{"staged aws/web", "packed aws/web", "staged local-fc/web", "reused local-fc/web", "staged local-scf/web", "packed local-scf/web"}
	if !slices.Equal(stepsTold, wantSteps) {
		t.Errorf("got %v, want %v", stepsTold, wantSteps)
	}
	for i, p := range want {
		c, err := packager.Read(t.Context(), filepath.Join(out, p), packager.Limits{})
		if err != nil || c.Artifact.Digests != built[i].Artifact.Digests {
			t.Errorf("%s: %v, digests %v, want %v", p, err, c.Artifact.Digests, built[i].Artifact.Digests)
		}
	}
}

func TestFailedBuildLeavesWhatWasThere(t *testing.T) {
	dir, steps, _ := folder(t, map[string]string{"src/a.py": "a"})
	out := filepath.Join(dir, "dist")
	p := plan(t, threeLayouts)
	built, _, err := Build(t.Context(), p, out, steps)
	if err == nil {
		err = Keep(built)
	}
	if err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(filepath.Join(out, "aws", "web.zip"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "src", "a.py"), []byte("changed"), 0o666); err != nil {
		t.Fatal(err)
	}
	pack, n := steps.Pack, 0
	boom := errors.New("boom")
	steps.Pack = func(ctx context.Context, t layer.Tree, path string) (layer.Artifact, error) {
		if n++; n == 2 {
			return layer.Artifact{}, boom
		}
		return pack(ctx, t, path)
	}
	if _, _, err := Build(t.Context(), p, out, steps); !errors.Is(err, boom) || !strings.Contains(err.Error(), "local-scf/web") {
		t.Errorf("got %v", err)
	}
	after, err := os.ReadFile(filepath.Join(out, "aws", "web.zip"))
	if err != nil || string(after) != string(before) {
		t.Errorf("the earlier zip was touched, or is gone: %v", err)
	}
	if got := files(t, out); len(got) != 3 {
		t.Errorf("left behind: %v", got)
	}
}

func TestBudget(t *testing.T) {
	dir, steps, _ := folder(t, map[string]string{"src/a.py": "twelve bytes"})
	p := plan(t, threeLayouts+"[check]\nbudget = { unzipped = 11 }\n")
	if _, _, err := Build(t.Context(), p, filepath.Join(dir, "dist"), steps); !errors.Is(err, layer.ErrLimit) {
		t.Errorf("got %v, want ErrLimit", err)
	}
	if got := files(t, filepath.Join(dir, "dist")); got != nil {
		t.Errorf("left behind: %v", got)
	}
}
