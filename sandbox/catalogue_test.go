package sandbox_test

import (
	"testing"

	"github.com/layerbuild/layerbuild/runtimes"
)

func catalogue(t testing.TB) *runtimes.Catalogue {
	t.Helper()
	c, err := runtimes.Load()
	if err != nil {
		t.Fatal(err)
	}
	return c
}
