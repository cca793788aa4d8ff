package local

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/layerbuild/layerbuild/internal/digest"
	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/uploader"
	"github.com/layerbuild/layerbuild/uploader/uploadertest"
)

func TestConformance(t *testing.T) {
	uploadertest.Run(t, func(t testing.TB) uploadertest.Harness {
		folder := filepath.Join(t.TempDir(), "bucket")
		return uploadertest.Harness{
			Open: func(testing.TB, uploadertest.Wrap) uploader.Uploader { return New(folder) },
			Keys: func(t testing.TB) []string { return slices.DeleteFunc(files(t, folder), temporary) },
			Unfinished: func(t testing.TB) int {
				return len(files(t, folder)) - len(slices.DeleteFunc(files(t, folder), temporary))
			},
			Read: func(t testing.TB, key string) []byte {
				content, err := os.ReadFile(filepath.Join(folder, key))
				if err != nil {
					t.Error(err)
				}
				return content
			},
			Edges: []int64{1 << 20},
			Large: 3 << 20,
		}
	})
}

func temporary(name string) bool { return strings.HasSuffix(name, ".tmp") }

// files lists everything below a folder.
func files(t testing.TB, folder string) (names []string) {
	t.Helper()
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if os.IsNotExist(err) && path == folder {
			return nil
		}
		if err == nil && !d.IsDir() {
			name, _ := filepath.Rel(folder, path)
			names = append(names, filepath.ToSlash(name))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestKeysThatLeaveTheFolder(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "bucket")
	outside := t.TempDir()
	if err := os.Mkdir(folder, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(folder, "link")); err != nil {
		t.Fatal(err)
	}
	source := filepath.Join(t.TempDir(), "a.zip")
	if err := os.WriteFile(source, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	u, a := New(folder), layer.Artifact{Path: source, Digests: digest.New().Digests()}
	for _, key := range []string{"../a", "a/../../b", "/a", "", "link/a", "a/"} {
		if o, err := u.Put(t.Context(), key, a, nil); err == nil {
			t.Errorf("putting %q: is %+v, want an error", key, o)
		}
		if o, err := u.Stat(t.Context(), key); err == nil {
			t.Errorf("looking for %q: is %+v, want an error", key, o)
		}
	}
	if left := files(t, outside); len(left) != 0 {
		t.Errorf("outside of the folder are %q", left)
	}
}
