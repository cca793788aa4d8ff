package packager_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/layerbuild/layerbuild/internal/testenv"
	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/packager"
)

// The judges are readers of zips that share no code with us.

func TestPythonSeesTheSameTree(t *testing.T) {
	python := testenv.Need(t, "python3")[0]
	a := pack(t, everyKind(), packager.Options{})
	var want strings.Builder
	for _, l := range a.Entries {
		fmt.Fprintf(&want, "%o %v %s\n", l.Mode, l.SHA256, l.Path)
	}
	if got := run(t, "", nil, python, "testdata/judges/listing.py", a.Path); got != want.String() {
		t.Errorf("python lists\n%swant\n%s", got, want.String())
	}
}

func TestReadersAcceptTheZip(t *testing.T) {
	a := pack(t, everyKind(), packager.Options{})
	for name, command := range map[string][]string{
		"unzip":   {"unzip", "-tqq"},
		"python3": {"python3", "-m", "zipfile", "-t"},
		"7z":      {"7z", "t", "-bd"},
		"bsdtar":  {"bsdtar", "-tf"},
		"jar":     {"jar", "tf"},
		"zipinfo": {"zipinfo", "-v"},
	} {
		t.Run(name, func(t *testing.T) {
			program := testenv.Need(t, command[0])[0]
			run(t, "", nil, program, append(command[1:], a.Path)...)
		})
	}
}

// A reader that goes through the entries without the directory relies on the
// local headers alone.
func TestReadersOfStreamsAcceptTheZip(t *testing.T) {
	a := pack(t, everyKind(), packager.Options{})
	for name, command := range map[string][]string{"jar": {"jar", "t"}, "bsdtar": {"bsdtar", "-tf", "-"}} {
		t.Run(name, func(t *testing.T) {
			program := testenv.Need(t, command[0])[0]
			out := run(t, "", read(t, a.Path), program, command[1:]...)
			if got := strings.Count(out, "\n"); got != len(a.Entries) {
				t.Errorf("%d entries, want %d:\n%s", got, len(a.Entries), out)
			}
		})
	}
}

func TestZipdetailsFindsNothing(t *testing.T) {
	program := testenv.Need(t, "zipdetails")[0]
	a := pack(t, tree(file("a", prose(900)), file("b", nil), symlink("l", "a"), file("é", []byte("x"))), packager.Options{})
	out := run(t, "", nil, program, "-v", a.Path)
	if bad := regexp.MustCompile(`(?i)(warning|error|trailing|unexpected|descriptor|extra id).*`).FindString(out); bad != "" {
		t.Errorf("%s in\n%s", bad, out)
	}
}

func TestZipinfoSeesUnixModes(t *testing.T) {
	program := testenv.Need(t, "zipinfo")[0]
	a := pack(t, tree(file("a", prose(900)), executable("b", nil), symlink("l", "a")), packager.Options{})
	out := run(t, "", nil, program, "-s", "-T", a.Path)
	for _, want := range []string{
		`-rw-r--r--  2\.0 unx      900 b- def\S 19800101\.000000 a\n`,
		`-rwxr-xr-x  2\.0 unx        0 b- stor 19800101\.000000 b\n`,
		`lrwxrwxrwx  2\.0 unx        1 b- stor 19800101\.000000 l\n`,
	} {
		if !regexp.MustCompile(want).MatchString(out) {
			t.Errorf("no line %s in\n%s", want, out)
		}
	}
}

// Execute bits and symlinks come out of an extraction as they went in.
func TestExtractionRestoresTheTree(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no modes and links here")
	}
	tr := everyKind()
	a := pack(t, tr, packager.Options{})
	for name, command := range map[string][]string{
		"unzip":  {"unzip", "-qq", a.Path},
		"bsdtar": {"bsdtar", "-xf", a.Path},
		"7z":     {"7z", "x", "-bd", "-snld", a.Path},
	} {
		t.Run(name, func(t *testing.T) {
			program := testenv.Need(t, command[0])[0]
			folder := t.TempDir()
			run(t, folder, nil, program, command[1:]...)
			for _, e := range tr.Entries {
				compareExtracted(t, filepath.Join(folder, e.Path), e)
			}
		})
	}
}

func compareExtracted(t *testing.T, path string, e layer.Entry) {
	t.Helper()
	info, err := os.Lstat(path)
	if err != nil {
		t.Error(err)
		return
	}
	var content []byte
	mode := layer.Mode(info.Mode().Perm()) | 0o100000
	if info.Mode()&os.ModeSymlink != 0 {
		mode = layer.Symlink
		target, err := os.Readlink(path)
		if err != nil {
			t.Error(err)
		}
		content = []byte(target)
	} else {
		content = read(t, path)
	}
	if mode != e.Mode || !bytes.Equal(content, contentOf(t, e)) {
		t.Errorf("%q has mode %o and %d bytes, want %o and %d", e.Path, mode, len(content), e.Mode, e.Size)
	}
}

// run runs a program where names are UTF-8, and fails the test if it fails.
func run(t *testing.T, folder string, stdin []byte, program string, arguments ...string) string {
	t.Helper()
	c := exec.CommandContext(context.Background(), program, arguments...)
	c.Dir = folder
	c.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "JAVA_TOOL_OPTIONS=-Dfile.encoding=UTF-8 -Dstdout.encoding=UTF-8")
	if stdin != nil {
		c.Stdin = bytes.NewReader(stdin)
	}
	var stdout, stderr bytes.Buffer
	c.Stdout, c.Stderr = &stdout, &stderr
	if err := c.Run(); err != nil {
		t.Errorf("%s %q: %v\n%s%s", program, arguments, err, &stdout, &stderr)
	}
	return stdout.String()
}
