package main

import (
	"encoding/json"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/layerbuild/layerbuild/internal/testenv"
)

// TestRealDiff compares what pip and npm installed, before and after. They say
// themselves what is there.
func TestRealDiff(t *testing.T) {
	testenv.Network(t)
	testenv.Need(t, "npm", "python3")
	dir, layerbuild := t.TempDir(), build(t)
	install := func(folder string, wheels, packages []string) map[string][]string {
		root := filepath.Join(dir, folder)
		pip := []string{"-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary=:all:", "--target", filepath.Join(root, "python")}
		run(t, dir, "python3", append(pip, wheels...)...)
		write(t, filepath.Join(root, "nodejs", "package.json"), `{"name":"own","version":"1.0.0","private":true}`)
		run(t, filepath.Join(root, "nodejs"), "npm", append([]string{"install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts"}, packages...)...)
		run(t, dir, "python3", "-c", "import shutil, sys; shutil.make_archive(sys.argv[1], 'zip', sys.argv[1])", root)
		return installed(t, root)
	}
	old := install("old", []string{"requests==2.31.0", "urllib3==2.2.1", "PyYAML==6.0.1", "typing_extensions==4.12.0"}, []string{"express@4.18.2", "@types/node@20.11.0", "debug@4.3.4"})
	now := install("new", []string{"requests==2.32.3", "urllib3==1.26.18", "PyYAML==6.0.1", "charset-normalizer==3.3.2"}, []string{"express@4.19.2", "@types/node@22.5.0", "ms@2.1.3"})

	var doc struct {
		Packages []struct{ Change, Ecosystem, Name, Old, New string }
	}
	if err := json.Unmarshal([]byte(layerbuild.run(t, dir, 0, "diff", "--json", "old.zip", "new.zip")), &doc); err != nil {
		t.Fatal(err)
	}
	gone, come := map[string][]string{}, map[string][]string{}
	kinds := map[string]string{}
	for _, p := range doc.Packages {
		name := p.Ecosystem + " " + p.Name
		kinds[name] = p.Change
		if p.Old != "" {
			gone[name] = append(gone[name], p.Old)
		}
		if p.New != "" {
			come[name] = append(come[name], p.New)
		}
	}
	if diff := cmp.Diff(without(old, now), sorted(gone)); diff != "" {
		t.Errorf("versions that are gone (-installers +diff)\n%s", diff)
	}
	if diff := cmp.Diff(without(now, old), sorted(come)); diff != "" {
		t.Errorf("versions that have come (-installers +diff)\n%s", diff)
	}
	for name, kind := range map[string]string{
		"pypi requests": "upgraded", "pypi urllib3": "downgraded", "pypi typing-extensions": "removed", "pypi charset-normalizer": "added", "pypi pyyaml": "",
		"npm express": "upgraded", "npm @types/node": "upgraded",
	} {
		if kinds[name] != kind {
			t.Errorf("%s is %q, want %q", name, kinds[name], kind)
		}
	}
}

// installed asks pip and npm for the versions of what they installed.
func installed(t *testing.T, root string) map[string][]string {
	t.Helper()
	var wheels []struct{ Name, Version string }
	list := run(t, root, "python3", "-m", "pip", "list", "--disable-pip-version-check", "--path", filepath.Join(root, "python"), "--format", "json")
	if err := json.Unmarshal([]byte(list), &wheels); err != nil {
		t.Fatal(err)
	}
	versions := map[string][]string{}
	for _, w := range wheels {
		name := "pypi " + strings.ToLower(regexp.MustCompile(`[-_.]+`).ReplaceAllString(w.Name, "-"))
		versions[name] = append(versions[name], w.Version)
	}
	var tree npmTree
	if err := json.Unmarshal([]byte(run(t, filepath.Join(root, "nodejs"), "npm", "ls", "--all", "--json")), &tree); err != nil {
		t.Fatal(err)
	}
	tree.collect(versions)
	if len(versions) < 20 {
		t.Fatalf("installed: %v", versions)
	}
	return sorted(versions)
}

// An npmTree is what npm ls prints.
type npmTree struct {
	Version      string
	Dependencies map[string]npmTree
}

func (n npmTree) collect(versions map[string][]string) {
	for name, d := range n.Dependencies {
		versions["npm "+name] = append(versions["npm "+name], d.Version)
		d.collect(versions)
	}
}

func sorted(versions map[string][]string) map[string][]string {
	for name, list := range versions {
		slices.Sort(list)
		versions[name] = slices.Compact(list)
	}
	return versions
}

// without returns the versions that are not among the others.
func without(versions, others map[string][]string) map[string][]string {
	rest := map[string][]string{}
	for name, list := range versions {
		for _, v := range list {
			if !slices.Contains(others[name], v) {
				rest[name] = append(rest[name], v)
			}
		}
	}
	return rest
}
