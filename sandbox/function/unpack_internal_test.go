package function

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

type entry struct {
	name, content string
	mode          fs.FileMode
}

func zipOf(t testing.TB, entries ...entry) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, e := range entries {
		h := &zip.FileHeader{Name: e.name, Method: zip.Deflate}
		h.SetMode(e.mode)
		f, err := w.CreateHeader(h)
		if err == nil {
			_, err = f.Write([]byte(e.content))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// unpacked unpacks zips into one folder and lists it: "name mode content",
// and for links "name -> target". Nothing may be outside of it.
func unpacked(t testing.TB, zips ...[]byte) ([]string, error) {
	t.Helper()
	outer := t.TempDir()
	folder := filepath.Join(outer, "deep", "folder")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	var bad error
	for i, data := range zips {
		name := filepath.Join(t.TempDir(), fmt.Sprint(i))
		if err := os.WriteFile(name, data, 0o644); err != nil {
			t.Fatal(err)
		}
		if bad = unpack(name, folder, "/opt", &foreign{}); bad != nil {
			break
		}
	}
	var list []string
	err := filepath.WalkDir(outer, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(folder, path)
		if err != nil {
			return err
		}
		if !filepath.IsLocal(name) {
			t.Errorf("%q is outside", name)
		}
		if d.Type() == fs.ModeSymlink {
			target, err := os.Readlink(path)
			list = append(list, name+" -> "+target)
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		content, err := os.ReadFile(path)
		list = append(list, fmt.Sprintf("%s %o %s", name, info.Mode().Perm(), content))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list, bad
}

func TestUnpack(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("modes and links are Unix's")
	}
	const link = fs.ModeSymlink | 0o777
	for name, test := range map[string]struct {
		zips [][]entry
		want []string
	}{
		"modes": {[][]entry{{{"d/", "", fs.ModeDir | 0o700}, {"d/run", "x", 0o755}, {"d/plain", "y", 0o644}, {"d/mine", "z", 0o400}, {"none", "", 0}}},
			[]string{"d/mine 600 z", "d/plain 644 y", "d/run 755 x", "none 600 "}},
		"the later wins":         {[][]entry{{{"a", "1", 0o755}, {"b", "1", 0o644}}, {{"a", "2", 0o644}}, {{"a", "3", 0o644}}}, []string{"a 644 3", "b 644 1"}},
		"within a zip too":       {[][]entry{{{"a", "1", 0o644}, {"a", "2", 0o644}}}, []string{"a 644 2"}},
		"odd but local names":    {[][]entry{{{"./a//b", "1", 0o644}, {"c/../d", "2", 0o644}, {"..e", "3", 0o644}, {"ü ", "4", 0o644}}}, []string{"..e 644 3", "a/b 644 1", "d 644 2", "ü  644 4"}},
		"links":                  {[][]entry{{{"lib/x.so.1", "1", 0o644}, {"lib/x.so", "x.so.1", link}, {"y", "lib/x.so", link}, {"up/z", "../y", link}}}, []string{"lib/x.so -> x.so.1", "lib/x.so.1 644 1", "up/z -> ../y", "y -> lib/x.so"}},
		"links in the cloud":     {[][]entry{{{"bin/x", "/opt/lib/x", link}, {"y", "/opt/z", link}}}, []string{"bin/x -> ../lib/x", "y -> z"}},
		"a file in a link":       {[][]entry{{{"lib/a", "1", 0o644}, {"lib64", "lib", link}}, {{"lib64/b", "2", 0o644}}}, []string{"lib/a 644 1", "lib/b 644 2", "lib64 -> lib"}},
		"a file over a link":     {[][]entry{{{"a", "1", 0o644}, {"l", "a", link}}, {{"l", "2", 0o644}}}, []string{"a 644 1", "l 644 2"}},
		"a link over a file":     {[][]entry{{{"a", "1", 0o644}, {"b", "2", 0o644}}, {{"b", "a", link}}}, []string{"a 644 1", "b -> a"}},
		"a folder over a file":   {[][]entry{{{"a", "1", 0o644}}, {{"a/b/c", "2", 0o644}}}, []string{"a/b/c 644 2"}},
		"a file over a folder":   {[][]entry{{{"a/b/c", "1", 0o644}}, {{"a", "2", 0o644}}}, []string{"a 644 2"}},
		"a folder over no where": {[][]entry{{{"a", "gone", link}}, {{"a/b", "2", 0o644}}}, []string{"a/b 644 2"}},
		"nothing":                {[][]entry{{}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			var zips [][]byte
			for _, entries := range test.zips {
				zips = append(zips, zipOf(t, entries...))
			}
			got, err := unpacked(t, zips...)
			if err != nil || !slices.Equal(got, test.want) {
				t.Errorf("%q, %v, want %q", got, err, test.want)
			}
		})
	}
}

// hostile are entries that must be refused. Each is tried after a link to a
// folder, which it could go through.
func hostile() []entry {
	const link = fs.ModeSymlink | 0o777
	return []entry{
		{"../e", "x", 0o644}, {"/e", "x", 0o644}, {"a/../../e", "x", 0o644}, {"..", "x", 0o644}, {".", "x", 0o644}, {"", "x", 0o644},
		{"../folder2/", "", fs.ModeDir | 0o755},
		{"l", "..", link}, {"l", "/", link}, {"l", "/etc/passwd", link}, {"l", "/opt/../etc", link}, {"l", "/optional/x", link},
		{"l", "", link}, {"a/l", "../../e", link}, {"sub/l/x", "../../../e", link},
		{"dev", "", fs.ModeDevice | 0o644}, {"pipe", "", fs.ModeNamedPipe | 0o644}, {"socket", "", fs.ModeSocket | 0o644},
	}
}

func TestUnpackRefuses(t *testing.T) {
	for _, e := range hostile() {
		t.Run(e.name+" "+e.content, func(t *testing.T) {
			list, err := unpacked(t, zipOf(t, e))
			if err == nil || !strings.Contains(err.Error(), "entry ") {
				t.Errorf("%q, %v", list, err)
			}
		})
	}
	for _, data := range [][]byte{nil, []byte("no zip"), zipOf(t, entry{"a", "x", 0o644})[:40]} {
		if list, err := unpacked(t, data); err == nil {
			t.Errorf("%q from %q", list, data)
		}
	}
}

// FuzzUnpack: whatever the zip, nothing is written outside the folder.
func FuzzUnpack(f *testing.F) {
	const link = fs.ModeSymlink | 0o777
	for _, e := range hostile() {
		f.Add(zipOf(f, entry{"sub/f", "1", 0o644}, entry{"s", "sub", link}, e))
	}
	f.Add(zipOf(f, entry{"a/b/c/f", "", 0o644}, entry{"s", "a/b/c", link}, entry{"t", "s/../..", link}, entry{"t/../x", "x", 0o644}, entry{"t/y", "x", 0o644}))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			return
		}
		var total uint64
		for _, e := range r.File {
			total += e.UncompressedSize64
		}
		if total > 1<<20 || len(r.File) > 50 {
			return
		}
		unpacked(t, data) // it checks
	})
}

