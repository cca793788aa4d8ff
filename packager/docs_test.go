package packager_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/layerbuild/layerbuild/internal/testenv"
	"github.com/layerbuild/layerbuild/packager"
	"github.com/layerbuild/layerbuild/packager/deflate"
)

// The program that docs/format.md gives computes what we do.
func TestTreeDigestOfTheDocument(t *testing.T) {
	python := testenv.Need(t, "python3")[0]
	document := string(read(t, "../docs/format.md"))
	program := regexp.MustCompile("(?s)```python\n(.*?)```").FindStringSubmatch(document)
	if program == nil {
		t.Fatal("docs/format.md has no program")
	}
	script := filepath.Join(t.TempDir(), "tree.py")
	if err := os.WriteFile(script, []byte(program[1]), 0o600); err != nil {
		t.Fatal(err)
	}
	a := pack(t, everyKind(), packager.Options{Level: 1})
	if got, want := run(t, "", nil, python, script, a.Path), a.Digests.Tree.String()+"\n"; got != want {
		t.Errorf("the document's program says %swe say %s", got, want)
	}
	if !strings.Contains(document, "`"+deflate.Format+"`") {
		t.Errorf("docs/format.md does not speak of %s", deflate.Format)
	}
}
