// Package journal remembers across runs what was done where: which request may
// still be under way although the run that made it was killed, and which
// version it made.
//
// A journal is a file of JSON lines that only grows while it is open. Each line
// is synced before the step that it announces is taken, so that neither a
// killed process nor a lost machine leaves a request that nobody knows of. One
// process may have a journal open at a time: hold a lock.
package journal

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/layerbuild/layerbuild/layer"
)

// A Step is what a line tells of.
type Step string

// The steps of an item, in their order.
const (
	// Uploaded: the object is in its bucket, with the right digest.
	Uploaded Step = "uploaded"
	// Publishing: a publish request is about to be made. Until its deadline a
	// version can come of it, also when nobody waits for the answer any more.
	Publishing Step = "publishing"
	// Refused: no version came of the last publish request, and none will.
	Refused Step = "refused"
	// Published: a version is there, and the cloud's checksum is ours.
	Published Step = "published"
	// Shared: others were let use the version.
	Shared Step = "shared"
	// Done: the item is as the manifest wants it.
	Done Step = "done"
)

// A Key names what a line is about: a content at one place.
type Key struct {
	// Target is the cloud and region, "aws/us-east-1".
	Target string `json:"target"`
	// Account is the account or profile that the target names, Endpoint an
	// address other than the vendor's: the same region of another world.
	Account  string `json:"account,omitempty"`
	Endpoint string `json:"endpoint,omitempty"`
	// Name of the layer and digest of its zip.
	Name   string    `json:"name"`
	SHA256 layer.Sum `json:"sha256"`
}

// A Line is one entry of a journal.
type Line struct {
	At   time.Time `json:"at"`
	Step Step      `json:"step"`
	Key
	// Version and ARN are of a version that is known.
	Version int64  `json:"version,omitempty"`
	ARN     string `json:"arn,omitempty"`
	// Deadline is when a version of a publish request will have appeared, if
	// it ever does; Within is how long that was when the request was made.
	Deadline *time.Time    `json:"deadline,omitempty"`
	Within   time.Duration `json:"within,omitempty"`
}

// A State is what a journal says about a key.
type State struct {
	// Version and ARN are of the version last published, 0 if none is known.
	Version int64
	ARN     string
	// Done says that nothing was left to do.
	Done bool
	// Pending is how long a version of an interrupted run may still appear.
	Pending time.Duration
}

// A Journal is an open journal. It is safe for concurrent use.
type Journal struct {
	now func() time.Time

	mu    sync.Mutex
	file  *os.File
	end   int64 // of the last whole line
	lines map[Key][]Line
}

// compactAt is how many bytes a journal may have before what no longer matters
// is left out of it.
const compactAt = 1 << 20

// Open reads the journal at path, and makes one if there is none, with its
// folder. A last line that was cut off is dropped: what it would have told was
// not begun. Any other line that cannot be read is an error, since not knowing
// what is under way could publish twice.
func Open(path string, now func() time.Time) (*Journal, error) {
	lines, size, err := read(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("reading journal %q: %w", path, err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return nil, fmt.Errorf("making a journal: %w", err)
	}
	if size > compactAt {
		if err := rewrite(path, compact(lines)); err != nil {
			return nil, fmt.Errorf("compacting journal %q: %w", path, err)
		}
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o666)
	if err != nil {
		return nil, fmt.Errorf("opening journal: %w", err)
	}
	j := Of(lines, now)
	j.file = file
	if err := j.trim(); err != nil {
		return nil, errors.Join(fmt.Errorf("opening journal %q: %w", path, err), file.Close())
	}
	return j, nil
}

// Read returns the lines of a journal that another process may be writing to;
// none if there is no journal.
func Read(path string) ([]Line, error) {
	lines, _, err := read(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("reading journal %q: %w", path, err)
	}
	return lines, nil
}

// Of returns a journal of lines, to be asked only: it has no file, and Note is
// an error.
func Of(lines []Line, now func() time.Time) *Journal {
	j := &Journal{now: now, lines: map[Key][]Line{}}
	for _, l := range lines {
		j.lines[l.Key] = append(j.lines[l.Key], l)
	}
	return j
}

func read(path string) (lines []Line, size int, err error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, 0, err
	}
	whole := data[:bytes.LastIndexByte(data, '\n')+1]
	number := 0
	for text := range bytes.Lines(whole) {
		number++
		var l Line
		if err := json.Unmarshal(text, &l); err != nil {
			return nil, 0, fmt.Errorf("line %d: %w; if no publish has run since the last one ended, remove the file", number, err)
		}
		lines = append(lines, l)
	}
	return lines, len(data), nil
}