func TestForeignCode(t *testing.T) {
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		t.Skip("the table is for linux on amd64")
	}
	elf := func(machine string) string {
		return "\x7fELF\x02\x01\x01" + strings.Repeat("\x00", 9) + "\x03\x00" + machine + "rest"
	}
	for name, test := range map[string]struct {
		arch, content string
		foreign       bool
	}{
		"own":                     {"", elf("\x3e\x00"), false},
		"own, named":              {"x86_64", elf("\x3e\x00"), false},
		"the function's":          {"arm64", elf("\xb7\x00"), true},
		"wrong in the cloud, too": {"x86_64", elf("\xb7\x00"), false},
		"wrong and own":           {"arm64", elf("\x3e\x00"), false},
		"text":                    {"arm64", "\x7fELF is the magic of ELF, and this is text", false},
		"short":                   {"arm64", elf("\xb7\x00")[:19], false},
		"just long enough":        {"arm64", elf("\xb7\x00")[:20], true},
	} {
		t.Run(name, func(t *testing.T) {
			f := &foreign{arch: test.arch}
			for _, step := range []int{1, 7, 100} {
				f.found = ""
				w := f.look("/opt/lib/x.so")
				for part := range slices.Chunk([]byte(test.content), step) {
					if n, err := w.Write(part); n != len(part) || err != nil {
						t.Fatal(n, err)
					}
				}
				if got := f.found != ""; got != test.foreign {
					t.Errorf("in steps of %d: %q", step, f.found)
				}
			}
		})
	}
}
