package packager_test

import (
	"flag"
	"os"
	"testing"
)

func TestMain(m *testing.M) {
	flag.Bool("update", false, "write the golden zips anew")
	if raced {
		// A default: the command line is parsed later.
		flag.Set("rapid.checks", "10")
	}
	os.Exit(m.Run())
}
