package runtimes

import (
	"strings"
	"testing"
)

// small is a catalogue that is good and has one of everything.
const small = `
as_of = "2026-01-31"
[system.base]
os = "Linux 1"
libc = "glibc 2.1"
source = ["page"]
[folders.aws-lang]
language = "lang"
slots = { packages = "lang", bin = "bin", lib = "lib", root = "" }
versioned = "lang/v{version}"
unsearched = ["bin"]
note = "one"
source = ["page"]
[folders.aws-bare]
language = "bare"
slots = {}
note = "takes no layer"
source = ["page"]
[[service]]
id = "s"
title = "Service"
cloud = "aws"
api = ""
layout = "aws"
last_wins = true
open = false
architectures = ["x86_64", "arm64"]
source = ["page"]
limits.name_min = 1
limits.name_max = 9
limits.name_pattern = '^[a-z]+$'
limits.name_rule = "letters"
runtimes = [
  { runtime = "lang2.0", id = "Lang2.x", system = "base", ends = "2026-02-01" },
  { runtime = "lang1.0", system = "base", ends = "2026-01-31", architectures = ["x86_64"], note = "two" },
  { runtime = "bare" },
]
`

func TestParse(t *testing.T) {
	c, err := parse(small)
	if err != nil {
		t.Fatal(err)
	}
	s := c.Services[0]
	two, one, bare := s.Cells[0], s.Cells[1], s.Cells[2]
	if two.Identifier != "Lang2.x" || two.Versioned != "lang/v2.0" || two.Deprecated != "" || two.Note != "one" || two.OS != "Linux 1" || len(two.Architectures) != 2 {
		t.Errorf("lang2.0: %+v", two)
	}
	if one.Identifier != "lang1.0" || one.Versioned != "lang/v1.0" || one.Deprecated != "since 2026-01-31" || one.Note != "one; two" || len(one.Architectures) != 1 {
		t.Errorf("lang1.0: %+v", one)
	}
	if len(bare.Slots) != 0 || bare.Versioned != "" || bare.OS != "" || bare.Note != "takes no layer" {
		t.Errorf("bare: %+v", bare)
	}
	two.Slots["packages"] = "changed"
	if one.Slots["packages"] != "lang" {
		t.Error("two runtimes share one map of slots")
	}
}

