package packages

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/layerbuild/layerbuild/internal/testenv"
)

// Each list is in order: PEP 440 ("Summary of permitted suffixes and relative
// ordering"), SemVer 2.0.0 section 11.4, Maven's POM reference ("Version Order
// Specification"), Gem::Version.
var ordered = []struct {
	ecosystem string
	versions  []string
}{
	{PyPI, []string{
		"1.dev0", "1.0.dev456", "1.0a1", "1.0a2.dev456", "1.0a12.dev456", "1.0a12", "1.0b1.dev456", "1.0b2", "1.0b2.post345.dev456", "1.0b2.post345",
		"1.0rc1.dev456", "1.0rc1", "1.0", "1.0+5", "1.0+10", "1.0.post456.dev34", "1.0.post456", "1.0.15", "1.1.dev1", "2013.10", "1!0.1",
	}},
	{NPM, []string{
		"1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "1.0.1", "1.10.0", "2.0.0",
	}},
	{Maven, []string{"1-alpha-1", "1-beta2", "1-milestone", "1-rc1", "1-SNAPSHOT", "1", "1-sp", "1.1", "1.9.22", "1.10", "4.1.99.Final", "4.1.100.Final", "33.0.0-jre"}},
	{Gem, []string{"1.0.a", "1.0.b1", "1.0.rc1", "1.0", "1.0.1", "1.16.0"}},
}

func TestCompareVersions(t *testing.T) {
	for _, list := range ordered {
		for i, a := range list.versions {
			for j, b := range list.versions {
				want := 0
				if i != j {
					want = 1
				}
				if i < j {
					want = -1
				}
				if got := CompareVersions(list.ecosystem, a, b); got != want {
					t.Errorf("%s: %q and %q compare as %d, want %d", list.ecosystem, a, b, got, want)
				}
			}
		}
	}
	for _, equal := range [][3]string{
		{PyPI, "1.0", "1.0.0"}, {PyPI, "1.0", "v1.0"}, {PyPI, "1.0-RC.1", "1.0rc1"}, {PyPI, "1.0c1", "1.0pre1"}, {PyPI, "1.0.0a0", "1a"}, {PyPI, "0!1", "1"},
		{PyPI, "1.0-r4", "1.0.post4"}, {Maven, "1.0.Final", "1"}, {Maven, "1.ga", "1.0"}, {NPM, "1.0.0+a", "1.0.0+b"}, {NPM, "01.0", "1"}, {Gem, "", "0"},
	} {
		if got := CompareVersions(equal[0], equal[1], equal[2]); got != 0 {
			t.Errorf("%s: %q and %q compare as %d, want 0", equal[0], equal[1], equal[2], got)
		}
	}
}

// Whatever versions look like, they have one order.
func TestOrder(t *testing.T) {
	text := rapid.OneOf(rapid.StringMatching(`(\d!)?[0-3](\.[0-3]){0,3}([-._]?(a|rc|dev|post|x|final)[0-2]?){0,2}(\+[a0-2]{0,2})?`), rapid.String())
	rapid.Check(t, func(t *rapid.T) {
		ecosystem := rapid.SampledFrom([]string{PyPI, Maven, Gem}).Draw(t, "ecosystem")
		a, b, c := text.Draw(t, "a"), text.Draw(t, "b"), text.Draw(t, "c")
		compare := func(a, b string) int { return CompareVersions(ecosystem, a, b) }
		if compare(a, a) != 0 {
			t.Errorf("%q differs from itself", a)
		}
		if compare(a, b) != -compare(b, a) {
			t.Errorf("%q and %q compare as %d, the other way round as %d", a, b, compare(a, b), compare(b, a))
		}
		if compare(a, b) <= 0 && compare(b, c) <= 0 && compare(a, c) > 0 {
			t.Errorf("%q is not after %q, %q is not after %q, but %q is after %q", a, b, b, c, a, c)
		}
	})
}

// pip orders versions as we do.
func TestOrderByPip(t *testing.T) {
	python := testenv.Need(t, "python3")[0]
	if err := exec.Command(python, "-c", "import pip._vendor.packaging.version").Run(); err != nil {
		testenv.Missing(t, "needs pip in python3")
	}
	random := rand.New(rand.NewPCG(1, 2))
	pick := func(texts ...string) string { return texts[random.IntN(len(texts))] }
	version := func() string {
		text := pick("", "", "", "1!") + fmt.Sprint(random.IntN(3))
		for range random.IntN(4) {
			text += fmt.Sprintf(".%d", random.IntN(12))
		}
		text += pick("", "", "a1", "b2", "rc1", "rc10", ".c3", "-alpha", "_beta1", "-preview2")
		text += pick("", "", ".post1", "-rev2", ".post10")
		text += pick("", "", ".dev1", "-dev", ".dev20")
		return text + pick("", "", "", "+1", "+2.1")
	}
	var input strings.Builder
	var pairs [][2]string
	for range 3000 {
		pair := [2]string{version(), version()}
		pairs = append(pairs, pair)
		fmt.Fprintln(&input, pair[0], pair[1])
	}
	const script = `import sys
from pip._vendor.packaging.version import Version
for line in sys.stdin:
    a, b = map(Version, line.split())
    print((a > b) - (a < b))`
	cmd := exec.Command(python, "-c", script)
	cmd.Stdin = strings.NewReader(input.String())
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	answers := bufio.NewScanner(strings.NewReader(string(out)))
	for _, pair := range pairs {
		if !answers.Scan() {
			t.Fatal("too few answers")
		}
		if got := fmt.Sprint(CompareVersions(PyPI, pair[0], pair[1])); got != answers.Text() {
			t.Errorf("%q and %q compare as %s, by pip as %s", pair[0], pair[1], got, answers.Text())
		}
	}
}
