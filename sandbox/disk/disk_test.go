package disk_test

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/layerbuild/layerbuild/sandbox/disk"
)

func open(t *testing.T, path string) disk.Folder {
	t.Helper()
	f, err := disk.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestSaveAndEach(t *testing.T) {
	f := open(t, filepath.Join(t.TempDir(), "new", "folder"))
	for name, value := range map[string]int{"a/2.json": 2, "a/1.json": 1, "a/b/3.json": 3, "other/4.json": 4} {
		for _, v := range []int{0, value} { // the second takes the place of the first
			if err := f.Save(name, v); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := os.WriteFile(f.Path("a/blob"), []byte("not JSON"), 0o600); err != nil {
		t.Fatal(err)
	}
	var got []int
	visit := func(_ string, text []byte) error {
		var v int
		err := json.Unmarshal(text, &v)
		got = append(got, v)
		return err
	}
	if err := f.Each("a", visit); err != nil || !slices.Equal(got, []int{1, 2, 3}) {
		t.Errorf("%v, %v", got, err)
	}
	if err := f.Each("nothing", visit); err != nil {
		t.Error(err)
	}
	stop := errors.New("stop")
	if err := f.Each("a", func(string, []byte) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("error is %v", err)
	}
}

// TestSaveFails: what cannot be written leaves the old document and nothing
// half-written.
func TestSaveFails(t *testing.T) {
	f := open(t, t.TempDir())
	if err := f.Save("a.json", "old"); err != nil {
		t.Fatal(err)
	}
	if err := f.Save("a.json", func() {}); err == nil {
		t.Error("a function was written as JSON")
	}
	if err := os.MkdirAll(f.Path("taken.json/by-a-folder"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := f.Save("taken.json", 1); err == nil {
		t.Error("a folder was replaced")
	}
	if text, err := os.ReadFile(f.Path("a.json")); err != nil || string(text) != "\"old\"\n" {
		t.Errorf("%q, %v", text, err)
	}
	if left, err := os.ReadDir(f.Path("tmp")); err != nil || len(left) != 0 {
		t.Errorf("%d files left, %v", len(left), err)
	}
}

func TestAdoptAndRemove(t *testing.T) {
	f := open(t, t.TempDir())
	temp, err := f.Temp()
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(temp.Close(), f.Adopt(temp.Name(), "blobs/x")); err != nil {
		t.Fatal(err)
	}
	for range 2 { // removing what is not there is no error
		if err := f.Remove("blobs/x"); err != nil {
			t.Error(err)
		}
	}
	if _, err := os.Stat(f.Path("blobs/x")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error is %v", err)
	}
	if err := f.RemoveAll("blobs"); err != nil {
		t.Error(err)
	}
}

func TestOpenSweeps(t *testing.T) {
	dir := t.TempDir()
	f := open(t, dir)
	if err := f.Save("kept.json", 1); err != nil {
		t.Fatal(err)
	}
	temp, err := f.Temp()
	if err != nil {
		t.Fatal(err)
	}
	temp.Close()
	open(t, dir)
	if _, err := os.Stat(temp.Name()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error is %v", err)
	}
	if _, err := os.Stat(f.Path("kept.json")); err != nil {
		t.Error(err)
	}
	if _, err := disk.Open(f.Path("kept.json")); err == nil {
		t.Error("a file was opened as a folder")
	}
}

func TestID(t *testing.T) {
	seen := map[string]bool{}
	for range 1000 {
		id := disk.ID()
		if len(id) != 32 || seen[id] {
			t.Fatalf("id is %q", id)
		}
		seen[id] = true
	}
}
