package runtimes_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/layerbuild/layerbuild/runtimes"
)

func TestCanonical(t *testing.T) {
	c := load(t)
	for name, want := range map[string]string{
		"python3.12":      "python3.12",
		"Python3.9":       "python3.9",
		"PYTHON3.9":       "python3.9",
		"python3":         "python3.6", // Function Compute's
		"nodejs20":        "nodejs20",
		"nodejs20.x":      "nodejs20",
		"Nodejs20.19":     "nodejs20",
		"nodejs8.10":      "nodejs8", // Lambda's
		"Nodejs8.9":       "nodejs8", // SCF's
		"nodejs4.3":       "nodejs4", // Lambda's
		"nodejs4.4":       "nodejs4", // Function Compute's
		"nodejs4.3-edge":  "nodejs4-edge",
		"nodejs":          "nodejs0.10",
		"Nodejs18.15":     "nodejs18",
		"Php7":            "php7.2",
		"php7.2":          "php7.2",
		"Php7.4":          "php7.4",
		"go1.x":           "go1",
		"Go1":             "go1",
		"Java8":           "java8",
		"java8.al2":       "java8.al2",
		"provided.al2023": "provided.al2023",
		"provided":        "provided",
		"CustomRuntime":   "custom",
		"custom":          "custom",
		"custom.debian10": "custom.debian10",
		"dotnetcore3.1":   "dotnetcore3.1",
		"dotnet8":         "dotnet8",
	} {
		if got, err := c.Canonical(name); got != want || err != nil {
			t.Errorf("Canonical(%q) = %q, %v; want %q", name, got, err, want)
		}
	}
}

func TestCanonicalNamesTheNearest(t *testing.T) {
	c := load(t)
	for _, test := range []struct{ name, want string }{
		{"pyhton3.12", `unknown runtime "pyhton3.12"; did you mean "python3.12"?`},
		{"node20", `unknown runtime "node20"; did you mean "nodejs20"?`},
		{"Nodejs20.5", `unknown runtime "Nodejs20.5"; did you mean "nodejs20"?`},
		{"python3.99", `unknown runtime "python3.99"; did you mean "python3.9"?`},
		{"ruby", `unknown runtime "ruby"; did you mean "ruby4.0", "ruby3.4" or "ruby3.3"?`},
		{"java2", `unknown runtime "java2"; did you mean "java25" or "java21"?`},
		{"custom.debian13", `unknown runtime "custom.debian13"; did you mean "custom.debian12", "custom.debian11" or "custom.debian10"?`},
		{"rust", `unknown runtime "rust"`},
		{"", `unknown runtime ""`},
		{"nodejs20 ", `unknown runtime "nodejs20 "; did you mean "nodejs20"?`},
		{"a\nb", `unknown runtime "a\nb"`},
		{strings.Repeat("nodejs", 1000), ""},
	} {
		got, err := c.Canonical(test.name)
		var unknown *runtimes.UnknownRuntimeError
		if got != "" || !errors.As(err, &unknown) || unknown.Name != test.name {
			t.Fatalf("Canonical(%q) = %q, %v", test.name, got, err)
		}
		if test.want != "" && err.Error() != test.want {
			t.Errorf("%v, want %s", err, test.want)
		}
	}
}

// Every spelling, in any case, has one name, and that name is its own name.
func TestCanonicalIgnoresCase(t *testing.T) {
	c := load(t)
	var cells []runtimes.Cell
	for _, s := range c.Services {
		cells = append(cells, s.Cells...)
	}
	rapid.Check(t, func(t *rapid.T) {
		cell := rapid.SampledFrom(cells).Draw(t, "cell")
		spelling := []byte(rapid.SampledFrom([]string{cell.Runtime, cell.Identifier}).Draw(t, "spelling"))
		for i := range spelling {
			if rapid.Bool().Draw(t, "upper") {
				spelling[i] = strings.ToUpper(string(spelling[i]))[0]
			}
		}
		if got, err := c.Canonical(string(spelling)); got != cell.Runtime || err != nil {
			t.Fatalf("Canonical(%q) = %q, %v; want %q", spelling, got, err, cell.Runtime)
		}
	})
}

// One slip in a long enough name still leads to it, unless the slip made the
// name of another runtime or something as near to others.
func TestNearestMendsOneSlip(t *testing.T) {
	c := load(t)
	s, _ := c.Service("lambda")
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.SampledFrom(s.Cells).Draw(t, "cell").Runtime
		at := rapid.IntRange(0, 2).Draw(t, "at") // within the letters
		slip := want[:at] + rapid.StringMatching(`[q-z]`).Draw(t, "letter") + want[at+1:]
		_, err := c.Canonical(slip)
		var unknown *runtimes.UnknownRuntimeError
		if errors.As(err, &unknown) && !slices.Contains(unknown.Nearest, want) && len(want) > 5 && len(unknown.Nearest) < 3 {
			t.Fatalf("%v, want %q", err, want)
		}
	})
}

func TestTokensDiffer(t *testing.T) {
	c := load(t)
	seen := make(map[string]string)
	for _, s := range c.Services {
		for _, cell := range s.Cells {
			token := runtimes.Token(cell.Runtime)
			if strings.Contains(token, ".") {
				t.Errorf("%q has a dot", token)
			}
			if other, ok := seen[token]; ok && other != cell.Runtime {
				t.Errorf("%q and %q have the token %q", other, cell.Runtime, token)
			}
			seen[token] = cell.Runtime
			// A token goes into layer names, and each service must take it.
			for _, service := range c.Services {
				if wrong := service.Limits.CheckName("deps-" + token); wrong != "" {
					t.Error(wrong)
				}
			}
		}
	}
	if got := runtimes.Token("python3.12"); got != "python312" {
		t.Errorf("Token(python3.12) = %q", got)
	}
}

func FuzzCanonical(f *testing.F) {
	c := load(f)
	for _, seed := range []string{"", "python3.12", "NODEJS20.X", "Nodejs20.19", "nodejſ20", "\u212aotlin", "\xff", "python3.12\x00", strings.Repeat("é", 70)} {
		f.Add(seed)
	}
	known := make(map[string]bool)
	for _, s := range c.Services {
		for _, cell := range s.Cells {
			known[cell.Runtime] = true
		}
	}
	f.Fuzz(func(t *testing.T, name string) {
		got, err := c.Canonical(name)
		if err == nil {
			again, err := c.Canonical(got)
			if !known[got] || again != got || err != nil {
				t.Fatalf("Canonical(%q) = %q, of which Canonical is %q, %v", name, got, again, err)
			}
			return
		}
		var unknown *runtimes.UnknownRuntimeError
		if !errors.As(err, &unknown) || unknown.Name != name || len(unknown.Nearest) > 3 || got != "" {
			t.Fatalf("Canonical(%q) = %q, %#v", name, got, err)
		}
		for _, near := range unknown.Nearest {
			if !known[near] {
				t.Fatalf("%q is near, and no runtime", near)
			}
		}
		if strings.ContainsAny(err.Error(), "\n\x00") {
			t.Fatalf("the error is not one clean line: %q", err)
		}
	})
}