func TestParseRefuses(t *testing.T) {
	service := small[strings.Index(small, "[[service]]"):]
	for _, test := range []struct{ name, old, new, want string }{
		{"not TOML", `as_of = "2026-01-31"`, `as_of = `, "expected value"},
		{"wrong type", `title = "Service"`, `title = 3`, "incompatible types"},
		{"unknown key", `title = "Service"`, "title = \"Service\"\ntitel = \"Service\"", `unknown key "service.titel"`},
		{"unknown key of a line", `note = "two"`, `notes = "two"`, `unknown key "service.runtimes.notes"`},
		{"unknown limit", `limits.name_min = 1`, "limits.name_min = 1\nlimits.size = 1", `unknown key "service.limits.size"`},
		{"no day", `2026-01-31"`, `2026-01-32"`, `as_of "2026-01-32" is not a day`},
		{"bad end", `2026-02-01`, `next year`, `runtime "lang2.0": ends "next year" is not a day`},
		{"end and why not", `note = "two"`, `deprecated = "two"`, "both ends and deprecated"},
		{"no system", `system = "base", ends = "2026-02-01"`, `system = "bsae"`, "no [system.bsae]"},
		{"no folders", `runtime = "bare"`, `runtime = "baer"`, "no [folders.aws-baer]"},
		{"unused system", `[system.base]`, "[system.other]\nos = \"x\"\nsource = [\"x\"]\n[system.base]", "[system.other] is not used"},
		{"unused folders", `[folders.aws-bare]`, "[folders.aws-other]\nlanguage = \"x\"\nslots = {}\nsource = [\"x\"]\n[folders.aws-bare]", "[folders.aws-other] is not used"},
		{"odd libc", `glibc 2.1`, `2.1`, `libc "2.1" is not like "glibc 2.34"`},
		{"system without source", "libc = \"glibc 2.1\"\nsource = [\"page\"]", `libc = "glibc 2.1"`, "[system.base] lacks its os or source"},
		{"folders without source", "note = \"one\"\nsource = [\"page\"]", `note = "one"`, "[folders.aws-lang] lacks its language, slots or source"},
		{"folders without slots", `slots = {}`, ``, "[folders.aws-bare] lacks"},
		{"service without source", "\"arm64\"]\nsource = [\"page\"]", `"arm64"]`, `service "s": has no source`},
		{"no service", service, ``, "is not used"},
		{"unknown cloud", `cloud = "aws"`, `cloud = "azure"`, `unknown cloud "azure"`},
		{"no title", `"Service"`, `""`, "lacks its title"},
		{"two services", service, service + service, `two services "s"`},
		{"two APIs", service, service + strings.Replace(service, `"s"`, `"t"`, 1), `two services "aws "`},
		{"two runtimes", `runtime = "lang1.0"`, `runtime = "lang2.0", id = "x"`, `two runtimes have the runtime lang2.0`},
		{"two identifiers", `runtime = "lang1.0"`, `runtime = "lang1.0", id = "LANG2.X"`, `two runtimes have the identifier lang2.x`},
		{"one folder for two", `lang/v{version}`, `lang/v`, `two runtimes have the folder lang/v`},
		{"ambiguous", `id = "Lang2.x"`, `id = "lang1.0"`, `two runtimes have the identifier lang1.0`},
		{"name of another", `{ runtime = "bare" }`, `{ runtime = "bare" }, { runtime = "lang2.x", id = "y", system = "base" }`, `"lang2.x" stands for both "lang2.0" and "lang2.x"`},
		{"same without dots", `{ runtime = "bare" }`, `{ runtime = "bare" }, { runtime = "lang20", system = "base" }`, `"lang2.0" and "lang20" are both "lang20" without dots`},
		{"odd name", `"bare" }`, `"Bare", folders = "bare" }`, "lower-case letters"},
		{"unknown architecture", `["x86_64", "arm64"]`, `["x86_64", "arm"]`, `architecture "arm"`},
		{"no architecture", `architectures = ["x86_64"], note`, `architectures = [], note`, "no architectures"},
		{"architecture twice", `["x86_64", "arm64"]`, `["x86_64", "x86_64"]`, `architecture "x86_64" is unknown or named twice`},
		{"unknown slot", `root = ""`, `roots = ""`, `unknown slot "roots"`},
		{"absolute slot", `bin = "bin"`, `bin = "/bin"`, `"/bin" is not a clean relative path`},
		{"slot outside", `bin = "bin"`, `bin = "../bin"`, `"../bin" is not a clean relative path`},
		{"slot with a dot", `root = ""`, `root = "."`, `"." is not a clean relative path`},
		{"unknown placeholder", `v{version}`, `v{versoin}`, `is not a clean relative path`},
		{"versioned without packages", `packages = "lang", `, ``, "a versioned folder without a packages slot"},
		{"unsearched slot missing", `bin = "bin", `, ``, `unsearched slot "bin" does not exist`},
		{"no packages and no word", `note = "takes no layer"`, ``, "no packages slot and no note"},
		{"pattern not anchored", `'^[a-z]+$'`, `'[a-z]+'`, "is not anchored"},
		{"pattern broken", `'^[a-z]+$'`, `'^[a-z+$'`, "missing closing ]"},
		{"pattern without words", `"letters"`, `""`, "name_pattern without name_rule"},
		{"lengths", `limits.name_min = 1`, `limits.name_min = 10`, "names of 10 to 9 characters"},
		{"negative", `limits.name_min = 1`, "limits.name_min = 1\nlimits.zip = -1", "a limit below zero"},
		{"rate without pace", `limits.name_min = 1`, "limits.name_min = 1\nlimits.request_rate = 3", "a pace of 0 for a rate of 3"},
		{"pace over the rate", `limits.name_min = 1`, "limits.name_min = 1\nlimits.request_rate = 3\nlimits.pace = 4", "a pace of 4 for a rate of 3"},
		{"limit of nothing", `limits.name_min = 1`, "limits.name_min = 1\nlimits.no_license = true\nlimits.license = 3", "does not take"},
		{"layout without folders", `layout = "aws"`, `layout = "gcp"`, "no [folders.gcp-lang]"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if !strings.Contains(small, test.old) {
				t.Fatalf("the small catalogue has no %q", test.old)
			}
			_, err := parse(strings.Replace(small, test.old, test.new, 1))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one with %q", err, test.want)
			}
		})
	}
	for text, want := range map[string]string{
		"":                     `as_of "" is not a day`,
		`as_of = "2026-01-31"`: "no services",
		strings.NewReplacer("folders.aws-", "folders.gcp-", `layout = "aws"`, `layout = "gcp"`).Replace(small): `unknown layout "gcp"`,
	} {
		if _, err := parse(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
}
