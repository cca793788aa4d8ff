package scf

import (
	"testing"
	"time"

	scf "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/scf/v20180416"
)

// TestMadeAt: a function is never taken for older than it is.
func TestMadeAt(t *testing.T) {
	tests := []struct {
		description, added string
		want               time.Time
	}{
		{"made by layerbuild at 20261122T210000Z", "2026-11-23 05:00:00", time.Date(2026, 11, 22, 21, 0, 0, 0, time.UTC)},
		{"", "2026-11-23 05:00:00", time.Date(2026, 11, 23, 5, 0, 0, 0, time.UTC)},
		{"made by layerbuild at some time", "2026-11-23 05:00:00", time.Date(2026, 11, 23, 5, 0, 0, 0, time.UTC)},
		{"", "yesterday", time.Time{}},
	}
	for _, test := range tests {
		if got := madeAt(&scf.Function{Description: &test.description, AddTime: &test.added}); !got.Equal(test.want) {
			t.Errorf("%q and %q: %s, want %s", test.description, test.added, got, test.want)
		}
	}
	if got := madeAt(&scf.Function{}); !got.IsZero() {
		t.Errorf("a function that says nothing was made at %s", got)
	}
}
