package packages

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/layerbuild/layerbuild/internal/testenv"
)

// Every specification that this machine's Ruby came with says to us what it
// says to RubyGems.
func TestGemsByRuby(t *testing.T) {
	ruby := testenv.Need(t, "ruby")[0]
	const script = `require "json"
specs = Gem::Specification.dirs.flat_map { |d| Dir[File.join(d, "**", "*.gemspec")] }
puts JSON.generate(specs.filter_map { |p| s = Gem::Specification.load(p) and [p, s.name, s.version.to_s, s.licenses.first.to_s] })`
	out, err := exec.Command(ruby, "-e", script).Output()
	if err != nil {
		t.Fatal(err)
	}
	var specs [][4]string
	if err := json.Unmarshal(out, &specs); err != nil {
		t.Fatal(err)
	}
	if len(specs) == 0 {
		testenv.Missing(t, "needs gems of ruby")
	}
	for _, s := range specs {
		content, err := os.ReadFile(s[0])
		if err != nil {
			t.Fatal(err)
		}
		name, version, license := parseGem(strings.TrimSuffix(filepath.Base(s[0]), gemSuffix), content)
		if name != s[1] || version != s[2] || license != s[3] {
			t.Errorf("%s: %q %q %q, by RubyGems %q", s[0], name, version, license, s[1:])
		}
	}
	t.Logf("%d specifications", len(specs))
}
