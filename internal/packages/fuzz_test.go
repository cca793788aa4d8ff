package packages

import (
	"archive/zip"
	"bytes"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// good wants a text that can be printed in a line.
func good(t *testing.T, what, text string) {
	t.Helper()
	if len(text) > longestText || !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl) || text != strings.TrimSpace(text) {
		t.Errorf("%s is %q", what, text)
	}
}

func FuzzMetadata(f *testing.F) {
	f.Add([]byte("Metadata-Version: 2.1\nName: a\nVersion: 1.0\nLicense: MIT\n  and more\nClassifier: License :: OSI Approved :: MIT License\n\nbody"))
	f.Add([]byte("Name: a\r\n\tb\r\nVersion:1\rLicense-Expression: MIT"))
	f.Add([]byte(":\n:\n : \n"))
	f.Fuzz(func(t *testing.T, content []byte) {
		m := parseMetadata(content)
		good(t, "license", m.license)
		// What follows the empty line does not count.
		if more := parseMetadata(append(bytes.Clone(content), "\n\nName: other\nVersion: other\n"...)); more != m {
			t.Errorf("parsed as %+v, with a body as %+v", m, more)
		}
	})
}

func FuzzRecord(f *testing.F) {
	f.Add([]byte("a/b.py,sha256=x,1\n\"a,b\",,\n../../../bin/x,,\n/etc/passwd,,\n\"open\n"))
	f.Fuzz(func(t *testing.T, record []byte) {
		a := open(reader(t, pack(t, map[string]string{"p/a/b.py": "", "bin/x": "", "etc/passwd": ""})))
		for _, name := range a.installed("p/a-1.dist-info/", recorded(record)) {
			if a.files[name] == nil {
				t.Errorf("claims %q, which is not there", name)
			}
		}
	})
}

func FuzzPackageJSON(f *testing.F) {
	f.Add([]byte(`{"name":"@s/a","version":"1.0.0","license":"MIT"}`))
	f.Add([]byte(`{"name":"a","version":["1"],"license":{"type":"MIT"},"licenses":[{"type":"ISC"},7]}`))
	f.Add([]byte(`[]`))
	f.Fuzz(func(t *testing.T, content []byte) {
		name, version, license := parsePackageJSON(content)
		for _, p := range (finding{Package: Package{Name: name, Version: version, License: license}}).whole() {
			good(t, "name", p.Name)
			good(t, "version", p.Version)
			good(t, "license", p.License)
		}
	})
}

func FuzzJar(f *testing.F) {
	f.Add("netty-common-4.1.jar", []byte(jar(f, map[string]string{
		"META-INF/MANIFEST.MF":                         "Implementation-Title: a\r\nImplementation-Version: 1\r\n b\r\n",
		"META-INF/maven/g/netty-common/pom.properties": "groupId=g\nartifactId=netty-common\nversion=4.1\n",
		"META-INF/maven/g/other/pom.properties":        "groupId=g\nartifactId=other\nversion = 1\n#x\n",
	})))
	f.Add("a.jar", []byte("no zip"))
	f.Fuzz(func(t *testing.T, name string, content []byte) {
		if !strings.HasSuffix(name, jarSuffix) || len(name) > 1000 {
			return
		}
		list, err := open(reader(t, pack(t, map[string]string{name: string(content)}))).jar(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range list {
			good(t, "name", p.Name)
			good(t, "version", p.Version)
			good(t, "license", p.License)
		}
	})
}

func FuzzGem(f *testing.F) {
	f.Add("json-2.7.1", []byte("# stub: json 2.7.1 ruby lib\n  s.licenses = [\"Ruby\".freeze]\n"))
	f.Add("a-b-1.0-x86_64-linux", []byte(""))
	f.Fuzz(func(t *testing.T, full string, content []byte) {
		name, version, license := parseGem(full, content)
		for _, p := range (finding{Package: Package{Name: name, Version: version, License: license}}).whole() {
			good(t, "name", p.Name)
			good(t, "version", p.Version)
			good(t, "license", p.License)
		}
	})
}

// Whatever the bytes are, Find comes to an end and agrees with itself.
func FuzzFind(f *testing.F) {
	f.Add(pack(f, map[string]string{
		"p/a-1.dist-info/METADATA": "Name: a\nVersion: 1\n", "p/a-1.dist-info/RECORD": "a.py,,\n", "p/a.py": "x",
		"node_modules/b/package.json": `{"name":"b","version":"1.0.0"}`, "c-1.egg-info": "", "java/d-1.jar": "x",
		"specifications/e-1.0.gemspec": "", "p/f-1.dist-info/METADATA": "", "p/f-1.dist-info/top_level.txt": "g\n", "p/__pycache__/g.x.pyc": "",
	}))
	f.Fuzz(func(t *testing.T, data []byte) {
		z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			return
		}
		list, err := Find(z)
		if err != nil {
			return
		}
		for _, p := range list {
			good(t, "name", p.Name)
			good(t, "version", p.Version)
			good(t, "license", p.License)
			if p.Size < 0 || p.Name == "" || p.Version == "" || p.Path == "" {
				t.Errorf("found %+v", p)
			}
		}
		if changes := Changes(list, list); len(changes) > 0 {
			t.Errorf("differs from itself: %+v", changes)
		}
	})
}
