package runtimes_test

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/layerbuild/layerbuild/runtimes"
)

func TestNewLayout(t *testing.T) {
	c := load(t)
	both := []string{"x86_64", "arm64"}
	for _, test := range []struct {
		name, service string
		runtimes      string
		archs         []string
		versioned     bool
		want          []string // runtime/arch:packages
	}{
		{"one runtime", "lambda", "python3.12", both[:1], false,
			[]string{"python3.12/x86_64:python"}},
		{"one runtime on two architectures", "lambda", "python3.12", both, false,
			[]string{"python3.12/x86_64:python", "python3.12/arm64:python"}},
		{"two runtimes with folders of their own", "lambda", "python3.12 python3.14", both, true,
			[]string{"python3.12/x86_64:python/lib/python3.12/site-packages", "python3.12/arm64:python/lib/python3.12/site-packages",
				"python3.14/x86_64:python/lib/python3.14/site-packages", "python3.14/arm64:python/lib/python3.14/site-packages"}},
		{"two languages", "lambda", "nodejs24 python3.14", both[:1], true,
			[]string{"nodejs24/x86_64:nodejs/node24/node_modules", "python3.14/x86_64:python/lib/python3.14/site-packages"}},
		{"gems", "lambda", "ruby3.3 ruby3.4", both[:1], true,
			[]string{"ruby3.3/x86_64:ruby/gems/3.3.0", "ruby3.4/x86_64:ruby/gems/3.4.0"}},
		{"one of them without a folder of its own", "lambda", "python3.12 java21", both[:1], false,
			[]string{"python3.12/x86_64:python", "java21/x86_64:java/lib"}},
		{"Function Compute has no versioned folders", "fc3", "python3.9 python3.10", both[:1], false,
			[]string{"python3.9/x86_64:python", "python3.10/x86_64:python"}},
		{"SCF's root", "scf", "python3.9 python3.10", both[:1], false,
			[]string{"python3.9/x86_64:", "python3.10/x86_64:"}},
		{"an architecture that one lacks", "lambda", "python3.7 python3.12", both, true,
			[]string{"python3.7/x86_64:python/lib/python3.7/site-packages",
				"python3.12/x86_64:python/lib/python3.12/site-packages", "python3.12/arm64:python/lib/python3.12/site-packages"}},
		{"alone on its architecture", "lambda", "python3.7 python3.12", both[1:], false,
			[]string{"python3.12/arm64:python"}},
		{"order is the caller's", "lambda", "python3.12", []string{"arm64", "x86_64"}, false,
			[]string{"python3.12/arm64:python", "python3.12/x86_64:python"}},
		{"named twice", "lambda", "python3.12 python3.12", []string{"arm64", "arm64"}, false,
			[]string{"python3.12/arm64:python"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var cells []runtimes.Cell
			for _, name := range strings.Fields(test.runtimes) {
				cells = append(cells, cell(t, c, test.service, name))
			}
			got, err := runtimes.NewLayout("cloud", "deps", cells, test.archs)
			if err != nil {
				t.Fatal(err)
			}
			var places []string
			for _, p := range got.Places {
				places = append(places, p.Cell.Runtime+"/"+p.Arch+":"+p.Slots["packages"])
				if p.Slots["bin"] != "bin" || p.Slots["root"] != "" {
					t.Errorf("slots %v", p.Slots)
				}
			}
			if !slices.Equal(places, test.want) || got.Versioned != test.versioned {
				t.Errorf("versioned %v, %q; want %v, %q", got.Versioned, places, test.versioned, test.want)
			}
			if got.Cloud != "cloud" || got.Name != "deps" {
				t.Errorf("%q %q", got.Cloud, got.Name)
			}
		})
	}
}

func TestNewLayoutWithNothingLeft(t *testing.T) {
	c := load(t)
	old := []runtimes.Cell{cell(t, c, "lambda", "python3.7"), cell(t, c, "lambda", "java8")}
	for _, test := range []struct {
		cells []runtimes.Cell
		archs []string
		want  string
	}{
		{old, []string{"arm64"}, `layer "deps" for aws: none of its runtimes has the architecture arm64: python3.7 (x86_64), java8 (x86_64)`},
		{nil, []string{"arm64"}, `layer "deps" for aws: no runtime and architecture to build for`},
		{old, nil, `layer "deps" for aws: no runtime and architecture to build for`},
	} {
		l, err := runtimes.NewLayout("aws", "deps", test.cells, test.archs)
		if err == nil || err.Error() != test.want || len(l.Places) != 0 {
			t.Errorf("%v, %v; want %s", l, err, test.want)
		}
	}
}

