package builder_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"sync"
	"testing"

	"github.com/layerbuild/layerbuild/builder/internal/sample"
	"github.com/layerbuild/layerbuild/internal/testenv"
	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/manifest"
)

const vendored = `
	./ff-7/
	./ff-7/bin/ffmpeg * program
	./ff-7/bin/ff -> ffmpeg
	./ff-7/lib/libav.so.1.2 * library
	./ff-7/lib/libav.so.1 -> libav.so.1.2
	./ff-7/doc/README = read me
	./ff-7/empty/
`

func TestArchives(t *testing.T) {
	tarred := sample.Tar(t, sample.Parse(vendored))
	for name, data := range map[string][]byte{
		"a.tar":      tarred,
		"a.tgz":      sample.Gzip(t, tarred),
		"a.whl":      sample.Zip(t, sample.Parse(vendored)),
		"no-ending":  sample.Zip(t, sample.Parse(vendored)),
		"script.jar": append([]byte("#!/bin/sh\nexec java -jar $0\n"), sample.Zip(t, sample.Parse(vendored))...),
		"wrong.zip":  sample.Gzip(t, tarred),
		"twice.tgz":  append(sample.Gzip(t, tarred[:1000]), sample.Gzip(t, tarred[1000:])...),
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			put(t, dir, name, data)
			staged := stage(t, dir, of(archive(name)), layout())
			want(t, staged.Tree, `
				link ff-7/bin/ff -> ffmpeg
				0755 ff-7/bin/ffmpeg = program
				0644 ff-7/doc/README = read me
				link ff-7/lib/libav.so.1 -> libav.so.1.2
				0755 ff-7/lib/libav.so.1.2 = library`)
			if want := fmt.Sprintf(`source 1 (archive %q): a layer has no empty folders: "ff-7/empty" left out`, name); len(staged.Notes) != 1 || staged.Notes[0] != want {
				t.Errorf("notes: %q", staged.Notes)
			}
			some := with(archive(name), manifest.Source{Include: []string{"*/bin/*"}, Strip: 2, Into: "bin"})
			want(t, stage(t, dir, of(some), layout()).Tree, "link bin/ff -> ffmpeg\n0755 bin/ffmpeg = program")
		})
	}
}

func TestArchiveIsReadByManyAtOnce(t *testing.T) {
	tree := ""
	for i := range 16 {
		tree += fmt.Sprintf("f%02d = %s\n", i, strings.Repeat(string(rune('a'+i%26)), i*25_000))
	}
	for _, form := range forms {
		t.Run(form.name, func(t *testing.T) {
			dir, source := form.make(t, tree)
			staged := stage(t, dir, of(source), layout())
			var wg sync.WaitGroup
			for range 4 {
				wg.Go(func() {
					for i, e := range staged.Tree.Entries {
						if got := content(t, e); got != strings.Repeat(string(rune('a'+i%26)), i*25_000) {
							t.Errorf("%s has other content", e.Path)
						}
					}
				})
			}
			wg.Wait()
		})
	}
}

func TestChecksum(t *testing.T) {
	data := sample.Zip(t, sample.Parse("a = 1"))
	dir := t.TempDir()
	put(t, dir, "a.zip", data)
	sum := sha256.Sum256(data)
	good, bad := hex.EncodeToString(sum[:]), strings.Repeat("0", 64)
	for _, sums := range []map[string]string{{"": good}, {"": strings.ToUpper(good)}, {"x86_64": good, "arm64": bad}, {"": bad, "x86_64": good}} {
		s := archive("a.zip")
		s.SHA256 = sums
		want(t, stage(t, dir, of(s), layout()).Tree, "0644 a = 1")
	}
	s := archive("a.zip")
	s.SHA256 = map[string]string{"": good, "x86_64": bad}
	err := stageError(t, dir, of(s), layout())
	wantError(t, err, `source 1 (archive "a.zip"): the archive's SHA-256 is `+good+", but source.sha256 is "+bad)
	if !errors.Is(err, layer.ErrDigest) {
		t.Errorf("not layer.ErrDigest: %v", err)
	}
}

// An entry of a hostile archive.
type raw struct {
	name, body, link string
	flag             byte
}

