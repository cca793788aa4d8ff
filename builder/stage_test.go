package builder_test

import (
	"context"
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"github.com/layerbuild/layerbuild/builder"
	"github.com/layerbuild/layerbuild/builder/internal/sample"
	"github.com/layerbuild/layerbuild/internal/testenv"
	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/manifest"
	"pgregory.net/rapid"
)

const project = `
	src/app.py = app
	src/run.sh * #!/bin/sh
	src/pkg/__init__.py =
	src/pkg/mod.py = mod
	src/pkg/tests/test_mod.py = test
	src/pkg/.hidden = dot
	src/pkg/data/ünï.txt = utf8
`

func TestFiles(t *testing.T) {
	for _, tt := range []struct {
		name   string
		source manifest.Source
		want   string
	}{
		{"whole folder", manifest.Source{Path: "src", Into: "root"}, `
			0644 app.py = app
			0644 pkg/.hidden = dot
			0644 pkg/__init__.py =
			0644 pkg/data/ünï.txt = utf8
			0644 pkg/mod.py = mod
			0644 pkg/tests/test_mod.py = test
			0755 run.sh = #!/bin/sh`},
		{"one file", manifest.Source{Path: "src/app.py", Into: "packages"}, "0644 python/app.py = app"},
		{"include and exclude", manifest.Source{Path: "src", Into: "packages/vendor", Include: []string{"**/*.py"}, Exclude: []string{"**/tests/**"}}, `
			0644 python/vendor/app.py = app
			0644 python/vendor/pkg/__init__.py =
			0644 python/vendor/pkg/mod.py = mod`},
		{"top only", manifest.Source{Path: "src", Into: "bin", Include: []string{"*"}}, "0644 bin/app.py = app\n0755 bin/run.sh = #!/bin/sh"},
		{"case-sensitive", manifest.Source{Path: "src", Into: "root", Include: []string{"*.PY", "*.sh"}}, "0755 run.sh = #!/bin/sh"},
		{"dot files", manifest.Source{Path: "src", Into: "root", Include: []string{"pkg/*"}}, `
			0644 pkg/.hidden = dot
			0644 pkg/__init__.py =
			0644 pkg/mod.py = mod`},
		{"strip", manifest.Source{Path: "src", Into: "root", Strip: 1, Include: []string{"pkg/m*"}}, "0644 mod.py = mod"},
		{"executable", manifest.Source{Path: "src", Into: "root", Strip: 1, Include: []string{"pkg/m*"}, Executable: []string{"pkg/*.py"}}, "0755 mod.py = mod"},
		{"dot", manifest.Source{Path: ".", Into: "root", Include: []string{"src/*.py"}}, "0644 src/app.py = app"},
		{"by runtime and architecture", manifest.Source{Path: "{runtime}-{arch}", Into: "root"}, "0644 x = native"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := folder(t, project+"\npython312-x86_64/x = native")
			tt.source.Kind = "files"
			want(t, stage(t, dir, of(tt.source), layout()).Tree, tt.want)
		})
	}
}

func TestFilesFromParent(t *testing.T) {
	dir := folder(t, "a/b/layer.toml = \na/x/f = 1")
	want(t, stage(t, dir+"/a/b", of(files("../x")), layout()).Tree, "0644 f = 1")
}

func TestFilters(t *testing.T) {
	dir := folder(t, "a/a = 1\nb/b = 2\nc/c = 3\nd/d = 4")
	a, b, c, d := files("a"), files("b"), files("c"), files("d")
	b.Runtimes = []string{"python3.10"}
	c.Architectures = []string{"x86_64"}
	d.Clouds = []string{"aliyun", "tencent"}
	m := of(a, b, c, d)
	want(t, stage(t, dir, m, layout(place("python3.12", "x86_64"))).Tree, "0644 a = 1\n0644 c = 3")
	want(t, stage(t, dir, m, layout(place("python3.10", "arm64"))).Tree, "0644 a = 1\n0644 b = 2")
	l := layout(place("python3.12", "arm64"))
	l.Cloud = "tencent"
	want(t, stage(t, dir, m, l).Tree, "0644 a = 1\n0644 d = 4")
	wantError(t, stageError(t, dir, of(d), layout()), "no source applies", `"demo"`, "aws")
}

