package builder_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/layerbuild/layerbuild/builder/internal/sample"
)

func TestMerge(t *testing.T) {
	big := strings.Repeat("0123456789abcdef", 8<<10)
	dir := folder(t, fmt.Sprintf(`
		a/same = %[1]s
		a/d/x = 1
		b/same = %[1]s
		b/d/y * 2
		b/l -> d/y
		c/l -> d/y
	`, big))
	put(t, dir, "z.tgz", sample.Gzip(t, sample.Tar(t, sample.Parse("same = "+big))))
	tree := stage(t, dir, of(files("a"), files("b"), files("c"), archive("z.tgz")), layout()).Tree
	want(t, tree, "0644 d/x = 1\n0755 d/y = 2\nlink l -> d/y\n0644 same = "+big)
	if got := tree.Entries[3].Origin; got != `source 1 (files "a"): a/same` {
		t.Errorf("of equal entries the first does not stay: %s", got)
	}
}

func TestConflicts(t *testing.T) {
	big := strings.Repeat("0123456789abcdef", 8<<10)
	for _, tt := range []struct {
		name, tree string
		why        []string
	}{
		{"content", "a/x = 1\nb/x = 2", []string{`"x" is staged twice, and differs in content`, `source 1 (files "a"): a/x, and source 2 (files "b"): b/x`}},
		{"content at the end", "a/x = " + big + "1\nb/x = " + big + "2", []string{"differs in content"}},
		{"size", "a/x = 1\nb/x = 22", []string{"differs in size (1 and 2 bytes)"}},
		{"mode", "a/x = 1\nb/x * 1", []string{"differs in mode (0644 and 0755)"}},
		{"link and file", "a/x -> y\na/y = 1\nb/x = y", []string{"differs in mode (link and 0644)"}},
		{"links", "a/x -> y\na/y = 1\na/z = 1\nb/x -> z\nb/z = 1", []string{`"x" is staged twice`, "content"}},
		{"file and folder", "a/x = 1\nb/x/y/z = 2", []string{`"x" is a file, and "x/y/z" lies below it`, `a/x, and source 2 (files "b"): b/x/y/z`}},
		{"file and folder apart", "a/x = 1\na/x! = 3\nb/x/y/z = 2", []string{`"x" is a file, and "x/y/z" lies below it`}},
		{"link and folder", "a/x -> y\na/y/f = 1\nb/x/g = 2", []string{`"x" is a link, and "x/g" lies below it`}},
		{"case twins", "a/Readme = 1\nb/README = 1", []string{`"README" and "Readme" differ only in case: source 2 (files "b"): b/README, and source 1 (files "a"): a/Readme`}},
		{"case twin folders", "a/Lib/x = 1\nb/lib/y = 1", []string{`"Lib" and "lib" differ only in case`}},
		{"case twins of file and folder", "a/Lib = 1\nb/lib/y = 1", []string{`"Lib" and "lib" differ only in case`}},
		{"case beyond ASCII", "a/\u00e9 = 1\nb/\u00c9 = 1", []string{"differ only in case"}},
		{"Greek sigma", "a/\u03c3 = 1\nb/\u03c2 = 1", []string{"differ only in case"}},
		{"Kelvin", "a/k = 1\nb/\u212a = 1", []string{"differ only in case"}},
		{"composed and decomposed", "a/\u00e9 = 1\nb/e\u0301 = 1", []string{"differ only in Unicode normalisation"}},
		{"both", "a/\u00e9 = 1\nb/E\u0301 = 1", []string{"differ only in case and Unicode normalisation"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := folder(t, tt.tree)
			wantError(t, stageError(t, dir, of(files("a"), files("b")), layout()), tt.why...)
		})
	}
}

// Twins within one source are as bad, and names that are only alike are not.
func TestNames(t *testing.T) {
	dir := folder(t, "src/a = 1\nsrc/A = 2")
	wantError(t, stageError(t, dir, of(files("src")), layout()), `"A" and "a" differ only in case`)

	dir = folder(t, "src/ﬁ = 1\nsrc/fi = 2\nsrc/ß = 3\nsrc/ss = 4\nsrc/e\u0301 = 5\nsrc/ a = 6\nsrc/a\tb = 7\nsrc/-x = 8\nsrc/... = 9")
	if n := len(stage(t, dir, of(files("src")), layout()).Tree.Entries); n != 9 {
		t.Errorf("%d entries, want 9", n)
	}
}
