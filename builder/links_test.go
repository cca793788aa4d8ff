package builder_test

import (
	"fmt"
	"testing"

	"github.com/layerbuild/layerbuild/builder/internal/sample"
	"github.com/layerbuild/layerbuild/manifest"
)

// Each case of the two tables is staged as a folder and as archives: the rules
// are the same.
var linksRefused = []struct {
	name, tree string
	source     manifest.Source
	why        string
}{
	{name: "absolute", tree: "a = 1\nl -> /etc/passwd", why: "the target is absolute"},
	{name: "absolute to the layer", tree: "a = 1\nl -> /opt/a", why: "the target is absolute"},
	{name: "windows drive", tree: "a = 1\nl -> C:/a", why: "the target is absolute"},
	{name: "backslash", tree: "a/b = 1\nl -> a\\b", why: "backslash"},
	{name: "leaves", tree: "a = 1\nl -> ../a", why: "outside the source"},
	{name: "leaves from below", tree: "a = 1\nd/l -> ../../a", why: "outside the source"},
	{name: "leaves and comes back", tree: "src/a = 1\nl -> ../src/src/a", why: "outside the source"},
	{name: "leaves after a name", tree: "d/a = 1\nl -> d/../../d/a", why: "outside the source"},
	{name: "leaves by two links", tree: "x/a = 1\nx/l -> ..\nd/m -> ../x/l/../a", why: "outside the source"},
	{name: "leaves by a link to a folder", tree: "p/q/r/f = 1\nup -> p/q\nl -> up/../../../f", why: "outside the source"},
	{name: "dangling", tree: "a = 1\nl -> b", why: "the target is not in the layer"},
	{name: "dangling folder", tree: "a = 1\nl -> b/c", why: "the target is not in the layer"},
	{name: "to an empty folder", tree: "a = 1\ne/\nl -> e", why: "the target is not in the layer"},
	{name: "excluded target", tree: "a = 1\nb = 2\nl -> b", source: manifest.Source{Exclude: []string{"b"}}, why: "the target is not in the layer"},
	{name: "excluded .bin target", tree: "node_modules/.bin/x -> ../x/cli.js\nnode_modules/x/cli.js * 1\nnode_modules/y/i.js = 2",
		source: manifest.Source{Exclude: []string{"node_modules/x/**"}}, why: `link "node_modules/.bin/x" -> "../x/cli.js": the target is not in the layer`},
	{name: "to itself", tree: "a = 1\nl -> l", why: "the link leads to itself"},
	{name: "circle", tree: "a = 1\nl -> m\nm -> n\nn -> l", why: "the link leads to itself"},
	{name: "circle through folders", tree: "a = 1\nd/l -> ../e/m/x\ne/m -> ../d/l", why: "the link leads to itself"},
	{name: "through a file", tree: "a = 1\nl -> a/b", why: "through a file"},
	{name: "file with a slash", tree: "a = 1\nl -> a/", why: "through a file"},
	{name: "above strip", tree: "a/b/c = 1\na/d = 2\na/b/l -> ../d", source: manifest.Source{Strip: 2}, why: "strip drops"},
	{name: "other stripped top", tree: "a/c = 1\nb/d = 2\na/l -> ../b/d", source: manifest.Source{Strip: 1}, why: "strip drops"},
	{name: "below into", tree: "a = 1\nl -> ../a", source: manifest.Source{Into: "packages/deep"}, why: "outside the source"},
}