func TestOrigins(t *testing.T) {
	dir := folder(t, "src/a = 1\nsrc/d/l -> ../a")
	put(t, dir, "x.zip", sample.Zip(t, sample.Parse("d/z = 1")))
	m := following(of(files("src"), files("src/a"), archive("x.zip")))
	m.Sources[1].Into = "bin"
	aws, tencent := layout(), layout(place("python3.10", "x86_64"))
	tencent.Cloud = "tencent"
	first, second := stage(t, dir, m, aws).Tree, stage(t, dir, m, tencent).Tree
	var origins []string
	for _, e := range first.Entries {
		origins = append(origins, e.Path+": "+e.Origin)
	}
	wantOrigins := []string{
		`a: source 1 (files "src"): src/a`,
		`bin/a: source 2 (files "src/a"): src/a`,
		`d/l: source 1 (files "src"): src/a`,
		`d/z: source 3 (archive "x.zip"): d/z`,
	}
	if !slices.Equal(origins, wantOrigins) {
		t.Errorf("origins: %q", origins)
	}
	if !first.Same(second) {
		t.Error("the trees of two clouds are not the same")
	}
}

func TestSourceErrors(t *testing.T) {
	dir := folder(t, project+"\nempty/sub/\nbad/a\\b = 1\nbad/"+string([]byte{0xff})+" = 2\ndist/out = 3\nlayer.lock = 4")
	put(t, dir, "notes.txt", []byte("no archive\n"))
	for _, tt := range []struct {
		name   string
		source manifest.Source
		why    []string
		is     error
	}{
		{"missing", files("nowhere"), []string{`source 1 (files "nowhere"): no such file`}, fs.ErrNotExist},
		{"missing archive", archive("nowhere.zip"), []string{`source 1 (archive "nowhere.zip"): no such file`}, fs.ErrNotExist},
		{"no match", with(files("src"), manifest.Source{Include: []string{"*.rb"}, Exclude: []string{"x"}}), []string{`source 1 (files "src"): nothing matches include ["*.rb"] and exclude ["x"]`}, nil},
		{"no match of a file", with(files("src/app.py"), manifest.Source{Include: []string{"*.rb"}}), []string{`nothing matches include ["*.rb"]`}, nil},
		{"empty folder", files("empty"), []string{"holds no files"}, nil},
		{"all stripped", with(files("src"), manifest.Source{Include: []string{"*.py"}, Strip: 1}), []string{`strip = 1 leaves nothing of "app.py"`}, nil},
		{"malformed pattern", with(files("src"), manifest.Source{Include: []string{"[a"}}), []string{`pattern "[a" is malformed`}, nil},
		{"backslash", with(files("bad"), manifest.Source{Include: []string{"a*"}}), []string{"backslash"}, nil},
		{"invalid UTF-8", with(files("bad"), manifest.Source{Exclude: []string{"a*"}}), []string{"not valid UTF-8", `"\xff"`}, nil},
		{"output folder", files("dist"), []string{"lies in the output folder"}, nil},
		{"in the output folder", files("dist/out"), []string{"lies in the output folder"}, nil},
		{"lock", files("layer.lock"), []string{"is never part of a layer"}, nil},
		{"folder as archive", archive("src"), []string{"is a folder, not an archive"}, nil},
		{"text as archive", archive("notes.txt"), []string{`source 1 (archive "notes.txt"): is not an archive that can be read: supported are zip`}, nil},
		{"unknown slot", with(files("src"), manifest.Source{Into: "data"}), []string{`source 1 (files "src")`, `"data"`}, nil},
		{"no digest for the architecture", manifest.Source{Kind: "archive", Path: "a", Into: "root", SHA256: map[string]string{"arm64": "00"}}, []string{"sha256 has no digest for x86_64"}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := builder.Stage(context.Background(), of(tt.source), layout(), builder.Options{Dir: dir, Skip: []string{filepath.Join(dir, "dist")}})
			if err == nil {
				t.Fatal("no error")
			}
			wantError(t, err, tt.why...)
			if tt.is != nil && !errors.Is(err, tt.is) {
				t.Errorf("not %v: %v", tt.is, err)
			}
		})
	}
}

