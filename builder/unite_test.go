package builder_test

import (
	"fmt"
	"testing"

	"github.com/layerbuild/layerbuild/runtimes"
)

func places(archs []string, names ...string) []runtimes.Place {
	var list []runtimes.Place
	for _, r := range names {
		for _, a := range archs {
			list = append(list, place(r, a))
		}
	}
	return list
}

func TestSharedZip(t *testing.T) {
	const tree = `
		all/a = 1
		for-python312/x = 12
		for-python310/x = 10
		for-x86_64/x = x86
		for-arm64/x = arm
		same-x86_64/x = same
		same-arm64/x = same
		only310/y = 1
	`
	dir := folder(t, tree)
	x86, both := []string{"x86_64"}, []string{"x86_64", "arm64"}
	only310 := files("only310")
	only310.Runtimes = []string{"python3.10"}
	onlyArm := files("only310")
	onlyArm.Architectures = []string{"arm64"}
	into := func(path, slot string) []string { return []string{path, slot} }

	for _, tt := range []struct {
		name   string
		layout runtimes.Layout
		files  []string
		want   string
		err    []string
	}{
		{"same everywhere", layout(places(both, "python3.12", "python3.10")...), into("all", "packages"), "0644 python/a = 1", nil},
		{"same bytes from two places", layout(places(both, "python3.12")...), into("same-{arch}", "bin"), "0644 bin/x = same", nil},
		{"runtimes differ", layout(places(both, "python3.12", "python3.10")...), into("for-{runtime}", "packages"), "",
			[]string{`runtimes "python3.12" and "python3.10" stage different files (first: "python/x"): put {runtime} in layer.name`}},
		{"architectures differ", layout(places(both, "python3.12", "python3.10")...), into("for-{arch}", "bin"), "",
			[]string{`architectures "x86_64" and "arm64" stage different files (first: "bin/x"): put {arch} in layer.name`}},
		{"versioned", versioned(places(both, "python3.12", "python3.10")...), into("for-{runtime}", "packages"),
			"0644 python/lib/python3.10/site-packages/x = 10\n0644 python/lib/python3.12/site-packages/x = 12", nil},
		{"versioned, but not there", versioned(places(x86, "python3.12", "python3.10")...), into("for-{runtime}", "bin"), "",
			[]string{`runtimes "python3.12" and "python3.10" stage different files (first: "bin/x"): put {runtime} in layer.name`}},
		{"versioned architectures differ", versioned(places(both, "python3.12", "python3.10")...), into("for-{arch}", "packages"), "",
			[]string{`architectures "x86_64" and "arm64" stage different files (first: "python/lib/python3.12/site-packages/x"): put {arch} in layer.name`}},
		{"versioned, same elsewhere", versioned(places(x86, "python3.12", "python3.10")...), into("all", "bin"), "0644 bin/a = 1", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := files(tt.files[0])
			s.Into = tt.files[1]
			if tt.err != nil {
				wantError(t, stageError(t, dir, of(s), tt.layout), tt.err...)
				return
			}
			want(t, stage(t, dir, of(s), tt.layout).Tree, tt.want)
		})
	}

	t.Run("filtered runtime", func(t *testing.T) {
		err := stageError(t, dir, of(files("all"), only310), layout(places(x86, "python3.12", "python3.10")...))
		wantError(t, err, `runtimes "python3.12" and "python3.10" stage different files (first: "y")`)
		want(t, stage(t, dir, of(files("all"), only310), versioned(places(x86, "python3.12", "python3.10")...)).Tree, "0644 a = 1\n0644 y = 1")
	})
	t.Run("filtered architecture", func(t *testing.T) {
		for _, l := range []runtimes.Layout{layout(places(both, "python3.12")...), versioned(places(both, "python3.12", "python3.10")...)} {
			wantError(t, stageError(t, dir, of(files("all"), onlyArm), l), `architectures "x86_64" and "arm64" stage different files (first: "y")`)
		}
	})
}

func TestNativeCode(t *testing.T) {
	elf := func(machine byte) string {
		return fmt.Sprintf("\x7fELF\x02\x01\x01%9s\x03%c%c\x00rest", "", 0, machine)
	}
	dir := folder(t, "x86/lib.so = "+elf(62)+"\narm/lib2.so = \nshort/x = \x7fELF\nother/lib.so = "+elf(40))
	put(t, dir, "arm/lib2.so", []byte(elf(62)[:18]+string([]byte{183, 0})))
	both := layout(places([]string{"x86_64", "arm64"}, "python3.12")...)
	wantError(t, stageError(t, dir, of(files("x86")), both),
		`the zip is for x86_64 and arm64, but "lib.so" (source 1 (files "x86"): x86/lib.so) is native code for x86_64: put {arch} in layer.name`)
	wantError(t, stageError(t, dir, of(files("x86"), files("arm")), both), "native code for x86_64, and", "for arm64: put {arch}")
	for _, name := range []string{"short", "other"} {
		stage(t, dir, of(files(name)), both)
	}
	stage(t, dir, of(files("x86")), layout(places([]string{"x86_64"}, "python3.12", "python3.10")...))
	stage(t, dir, of(files("x86"), files("arm")), layout())
}
