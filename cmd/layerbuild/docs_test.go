package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/layerbuild/layerbuild/manifest"
	"github.com/layerbuild/layerbuild/pipeline"
	"github.com/layerbuild/layerbuild/runtimes"
)

// A block is one fenced block of a page.
type block struct {
	language string
	lines    []string
}

// columns are apart by as much as the widest cell takes.
var columns = regexp.MustCompile(` {2,}`)

var fence = regexp.MustCompile("(?ms)^```([a-z]+)\n(.*?)^```$")

func pages(t *testing.T) map[string][]block {
	t.Helper()
	files, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	files = append(files, "../../README.md", "../../CONTRIBUTING.md")
	list := map[string][]block{}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range fence.FindAllStringSubmatch(string(text), -1) {
			list[f] = append(list[f], block{m[1], strings.Split(strings.TrimSuffix(m[2], "\n"), "\n")})
		}
	}
	return list
}

// TestDocs runs every console block of the pages, one page after the other in
// a copy of the example, and wants the output that the page shows, in columns of any width: "…" stands
// for anything.
func TestDocs(t *testing.T) {
	dir := t.TempDir()
	count := 0
	for page, blocks := range pages(t) {
		script := scriptOf(blocks)
		if script == "" {
			continue
		}
		count++
		name := strings.TrimSuffix(filepath.Base(page), ".md") + ".txtar"
		if err := os.WriteFile(filepath.Join(dir, name), []byte(script), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if count < 2 {
		t.Fatalf("%d pages have console blocks", count)
	}
	testscript.Run(t, testscript.Params{
		Dir: dir, RequireExplicitExec: true, Cmds: commands(t),
		Setup: func(env *testscript.Env) error {
			if err := setup(env); err != nil {
				return err
			}
			return os.CopyFS(env.WorkDir, os.DirFS("../../examples/greeting"))
		},
	})
}

// scriptOf turns console blocks into a script: "$ command" and its output.
func scriptOf(blocks []block) string {
	var b strings.Builder
	for _, bl := range blocks {
		if bl.language != "console" {
			continue
		}
		for i, line := range bl.lines {
			command, ok := strings.CutPrefix(line, "$ ")
			if !ok {
				continue
			}
			if b.Len() == 0 {
				b.WriteString("# A page of which no output is written yet has no use for an old registry.\nrm dist .layerbuild\nexec layerbuild build -q\n")
			}
			fmt.Fprintf(&b, "exec sh -c '%s'\n", strings.ReplaceAll(command, "'", "''"))
			var want []string
			for _, out := range bl.lines[i+1:] {
				if strings.HasPrefix(out, "$ ") {
					break
				}
				out = columns.ReplaceAllString(regexp.QuoteMeta(out), "  +")
				want = append(want, strings.ReplaceAll(out, "…", ".*"))
			}
			if len(want) > 0 && strings.Join(want, "") != ".*" {
				fmt.Fprintf(&b, "stdout '(?s)^%s$'\n", strings.ReplaceAll(strings.Join(want, `\n`)+`\n`, "'", "''"))
			}
		}
	}
	return b.String()
}

// TestDocsManifests parses every toml block that is a whole manifest, and
// wants the README's to be the example.
func TestDocsManifests(t *testing.T) {
	c, err := runtimes.Load()
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	for page, blocks := range pages(t) {
		for _, b := range blocks {
			text := strings.Join(b.lines, "\n") + "\n"
			if b.language != "toml" || !strings.HasPrefix(text, "schema") {
				continue
			}
			count++
			if _, err := manifest.Parse(page, []byte(text), pipeline.Check(c)); err != nil {
				t.Errorf("%s: %v", page, err)
			}
		}
	}
	if count == 0 {
		t.Error("no page has a manifest")
	}
	example, err := os.ReadFile("../../examples/greeting/layer.toml")
	if err != nil {
		t.Fatal(err)
	}
	_, body, _ := strings.Cut(string(example), "\n")
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(readme), "```toml\n"+body+"```\n") {
		t.Error("README.md does not show examples/greeting/layer.toml")
	}
}

// TestDocsLinks wants every relative link of a page to lead somewhere.
func TestDocsLinks(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)#:]+)(?:#[^)]*)?\)`)
	for page := range pages(t) {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range link.FindAllStringSubmatch(string(text), -1) {
			if _, err := os.Stat(filepath.Join(filepath.Dir(page), m[1])); err != nil {
				t.Errorf("%s: link to %q: %v", page, m[1], err)
			}
		}
	}
}

// TestDocsHelp wants every verb and every flag of the command in the pages, or
// at least in the README's table of verbs.
func TestDocsHelp(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range newRoot(world{}).Commands() {
		if !strings.Contains(string(readme), "`"+c.Name()+"`") && c.Name() != "help" {
			t.Errorf("README.md does not name the verb %q", c.Name())
		}
	}
}
