package builder_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/layerbuild/layerbuild/builder/internal/sample"
	"github.com/layerbuild/layerbuild/internal/testenv"
	"github.com/layerbuild/layerbuild/manifest"
)

// What real programs write, each in its own way of naming, linking and packing.
func TestArchivesOfRealTools(t *testing.T) {
	const tree = `
		top/bin/tool * #!/bin/sh
		top/bin/t -> tool
		top/lib/a.so.1 * library
		top/lib/a.so -> a.so.1
		top/e =
		top/dir with space/ünï.txt = text
	`
	long := "top/" + strings.Repeat("long-folder-name/", 8) + strings.Repeat("f", 90)
	dir := t.TempDir()
	sample.Disk(t, filepath.Join(dir, "in"), sample.Parse(tree+"\n"+long+" = deep\ntop/text = "+strings.Repeat("lorem ipsum ", 30_000)))
	want := listing(t, stage(t, dir, of(files("in")), layout()).Tree)

	for _, tt := range []struct {
		out  string
		cmd  string
		need []string
	}{
		{"gnu.tar", "tar --format=gnu -cf OUT -C in .", []string{"tar"}},
		{"posix.tar", "tar --format=posix -cf OUT -C in top", []string{"tar"}},
		{"ustar.tar", "tar --format=ustar -cf OUT -C in .", []string{"tar"}},
		{"gnu.tar.gz", "tar -czf OUT -C in .", []string{"tar", "gzip"}},
		{"gnu.tar.bz2", "tar -cjf OUT -C in .", []string{"tar", "bzip2"}},
		{"gnu.tar.xz", "tar -cJf OUT -C in .", []string{"tar", "xz"}},
		{"crc32.tar.xz", "tar -cf - -C in . | xz -9 --check=crc32 > OUT", []string{"tar", "xz"}},
		{"blocks.tar.xz", "tar -cf - -C in . | xz --block-size=65536 -T2 > OUT", []string{"tar", "xz"}},
		{"gnu.tar.zst", "tar -cf - -C in . | zstd -q -19 --long=27 > OUT", []string{"tar", "zstd"}},
		{"bsd.tar", "bsdtar -cf OUT -C in .", []string{"bsdtar"}},
		{"bsd.zip", "bsdtar -cf OUT --format zip -C in .", []string{"bsdtar"}},
		{"bsd.7z", "bsdtar -cf OUT --format 7zip -C in .", []string{"bsdtar"}},
		{"info.zip", "cd in && zip -q -r -y ../OUT .", []string{"zip"}},
		{"streamed.zip", "bsdtar -cf - --format zip -C in . | cat > OUT", []string{"bsdtar"}},
		{"solid.7z", "7z a -snl OUT ./in/* >&2", []string{"7z"}},
		{"blocks.7z", "7z a -snl -ms=off -m0=LZMA OUT ./in/* >&2", []string{"7z"}},
		{"bzip2.7z", "7z a -snl -m0=BZip2 OUT ./in/* >&2", []string{"7z"}},
		{"copy.7z", "7z a -snl -mx=0 OUT ./in/* >&2", []string{"7z"}},
		{"py.zip", "cd in && python3 -c 'import sys,zipfile,os; z=zipfile.ZipFile(sys.argv[1],\"w\",zipfile.ZIP_DEFLATED); [z.write(os.path.join(r,f)) for r,_,fs in os.walk(\".\") for f in fs]' ../OUT && rm -f x", []string{"python3"}},
	} {
		t.Run(tt.out, func(t *testing.T) {
			testenv.Need(t, tt.need...)
			run(t, dir, strings.ReplaceAll(tt.cmd, "OUT", tt.out))
			got := listing(t, stage(t, dir, of(archive(tt.out)), layout()).Tree)
			want := want
			if tt.out == "py.zip" {
				// Python's zipfile reads through links.
				want = listing(t, stage(t, dir, following(of(files("in"))), layout()).Tree)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("tree (-folder +archive):\n%s", diff)
			}
		})
	}
}