var linksKept = []struct {
	name, tree string
	source     manifest.Source
	want       string
}{
	{name: "beside", tree: "a = 1\nl -> a", want: "0644 a = 1\nlink l -> a"},
	{name: "dot slash", tree: "a = 1\nl -> ./a", want: "0644 a = 1\nlink l -> ./a"},
	{name: "up inside", tree: "a = 1\nd/l -> ../a", want: "0644 a = 1\nlink d/l -> ../a"},
	{name: "down and up", tree: "a/x = 1\nb = 2\nl -> a/../b", want: "0644 a/x = 1\n0644 b = 2\nlink l -> a/../b"},
	{name: "chain", tree: "a = 1\nl -> m\nm -> n\nn -> a", want: "0644 a = 1\nlink l -> m\nlink m -> n\nlink n -> a"},
	{name: "to a folder", tree: "d/a = 1\nl -> d", want: "0644 d/a = 1\nlink l -> d"},
	{name: "to a folder with slash", tree: "d/a = 1\nl -> d/", want: "0644 d/a = 1\nlink l -> d/"},
	{name: "to its own folder", tree: "d/a = 1\nd/l -> .", want: "0644 d/a = 1\nlink d/l -> ."},
	{name: "to the top", tree: "d/a = 1\nd/l -> ..", want: "0644 d/a = 1\nlink d/l -> .."},
	{name: "through a linked folder", tree: "d/a = 1\nl -> d\nm -> l/a", want: "0644 d/a = 1\nlink l -> d\nlink m -> l/a"},
	{name: "bin links", tree: "node_modules/.bin/x -> ../x/cli.js\nnode_modules/x/cli.js * 1",
		want: "link node_modules/.bin/x -> ../x/cli.js\n0755 node_modules/x/cli.js = 1"},
	{name: "shared library", tree: "lib.so -> lib.so.1\nlib.so.1 -> lib.so.1.2\nlib.so.1.2 * elf",
		source: manifest.Source{Into: "lib"}, want: "link lib/lib.so -> lib.so.1\nlink lib/lib.so.1 -> lib.so.1.2\n0755 lib/lib.so.1.2 = elf"},
	{name: "stripped", tree: "v1/bin/l -> ../lib/x\nv1/lib/x = 1", source: manifest.Source{Strip: 1}, want: "link bin/l -> ../lib/x\n0644 lib/x = 1"},
	{name: "to the stripped top", tree: "v1/bin/l -> ..\nv1/x = 1", source: manifest.Source{Strip: 1, Into: "lib"}, want: "link lib/bin/l -> ..\n0644 lib/x = 1"},
	{name: "excluded dangling", tree: "a = 1\nl -> nowhere", source: manifest.Source{Exclude: []string{"l"}}, want: "0644 a = 1"},
	{name: "odd target", tree: "é ü = 1\nl -> é ü", want: "link l -> é ü\n0644 é ü = 1"},
}

// forms are the ways in which the same files can be given.
var forms = []struct {
	name string
	make func(t *testing.T, text string) (dir string, s manifest.Source)
}{
	{"folder", func(t *testing.T, text string) (string, manifest.Source) {
		dir := t.TempDir()
		sample.Disk(t, dir+"/src", sample.Parse(text))
		return dir, files("src")
	}},
	{"tar", func(t *testing.T, text string) (string, manifest.Source) {
		dir := t.TempDir()
		put(t, dir, "a", sample.Tar(t, sample.Parse(text)))
		return dir, archive("a")
	}},
	{"tar.gz", func(t *testing.T, text string) (string, manifest.Source) {
		dir := t.TempDir()
		put(t, dir, "a", sample.Gzip(t, sample.Tar(t, sample.Parse(text))))
		return dir, archive("a")
	}},
	{"zip", func(t *testing.T, text string) (string, manifest.Source) {
		dir := t.TempDir()
		put(t, dir, "a", sample.Zip(t, sample.Parse(text)))
		return dir, archive("a")
	}},
}

// with gives a source the filters of another.
func with(s, filters manifest.Source) manifest.Source {
	s.Include, s.Exclude, s.Strip = filters.Include, filters.Exclude, filters.Strip
	if filters.Into != "" {
		s.Into = filters.Into
	}
	return s
}

func TestLinksRefused(t *testing.T) {
	for _, tt := range linksRefused {
		for _, form := range forms {
			t.Run(tt.name+"/"+form.name, func(t *testing.T) {
				dir, source := form.make(t, tt.tree)
				wantError(t, stageError(t, dir, of(with(source, tt.source)), layout()), tt.why)
			})
		}
	}
}

func TestLinksKept(t *testing.T) {
	for _, tt := range linksKept {
		for _, form := range forms {
			t.Run(tt.name+"/"+form.name, func(t *testing.T) {
				dir, source := form.make(t, tt.tree)
				want(t, stage(t, dir, of(with(source, tt.source)), layout()).Tree, tt.want)
			})
		}
	}
}

