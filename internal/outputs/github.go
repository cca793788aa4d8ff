package outputs

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// A GitHub is where a step of GitHub Actions leaves what it found: "Workflow
// commands for GitHub Actions" in their documentation.
type GitHub struct {
	// Output and Summary are the ends of the files that $GITHUB_OUTPUT and
	// $GITHUB_STEP_SUMMARY name.
	Output, Summary io.Writer
	// Log is the step's own output, in which GitHub looks for commands.
	Log io.Writer
	// Random returns a new text that nobody can foresee.
	Random func() string
}

// Write sets the step's outputs, appends the table of [Markdown] to its
// summary and annotates the run with what failed. The outputs are items, the
// list of the document of --json on one line; changed, whether there is a new
// version or other sharing; and one for each published item, its reference.
// Nothing is written when two of them would have the same name.
func (g GitHub) Write(items []Item, list any) error {
	document, err := json.Marshal(list)
	if err != nil {
		return err
	}
	published, err := Published(items)
	if err != nil {
		return err
	}
	called, err := names(published)
	if err != nil {
		return err
	}
	changed := slices.ContainsFunc(items, func(i Item) bool { return i.Status == created || i.Status == updated })
	var b strings.Builder
	b.WriteString(g.output("items", string(document)))
	b.WriteString(g.output("changed", fmt.Sprint(changed)))
	for n, i := range published {
		b.WriteString(g.output(called[n], i.Reference()))
	}
	_, err = io.WriteString(g.Output, b.String())
	return errors.Join(err, Markdown(g.Summary, items), g.annotate(items))
}

// output is one output. Its value may be anything: it goes on to a delimiter
// that is not in it.
func (g GitHub) output(name, value string) string {
	delimiter := "layerbuild_" + g.Random()
	for strings.Contains(value, delimiter) {
		delimiter = "layerbuild_" + g.Random()
	}
	return name + "<<" + delimiter + "\n" + value + "\n" + delimiter + "\n"
}

// annotate has GitHub show each failure on the run's page.
func (g GitHub) annotate(items []Item) error {
	data := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	property := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
	for _, i := range items {
		if i.Error == "" {
			continue
		}
		if _, err := fmt.Fprintf(g.Log, "::error title=%s::%s\n", property.Replace("layerbuild "+i.Key()), data.Replace(strings.TrimSpace(i.Error))); err != nil {
			return err
		}
	}
	return nil
}
