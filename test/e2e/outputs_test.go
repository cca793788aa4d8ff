package e2e

import (
	"bytes"
	"html"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	markup "github.com/yuin/goldmark/renderer/html"
	"golang.org/x/text/unicode/norm"

	"github.com/layerbuild/layerbuild/internal/outputs"
)

// texts are all ways to put two pieces together that mean something to HCL or
// to Markdown, with something after them.
func texts() []string {
	pieces := []string{
		"", "a", " ", "$", "%", "{", "}", "${a}", "%{if", "\\", "\"", "'", "\n", "\r", "\t", "|", "\\|", "`", "``", "<b>", "&amp;", "&#x7c;", "*", "_", "[x](y)",
		"#", "//", "\x00", "\x1b[31m", "\u202e", "é", "e\u0301", "\U0001f600", "\U000e0001", "\xff", "@you", ":rocket:", "https://example.com", "<!--", "-->", "---",
	}
	var list []string
	for _, a := range pieces {
		for _, b := range pieces {
			for _, c := range []string{"", "a", "{", "|", "`"} {
				list = append(list, a+b+c)
			}
		}
	}
	return list
}

// TestTfvars has HashiCorp's own parser read what is written for Terraform.
func TestTfvars(t *testing.T) {
	texts := texts()
	for len(texts) > 0 {
		some := texts[:min(4, len(texts))]
		texts = texts[len(some):]
		item := outputs.Item{
			Cloud: "aws", Region: "r", Name: some[0], Version: 7, ARN: some[len(some)/2], SHA256: some[len(some)-1], Size: 8,
			Runtimes: some, Status: "created",
		}
		var b bytes.Buffer
		if err := outputs.Tfvars(&b, []outputs.Item{item}); err != nil {
			t.Fatal(err)
		}
		file, problems := hclsyntax.ParseConfig(b.Bytes(), "layers.auto.tfvars", hcl.InitialPos)
		if problems.HasErrors() {
			t.Fatalf("%q: %v\n%s", some, problems, b.String())
		}
		attributes, problems := file.Body.JustAttributes()
		if problems.HasErrors() || len(attributes) != 1 {
			t.Fatalf("%d attributes, %v", len(attributes), problems)
		}
		layers, problems := attributes["layers"].Expr.Value(nil)
		if problems.HasErrors() {
			t.Fatalf("%q: %v", some, problems)
		}
		// HCL keeps text in Unicode's composed form and knows valid text only.
		read := func(s string) string { return norm.NFC.String(string([]rune(s))) }
		all := layers.AsValueMap()
		got, ok := all[read(item.Key())]
		if !ok || len(all) != 1 {
			t.Fatalf("%q: the map has %d others", some, len(all))
		}
		value := got.AsValueMap()
		if n, _ := value["version"].AsBigFloat().Int64(); n != 7 {
			t.Errorf("version is %d", n)
		}
		if item.ARN != "" && value["arn"].AsString() != read(item.ARN) || value["sha256"].AsString() != read(item.SHA256) {
			t.Errorf("%q: read as %v", some, got.GoString())
		}
		for n, v := range value["runtimes"].AsValueSlice() {
			if v.AsString() != read(some[n]) {
				t.Errorf("%q is read as %q", some[n], v.AsString())
			}
		}
	}
}

var tag = regexp.MustCompile(`<[^>]*>`)

// TestMarkdown has a parser of GitHub's dialect, extensions and embedded HTML
// included, read what is written, and wants every cell to be there with its
// text and nothing in it to have become markup.
func TestMarkdown(t *testing.T) {
	reader := goldmark.New(goldmark.WithExtensions(extension.GFM), goldmark.WithRendererOptions(markup.WithUnsafe()))
	allowed := regexp.MustCompile(`^</?(code|br|table|thead|tbody|tr|th|td|ul|li|p|strong)( style="text-align:right")?( /)?>$`)
	for _, text := range texts() {
		var b, page bytes.Buffer
		err := outputs.Markdown(&b, []outputs.Item{{Cloud: "aws", Region: "r", Name: "n", Version: 7, ARN: text, Status: "failed", Error: text}})
		if err != nil {
			t.Fatal(err)
		}
		if err := reader.Convert(b.Bytes(), &page); err != nil {
			t.Fatal(err)
		}
		for _, one := range tag.FindAllString(page.String(), -1) {
			if !allowed.MatchString(one) {
				t.Fatalf("%q has become %s in\n%s", text, one, page.String())
			}
		}
		if n := strings.Count(page.String(), "<td"); n != 6 {
			t.Fatalf("%q: %d cells in\n%s", text, n, b.String())
		}
		cell := strings.Split(page.String(), "<td")[4]
		cell = html.UnescapeString(tag.ReplaceAllString(cell[strings.Index(cell, ">")+1:], ""))
		// What cannot be seen is shown as a mark, and a line's end as a space.
		if got, want := plain(cell), plain(text); got != want {
			t.Fatalf("%q is shown as %q, want %q", text, got, want)
		}
	}
}

var invisible = regexp.MustCompile("[\x00\x1b\u202e\U000e0001]")

func plain(text string) string {
	text = invisible.ReplaceAllString(string([]rune(text)), "\ufffd")
	return strings.Join(strings.Fields(text), " ")
}
