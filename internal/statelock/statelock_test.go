package statelock

import (
	"bufio"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var now = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// TestMain is also the other process: it takes the lock and waits.
func TestMain(m *testing.M) {
	if dir := os.Getenv("STATELOCK_TEST_HOLD"); dir != "" {
		if _, err := Acquire(dir, "layerbuild publish", now); err != nil {
			os.Exit(1)
		}
		os.Stdout.WriteString("held\n")
		os.Stdin.Read(make([]byte, 1))
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func TestAcquire(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "state")
	l, err := Acquire(dir, "layerbuild build", now)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Acquire(dir, "layerbuild publish", now); err == nil || !strings.Contains(err.Error(), `another "layerbuild build" (process `) {
		t.Errorf("second: error is %v", err)
	}
	if err := l.Release(); err != nil {
		t.Error(err)
	}
	if l, err = Acquire(dir, "layerbuild publish", now); err != nil {
		t.Fatalf("after release: %v", err)
	}
	if err := l.Release(); err != nil {
		t.Error(err)
	}
}

// A killed process leaves the note of who it was, and no lock.
func TestKilled(t *testing.T) {
	dir := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	other := exec.Command(self)
	other.Env = append(os.Environ(), "STATELOCK_TEST_HOLD="+dir)
	in, err := other.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := other.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "held\n" {
		t.Fatalf("the other process said %q, %v", line, err)
	}
	var held *HeldError
	if _, err := Acquire(dir, "layerbuild build", now); !errors.As(err, &held) || held.Holder.PID != other.Process.Pid || held.Holder.Command != "layerbuild publish" {
		t.Errorf("error is %v", err)
	}
	if err := other.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	other.Wait()
	l, err := Acquire(dir, "layerbuild build", now)
	if err != nil {
		t.Fatalf("after the kill: %v", err)
	}
	if err := l.Release(); err != nil {
		t.Error(err)
	}
}
