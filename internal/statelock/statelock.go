// Package statelock keeps two processes from changing the state of one manifest
// at once. The lock is the operating system's, so that a killed process leaves
// none.
package statelock

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// A Lock is held until Release or the end of the process.
type Lock struct {
	flock  *flock.Flock
	holder string
}

// A Holder is the process that has a lock.
type Holder struct {
	Command string    `json:"command"`
	PID     int       `json:"pid"`
	Since   time.Time `json:"since"`
}

// A HeldError says that another process has the lock.
type HeldError struct {
	Dir string
	// Holder is the zero value when it is not known.
	Holder Holder
}

func (e *HeldError) Error() string {
	if e.Holder.PID == 0 {
		return fmt.Sprintf("another layerbuild is at work on the state in %q", e.Dir)
	}
	return fmt.Sprintf("another %q (process %d, since %s) is at work on the state in %q",
		e.Holder.Command, e.Holder.PID, e.Holder.Since.Format(time.RFC3339), e.Dir)
}

// Acquire takes the lock of a state folder, which is made if it is missing, and
// does not wait: the error is a *HeldError when another process has it.
func Acquire(dir, command string, now time.Time) (*Lock, error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, fmt.Errorf("locking the state: %w", err)
	}
	l := &Lock{flock: flock.New(filepath.Join(dir, "lock")), holder: filepath.Join(dir, "lock.json")}
	held, err := l.flock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("locking the state: %w", err)
	}
	if !held {
		return nil, &HeldError{Dir: dir, Holder: l.read()}
	}
	// The holder is in a file of its own, as other systems do not let a
	// locked file be read. It is for messages only.
	text, err := json.Marshal(Holder{Command: command, PID: os.Getpid(), Since: now.UTC()})
	if err == nil {
		err = os.WriteFile(l.holder, append(text, '\n'), 0o666)
	}
	if err != nil {
		return nil, fmt.Errorf("locking the state: %w", errors.Join(err, l.flock.Unlock()))
	}
	return l, nil
}

func (l *Lock) read() (h Holder) {
	if text, err := os.ReadFile(l.holder); err != nil || json.Unmarshal(text, &h) != nil {
		return Holder{}
	}
	return h
}

// Release lets others have the lock.
func (l *Lock) Release() error {
	// The lock's own file stays: another process may have it open already.
	return errors.Join(os.Remove(l.holder), l.flock.Unlock())
}