// trim cuts off an unfinished last line.
func (j *Journal) trim() error {
	data, err := os.ReadFile(j.file.Name())
	if err != nil {
		return err
	}
	j.end = int64(bytes.LastIndexByte(data, '\n') + 1)
	return j.file.Truncate(j.end)
}

// Note writes a line and returns when it is on disk. The time is the clock's.
func (j *Journal) Note(l Line) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.file == nil {
		return errors.New("writing journal: it is open for reading only")
	}
	l.At = j.now().UTC()
	if l.Step == Publishing {
		deadline := l.At.Add(l.Within)
		l.Deadline = &deadline
	}
	text, err := json.Marshal(l)
	if err != nil {
		return fmt.Errorf("writing journal: %w", err)
	}
	// At the end of the last whole line: a disk that was full for a moment
	// leaves no half of a line between others.
	n, err := j.file.WriteAt(append(text, '\n'), j.end)
	if err == nil {
		err = j.file.Sync()
	}
	if err != nil {
		return fmt.Errorf("writing journal: %w", errors.Join(err, j.file.Truncate(j.end)))
	}
	j.end += int64(n)
	j.lines[l.Key] = append(j.lines[l.Key], l)
	return nil
}

// State returns what is known of a key.
func (j *Journal) State(k Key) State {
	j.mu.Lock()
	defer j.mu.Unlock()
	var s State
	var open *Line
	for i, l := range j.lines[k] {
		switch l.Step {
		case Publishing:
			open, s.Done = &j.lines[k][i], false
		case Refused:
			open, s.Done = nil, false
		case Published, Done:
			open = nil
			s.Version, s.ARN, s.Done = l.Version, l.ARN, l.Step == Done
		case Uploaded, Shared:
		}
	}
	if open != nil && open.Deadline != nil {
		// A clock that was set back must not make the wait longer than it
		// was meant to be.
		s.Pending = min(open.Deadline.Sub(j.now()), open.Within)
		s.Pending = max(s.Pending, 0)
	}
	return s
}

// Close ends writing. The journal stays.
func (j *Journal) Close() error { return j.file.Close() }

// compact leaves out what later lines of the same key have settled. Lines that
// tell of a version, or that it was shared, are kept, each once.
func compact(lines []Line) []Line {
	seen := map[string]bool{}
	var kept []Line
	for _, l := range slices.Backward(lines) {
		id := fmt.Sprint(l.Key, l.Step, l.Version)
		settled := fmt.Sprint(l.Key)
		switch l.Step {
		case Publishing, Uploaded, Refused:
			if seen[settled] {
				continue
			}
		case Published, Shared, Done:
		}
		if seen[id] {
			continue
		}
		seen[id] = true
		if l.Step != Shared && l.Step != Uploaded {
			seen[settled] = true
		}
		kept = append(kept, l)
	}
	slices.Reverse(kept)
	return kept
}

// rewrite replaces a journal, whole or not at all.
func rewrite(path string, lines []Line) error {
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	for _, l := range lines {
		if err := e.Encode(l); err != nil {
			return err
		}
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), "journal-*.tmp")
	if err != nil {
		return err
	}
	_, err = tmp.Write(text.Bytes())
	if err == nil {
		err = tmp.Sync()
	}
	err = errors.Join(err, tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		os.Remove(tmp.Name())
	}
	return err
}
