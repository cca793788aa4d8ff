package runtimes_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"text/tabwriter"

	"github.com/google/go-cmp/cmp"

	"github.com/layerbuild/layerbuild/runtimes"
)

var update = flag.Bool("update", false, "rewrite the golden listing")

// The listing is made from the JSON and not from the Go values, so that it
// also holds the names that scripts rely on.
func TestGoldenListing(t *testing.T) {
	text, err := json.Marshal(load(t))
	if err != nil {
		t.Fatal(err)
	}
	var document map[string]any
	if err := json.Unmarshal(text, &document); err != nil {
		t.Fatal(err)
	}
	got := listing(document)
	golden := filepath.Join("testdata", "catalogue.golden")
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("the catalogue is not the golden one (go test ./runtimes -update rewrites it):\n%s", diff)
	}
}

// Whoever reads the JSON back gets the same catalogue.
func TestJSONRoundTrip(t *testing.T) {
	want := load(t)
	text, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), "null") {
		t.Error("the JSON has a null")
	}
	var got runtimes.Catalogue
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	for i := range got.Services {
		got.Services[i].Limits.Title = got.Services[i].Title // not in the JSON twice
	}
	if diff := cmp.Diff(*want, got); diff != "" {
		t.Error(diff)
	}
}

func listing(document map[string]any) string {
	var out strings.Builder
	fmt.Fprintf(&out, "as of %v\n", document["as_of"])
	for _, s := range document["services"].([]any) {
		service := s.(map[string]any)
		fmt.Fprintf(&out, "\n%v: %v, cloud %v, api %q, layout %v, last_wins %v, open %v\n",
			service["id"], service["title"], service["cloud"], service["api"], service["layout"], service["last_wins"], service["open"])
		limits, _ := json.Marshal(service["limits"]) // keys sorted
		fmt.Fprintf(&out, "limits %s\n", limits)
		table := tabwriter.NewWriter(&out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "runtime\tidentifier\tlanguage\tpackages\tversioned\tlibc\tos\tarchitectures\tdeprecated\tends\tunsearched")
		for _, r := range service["runtimes"].([]any) {
			cell := r.(map[string]any)
			slots := cell["slots"].(map[string]any)
			packages, ok := slots["packages"]
			switch {
			case !ok:
				packages = "none"
			case packages == "":
				packages = "/"
			}
			fmt.Fprintf(table, "%v\t%v\t%v\t%v\t%v\t%v\t%v\t%v\t%v\t%v\t%v\n", cell["runtime"], cell["identifier"], cell["language"],
				packages, dash(cell["versioned"]), dash(cell["libc"]), dash(cell["os"]), cell["architectures"], dash(cell["deprecated"]), dash(cell["ends"]), dash(cell["unsearched"]))
		}
		table.Flush()
		for _, r := range service["runtimes"].([]any) {
			cell := r.(map[string]any)
			if note, ok := cell["note"]; ok {
				fmt.Fprintf(&out, "note on %v: %v\n", cell["runtime"], note)
			}
		}
		fmt.Fprintf(&out, "regions as of %v\n", service["regions_as_of"])
		for _, r := range service["regions"].([]any) {
			region := r.(map[string]any)
			fmt.Fprintf(table, "%v\t%v\topt_in %v\texplicit %v\t%v\n",
				region["name"], region["title"], region["opt_in"], region["explicit"], dash(region["apart"]))
		}
		table.Flush()
	}
	return out.String()
}

func dash(v any) any {
	if v == nil || v == "" {
		return "-"
	}
	return v
}