// Whatever is asked for: no place twice, no place that the runtime lacks, and a
// versioned layout keeps the packages of different runtimes apart.
func TestNewLayoutProperties(t *testing.T) {
	c := load(t)
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.SampledFrom(c.Services).Draw(t, "service")
		cells := rapid.SliceOfN(rapid.SampledFrom(s.Cells), 1, 5).Draw(t, "cells")
		archs := rapid.SliceOfN(rapid.SampledFrom([]string{"x86_64", "arm64"}), 1, 3).Draw(t, "archs")
		l, err := runtimes.NewLayout(s.Cloud, "deps", cells, archs)
		if err != nil {
			for _, c := range cells {
				for _, a := range archs {
					if slices.Contains(c.Architectures, a) {
						t.Fatalf("%v, and %s has %s", err, c.Runtime, a)
					}
				}
			}
			return
		}
		seen := make(map[string]bool)
		packages := make(map[string]string)
		for _, p := range l.Places {
			key := p.Cell.Runtime + " " + p.Arch
			if seen[key] || !slices.Contains(archs, p.Arch) || !slices.Contains(p.Cell.Architectures, p.Arch) {
				t.Fatalf("place %s", key)
			}
			seen[key] = true
			folder, ok := p.Slots["packages"]
			if _, had := p.Cell.Slots["packages"]; ok != had {
				t.Fatalf("%s: packages slot %v, in the catalogue %v", key, ok, had)
			}
			if !l.Versioned {
				continue
			}
			if other, taken := packages[folder]; taken && other != p.Cell.Runtime {
				t.Fatalf("%s and %s share %q", other, p.Cell.Runtime, folder)
			}
			packages[folder] = p.Cell.Runtime
		}
	})
}

// Making a layout leaves the catalogue alone.
func TestNewLayoutCopiesSlots(t *testing.T) {
	c := load(t)
	cells := []runtimes.Cell{cell(t, c, "lambda", "python3.12"), cell(t, c, "lambda", "python3.14")}
	l, err := runtimes.NewLayout("aws", "deps", cells, []string{"x86_64"})
	if err != nil {
		t.Fatal(err)
	}
	l.Places[0].Slots["bin"] = "changed"
	if got := cell(t, c, "lambda", "python3.12").Slots; got["packages"] != "python" || got["bin"] != "bin" {
		t.Errorf("the catalogue now has %v", got)
	}
}

func place(t testing.TB, service, runtime string) runtimes.Place {
	t.Helper()
	c := cell(t, load(t), service, runtime)
	return runtimes.Place{Cell: c, Arch: "x86_64", Slots: c.Slots}
}

func TestFolder(t *testing.T) {
	for _, test := range []struct{ service, runtime, into, want, err string }{
		{"lambda", "python3.12", "packages", "python", ""},
		{"lambda", "python3.12", "packages/vendor/x", "python/vendor/x", ""},
		{"lambda", "python3.12", "bin", "bin", ""},
		{"lambda", "python3.12", "root", "", ""},
		{"lambda", "python3.12", "root/extensions", "extensions", ""},
		{"scf", "python3.9", "packages", "", ""},
		{"scf", "python3.9", "packages/vendor", "vendor", ""},
		{"scf", "nodejs18", "packages", "node_modules", ""},
		{"scf", "java11", "packages", "", `into "packages": java11 has no slot "packages": SCF's Java 11 has nothing of a layer on its class path`},
		{"scf", "java11", "root/jars", "jars", ""},
		{"fc3", "custom-container", "root", "", `into "root": custom-container has no slot "root": a function that is a container image takes no layer`},
		{"lambda", "python3.12", "python", "", `into "python": no slot "python": want packages, bin, lib or root`},
		{"lambda", "python3.12", "Packages", "", `no slot "Packages"`},
		{"lambda", "python3.12", "", "", `into "": want a slot`},
		{"lambda", "python3.12", ".", "", `no slot "."`},
		{"lambda", "python3.12", "/packages", "", "want a slot"},
		{"lambda", "python3.12", "packages/", "", "want a slot"},
		{"lambda", "python3.12", "packages/../bin", "", "want a slot"},
		{"lambda", "python3.12", "packages//x", "", "want a slot"},
		{"lambda", "python3.12", `packages\x`, "", "want a slot"},
		{"lambda", "python3.12", "packages/\xff", "", "want a slot"},
	} {
		got, err := place(t, test.service, test.runtime).Folder(test.into)
		if got != test.want || (err == nil) != (test.err == "") || err != nil && !strings.Contains(err.Error(), test.err) {
			t.Errorf("%s %s: Folder(%q) = %q, %v; want %q, %s", test.service, test.runtime, test.into, got, err, test.want, test.err)
		}
	}
}

func FuzzFolder(f *testing.F) {
	for _, seed := range []string{"packages", "root", "root/a/b", "lib/..", "bin/../../x", "root/.", "/", "root//a", "packages/a\\b", "root/\x00"} {
		f.Add(seed)
	}
	python, flat := place(f, "lambda", "python3.12"), place(f, "scf", "python3.9")
	f.Fuzz(func(t *testing.T, into string) {
		for _, p := range []runtimes.Place{python, flat} {
			got, err := p.Folder(into)
			if err != nil {
				if !strings.HasPrefix(err.Error(), fmt.Sprintf("into %q: ", into)) {
					t.Fatalf("error %q does not quote %q", err, into)
				}
				continue
			}
			slot, below, _ := strings.Cut(into, "/")
			if got != "" && (got == "." || !fs.ValidPath(got)) || !strings.HasPrefix(got, p.Slots[slot]) || !strings.HasSuffix(got, below) {
				t.Fatalf("Folder(%q) = %q", into, got)
			}
		}
	})
}