func TestLinksFollowed(t *testing.T) {
	for _, tt := range []struct {
		name, tree, want string
		source           manifest.Source
	}{
		{name: "file", tree: "a * 1\nd/l -> ../a", want: "0755 a = 1\n0755 d/l = 1"},
		{name: "chain", tree: "a = 1\nl -> m\nm -> a", want: "0644 a = 1\n0644 l = 1\n0644 m = 1"},
		{name: "folder", tree: "d/a = 1\nd/e/b = 2\nl -> d", want: "0644 d/a = 1\n0644 d/e/b = 2\n0644 l/a = 1\n0644 l/e/b = 2"},
		{name: "link in a linked folder", tree: "a = 1\nd/m -> ../a\nx/y/l -> ../../d", want: "0644 a = 1\n0644 d/m = 1\n0644 x/y/l/m = 1"},
		{name: "target left out", tree: "a = 1\nl -> a", source: manifest.Source{Include: []string{"l"}}, want: "0644 l = 1"},
		{name: "folder left out", tree: "d/a = 1\nl -> d", source: manifest.Source{Exclude: []string{"d/**"}}, want: "0644 l/a = 1"},
		{name: "across strip", tree: "a/x = 1\nb/l -> ../a/x", source: manifest.Source{Strip: 1, Include: []string{"b/*"}}, want: "0644 l = 1"},
		{name: "dangling but excluded", tree: "a = 1\nl -> b", source: manifest.Source{Exclude: []string{"l"}}, want: "0644 a = 1"},
	} {
		for _, form := range forms {
			t.Run(tt.name+"/"+form.name, func(t *testing.T) {
				dir, source := form.make(t, tt.tree)
				want(t, stage(t, dir, following(of(with(source, tt.source))), layout()).Tree, tt.want)
			})
		}
	}
}

func TestLinksNotFollowed(t *testing.T) {
	for _, tt := range []struct{ name, tree, why string }{
		{"absolute", "a = 1\nl -> /etc/passwd", "the target is absolute"},
		{"absolute on the way", "a = 1\nd/l -> ../m\nm -> /etc", "the target is absolute"},
		{"leaves", "a = 1\nl -> ../src/a", "outside the source"},
		{"leaves by a link to a folder", "p/q/r/f = 1\nup -> p/q\nl -> up/../../../f", "outside the source"},
		{"dangling", "a = 1\nl -> b", "the target is missing"},
		{"circle", "a = 1\nl -> m\nm -> l", "the link leads to itself"},
		{"its own folder", "d/a = 1\nd/l -> .", "leads back to a folder"},
		{"the top", "d/e/a = 1\nd/e/l -> ../..", "leads back to a folder"},
		{"each other", "d/l -> ../e\ne/m -> ../d", "leads back to a folder"},
	} {
		for _, form := range forms {
			t.Run(tt.name+"/"+form.name, func(t *testing.T) {
				dir, source := form.make(t, tt.tree)
				wantError(t, stageError(t, dir, following(of(source)), layout()), tt.why)
			})
		}
	}
}

// What one source links to may come from another, but what lies below a link
// would be written where the link leads.
func TestLinksBetweenSources(t *testing.T) {
	dir := folder(t, "a/d/x = 1\nb/l -> d\nb/d/y = 2\nc/l/evil = 3")
	want(t, stage(t, dir, of(files("a"), files("b")), layout()).Tree, "0644 d/x = 1\n0644 d/y = 2\nlink l -> d")
	err := stageError(t, dir, of(files("a"), files("b"), files("c")), layout())
	wantError(t, err, `"l" is a link, and "l/evil" lies below it`, `source 2 (files "b"): b/l`, `source 3 (files "c"): c/l/evil`)
}

func TestSourceIsALink(t *testing.T) {
	dir := folder(t, "real/a = 1\nreal/b -> a\nsrc -> real\none -> real/a")
	want(t, stage(t, dir, of(files("src")), layout()).Tree, "0644 a = 1\nlink b -> a")
	want(t, stage(t, dir, of(files("one")), layout()).Tree, "0644 one = 1")
}

// Links that cross stand for 2^40 files: the walk must stop.
func TestLinksFollowedWithoutEnd(t *testing.T) {
	tree := "d40/f = 1\n"
	for i := range 40 {
		tree += fmt.Sprintf("d%d/a -> ../d%d\nd%d/b -> ../d%d\n", i, i+1, i, i+1)
	}
	dir := t.TempDir()
	put(t, dir, "a.tar", sample.Tar(t, sample.Parse(tree)))
	s := archive("a.tar")
	s.Limits.Entries = 500
	wantError(t, stageError(t, dir, following(of(s)), layout()), "more than 500 entries")
}
