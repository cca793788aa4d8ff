// Package testenv is for tests that need something from outside: a tool, a
// server, the network. What is missing skips the test, loudly, and fails it
// where skips are not allowed.
package testenv

import (
	"os"
	"os/exec"
	"testing"
)

// NoSkip is the variable that turns skips into failures. CI sets it to 1.
const NoSkip = "LAYERBUILD_TEST_NOSKIP"

// Need returns the paths of the named programs, or ends the test if one is
// not installed.
func Need(t testing.TB, programs ...string) []string {
	t.Helper()
	paths := make([]string, len(programs))
	for i, name := range programs {
		p, err := exec.LookPath(name)
		if err != nil {
			Missing(t, "needs the program %q, which is not installed", name)
		}
		paths[i] = p
	}
	return paths
}

// Missing ends the test because something from outside is not there.
func Missing(t testing.TB, format string, args ...any) {
	t.Helper()
	if os.Getenv(NoSkip) != "" {
		t.Fatalf(NoSkip+" is set: "+format, args...)
	}
	t.Skipf("SKIPPED: "+format, args...)
}

// Network ends the test unless the environment says that package registries
// may be used.
func Network(t testing.TB) {
	t.Helper()
	if os.Getenv("LAYERBUILD_TEST_NETWORK") == "" {
		Missing(t, "needs a package registry: set LAYERBUILD_TEST_NETWORK=1")
	}
}
