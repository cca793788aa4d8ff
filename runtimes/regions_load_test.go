package runtimes

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// smallRegions fits the small catalogue.
const smallRegions = `
as_of = "2026-02-28"
[[regions]]
services = ["s"]
source = ["page"]
[regions.names]
eu-west-2 = "Two"
eu-west-1 = "One"
[[regions]]
services = ["s"]
opt_in = true
source = ["page"]
names = { af-south-1 = "Three" }
[[regions]]
services = ["s"]
apart = "elsewhere"
source = ["page"]
names = { eu-moon-1 = "Four" }
`

// withRegions returns the small catalogue's service with the regions of a text.
func withRegions(text string) (Service, error) {
	c, err := parse(small)
	if err != nil {
		return Service{}, err
	}
	err = c.addRegions(text)
	return c.Services[0], err
}

func TestAddRegions(t *testing.T) {
	s, err := withRegions(smallRegions)
	if err != nil {
		t.Fatal(err)
	}
	want := []Region{
		{Name: "af-south-1", Title: "Three", OptIn: true},
		{Name: "eu-moon-1", Title: "Four", Explicit: true, Apart: "elsewhere"},
		{Name: "eu-west-1", Title: "One"},
		{Name: "eu-west-2", Title: "Two"},
	}
	if d := cmp.Diff(want, s.Regions); d != "" {
		t.Error(d)
	}
	if s.RegionsAsOf != "2026-02-28" {
		t.Errorf("as of %q", s.RegionsAsOf)
	}
}

func TestAddRegionsRefuses(t *testing.T) {
	for _, test := range []struct{ name, old, new, want string }{
		{"not TOML", `as_of = "2026-02-28"`, `as_of = `, "expected value"},
		{"no day", `2026-02-28`, `2026-02-30`, `as_of "2026-02-30" is not a day`},
		{"unknown key", `opt_in`, `optin`, `unknown key "regions.optin"`},
		{"unknown service", `services = ["s"]`, `services = ["t"]`, `block 1: no service "t"`},
		{"no service", `services = ["s"]`, `services = []`, "block 1: lacks its services, names or source"},
		{"no source", "apart = \"elsewhere\"\nsource = [\"page\"]", `apart = "elsewhere"`, "block 3: lacks its services, names or source"},
		{"no names", `names = { af-south-1 = "Three" }`, ``, "block 2: lacks"},
		{"both", `opt_in = true`, "opt_in = true\napart = \"x\"", "block 2: has both opt_in and apart"},
		{"tab in a name", `eu-west-2 = "Two"`, `"eu-west-2\t" = "Two"`, `block 1: "eu-west-2\t" is not the name of a region`},
		{"no title", `"Two"`, `""`, `region "eu-west-2" has the title ""`},
		{"tab in a title", `"Two"`, `"Two\t"`, `region "eu-west-2" has the title "Two\t"`},
		{"twice", `eu-moon-1`, `eu-west-1`, `block 3: service "s" has region "eu-west-1" twice`},
		{"only opt-in", "services = [\"s\"]\nsource", "services = [\"s\"]\nopt_in = true\nsource", `service "s" has no region that every account can use`},
	} {
		t.Run(test.name, func(t *testing.T) {
			if !strings.Contains(smallRegions, test.old) {
				t.Fatalf("the small list has no %q", test.old)
			}
			_, err := withRegions(strings.Replace(smallRegions, test.old, test.new, 1))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one with %q", err, test.want)
			}
		})
	}
}
