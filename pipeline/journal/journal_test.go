package journal

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/layerbuild/layerbuild/layer"
)

type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func newClock() *clock { return &clock{time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)} }

func open(t testing.TB, path string, c *clock) *Journal {
	t.Helper()
	j, err := Open(path, c.now)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func note(t testing.TB, j *Journal, l Line) {
	t.Helper()
	if err := j.Note(l); err != nil {
		t.Fatal(err)
	}
}

var key = Key{Target: "aws/us-east-1", Name: "web", SHA256: layer.Sum{1}}

func TestState(t *testing.T) {
	publishing := Line{Key: key, Step: Publishing, Within: time.Minute}
	published := Line{Key: key, Step: Published, Version: 7, ARN: "arn"}
	done := Line{Key: key, Step: Done, Version: 7, ARN: "arn"}
	tests := []struct {
		name  string
		lines []Line
		after time.Duration
		want  State
	}{
		{"nothing", nil, 0, State{}},
		{"another key", []Line{{Key: Key{Target: "aws/eu-west-1", Name: "web", SHA256: layer.Sum{1}}, Step: Done, Version: 3}}, 0, State{}},
		{"uploaded", []Line{{Key: key, Step: Uploaded}}, 0, State{}},
		{"under way", []Line{publishing}, 20 * time.Second, State{Pending: 40 * time.Second}},
		{"over", []Line{publishing}, time.Hour, State{}},
		{"the clock was set back", []Line{publishing}, -time.Hour, State{Pending: time.Minute}},
		{"refused", []Line{publishing, {Key: key, Step: Refused}}, 0, State{}},
		{"published", []Line{publishing, published}, 0, State{Version: 7, ARN: "arn"}},
		{"shared", []Line{publishing, published, {Key: key, Step: Shared, Version: 7}}, 0, State{Version: 7, ARN: "arn"}},
		{"done", []Line{publishing, published, done}, 0, State{Version: 7, ARN: "arn", Done: true}},
		{"again", []Line{publishing, published, done, publishing}, 0, State{Version: 7, ARN: "arn", Pending: time.Minute}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			path, c := filepath.Join(t.TempDir(), "folder", "journal"), newClock()
			j := open(t, path, c)
			for _, l := range test.lines {
				note(t, j, l)
			}
			c.at = c.at.Add(test.after)
			if got := j.State(key); got != test.want {
				t.Errorf("state is %+v, want %+v", got, test.want)
			}
			if err := j.Close(); err != nil {
				t.Fatal(err)
			}
			j = open(t, path, c)
			defer j.Close()
			if got := j.State(key); got != test.want {
				t.Errorf("opened again: state is %+v, want %+v", got, test.want)
			}
		})
	}
}

// However much of the last line a lost machine kept, the lines before count.
func TestCutOff(t *testing.T) {
	path, c := filepath.Join(t.TempDir(), "journal"), newClock()
	j := open(t, path, c)
	note(t, j, Line{Key: key, Step: Published, Version: 7})
	kept := j.end
	note(t, j, Line{Key: key, Step: Done, Version: 7})
	j.Close()
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for n := int(kept); n < len(whole); n++ {
		if err := os.WriteFile(path, whole[:n], 0o666); err != nil {
			t.Fatal(err)
		}
		j := open(t, path, c)
		if got := j.State(key); got != (State{Version: 7}) {
			t.Fatalf("after %d bytes: state is %+v", n, got)
		}
		note(t, j, Line{Key: key, Step: Done, Version: 7})
		j.Close()
		j = open(t, path, c)
		if got := j.State(key); !got.Done {
			t.Fatalf("after %d bytes and a line more: state is %+v", n, got)
		}
		j.Close()
	}
}

func TestDamaged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal")
	if err := os.WriteFile(path, []byte("{}\n{\x00}\n{}\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	for name, err := range map[string]error{
		"Open": func() error { _, err := Open(path, newClock().now); return err }(),
		"Read": func() error { _, err := Read(path); return err }(),
	} {
		if err == nil || !strings.Contains(err.Error(), "line 2") || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: error is %v, want one that says where", name, err)
		}
	}
}

func TestReadMissing(t *testing.T) {
	lines, err := Read(filepath.Join(t.TempDir(), "journal"))
	if err != nil || lines != nil {
		t.Errorf("lines %v, error %v", lines, err)
	}
}

// What is left out changes nothing that anyone asks.
func TestCompact(t *testing.T) {
	folder := t.TempDir()
	count := 0
	rapid.Check(t, func(t *rapid.T) {
		count++
		path, c := filepath.Join(folder, fmt.Sprint(count)), newClock()
		j, err := Open(path, c.now)
		if err != nil {
			t.Fatal(err)
		}
		defer j.Close()
		keys := []Key{key, {Target: "b", Name: "x"}}
		steps := []Step{Uploaded, Publishing, Refused, Published, Shared, Done}
		for range rapid.IntRange(0, 12).Draw(t, "lines") {
			l := Line{Key: rapid.SampledFrom(keys).Draw(t, "key"), Step: rapid.SampledFrom(steps).Draw(t, "step"), Within: time.Minute}
			if l.Step == Published || l.Step == Shared || l.Step == Done {
				l.Version = rapid.Int64Range(1, 3).Draw(t, "version")
			}
			if err := j.Note(l); err != nil {
				t.Fatal(err)
			}
			c.at = c.at.Add(time.Second)
		}
		lines, err := Read(path)
		if err != nil {
			t.Fatal(err)
		}
		small := path + ".small"
		if err := rewrite(small, compact(lines)); err != nil {
			t.Fatal(err)
		}
		k, err := Open(small, c.now)
		if err != nil {
			t.Fatal(err)
		}
		defer k.Close()
		for _, key := range keys {
			if got, want := k.State(key), j.State(key); got != want {
				t.Errorf("%v: compacted state is %+v, want %+v", key, got, want)
			}
		}
		if n := len(compact(compact(lines))); n != len(compact(lines)) || n > 20 {
			t.Errorf("%d lines after compacting", n)
		}
	})
}

func TestCompactsWhenLarge(t *testing.T) {
	path, c := filepath.Join(t.TempDir(), "journal"), newClock()
	j := open(t, path, c)
	note(t, j, Line{Key: key, Step: Done, Version: 7})
	j.Close()
	line, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(strings.Repeat(string(line), compactAt/len(line)+1)), 0o666); err != nil {
		t.Fatal(err)
	}
	j = open(t, path, c)
	defer j.Close()
	if info, err := os.Stat(path); err != nil || info.Size() != int64(len(line)) {
		t.Errorf("the journal has %d bytes, error %v, want %d", info.Size(), err, len(line))
	}
	if got := j.State(key); got.Version != 7 || !got.Done {
		t.Errorf("state is %+v", got)
	}
	entries, _ := os.ReadDir(filepath.Dir(path))
	if len(entries) != 1 {
		t.Errorf("files left: %v", entries)
	}
}
