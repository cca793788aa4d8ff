package main

import (
	"fmt"
	"path/filepath"

	"github.com/layerbuild/layerbuild/internal/statelock"
)

// stateDir is the folder beside a manifest that holds what layerbuild
// remembers on this machine.
const stateDir = ".layerbuild"

func (p *project) journalPath() string { return filepath.Join(p.dir, stateDir, "journal") }

// lockState keeps other processes from changing the project's state until it
// is released.
func (p *project) lockState(w world, verb string) (*statelock.Lock, error) {
	lock, err := statelock.Acquire(filepath.Join(p.dir, stateDir), "layerbuild "+verb, w.now())
	if err != nil {
		return nil, &hinted{
			error: fmt.Errorf("%s: %w", p.file, err),
			hint:  "wait until it has ended; a killed process leaves no lock",
		}
	}
	return lock, nil
}
