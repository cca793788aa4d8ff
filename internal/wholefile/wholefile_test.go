package wholefile

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

func root(t *testing.T) *os.Root {
	t.Helper()
	r, err := os.OpenRoot(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

func names(t *testing.T, r *os.Root) string {
	t.Helper()
	found, err := fs.Glob(r.FS(), "*")
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(found, " ")
}

func TestName(t *testing.T) {
	r := root(t)
	f, err := New(r, ".")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write([]byte("whole")); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Stat("a"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("before it has a name: error is %v", err)
	}
	for _, name := range []string{"a", "b"} {
		if err := f.Name(name); err != nil {
			t.Error(err)
		}
		if err := f.Name(name); !errors.Is(err, fs.ErrExist) {
			t.Errorf("a second time: error is %v, want one that wraps fs.ErrExist", err)
		}
	}
	if err := f.Name("../c"); err == nil {
		t.Error("a name outside of the root: no error")
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	if content, err := r.ReadFile("b"); err != nil || string(content) != "whole" {
		t.Errorf("content is %q, error %v", content, err)
	}
	if got := names(t, r); got != "a b" {
		t.Errorf("files are %q", got)
	}
}

func TestNoName(t *testing.T) {
	r := root(t)
	f, err := New(r, ".")
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	if got := names(t, r); got != "" {
		t.Errorf("files are %q", got)
	}
	if _, err := New(r, "missing"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("in a folder that is not there: error is %v", err)
	}
}

// TestRace has many writers want the same name: one gets it, and it is whole.
func TestRace(t *testing.T) {
	r := root(t)
	var won atomic.Int64
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			f, err := New(r, ".")
			if err != nil {
				t.Error(err)
				return
			}
			defer f.Close()
			text := strings.Repeat(fmt.Sprintf("%02d", i), 10000)
			if _, err := f.Write([]byte(text)); err != nil {
				t.Error(err)
			}
			switch err := f.Name("a"); {
			case err == nil:
				won.Add(1)
				if content, err := r.ReadFile("a"); err != nil || string(content) != text {
					t.Errorf("the winner's file has other bytes, error %v", err)
				}
			case !errors.Is(err, fs.ErrExist):
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if won.Load() != 1 {
		t.Errorf("%d writers got the name", won.Load())
	}
	if got := names(t, r); got != "a" {
		t.Errorf("files are %q", got)
	}
}

func TestCopy(t *testing.T) {
	content := bytes.Repeat([]byte("0123456789"), 300_000)
	var to bytes.Buffer
	var told int64
	n, err := Copy(t.Context(), &to, bytes.NewReader(content), func(n int64) { told += n })
	if err != nil || n != int64(len(content)) || told != n || !bytes.Equal(to.Bytes(), content) {
		t.Errorf("copied %d, told of %d, error %v", n, told, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	n, err = Copy(ctx, &to, bytes.NewReader(content), func(int64) { cancel() })
	if !errors.Is(err, context.Canceled) || n == 0 || n == int64(len(content)) {
		t.Errorf("copied %d, error %v, want a part and context.Canceled", n, err)
	}
}

func TestFullDisk(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("this system has no /dev/full")
	}
	full, err := os.OpenFile(filepath.FromSlash("/dev/full"), os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer full.Close()
	if _, err := Copy(t.Context(), full, strings.NewReader("a"), nil); err == nil {
		t.Error("no error")
	}
}
