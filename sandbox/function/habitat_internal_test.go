package function

import (
	"slices"
	"strings"
	"testing"

	"github.com/layerbuild/layerbuild/runtimes"
)

// searchedBy are the variables that a slot's folder must be in.
func searchedBy(slot, language string) string {
	switch slot {
	case "bin":
		return "PATH"
	case "lib":
		return "LD_LIBRARY_PATH"
	case "packages":
		return map[string]string{"python": "PYTHONPATH", "nodejs": "NODE_PATH", "ruby": "GEM_PATH", "php": "include_path"}[language]
	}
	return ""
}

// TestHabitatsAgreeWithTheCatalogue: what the catalogue calls a searched
// folder is on a search path here, and what it calls unsearched is not.
func TestHabitatsAgreeWithTheCatalogue(t *testing.T) {
	catalogue, err := runtimes.Load()
	if err != nil {
		t.Fatal(err)
	}
	checked := 0
	for _, s := range catalogue.Services {
		for _, c := range s.Cells {
			if !slices.ContainsFunc(languages(), func(l language) bool { return l.name == c.Language }) {
				continue
			}
			h, ok := habitatOf(s.ID, c)
			if !ok {
				t.Fatalf("no habitat for %s", s.ID)
			}
			lists := map[string][]string{"include_path": strings.Split(h.include, ":")}
			for _, v := range h.env {
				lists[v.name] = strings.Split(v.value, ":")
			}
			for slot, folder := range c.Slots {
				list := searchedBy(slot, c.Language)
				if list == "" {
					continue
				}
				want := !slices.Contains(c.Unsearched, slot)
				at := strings.TrimSuffix("/opt/"+folder, "/")
				if got := slices.Contains(lists[list], at); got != want {
					t.Errorf("%s %s: %s searched: %v, want %v (%s=%q)", s.ID, c.Runtime, at, got, want, list, lists[list])
				}
				checked++
			}
			if c.Versioned != "" && !slices.Contains(lists[searchedBy("packages", c.Language)], "/opt/"+c.Versioned) {
				t.Errorf("%s %s: %s is not searched", s.ID, c.Runtime, c.Versioned)
			}
		}
	}
	if checked < 150 {
		t.Errorf("only %d folders were looked at", checked)
	}
	if _, ok := habitatOf("gcf", runtimes.Cell{}); ok {
		t.Error("there is a habitat for an unknown service")
	}
}

func TestRewrite(t *testing.T) {
	b := box{temp: "/t", habitat: habitat{task: "/var/task"}}
	for list, want := range map[string]string{
		"":                               "",
		"/opt":                           "/t/opt",
		"/opt/":                          "/t/opt/",
		"/optional:/opt/x:/var/task/y":   "/optional:/t/opt/x:/t/task/y",
		"/usr/bin/:/var/runtime:/var":    "/usr/bin/:/t/runtime:/var",
		"/var/lang/bin:relative:/x//opt": "/t/runtime/bin:relative:/x//opt",
	} {
		if got := b.rewrite(list); got != want {
			t.Errorf("%q: %q, want %q", list, got, want)
		}
	}
	for text, want := range map[string]string{
		"no paths": "no paths", "at /t/opt/x and /t/task": "at /opt/x and /var/task", `{"a":"\/t\/opt\/x"}`: `{"a":"\/opt\/x"}`,
	} {
		if got := b.restore([]byte(text)); string(got) != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
