package packages

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/layerbuild/layerbuild/layer"
)

// pack makes a zip of paths and their contents.
func pack(t testing.TB, files map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		h := &zip.FileHeader{Name: name, Method: zip.Deflate}
		h.SetMode(0o644)
		if strings.HasPrefix(files[name], "link:") {
			h.SetMode(fs.ModeSymlink | 0o777)
		}
		f, err := w.CreateHeader(h)
		if err == nil {
			_, err = f.Write([]byte(files[name]))
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

func reader(t testing.TB, content []byte) *zip.Reader {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// bytesOf is a file of so many bytes.
func bytesOf(n int) string { return strings.Repeat("x", n) }

func jar(t testing.TB, files map[string]string) string { return string(pack(t, files)) }

func TestFind(t *testing.T) {
	pom := func(group, artifact, version string) string {
		return "#Created by Maven\nversion=" + version + "\r\ngroupId=" + group + "\nartifactId=" + artifact + "\n"
	}
	netty := jar(t, map[string]string{
		"META-INF/MANIFEST.MF":                                     "Manifest-Version: 1.0\r\nBundle-License: https://www.apache.org/\r\n licenses/LICENSE-2.0\r\n\r\nName: x\r\nImplementation-Version: 9\r\n",
		"META-INF/maven/io.netty/netty-common/pom.properties":      pom("io.netty", "netty-common", "4.1.100.Final"),
		"META-INF/maven/org.jctools/jctools-core/pom.properties":   pom("org.jctools", "jctools-core", "4.0.1"),
		"META-INF/maven/org.jctools/deeper/a/pom.properties":       pom("no", "no", "1"),
		"META-INF/maven/org.example/incomplete/pom.properties":     "version=1\n",
		"META-INF/maven/org.example/odd-characters/pom.properties": pom("a", "b\x1b[31m", "1"),
	})
	kotlin := jar(t, map[string]string{"META-INF/MANIFEST.MF": "Implementation-Title: The Kotlin library\nImplementation-Version: 1.9.22-release-704\n"})
	titled := jar(t, map[string]string{"META-INF/MANIFEST.MF": "Implementation-Title: My function\nBundle-SymbolicName: com.example.fn;singleton:=true\nBundle-Version: 3.1\n"})
	renamed := jar(t, map[string]string{"META-INF/maven/org.apache.commons/commons-lang3/pom.properties": pom("org.apache.commons", "commons-lang3", "3.12.0")})

	tests := []struct {
		name  string
		files map[string]string
		want  []Package
	}{
		{"nothing", map[string]string{"bin/tool": "x", "python/app.py": "x", "package.json": `{"name":"own","version":"1.0.0"}`}, nil},
		{"wheel", map[string]string{
			"python/Foo_Bar.baz-1.0.dist-info/METADATA":       "Metadata-Version: 2.1\nName: Foo_Bar.baz\nVersion: 1.0\nLicense: MIT\n\nVersion: 2.0\n",
			"python/Foo_Bar.baz-1.0.dist-info/RECORD":         "foo/__init__.py,sha256=x,10\n\"foo/with,comma.py\",,\n../bin/foo,,\n../../outside,,\nfoo/missing.py,,\n/etc/passwd,,\n",
			"python/foo/__init__.py":                          bytesOf(10),
			"python/foo/with,comma.py":                        bytesOf(20),
			"python/foo/__pycache__/__init__.cpython-312.pyc": bytesOf(40),
			"python/foo/not-recorded.txt":                     bytesOf(1000),
			"python/other.py":                                 bytesOf(1000),
			"bin/foo":                                         bytesOf(80),
		}, []Package{{PyPI, "foo-bar-baz", "1.0", "python/Foo_Bar.baz-1.0.dist-info", "MIT", 80 + 110 + 150}}},
		{"wheel without a record", map[string]string{
			"PyYAML-6.0.dist-info/METADATA":      "Name: PyYAML\nVersion: 6.0\nClassifier: License :: OSI Approved :: MIT License\n",
			"PyYAML-6.0.dist-info/top_level.txt": "_yaml\nyaml\n",
			"yaml/__init__.py":                   bytesOf(10),
			"_yaml.cpython-312-x86_64.so":        bytesOf(20),
			"__pycache__/_yaml.cpython-312.pyc":  bytesOf(40),
			"yamlx.py":                           bytesOf(1000),
		}, []Package{{PyPI, "pyyaml", "6.0", "PyYAML-6.0.dist-info", "MIT License", 77 + 11 + 70}}},
		{"wheel by its name alone", map[string]string{
			"some_thing-2.dist-info/METADATA": "Summary: headers are missing\n",
			"some_thing.py":                   bytesOf(10),
			"some_thing.libs/lib.so":          bytesOf(20),
		}, []Package{{PyPI, "some-thing", "2", "some_thing-2.dist-info", "", 29 + 30}}},
		{"wheel without a version", map[string]string{"x.dist-info/METADATA": "Name: x\n"}, nil},
		{"wheel with an odd name", map[string]string{"x-1.dist-info/METADATA": "Name: x\x1b[31m\nVersion: 1\n", "y-1.dist-info/METADATA": "Name: y\nVersion: a b\n"}, nil},
		{"license expression", map[string]string{
			"x-1.dist-info/METADATA": "Name: x\nVersion: 1\nLicense: see the file\nLicense-Expression: MIT OR Apache-2.0\nClassifier: License :: OSI Approved :: BSD License\n",
			"y-1.dist-info/METADATA": "Name: y\nVersion: 1\nLicense: " + bytesOf(5000) + "\n        more of it\nClassifier: License :: OSI Approved\n",
		}, []Package{{PyPI, "x", "1", "x-1.dist-info", "MIT OR Apache-2.0", 130}, {PyPI, "y", "1", "y-1.dist-info", "OSI Approved", 5084}}},
		{"eggs", map[string]string{
			"old-1.egg-info/PKG-INFO":            "Name: old\nVersion: 1\nLicense: UNKNOWN\n",
			"old-1.egg-info/installed-files.txt": "../old/a.py\nPKG-INFO\n",
			"old/a.py":                           bytesOf(10),
			"old/b.py":                           bytesOf(1000),
			"flat-2-py3.9.egg-info":              "Name: flat\nVersion: 2\n",
			"flat/a.py":                          bytesOf(20),
		}, []Package{{PyPI, "flat", "2", "flat-2-py3.9.egg-info", "", 22 + 20}, {PyPI, "old", "1", "old-1.egg-info", "", 38 + 21 + 10}}},
		{"npm", map[string]string{
			"nodejs/package.json":                                           `{"name":"own","version":"1.0.0"}`,
			"nodejs/node_modules/.package-lock.json":                        "{}",
			"nodejs/node_modules/.bin/tool":                                 "link:../tool",
			"nodejs/node_modules/a/package.json":                            `{"name":"a","version":"1.0.0","license":"MIT"}`,
			"nodejs/node_modules/a/index.js":                                bytesOf(10),
			"nodejs/node_modules/a/test/package.json":                       `{"name":"fixture","version":"1.0.0"}`,
			"nodejs/node_modules/a/node_modules/b/package.json":             `{"name":"b","version":"2.0.0","license":{"type":"ISC"}}`,
			"nodejs/node_modules/a-b/index.js":                              bytesOf(1000),
			"nodejs/node_modules/@s/b/package.json":                         `{"name":"@s/b","version":"3.0.0","licenses":[{"type":"BSD"},{"type":"MIT"}]}`,
			"nodejs/node_modules/@s/package.json":                           `{"name":"no","version":"3.0.0"}`,
			"nodejs/node_modules/.pnpm/c@1.0.0/node_modules/c/package.json": `{"name":"c","version":"1.0.0-rc.1"}`,
			"nodejs/node_modules/c/package.json":                            "link:../.pnpm/c@1.0.0/node_modules/c/package.json",
			"nodejs/node_modules/alias/package.json":                        `{"name":"real","version":"4.0.0"}`,
			"nodejs/node_modules/d/package.json":                            `{"name":"d"}`,
			"nodejs/node_modules/e/package.json":                            `{"name":5,"version":"1.0.0"}`,
			"nodejs/node_modules/f/package.json":                            `{"name":`,
			"nodejs/node_modules/g/package.json":                            `{"name":"g","version":"1.0.0"}` + bytesOf(longestMetadata),
			"xnode_modules/h/package.json":                                  `{"name":"h","version":"1.0.0"}`,
			"node_modules/package.json":                                     `{"name":"i","version":"1.0.0"}`,
		}, []Package{
			{NPM, "@s/b", "3.0.0", "nodejs/node_modules/@s/b", "BSD", 76},
			{NPM, "a", "1.0.0", "nodejs/node_modules/a", "MIT", 46 + 10 + 36},
			{NPM, "b", "2.0.0", "nodejs/node_modules/a/node_modules/b", "ISC", 55},
			{NPM, "c", "1.0.0-rc.1", "nodejs/node_modules/.pnpm/c@1.0.0/node_modules/c", "", 35},
			{NPM, "real", "4.0.0", "nodejs/node_modules/alias", "", 33},
		}},
		{"jars", map[string]string{
			"java/lib/netty-common-4.1.100.Final.jar":      netty,
			"java/lib/kotlin-stdlib-1.9.22.jar":            kotlin,
			"java/lib/fn.jar":                              titled,
			"java/lib/org.apache.commons.lang3-3.12.0.jar": renamed,
			"java/lib/guava-33.0.0-jre.jar":                "not a zip",
			"java/lib/unknown.jar":                         "not a zip",
		}, []Package{
			{Maven, "com.example.fn", "3.1", "java/lib/fn.jar", "", int64(len(titled))},
			{Maven, "guava", "33.0.0-jre", "java/lib/guava-33.0.0-jre.jar", "", 9},
			{Maven, "io.netty:netty-common", "4.1.100.Final", "java/lib/netty-common-4.1.100.Final.jar", "https://www.apache.org/licenses/LICENSE-2.0", int64(len(netty))},
			{Maven, "kotlin-stdlib", "1.9.22", "java/lib/kotlin-stdlib-1.9.22.jar", "", int64(len(kotlin))},
			{Maven, "org.apache.commons:commons-lang3", "3.12.0", "java/lib/org.apache.commons.lang3-3.12.0.jar", "", int64(len(renamed))},
			{Maven, "org.jctools:jctools-core", "4.0.1", "java/lib/netty-common-4.1.100.Final.jar", "", 0},
		}},
		{"gems", map[string]string{
			"ruby/gems/3.3.0/specifications/json-2.7.1.gemspec":                    "# -*- encoding: utf-8 -*-\n# stub: json 2.7.1 ruby lib\n\n  s.licenses = [\"Ruby\".freeze, \"BSD\"]\n",
			"ruby/gems/3.3.0/gems/json-2.7.1/lib/json.rb":                          bytesOf(10),
			"ruby/gems/3.3.0/specifications/default/aws-sdk-s3-1.140.0.gemspec":    "",
			"ruby/gems/3.3.0/specifications/nokogiri-1.16.0-x86_64-linux.gemspec":  "Gem::Specification.new",
			"ruby/gems/3.3.0/gems/nokogiri-1.16.0-x86_64-linux/nokogiri-9.gemspec": bytesOf(20),
			"ruby/gems/3.3.0/gems/other-1.0/x.rb":                                  bytesOf(1000),
			"ruby/gems/3.3.0/specifications/nothing.gemspec":                       "",
			"myspecifications/x-1.0.gemspec":                                       "",
		}, []Package{
			{Gem, "aws-sdk-s3", "1.140.0", "ruby/gems/3.3.0/specifications/default/aws-sdk-s3-1.140.0.gemspec", "", 0},
			{Gem, "json", "2.7.1", "ruby/gems/3.3.0/specifications/json-2.7.1.gemspec", "Ruby", 93 + 10},
			{Gem, "nokogiri", "1.16.0", "ruby/gems/3.3.0/specifications/nokogiri-1.16.0-x86_64-linux.gemspec", "", 22 + 20},
		}},
		{"several versions", map[string]string{
			"node_modules/ms/package.json":                `{"name":"ms","version":"2.10.0"}`,
			"node_modules/a/node_modules/ms/package.json": `{"name":"ms","version":"2.9.0"}`,
			"node_modules/b/node_modules/ms/package.json": `{"name":"ms","version":"2.9.0"}`,
		}, []Package{
			{NPM, "ms", "2.9.0", "node_modules/a/node_modules/ms", "", 31},
			{NPM, "ms", "2.9.0", "node_modules/b/node_modules/ms", "", 31},
			{NPM, "ms", "2.10.0", "node_modules/ms", "", 32},
		}},
		{"one file of two packages", map[string]string{
			"a-1.dist-info/METADATA": "Name: a\nVersion: 1\n", "a-1.dist-info/RECORD": "ns/x.py\n",
			"b-1.dist-info/METADATA": "Name: b\nVersion: 1\n", "b-1.dist-info/RECORD": "ns/x.py\nns/y.py\n",
			"ns/x.py": bytesOf(10), "ns/y.py": bytesOf(20),
		}, []Package{{PyPI, "a", "1", "a-1.dist-info", "", 19 + 8 + 10}, {PyPI, "b", "1", "b-1.dist-info", "", 19 + 16 + 20}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := Find(reader(t, pack(t, test.files)))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" && len(test.want)+len(got) > 0 {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestFindBroken(t *testing.T) {
	const content = "Name: a\nVersion: 1\n"
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	f, err := w.CreateRaw(&zip.FileHeader{Name: "a-1.dist-info/METADATA", CRC32: 1, CompressedSize64: uint64(len(content)), UncompressedSize64: uint64(len(content))})
	if err == nil {
		_, err = f.Write([]byte(content))
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	_, err = Find(reader(t, b.Bytes()))
	if !errors.Is(err, zip.ErrChecksum) || !strings.Contains(err.Error(), `"a-1.dist-info/METADATA"`) {
		t.Errorf("error is %v", err)
	}
}

func TestReadLimit(t *testing.T) {
	a := open(reader(t, pack(t, map[string]string{"a": bytesOf(100)})))
	a.left = 100
	if content, whole, err := a.read("a", 50); len(content) != 50 || whole || err != nil {
		t.Errorf("read %d bytes, all %v, error %v", len(content), whole, err)
	}
	if _, _, err := a.read("a", 50); !errors.Is(err, layer.ErrLimit) {
		t.Errorf("error is %v, want one that wraps ErrLimit", err)
	}
}

// Of a file that is there twice the last one counts, as for those who unpack.
func TestFindTwice(t *testing.T) {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, version := range []string{"1", "2"} {
		f, err := w.Create("node_modules/a/package.json")
		if err == nil {
			_, err = fmt.Fprintf(f, `{"name":"a","version":"%s"}`, version)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	got, err := Find(reader(t, b.Bytes()))
	if err != nil || len(got) != 1 || got[0].Version != "2" || got[0].Size != 26 {
		t.Errorf("found %+v, error %v", got, err)
	}
}

// No file counts twice, whatever lies where, and the innermost package has it.
func TestSizes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		folder := rapid.SampledFrom([]string{"", "p/", "p/q/", "node_modules/a/", "node_modules/a-b/", "node_modules/a/node_modules/b/", "node_modules/a/lib/"})
		base := rapid.SampledFrom([]string{"package.json", "x", "x.py", "__pycache__/x.pyc", "x-1.dist-info/METADATA", "x-1.dist-info/RECORD", "x/y.py", "x.egg-info"})
		files := map[string]string{}
		total := int64(0)
		for range rapid.IntRange(1, 30).Draw(t, "files") {
			name := folder.Draw(t, "folder") + base.Draw(t, "base")
			files[name] = rapid.SampledFrom([]string{`{"name":"a","version":"1"}`, "Name: x\nVersion: 1\n", "x.py\nx\n../x\n", ""}).Draw(t, "content")
		}
		for _, content := range files {
			total += int64(len(content))
		}
		var b bytes.Buffer
		w := zip.NewWriter(&b)
		for name, content := range files {
			f, err := w.Create(name)
			if err == nil {
				_, err = f.Write([]byte(content))
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		z, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
		if err != nil {
			t.Fatal(err)
		}
		list, err := Find(z)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range list {
			total -= p.Size
			if p.Ecosystem != NPM {
				continue
			}
			// An installed package has all below it that is no other's.
			want := int64(0)
			for name, content := range files {
				rest, below := strings.CutPrefix(name, p.Path+"/")
				if below && !strings.Contains(name, "x") && !strings.Contains(rest, "node_modules/") {
					want += int64(len(content))
				}
			}
			if p.Size < want {
				t.Errorf("%+v, want at least %d bytes", p, want)
			}
		}
		if total < 0 {
			t.Errorf("packages have %d bytes more than there are", -total)
		}
	})
}
