package handlers_test

import (
	"archive/zip"
	"errors"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/layerbuild/layerbuild/internal/handlers"
	"github.com/layerbuild/layerbuild/internal/testenv"
	"github.com/layerbuild/layerbuild/runtimes"
	"github.com/layerbuild/layerbuild/sandbox/function"
)

// version asks an interpreter for the version that names its runtime, and
// lets only that one be found.
func version(t testing.TB, probe ...string) string {
	t.Helper()
	out, err := exec.Command(testenv.Need(t, probe[0])[0], probe[1:]...).Output()
	lines := strings.Fields(string(out))
	if err != nil || len(lines) != 2 {
		t.Fatalf("%q, %v", out, err)
	}
	t.Setenv("PATH", filepath.Dir(lines[1])+string(os.PathListSeparator)+os.Getenv("PATH"))
	return lines[0]
}

// layer packs files and returns the zip's path.
func layer(t testing.TB, files map[string]string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "layer.zip")
	file, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	w := zip.NewWriter(file)
	for _, at := range slices.Sorted(maps.Keys(files)) {
		entry, err := w.Create(at)
		if err == nil {
			_, err = io.WriteString(entry, files[at])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return name
}

// try runs the handler for the imports as the service would, and holds its
// report against what is wanted: a version, or "!" and the start of a reason.
func try(t *testing.T, service, language, version, layer string, want map[string]string) {
	t.Helper()
	imports := slices.Sorted(maps.Keys(want))
	code, err := handlers.For(service, language, imports)
	if err != nil {
		t.Fatal(err)
	}
	zip := filepath.Join(t.TempDir(), "code.zip")
	if err := os.WriteFile(zip, code.Zip, 0o644); err != nil {
		t.Fatal(err)
	}
	r, err := function.Run(t.Context(), function.Function{
		Service: service, Cell: runtimes.Cell{Runtime: language + version, Language: language},
		Code: zip, Handler: code.Handler, Layers: []string{layer}, Timeout: time.Minute,
	}, []byte("{}"))
	if err != nil {
		t.Fatal(err)
	}
	report, err := handlers.Read(r.Output, imports)
	if err != nil || r.Failed {
		t.Fatalf("%s %s: %v\n%s\n%s", service, language, err, r.Output, r.Log)
	}
	ok := true
	for name, wanted := range want {
		got, reason := report.Imports[name], report.Failed[name]
		if start, bad := strings.CutPrefix(wanted, "!"); bad {
			ok = false
			if reason == "" || !strings.HasPrefix(reason, start) {
				t.Errorf("%s %s: %q failed with %q, want %q", service, language, name, reason, start)
			}
		} else if got != wanted || reason != "" {
			t.Errorf("%s %s: %q is %q (%s), want %q", service, language, name, got, reason, wanted)
		}
	}
	if report.OK != ok {
		t.Errorf("%s %s: ok is %v", service, language, report.OK)
	}
}

func TestPython(t *testing.T) {
	v := version(t, "python3", "-c", "import sys; print('%d.%d' % sys.version_info[:2]); print(sys.executable)")
	files := map[string]string{}
	for _, folder := range []string{"python/", ""} { // Lambda's and Function Compute's, SCF's
		files[folder+"versioned.py"] = "__version__ = '1.2'"
		files[folder+"plain/__init__.py"] = ""
		files[folder+"plain/sub.py"] = ""
		files[folder+"quits.py"] = "import sys; sys.exit('no')"
		files[folder+"broken.py"] = "def"
		files[folder+"needs.py"] = "import nowhere"
		files[folder+"dist.py"] = ""
		files[folder+"dist-3.1.dist-info/METADATA"] = "Metadata-Version: 2.1\nName: dist\nVersion: 3.1\n"
	}
	for _, service := range []string{"lambda", "fc2", "fc3", "scf"} {
		try(t, service, "python", v, layer(t, files), map[string]string{
			"versioned": "1.2", "plain": "", "plain.sub": "", "dist": "3.1", "json": "2.0.9",
			"absent": "!ModuleNotFoundError: No module named 'absent'", "quits": "!SystemExit: no", "broken": "!SyntaxError",
			"needs": "!ModuleNotFoundError: No module named 'nowhere'",
		})
	}
	try(t, "lambda", "python", v, layer(t, files), map[string]string{})
}

func TestNode(t *testing.T) {
	v := version(t, "node", "-p", "process.versions.node.split('.')[0] + '\\n' + process.execPath")
	files := map[string]string{}
	for _, folder := range []string{"nodejs/node_modules/", "node_modules/"} {
		files[folder+"plain/package.json"] = `{"name": "plain", "version": "1.2.3", "main": "lib/main.js", "exports": {".": "./lib/main.js", "./sub": "./sub.js"}}`
		files[folder+"plain/lib/main.js"] = ""
		files[folder+"plain/lib/package.json"] = `{"type": "commonjs"}`
		files[folder+"plain/sub.js"] = ""
		files[folder+"@scope/pack/package.json"] = `{"name": "@scope/pack", "version": "0.0.1"}`
		files[folder+"@scope/pack/index.js"] = ""
		files[folder+"broken/index.js"] = "throw new TypeError('x\\ny');"
	}
	for _, service := range []string{"lambda", "fc2", "fc3", "scf"} {
		try(t, service, "nodejs", v, layer(t, files), map[string]string{
			"plain": "1.2.3", "plain/sub": "1.2.3", "@scope/pack": "0.0.1", "fs": "", "node:path": "",
			"absent": "!Error: Cannot find module 'absent'", "broken": "!TypeError: x", "plain/other": "!Error",
		})
	}
	// On Lambda packages that are for import only are found too.
	files["nodejs/node_modules/esm/package.json"] = `{"name": "esm", "version": "5.0.0", "type": "module", "exports": "./index.js"}`
	files["nodejs/node_modules/esm/index.js"] = "export default await 1;"
	try(t, "lambda", "nodejs", v, layer(t, files), map[string]string{"esm": "5.0.0"})
}

func TestRuby(t *testing.T) {
	v := version(t, "ruby", "-e", `puts RUBY_VERSION[/\d+\.\d+/], RbConfig.ruby`)
	try(t, "lambda", "ruby", v, layer(t, map[string]string{
		"ruby/lib/plain.rb": "", "ruby/lib/sub/file.rb": "", "ruby/lib/broken.rb": "def",
		"ruby/gems/" + v + ".0/gems/gemmed-1.2.3/lib/gemmed.rb":     "",
		"ruby/gems/" + v + ".0/specifications/gemmed-1.2.3.gemspec": "Gem::Specification.new { |s| s.name = 'gemmed'; s.version = '1.2.3'; s.summary = 's'; s.authors = ['a'] }",
	}), map[string]string{
		"plain": "", "sub/file": "", "gemmed": "1.2.3", "absent": "!LoadError: cannot load such file -- absent", "broken": "!SyntaxError",
	})
}

func TestPHP(t *testing.T) {
	v := version(t, "php", "-r", `echo PHP_MAJOR_VERSION, '.', PHP_MINOR_VERSION, "\n", PHP_BINARY;`)
	autoload := `<?php spl_autoload_register(function ($n) { if ($n === 'Own\\Thing') { require __DIR__ . '/Thing.php'; } });`
	files := map[string]string{
		"php/vendor/autoload.php": autoload, "php/vendor/Thing.php": `<?php namespace Own; class Thing {}`,
		"vendor/autoload.php": autoload, "vendor/Thing.php": `<?php namespace Own; class Thing {}`,
	}
	for _, service := range []string{"fc2", "fc3", "scf"} {
		try(t, service, "php", v, layer(t, files), map[string]string{
			`Own\Thing`: "", "array_map": "", "absent": "!RuntimeException: no such class",
		})
	}
}

// TestNotRun: what the sandbox answers without an interpreter is told apart.
func TestNotRun(t *testing.T) {
	_, err := function.Run(t.Context(), function.Function{Service: "lambda", Cell: runtimes.Cell{Runtime: "python1.5", Language: "python"}}, nil)
	n, ok := errors.AsType[*function.NotRunnable](err)
	if !ok {
		t.Fatal(err)
	}
	_, err = handlers.Read(n.Output(), []string{"a"})
	if !errors.Is(err, handlers.ErrNotRun) || !strings.Contains(err.Error(), "python1.5") || strings.Count(err.Error(), "not run: ") != 1 {
		t.Errorf("error is %v", err)
	}
}
