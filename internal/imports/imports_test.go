// Package imports holds the rule of who may import whom. There is nothing in
// it but the test.
package imports

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/layerbuild/layerbuild"

// rules say which of our packages a package may import, most special first.
// "X" in an allowed path stands for the package's own folder.
var rules = []struct {
	packages string
	allowed  []string
	why      string
}{
	{"layer", nil, "the values between stages depend on nothing"},
	{"runtimes", nil, "the catalogue is data"},
	{"manifest", nil, "a manifest can be read without the rest"},
	{"packager/...", []string{"layer", "packager/..."}, "packing knows trees only"},
	{"uploader/uploadertest", []string{"layer", "uploader", "internal/..."}, "a suite knows the interface"},
	{"uploader/X/...", []string{"layer", "uploader", "uploader/uploadertest", "uploader/X/...", "internal/..."}, "a store never knows another, nor the manifest"},
	{"uploader", []string{"layer"}, "policy knows no store"},
	{"publisher/publishertest", []string{"layer", "publisher", "internal/..."}, "a suite knows the interface"},
	{"publisher/X/...", []string{"layer", "publisher", "publisher/publishertest", "publisher/X/...", "internal/..."}, "a service never knows another, nor the manifest"},
	{"publisher", []string{"layer"}, "policy knows no service"},
	{"builder/check/...", []string{"layer", "runtimes"}, "checks judge any tree"},
	{"builder/...", []string{"layer", "manifest", "runtimes", "builder/..."}, "staging ends with a tree"},
	{"pipeline/journal", []string{"layer"}, "a journal knows no step but by its name"},
	{"pipeline", []string{"pipeline/journal", "manifest", "runtimes", "layer", "uploader", "publisher"}, "steps are handed in"},
	{"sandbox/...", []string{"layer", "runtimes", "internal/...", "sandbox/..."}, "the emulated clouds share no code with our clients"},
	{"internal/...", []string{"layer", "internal/..."}, "internal packages serve the public ones"},
	{"bench", nil, "the bench runs programs"},
	{"test/judge", nil, "judges drive the sandbox from outside"},
	{"cmd/...", []string{"..."}, "the command knows all"},
}

type listed struct {
	ImportPath string
	Imports    []string
}

func TestImports(t *testing.T) {
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", module+"/...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	count := 0
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		count++
		name := strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/")
		allowed, why, ok := ruleOf(name)
		if !ok {
			t.Errorf("%s has no rule: say here what it may import", name)
			continue
		}
		for _, imp := range p.Imports {
			ours, isOurs := strings.CutPrefix(imp, module+"/")
			if !isOurs {
				continue
			}
			if strings.HasPrefix(ours, "cmd/") {
				t.Errorf("%s imports %s: nobody imports a command", name, ours)
			}
			if !slices.ContainsFunc(allowed, func(a string) bool { return match(a, ours) }) {
				t.Errorf("%s imports %s: it may import %v: %s", name, ours, allowed, why)
			}
		}
	}
	if count < 10 {
		t.Errorf("only %d packages were looked at", count)
	}
}

// ruleOf returns what a package may import, "X" replaced.
func ruleOf(name string) (allowed []string, why string, ok bool) {
	for _, r := range rules {
		own := ""
		pattern := r.packages
		if prefix, rest, hasX := strings.Cut(pattern, "X"); hasX {
			after, below := strings.CutPrefix(name, prefix)
			if !below {
				continue
			}
			own, _, _ = strings.Cut(after, "/")
			pattern = prefix + own + rest
		}
		if !match(pattern, name) {
			continue
		}
		for _, a := range r.allowed {
			allowed = append(allowed, strings.ReplaceAll(a, "X", own))
		}
		return allowed, r.why, true
	}
	return nil, "", false
}

// match reports whether a package is the pattern, or below it where the
// pattern ends in "...".
func match(pattern, name string) bool {
	root, tree := strings.CutSuffix(pattern, "...")
	if !tree {
		return pattern == name
	}
	return strings.HasPrefix(name+"/", path.Clean("/" + root)[1:]+"/") || root == ""
}

func TestRules(t *testing.T) {
	for _, tt := range []struct {
		name, imp string
		want      bool
	}{
		{"uploader/s3", "uploader/oss", false},
		{"uploader/s3", "uploader/s3/parts", true},
		{"uploader/s3", "manifest", false},
		{"uploader", "uploader/s3", false},
		{"layer", "internal/x", false},
		{"builder", "builder/volume", true},
		{"builder/check", "manifest", false},
		{"sandbox/s3", "uploader", false},
		{"cmd/layerbuild", "pipeline", true},
	} {
		allowed, _, ok := ruleOf(tt.name)
		got := ok && slices.ContainsFunc(allowed, func(a string) bool { return match(a, tt.imp) })
		if got != tt.want {
			t.Errorf("%s imports %s: got %v, want %v", tt.name, tt.imp, got, tt.want)
		}
	}
}
