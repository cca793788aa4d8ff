package outputs

import (
	"fmt"
	"io"
	"strings"
	"unicode"
)

// shown is how many digits of the SHA-256 a table has: what git shows of a
// commit, and enough to tell versions apart by eye.
const shown = 12

// Markdown writes a table in GitHub's dialect with a row for each item, in
// their order, and below it what failed or was left out, and why.
func Markdown(w io.Writer, items []Item) error {
	var b strings.Builder
	b.WriteString("| target | layer | version | ARN | status | sha256 |\n|---|---|--:|---|---|---|\n")
	for _, i := range items {
		number, digest := "", i.SHA256
		if i.Version > 0 {
			number = fmt.Sprint(i.Version)
		}
		if len(digest) > shown {
			digest = digest[:shown]
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s |\n",
			code(i.Where()), code(i.Name), number, code(i.ARN), code(i.Status), code(digest))
	}
	b.WriteString(section("Failed", items, func(i Item) string { return i.Error }))
	b.WriteString(section("Reasons", items, func(i Item) string {
		if i.Error != "" {
			return ""
		}
		return i.Reason
	}))
	_, err := io.WriteString(w, b.String())
	return err
}

// section is a list of the items that have something to tell.
func section(title string, items []Item, tell func(Item) string) string {
	var b strings.Builder
	for _, i := range items {
		text := strings.TrimSpace(tell(i))
		if text == "" {
			continue
		}
		if b.Len() == 0 {
			fmt.Fprintf(&b, "\n**%s**\n\n", title)
		}
		var lines []string
		for line := range strings.Lines(text) {
			lines = append(lines, code(strings.TrimSpace(line)))
		}
		fmt.Fprintf(&b, "- %s %s: %s\n", code(i.Where()), code(i.Name), strings.Join(lines, "<br>"))
	}
	return b.String()
}

// code shows a text as it is, whatever it holds: outside of code GitHub finds
// markup, links, people ("@x") and pictures (":layer:") in it. What cannot
// stand between backticks in a cell of a table stands in an HTML element, each
// punctuation mark as a reference, which never is markup (CommonMark 2.5).
func code(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return ' '
		}
		if !unicode.IsPrint(r) {
			return unicode.ReplacementChar
		}
		return r
	}, text)
	if strings.TrimSpace(text) == "" {
		return ""
	}
	if text == strings.TrimSpace(text) && !strings.ContainsAny(text, "`|\\<>&") {
		return "`" + text + "`"
	}
	var b strings.Builder
	b.WriteString("<code>")
	for _, r := range text {
		if r < unicode.MaxASCII && unicode.In(r, unicode.Punct, unicode.Symbol) {
			fmt.Fprintf(&b, "&#%d;", r)
			continue
		}
		b.WriteRune(r)
	}
	b.WriteString("</code>")
	return b.String()
}