func rawTar(t *testing.T, entries []raw) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, e := range entries {
		h := &tar.Header{Name: e.name, Linkname: e.link, Typeflag: e.flag, Mode: 0o644, Size: int64(len(e.body))}
		if e.flag == 0 {
			h.Typeflag = tar.TypeReg
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, e.body); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func rawZip(t *testing.T, entries []raw) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, e := range entries {
		h := &zip.FileHeader{Name: e.name, Method: zip.Store}
		switch e.flag {
		case tar.TypeSymlink:
			h.SetMode(fs.ModeSymlink | 0o777)
			e.body = e.link
		case tar.TypeChar:
			h.SetMode(fs.ModeDevice | fs.ModeCharDevice | 0o644)
		case tar.TypeFifo:
			h.SetMode(fs.ModeNamedPipe | 0o644)
		default:
			h.SetMode(0o644)
		}
		f, err := w.CreateHeader(h)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(e.name, "/") {
			if _, err := io.WriteString(f, e.body); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestHostileArchives(t *testing.T) {
	for _, tt := range []struct {
		name    string
		entries []raw
		why     string
		// tarOnly cases cannot be written as a zip, or are something else.
		tarOnly bool
	}{
		{name: "parent", entries: []raw{{name: "../evil"}}, why: `entry "../evil": path leaves the layer`},
		{name: "parent inside", entries: []raw{{name: "a/../../evil"}}, why: "path leaves the layer"},
		{name: "parent that stays", entries: []raw{{name: "a/../b"}}, why: "path leaves the layer"},
		{name: "absolute", entries: []raw{{name: "/etc/passwd"}}, why: `entry "/etc/passwd": path is absolute`},
		{name: "absolute after dot", entries: []raw{{name: ".//etc/passwd"}}, why: "empty element"},
		{name: "drive", entries: []raw{{name: "C:/Windows/x"}}, why: "path is absolute"},
		{name: "drive-relative", entries: []raw{{name: "c:x"}}, why: "path is absolute"},
		{name: "share", entries: []raw{{name: `\\host\share`}}, why: "path is absolute"},
		{name: "backslash", entries: []raw{{name: `a\..\..\evil`}}, why: "backslash"},
		{name: "empty element", entries: []raw{{name: "a//b"}}, why: "empty element"},
		{name: "invalid UTF-8", entries: []raw{{name: "a/\xff\xfe"}}, why: "not valid UTF-8"},
		{name: "long name", entries: []raw{{name: strings.Repeat("n", 256)}}, why: "no more than 255"},
		{name: "long path", entries: []raw{{name: strings.Repeat("n/", 3000) + "x"}}, why: "no more than 4090"},
		{name: "device", entries: []raw{{name: "null", flag: tar.TypeChar}}, why: `"null" is a device`},
		{name: "fifo", entries: []raw{{name: "p", flag: tar.TypeFifo}}, why: `"p" is a named pipe`},
		{name: "block device", entries: []raw{{name: "sda", flag: tar.TypeBlock}}, why: `"sda" is a device`, tarOnly: true},
		{name: "below a link", entries: []raw{{name: "l", link: "d", flag: tar.TypeSymlink}, {name: "d/x"}, {name: "l/evil"}}, why: `entry "l/evil": lies below "l", which is a link`},
		{name: "link over a folder", entries: []raw{{name: "l/x"}, {name: "l", link: "d", flag: tar.TypeSymlink}}, why: `entry "l": is in the archive as a folder too`},
		{name: "below a file", entries: []raw{{name: "f"}, {name: "f/x"}}, why: `entry "f/x": lies below "f", which is a file`},
		{name: "file over a folder", entries: []raw{{name: "f/x"}, {name: "f"}}, why: "is in the archive as a folder too"},
		{name: "overlong target", entries: []raw{{name: "l", link: strings.Repeat("x/", 3000), flag: tar.TypeSymlink}}, why: "target has 6000 bytes"},
		{name: "hard link out", entries: []raw{{name: "h", link: "../../etc/passwd", flag: tar.TypeLink}}, why: `a hard link to "../../etc/passwd": path leaves`, tarOnly: true},
		{name: "hard link to nothing", entries: []raw{{name: "h", link: "x", flag: tar.TypeLink}}, why: "does not hold before it", tarOnly: true},
		{name: "hard link to later", entries: []raw{{name: "h", link: "x", flag: tar.TypeLink}, {name: "x"}}, why: "does not hold before it", tarOnly: true},
		{name: "hard link to itself", entries: []raw{{name: "h", link: "h", flag: tar.TypeLink}}, why: "does not hold before it", tarOnly: true},
		{name: "hard link to a folder", entries: []raw{{name: "d/", flag: tar.TypeDir}, {name: "h", link: "d", flag: tar.TypeLink}}, why: "a hard link to a folder", tarOnly: true},
		{name: "unknown type", entries: []raw{{name: "x", flag: 'M'}}, why: "is of the unknown type 'M'", tarOnly: true},
		{name: "only the root", entries: []raw{{name: "./", flag: tar.TypeDir}}, why: "holds no files"},
	} {
		makers := map[string]func(*testing.T, []raw) []byte{"tar": rawTar, "tgz": func(t *testing.T, e []raw) []byte { return sample.Gzip(t, rawTar(t, e)) }}
		if !tt.tarOnly {
			makers["zip"] = rawZip
		}
		for form, make := range makers {
			t.Run(tt.name+"/"+form, func(t *testing.T) {
				dir := t.TempDir()
				put(t, dir, "a", make(t, tt.entries))
				wantError(t, stageError(t, dir, of(archive("a")), layout()), `source 1 (archive "a")`, tt.why)
			})
		}
	}
}

// What is bad about an entry does not matter if it is not taken in, except
// where it shows that the archive was made to do harm.
func TestBadEntriesThatAreLeftOut(t *testing.T) {
	entries := []raw{{name: "dev/null", flag: tar.TypeChar}, {name: "x\xff"}, {name: "l", link: "/etc", flag: tar.TypeSymlink}, {name: "bin/a", body: "1"}}
	for form, data := range map[string][]byte{"tar": rawTar(t, entries), "zip": rawZip(t, entries)} {
		dir := t.TempDir()
		put(t, dir, form, data)
		want(t, stage(t, dir, of(with(archive(form), manifest.Source{Include: []string{"bin/*"}})), layout()).Tree, "0644 bin/a = 1")
	}
}

func TestTwice(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "later.tar", rawTar(t, []raw{{name: "a", body: "old"}, {name: "h", link: "a", flag: tar.TypeLink}, {name: "d/", flag: tar.TypeDir}, {name: "d/", flag: tar.TypeDir}, {name: "a", body: "newer"}}))
	put(t, dir, "later.tgz", sample.Gzip(t, rawTar(t, []raw{{name: "a", body: "old"}, {name: "h", link: "a", flag: tar.TypeLink}, {name: "a", body: "newer"}})))
	put(t, dir, "same.zip", rawZip(t, []raw{{name: "a", body: "1"}, {name: "a", body: "1"}}))
	put(t, dir, "other.zip", rawZip(t, []raw{{name: "a", body: "1"}, {name: "a", body: "2"}}))
	put(t, dir, "dot.zip", rawZip(t, []raw{{name: "a", body: "1"}, {name: "./a", body: "2"}}))
	want(t, stage(t, dir, of(archive("later.tar")), layout()).Tree, "0644 a = newer\n0644 h = old")
	want(t, stage(t, dir, of(archive("later.tgz")), layout()).Tree, "0644 a = newer\n0644 h = old")
	want(t, stage(t, dir, of(archive("same.zip")), layout()).Tree, "0644 a = 1")
	wantError(t, stageError(t, dir, of(archive("other.zip")), layout()), `entry "a": is in the archive twice, with different content`)
	wantError(t, stageError(t, dir, of(archive("dot.zip")), layout()), `entry "./a": is in the archive twice`)
}

func TestHardLinks(t *testing.T) {
	const tree = "d/a * 1\nd/l -> a\nh => d/a\nhh => h\nhl => d/l"
	for _, tt := range []struct {
		source manifest.Source
		follow bool
		want   string
	}{
		{manifest.Source{Exclude: []string{"hl"}}, false, "0755 d/a = 1\nlink d/l -> a\n0755 h = 1\n0755 hh = 1"},
		{manifest.Source{Include: []string{"hh"}}, false, "0755 hh = 1"},
		{manifest.Source{Include: []string{"d/*", "h"}}, true, "0755 d/a = 1\n0755 d/l = 1\n0755 h = 1"},
	} {
		for _, form := range forms[1:3] {
			dir, source := form.make(t, tree)
			m := of(with(source, tt.source))
			if tt.follow {
				m = following(m)
			}
			want(t, stage(t, dir, m, layout()).Tree, tt.want)
		}
	}
}

// Opening a pipe would wait for ever.
func TestArchiveIsNoFile(t *testing.T) {
	dir := t.TempDir()
	testenv.Need(t, "mkfifo")
	run(t, dir, "mkfifo a")
	wantError(t, stageError(t, dir, of(archive("a")), layout()), "is a named pipe, not an archive")
}
