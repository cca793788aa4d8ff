package objects_test

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/layerbuild/layerbuild/sandbox/objects"
)

// TestParseRange: whatever the header says, the range lies within the object.
func TestParseRange(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.Int64Range(0, 20).Draw(t, "size")
		header := rapid.StringMatching(`(bytes=)?\d{0,2}-?\d{0,2}`).Draw(t, "header")
		r := objects.ParseRange(header, size)
		switch {
		case r.Outside:
			if r.Partial || r.Length != 0 || !r.Beyond {
				t.Fatalf("%+v", r)
			}
		case r.First < 0 || r.Length < 0 || r.First+r.Length > size:
			t.Fatalf("%+v of %d", r, size)
		case !r.Partial && r != objects.Whole(size):
			t.Fatalf("%+v of %d", r, size)
		case r.Partial && r.Length == 0:
			t.Fatalf("%+v of %d", r, size)
		}
	})
}

func TestCheck(t *testing.T) {
	changed := time.Date(2026, 1, 1, 12, 0, 0, 5e8, time.UTC)
	o := objects.Object{ETag: "abc", Modified: changed}
	second := changed.Truncate(time.Second)
	at := func(t time.Time) string { return t.Format(http.TimeFormat) }
	for _, v := range []struct {
		name, value string
		want        error
	}{
		{"If-Match", `"ABC"`, nil}, {"If-Match", `abc`, nil}, {"If-Match", `*`, nil}, {"If-Match", `"x", "abc"`, nil}, {"If-Match", `"x"`, objects.ErrCondition},
		{"If-None-Match", `"x"`, nil}, {"If-None-Match", `"abc"`, objects.ErrNotModified}, {"If-None-Match", `*`, objects.ErrNotModified},
		{"If-Modified-Since", at(second), objects.ErrNotModified}, {"If-Modified-Since", at(second.Add(-time.Second)), nil}, {"If-Modified-Since", "nonsense", nil},
		{"If-Unmodified-Since", at(second), nil}, {"If-Unmodified-Since", at(second.Add(-time.Second)), objects.ErrCondition},
	} {
		if err := o.Check(http.Header{v.name: {v.value}}); !errors.Is(err, v.want) {
			t.Errorf("%s: %s: %v, want %v", v.name, v.value, err, v.want)
		}
	}
	both := http.Header{"If-Match": {"abc"}, "If-Unmodified-Since": {at(second.Add(-time.Hour))}}
	if err := o.Check(both); err != nil {
		t.Errorf("the ETag goes first: %v", err)
	}
}
