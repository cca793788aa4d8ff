package bucket

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestResume has unfinished uploads of all sorts under the same key.
func TestResume(t *testing.T) {
	data := content(single+5, 1) // four parts: 8, 8, 8, 1
	right := func(number int) []byte { return data[(number-1)*part : min(number*part, len(data))] }
	tests := []struct {
		name  string
		parts map[int][]byte
		sends int // of the four parts
	}{
		{"nothing arrived", map[int][]byte{}, 4},
		{"the first", map[int][]byte{1: right(1)}, 3},
		{"the last", map[int][]byte{4: right(4)}, 3},
		{"with a gap", map[int][]byte{1: right(1), 3: right(3)}, 2},
		{"all", map[int][]byte{1: right(1), 2: right(2), 3: right(3), 4: right(4)}, 0},
		{"a changed byte", map[int][]byte{1: right(1), 2: content(part, 9)}, 4},
		{"cut otherwise", map[int][]byte{1: data[:10]}, 4},
		{"too many", map[int][]byte{1: right(1), 5: right(1)}, 4},
	}
	for _, test := range tests {
		for _, md5Only := range []bool{false, true} {
			t.Run(fmt.Sprint(test.name, md5Only), func(t *testing.T) {
				m := newMemory()
				m.md5Only = md5Only
				m.uploads["old"] = &unfinished{key: key, begun: m.clock, parts: maps.Clone(test.parts)}
				var sent meter
				if _, err := uploaderTo(t, m).Put(t.Context(), key, write(t, t.TempDir(), data), sent.add); err != nil {
					t.Fatal(err)
				}
				sends := 0
				for _, call := range m.asked() {
					if call == "send" {
						sends++
					}
				}
				if sends != test.sends {
					t.Errorf("%d parts were sent, want %d", sends, test.sends)
				}
				// What does not fit may be another run's.
				if kept := len(m.left(key)) == 1; kept != (m.begun == 1) {
					t.Errorf("uploads %q are left", m.left(key))
				}
				if m.has(key, data) != "right" || sent.total.Load() != int64(len(data)) {
					t.Errorf("the object is %q, progress %d", m.has(key, data), sent.total.Load())
				}
			})
		}
	}
}

// TestResumeAtLast finds the upload that fits among others, and removes the
// ones that are too old to be anybody's.
func TestResumeAtLast(t *testing.T) {
	data := content(single+5, 1)
	m := newMemory()
	old := m.clock.Add(-2 * leftoverAge)
	other := "layers/web/" + strings.Repeat("b", 64) + ".zip"
	m.uploads["young and other"] = &unfinished{key: key, begun: m.clock, parts: map[int][]byte{1: content(part, 9)}}
	m.uploads["old and other"] = &unfinished{key: key, begun: old, parts: map[int][]byte{1: content(part, 8)}}
	m.uploads["old and ours"] = &unfinished{key: key, begun: old.Add(time.Minute), parts: map[int][]byte{2: data[part : 2*part]}}
	m.uploads["old of another"] = &unfinished{key: other, begun: old, parts: map[int][]byte{}}
	m.uploads["without a time"] = &unfinished{key: other, parts: map[int][]byte{}}
	if _, err := uploaderTo(t, m).Put(t.Context(), key, write(t, t.TempDir(), data), nil); err != nil {
		t.Fatal(err)
	}
	if got := append(m.left(key), m.left(other)...); !slices.Equal(got, []string{"without a time", "young and other"}) &&
		!slices.Equal(got, []string{"young and other", "without a time"}) {
		t.Errorf("uploads %q are left", got)
	}
	if m.begun != 0 {
		t.Error("an upload was begun")
	}
}

// TestKept says after which failures an upload is left to the next run.
func TestKept(t *testing.T) {
	for kind, kept := range map[string]bool{"throttled": true, "lost before": true, "denied": false} {
		m := newMemory()
		m.fault = func(_ int, call string) (error, bool) {
			if call == "send" {
				return trouble(kind)
			}
			return nil, false
		}
		if _, err := uploaderTo(t, m).Put(t.Context(), key, write(t, t.TempDir(), content(single+5, 1)), nil); err == nil {
			t.Fatal("no error")
		}
		if got := len(m.left(key)) == 1; got != kept {
			t.Errorf("%s: uploads %q are left", kind, m.left(key))
		}
	}
}
