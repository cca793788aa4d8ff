package handlers_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/layerbuild/layerbuild/internal/handlers"
	"github.com/layerbuild/layerbuild/internal/testenv"
)

func TestNames(t *testing.T) {
	for language, lists := range map[string][2]string{
		"python": {"a requests yaml _x a.b.c numpy.linalg X1", "1a a-b a..b .a a. a;b a,b a/b ü a\nb import\x00"},
		"nodejs": {"a lodash JSONStream @aws-sdk/client-s3 lodash/fp @a/b/c/d.js node:fs a.b _x x~y 7zip", ". ../a a/../b /a a/ @a @/a a//b a\\b a'b a\"b a`b a;b"},
		"ruby":   {"json nokogiri active_support/core_ext net-http a.b aws-sdk-s3", "../a /a a/../b a/ .a a'b a;b a//b"},
		"php":    {`GuzzleHttp\Client \Foo redis array_map A_1`, `1a a\ a\\b a-b a/b a;b a'b \ \\a`},
	} {
		service := "fc3"
		if language == "ruby" {
			service = "lambda"
		}
		for i, list := range lists {
			for _, name := range append(strings.Split(list, " "), []string{"", " "}[:2*i]...) {
				_, err := handlers.For(service, language, []string{name})
				if good := err == nil; good != (i == 0) {
					t.Errorf("%s %q: %v", language, name, err)
				} else if !good && !strings.Contains(err.Error(), "import ") {
					t.Errorf("%s %q: %v", language, name, err)
				}
			}
		}
	}
}

func TestHandlerNames(t *testing.T) {
	for _, test := range []struct{ service, language, handler, reason string }{
		{"lambda", "python", "index.handler", ""}, {"lambda", "nodejs", "index.handler", ""}, {"lambda", "ruby", "index.handler", ""},
		{"fc2", "python", "index.handler", ""}, {"fc3", "php", "index.handler", ""}, {"fc3", "nodejs", "index.handler", ""},
		{"scf", "python", "index.main_handler", ""}, {"scf", "nodejs", "index.main_handler", ""}, {"scf", "php", "index.main_handler", ""},
		{"lambda", "java", "", "compiled"}, {"fc3", "go", "", "compiled"}, {"lambda", "dotnet", "", "compiled"},
		{"lambda", "custom", "", "up to the runtime"}, {"lambda", "php", "", "no such runtime"}, {"scf", "ruby", "", "no such runtime"},
		{"gcf", "python", "", "gcf"}, {"lambda", "cobol", "", "no such runtime"},
	} {
		code, err := handlers.For(test.service, test.language, nil)
		if test.reason != "" {
			if !errors.Is(err, errors.ErrUnsupported) || !strings.Contains(err.Error(), test.reason) {
				t.Errorf("%s %s: %v", test.service, test.language, err)
			}
			continue
		}
		if err != nil || code.Handler != test.handler {
			t.Errorf("%s %s: %q, %v", test.service, test.language, code.Handler, err)
		}
	}
}

// TestZip: the zip is the same each time, and others can read it.
func TestZip(t *testing.T) {
	for _, language := range []string{"python", "nodejs", "php"} {
		imports := []string{"a", "b"}
		one, err := handlers.For("fc3", language, imports)
		two, errTwo := handlers.For("fc3", language, slices.Clone(imports))
		if err != nil || errTwo != nil || !bytes.Equal(one.Zip, two.Zip) {
			t.Fatalf("%s: two zips differ, %v, %v", language, err, errTwo)
		}
		z, err := zip.NewReader(bytes.NewReader(one.Zip), int64(len(one.Zip)))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range z.File {
			if f.Flags != 0 || f.Mode() != 0o644 || len(f.Extra) != 0 || f.Modified.Year() > 1980 {
				t.Errorf("%s %s: flags %x, mode %v, extra %x, modified %v", language, f.Name, f.Flags, f.Mode(), f.Extra, f.Modified)
			}
		}
		file := filepath.Join(t.TempDir(), "a.zip")
		if err := os.WriteFile(file, one.Zip, 0o644); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.Command(testenv.Need(t, "unzip")[0], "-t", file).CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
	}
}

func TestRead(t *testing.T) {
	names := []string{"a", "b"}
	good := `{"ok":true,"imports":{"a":"1.0","b":""},"failed":{}}`
	for _, output := range []string{good, `"{\"ok\":true,\"imports\":{\"a\":\"1.0\",\"b\":\"\"},\"failed\":{}}"`} {
		r, err := handlers.Read([]byte(output), names)
		if err != nil || !r.OK || r.Imports["a"] != "1.0" || len(r.Imports) != 2 {
			t.Errorf("%+v, %v", r, err)
		}
	}
	r, err := handlers.Read([]byte(`{"ok":false,"imports":{"a":"1.0"},"failed":{"b":"why"}}`), names)
	if err != nil || r.OK || r.Failed["b"] != "why" {
		t.Errorf("%+v, %v", r, err)
	}
	// Nothing but a whole report is a success.
	for _, test := range []struct{ output, message string }{
		{`{"ok":true,"imports":{"a":"1.0"},"failed":{}}`, `whether "b" was imported`},
		{`{"ok":true,"imports":{"a":"1.0","b":""},"failed":{"b":"x"}}`, `whether "b" was imported`},
		{`{"ok":true,"imports":{"a":"1.0"},"failed":{"b":"x"}}`, "contradicts itself"},
		{`{"ok":false,"imports":{"a":"","b":""},"failed":{}}`, "contradicts itself"},
		{`{"ok":true}`, `whether "a" was imported`}, {`{}`, `whether "a" was imported`}, {`null`, `whether "a" was imported`},
		{`[]`, "cannot unmarshal"}, {``, "unexpected end"}, {`"text"`, "invalid character"}, {`not run`, "invalid character"},
		{`{"errorType":"KeyError","errorMessage":"x","stackTrace":[]}`, "the function failed: KeyError: x"},
		{`{"errorMessage":"Function timed out after 3 seconds"}`, "the function failed: Function timed out after 3 seconds"},
	} {
		if r, err := handlers.Read([]byte(test.output), names); err == nil || errors.Is(err, handlers.ErrNotRun) || !strings.Contains(err.Error(), test.message) {
			t.Errorf("%s: %+v, %v", test.output, r, err)
		}
	}
}
