package scf_test

import (
	"testing"

	"github.com/layerbuild/layerbuild/publisher/publishertest"
)

func TestConformanceInline(t *testing.T) {
	t.Parallel()
	publishertest.Run(t, func(t testing.TB) publishertest.Harness {
		h := start(t, nil).harness()
		h.TooLarge = 8_000_000 // more than 10 MB in base64
		return h
	})
}

func TestConformanceFromCOS(t *testing.T) {
	t.Parallel()
	publishertest.Run(t, func(t testing.TB) publishertest.Harness {
		c := start(t, nil)
		h := c.harness()
		h.Upload = c.upload
		return h
	})
}