func TestRealEncryption(t *testing.T) {
	testenv.Need(t, "zip", "7z")
	dir := folder(t, "in/a = "+strings.Repeat("secret ", 1000)+"\nin/l -> a")
	for out, cmd := range map[string]string{
		"a.zip":      "cd in && zip -q -P pass ../a.zip a",
		"aes.zip":    "7z a -tzip -ppass -mem=AES256 aes.zip ./in/a >&2",
		"a.7z":       "7z a -ppass a.7z ./in/a >&2",
		"copy.7z":    "7z a -ppass -mx=0 copy.7z ./in/a >&2",
		"headers.7z": "7z a -ppass -mhe=on headers.7z ./in/a >&2",
	} {
		run(t, dir, cmd)
		wantError(t, stageError(t, dir, of(archive(out)), layout()), "encrypted")
	}
}

// Sparse files and the header of a git archive are not what they seem.
func TestRealOddities(t *testing.T) {
	testenv.Need(t, "tar", "truncate", "git")
	dir := folder(t, "in/a = 1\nin/b = 2")
	run(t, dir, "truncate -s 200000 in/hole && printf end >> in/hole && truncate -s 300000 in/hole")
	want := listing(t, stage(t, dir, of(files("in")), layout()).Tree)
	for _, format := range []string{"gnu", "posix --sparse-version=0.0", "posix --sparse-version=0.1", "posix --sparse-version=1.0"} {
		run(t, dir, "tar -S --format="+format+" -cf hole.tar -C in . && gzip -kf hole.tar")
		for _, name := range []string{"hole.tar", "hole.tar.gz"} {
			s := archive(name)
			s.Limits = manifest.Limits{Ratio: 10_000}
			if diff := cmp.Diff(want, listing(t, stage(t, dir, of(s), layout()).Tree)); diff != "" {
				t.Errorf("%s %s (-folder +archive):\n%.400s", format, name, diff)
			}
		}
	}
	run(t, dir, "cd in && git init -q . && git add . && git -c user.name=a -c user.email=a@example.org commit -q -m x && git archive -o ../git.tar HEAD")
	if diff := cmp.Diff(want, listing(t, stage(t, dir, of(archive("git.tar")), layout()).Tree)); diff != "" {
		t.Errorf("git archive (-folder +archive):\n%.400s", diff)
	}
}

// A wheel is a zip that is taken apart.
func TestRealWheel(t *testing.T) {
	testenv.Network(t)
	testenv.Need(t, "python3")
	dir := t.TempDir()
	run(t, dir, "python3 -m pip download -q --no-deps --only-binary=:all: --python-version 3.12 --platform manylinux2014_x86_64 numpy==2.1.3 && mv *.whl numpy.whl && python3 -m zipfile -e numpy.whl out")
	s := archive("numpy.whl")
	s.Into = "packages"
	fromWheel := stage(t, dir, of(s), layout()).Tree
	s = files("out")
	s.Into = "packages"
	fromFolder := stage(t, dir, of(s), layout()).Tree
	if len(fromWheel.Entries) < 800 || len(fromWheel.Entries) != len(fromFolder.Entries) {
		t.Fatalf("%d entries, and %d in the folder", len(fromWheel.Entries), len(fromFolder.Entries))
	}
	for i, e := range fromWheel.Entries {
		other := fromFolder.Entries[i]
		if e.Path != other.Path || e.Size != other.Size || content(t, e) != content(t, other) {
			t.Fatalf("%q differs from %q in the folder", e.Path, other.Path)
		}
	}
	both := layout(places([]string{"x86_64", "arm64"}, "python3.12")...)
	wantError(t, stageError(t, dir, of(archive("numpy.whl")), both), "is native code for x86_64")
}

func run(t *testing.T, dir, command string) {
	t.Helper()
	cmd := exec.Command("sh", "-ec", command)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", command, err, out)
	}
}