func TestFirstErrorIsThatOfTheFirstSource(t *testing.T) {
	dir := folder(t, "a/x = 1")
	wantError(t, stageError(t, dir, of(files("a"), files("b"), files("c")), layout()), `source 2 (files "b")`)
}

func TestAlwaysLeftOut(t *testing.T) {
	const tree = `
		src/a = 1
		src/.git/config = x
		src/sub/.git = a submodule's
		src/.gitignore = a
		src/.DS_Store = x
		src/sub/.DS_Store = x
		src/layer.lock = x
		src/sub/layer.lock.tmp = x
		src/.layerbuild/registry/x = x
		src/dist/aws/x.zip = x
		src/sub/dist/y = 2
	`
	const left = "0644 .gitignore = a\n0644 a = 1\n0644 sub/dist/y = 2"
	dir := folder(t, tree)
	staged, err := builder.Stage(context.Background(), of(files("src")), layout(), builder.Options{Dir: dir, Skip: []string{filepath.Join(dir, "src/dist"), "/nowhere/dist"}})
	if err != nil {
		t.Fatal(err)
	}
	want(t, staged.Tree, left)

	// The same through a symlinked way to the project.
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(dir, link); err != nil {
		t.Fatal(err)
	}
	staged, err = builder.Stage(context.Background(), of(files("src")), layout(), builder.Options{Dir: link, Skip: []string{filepath.Join(dir, "src/dist")}})
	if err != nil {
		t.Fatal(err)
	}
	want(t, staged.Tree, left)

	// Nothing leads into the output folder either.
	if err := os.Symlink("dist", filepath.Join(dir, "src/out")); err != nil {
		t.Fatal(err)
	}
	_, err = builder.Stage(context.Background(), following(of(files("src"))), layout(), builder.Options{Dir: dir, Skip: []string{filepath.Join(dir, "src/dist")}})
	wantError(t, err, `link "out" -> "dist": the target is missing`)
}

func TestSpecialFiles(t *testing.T) {
	dir := folder(t, "src/a = 1")
	testenv.Need(t, "mkfifo")
	run(t, dir, "mkfifo src/pipe")
	wantError(t, stageError(t, dir, of(files("src")), layout()), `source 1 (files "src"): "pipe" is a named pipe, which no layer can hold`)
	wantError(t, stageError(t, dir, of(files("src/pipe")), layout()), `"pipe" is a named pipe`)
	want(t, stage(t, dir, of(with(files("src"), manifest.Source{Exclude: []string{"pipe"}})), layout()).Tree, "0644 a = 1")
}

func TestUnreadable(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("nothing is unreadable to root")
	}
	dir := folder(t, "src/a = 1\nsrc/closed/b = 2")
	if err := os.Chmod(filepath.Join(dir, "src/closed"), 0); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.Chmod(filepath.Join(dir, "src/closed"), 0o755) })
	err := stageError(t, dir, of(files("src")), layout())
	wantError(t, err, `reading folder "closed"`)
	if !errors.Is(err, fs.ErrPermission) {
		t.Errorf("not fs.ErrPermission: %v", err)
	}
	want(t, stage(t, dir, of(with(files("src"), manifest.Source{Exclude: []string{"closed/**"}})), layout()).Tree, "0644 a = 1")
}

