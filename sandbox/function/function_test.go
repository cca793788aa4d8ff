package function_test

import (
	"archive/zip"
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/layerbuild/layerbuild/internal/testenv"
	"github.com/layerbuild/layerbuild/runtimes"
	"github.com/layerbuild/layerbuild/sandbox/function"
)

// A file is an entry of a zip. Without a mode it is an ordinary file.
type file struct {
	name, content string
	mode          fs.FileMode
}

// pack writes a zip and returns its path.
func pack(t testing.TB, files ...file) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, f := range files {
		h := &zip.FileHeader{Name: f.name, Method: zip.Deflate}
		if f.mode == 0 {
			f.mode = 0o644
		}
		h.SetMode(f.mode)
		e, err := w.CreateHeader(h)
		if err == nil {
			_, err = e.Write([]byte(f.content))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "a.zip")
	if err := os.WriteFile(name, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	return name
}

// probes print an interpreter's version and its path.
var probes = map[string][]string{
	"python": {"python3", "-c", "import sys; print('%d.%d' % sys.version_info[:2]); print(sys.executable)"},
	"nodejs": {"node", "-p", "process.versions.node.split('.')[0] + '\\n' + process.execPath"},
	"ruby":   {"ruby", "-e", "puts RUBY_VERSION[/\\d+\\.\\d+/], RbConfig.ruby"},
	"php":    {"php", "-r", "echo PHP_MAJOR_VERSION, '.', PHP_MINOR_VERSION, \"\\n\", PHP_BINARY;"},
}

// versions are those that were found, by language.
var versions = map[string]string{}

// TestMain looks for interpreters and puts them first on PATH: shims, which
// may be there, take a second each time.
func TestMain(m *testing.M) {
	var folders []string
	for language, probe := range probes {
		out, err := exec.Command(probe[0], probe[1:]...).Output()
		if lines := strings.Fields(string(out)); err == nil && len(lines) == 2 {
			versions[language] = lines[0]
			folders = append(folders, filepath.Dir(lines[1]))
		}
	}
	folders = append(folders, os.Getenv("PATH"))
	os.Setenv("PATH", strings.Join(folders, string(os.PathListSeparator)))
	os.Exit(m.Run())
}

// installed returns the runtime of a service that this machine can run. It
// need not be one that the service has.
func installed(t testing.TB, service, language string) runtimes.Cell {
	t.Helper()
	testenv.Need(t, probes[language][0])
	name := language + versions[language]
	catalogue, err := runtimes.Load()
	if err != nil {
		t.Fatal(err)
	}
	s, ok := catalogue.Service(service)
	if !ok {
		t.Fatalf("no service %q", service)
	}
	if c, ok := s.Cell(name); ok {
		return c
	}
	return runtimes.Cell{Runtime: name, Identifier: name, Language: language}
}

// run runs a function that must be runnable.
func run(t testing.TB, f function.Function, event string) function.Result {
	t.Helper()
	if f.Timeout == 0 {
		f.Timeout = time.Minute // this machine may be busy
	}
	r, err := function.Run(t.Context(), f, []byte(event))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// returns runs a function that must return the output.
func returns(t testing.TB, f function.Function, event, want string) function.Result {
	t.Helper()
	r := run(t, f, event)
	if r.Failed || string(r.Output) != want {
		t.Errorf("failed %v, output\n%s\nwant\n%s\nlog\n%s", r.Failed, r.Output, want, r.Log)
	}
	return r
}

// fails runs a function that must fail with an error of the type, whose
// message holds a text.
func fails(t testing.TB, f function.Function, event, kind, message string) function.Result {
	t.Helper()
	r := run(t, f, event)
	if !r.Failed || r.Error.Type != kind || !strings.Contains(r.Error.Message, message) {
		t.Errorf("failed %v, output\n%s\nwant %s, %s\nlog\n%s", r.Failed, r.Output, kind, message, r.Log)
	}
	return r
}
