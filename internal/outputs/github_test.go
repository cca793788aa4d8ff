package outputs_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/layerbuild/layerbuild/internal/outputs"
)

// gitHub logs to log and throws the files away.
func gitHub(log io.Writer) outputs.GitHub {
	n := 0
	return outputs.GitHub{Output: io.Discard, Summary: io.Discard, Log: log, Random: func() string { n++; return fmt.Sprint(n) }}
}

// read reads outputs as GitHub's runner does: a name, "<<" and a delimiter, and
// then the value's lines up to one that is the delimiter.
func read(t rapid.TB, text string) map[string]string {
	t.Helper()
	values := map[string]string{}
	for text != "" {
		head, rest, ok := strings.Cut(text, "\n")
		name, delimiter, hasDelimiter := strings.Cut(head, "<<")
		if !ok || !hasDelimiter || strings.Contains(name, "=") || delimiter == "" {
			t.Fatalf("no output begins with %q", head)
		}
		var lines []string
		for {
			line, next, ok := strings.Cut(rest, "\n")
			if !ok {
				t.Fatalf("output %s has no end", name)
			}
			rest = next
			if line == delimiter {
				break
			}
			lines = append(lines, line)
		}
		if _, twice := values[name]; twice {
			t.Fatalf("output %s is there twice", name)
		}
		values[name], text = strings.Join(lines, "\n"), rest
	}
	return values
}

func TestGitHub(t *testing.T) {
	var output, summary, log, table bytes.Buffer
	g := gitHub(&log)
	g.Output, g.Summary = &output, &summary
	list := []map[string]string{{"name": "a\nb"}}
	if err := g.Write(sample(), list); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"items": `[{"name":"a\nb"}]`, "changed": "true",
		"aws_us_east_1_web_deps":        "arn:aws:lambda:us-east-1:123456789012:layer:web-deps:7",
		"tencent_ap_guangzhou_web_deps": "web-deps:3",
	}
	if d := cmp.Diff(want, read(t, output.String())); d != "" {
		t.Error(d)
	}
	if err := outputs.Markdown(&table, sample()); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(table.String(), summary.String()); d != "" {
		t.Error(d)
	}
}

func TestChanged(t *testing.T) {
	for status, want := range map[string]string{
		"created": "true", "updated": "true", "unchanged": "false", "uploaded": "false", "planned": "false", "skipped": "false", "failed": "false",
	} {
		var output bytes.Buffer
		g := gitHub(io.Discard)
		g.Output = &output
		if err := g.Write([]outputs.Item{{Cloud: "aws", Region: "r", Name: "n", Version: 1, Status: status}}, nil); err != nil {
			t.Fatal(err)
		}
		if got := read(t, output.String())["changed"]; got != want {
			t.Errorf("%s: changed is %s", status, got)
		}
	}
}

// TestOutputsStaySeparate: no value, not even one that foresees delimiters,
// becomes another output.
func TestOutputsStaySeparate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		piece := rapid.SampledFrom([]string{"layerbuild_1", "layerbuild_2", "layerbuild_3", "\n", "<<", "=", "x", "\r"})
		arn := strings.Join(rapid.SliceOfN(piece, 1, 12).Draw(t, "value"), "")
		var output bytes.Buffer
		g := gitHub(io.Discard)
		g.Output = &output
		if err := g.Write([]outputs.Item{{Cloud: "aws", Region: "r", Name: "n", Version: 1, ARN: arn}}, []string{arn}); err != nil {
			t.Fatal(err)
		}
		got := read(t, output.String())
		var list []string
		if err := json.Unmarshal([]byte(got["items"]), &list); err != nil || len(list) != 1 || list[0] != arn {
			t.Errorf("items are %q, %v", got["items"], err)
		}
		if len(got) != 3 || got["aws_r_n"] != arn {
			t.Errorf("outputs are %q", got)
		}
	})
}

func TestAnnotations(t *testing.T) {
	var log bytes.Buffer
	err := gitHub(&log).Write([]outputs.Item{
		{Cloud: "aws", Region: "r", Name: "n,:%", Status: "failed", Error: "100%\r\n::set-output name=x::y"},
		{Cloud: "aws", Region: "r", Name: "m", Status: "created", Version: 1},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	const want = "::error title=layerbuild aws/r/n%2C%3A%25::100%25%0D%0A::set-output name=x::y\n"
	if log.String() != want {
		t.Errorf("annotations are %q", log.String())
	}
}