func TestNotes(t *testing.T) {
	dir := folder(t, "src/d/a = 1\nsrc/top = 2\nsrc/e1/\nsrc/e2/deep/\nsrc/e3/\nsrc/e4/\nsrc/skipped/")
	s := with(files("src"), manifest.Source{Strip: 1, Exclude: []string{"skipped"}})
	notes := stage(t, dir, of(s), layout(place("python3.12", "x86_64"), place("python3.12", "arm64"))).Notes
	wantNotes := []string{
		`source 1 (files "src"): a layer has no empty folders: "e1", "e2/deep", "e3" and 1 more left out`,
		`source 1 (files "src"): strip = 1 leaves nothing of "top"`,
	}
	if !slices.Equal(notes, wantNotes) {
		t.Errorf("notes: %q", notes)
	}
}

// The owner's execute bit alone decides.
func TestExecuteBit(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there is no execute bit")
	}
	dir := folder(t, "src/a = 1")
	for mode, exec := range map[os.FileMode]layer.Mode{
		0o600: layer.Regular, 0o644: layer.Regular, 0o666: layer.Regular, 0o655: layer.Regular,
		0o700: layer.Executable, 0o755: layer.Executable, 0o777: layer.Executable, 0o744 | os.ModeSetuid: layer.Executable,
	} {
		if err := os.Chmod(filepath.Join(dir, "src/a"), mode); err != nil {
			t.Fatal(err)
		}
		if got := stage(t, dir, of(files("src")), layout()).Tree.Entries[0].Mode; got != exec {
			t.Errorf("%v: got %v, want %v", mode, got.Perm(), exec.Perm())
		}
	}
}

func TestFileThatVanishes(t *testing.T) {
	dir := folder(t, "src/a = 1")
	e := stage(t, dir, of(files("src")), layout()).Tree.Entries[0]
	if err := os.Remove(filepath.Join(dir, "src/a")); err != nil {
		t.Fatal(err)
	}
	_, err := e.Open()
	if !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("got %v", err)
	}
	wantError(t, err, `source 1 (files "src"): src/a: no such file`)
}

func TestCancelled(t *testing.T) {
	dir := folder(t, "src/a = 1")
	put(t, dir, "a.tgz", sample.Gzip(t, sample.Tar(t, sample.Parse("x = 1"))))
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for _, s := range []manifest.Source{files("src"), archive("a.tgz")} {
		if _, err := builder.Stage(ctx, of(s), layout(), builder.Options{Dir: dir}); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: got %v", s.Path, err)
		}
	}
}

// Where and in which order the files were made, and how many goroutines look
// at them, has no part in the tree.
func TestSameTreeFromACopy(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		names := rapid.SliceOfNDistinct(rapid.StringMatching(`([a-d]{1,2}/){0,3}f[a-z0-9é ]{0,4}`), 1, 30, rapid.ID).Draw(rt, "names")
		var sampled []sample.File
		for _, n := range names {
			f := sample.File{Path: n, Body: rapid.StringN(0, 20, -1).Draw(rt, "body"), Exec: rapid.Bool().Draw(rt, "exec")}
			if rapid.IntRange(0, 9).Draw(rt, "link") == 0 {
				f = sample.File{Path: n, Target: "."}
			}
			sampled = append(sampled, f)
		}
		var trees [2]string
		for i := range trees {
			dir, err := os.MkdirTemp(t.TempDir(), "copy")
			if err != nil {
				rt.Fatal(err)
			}
			rand.Shuffle(len(sampled), func(a, b int) { sampled[a], sampled[b] = sampled[b], sampled[a] })
			sample.Disk(t, filepath.Join(dir, "src"), sampled)
			staged, err := builder.Stage(context.Background(), of(files("src")), layout(), builder.Options{Dir: dir, Workers: 1 + 6*i})
			if err != nil {
				rt.Fatal(err)
			}
			trees[i] = listing(t, staged.Tree)
			if !slices.IsSortedFunc(staged.Tree.Entries, func(a, b layer.Entry) int {
				if a.Path < b.Path {
					return -1
				}
				return 1
			}) {
				rt.Fatal("entries are not sorted bytewise")
			}
		}
		if trees[0] != trees[1] {
			rt.Fatalf("two copies give two trees:\n%s\n%s", trees[0], trees[1])
		}
	})
}
