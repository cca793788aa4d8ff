package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/layerbuild/layerbuild/internal/rate"
	"github.com/layerbuild/layerbuild/pipeline"
)

// jsonSchema is the version of every document that --json prints.
const jsonSchema = 1

// printJSON prints the one document of a command: its schema and a list.
func printJSON(w world, name string, list any) error {
	return printDocument(w, map[string]any{"schema": jsonSchema, name: list})
}

func printDocument(w world, doc any) error {
	e := json.NewEncoder(w.stdout)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(doc)
}

// A palette colours words on a terminal.
type palette struct{ on bool }

// newPalette follows --no-color, NO_COLOR (no-color.org) and TERM=dumb.
func newPalette(w world, off bool) palette {
	return palette{on: w.terminal && !off && getenv(w.environ, "NO_COLOR") == "" && getenv(w.environ, "TERM") != "dumb"}
}

func (p palette) bad(s string) string  { return p.wrap("31", s) }
func (p palette) note(s string) string { return p.wrap("33", s) }

func (p palette) wrap(code, s string) string {
	if !p.on {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

// A teller prints what is going on to stderr, whole lines at a time.
type teller struct {
	mu    sync.Mutex
	w     world
	o     *options
	color palette
}

func newTeller(w world, o *options) *teller {
	return &teller{w: w, o: o, color: newPalette(w, o.noColor)}
}

// event tells of a step: in detail with -v, as JSON lines when asked for.
func (t *teller) event(e pipeline.Event) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.o.progress == "json":
		if line, err := json.Marshal(e); err == nil {
			fmt.Fprintf(t.w.stderr, "%s\n", line)
		}
	case t.o.quiet || t.o.progress == "none":
	case t.o.verbose || t.o.progress == "plain" || e.Step == "packed" || e.Step == "uploading":
		at := e.Product
		if e.Where != "" {
			at = e.Where + " " + at
		}
		fmt.Fprintf(t.w.stderr, "%s: %s: %s\n", at, e.Step, e.Text)
	}
}

// note prints what a reader should know but need not act on.
func (t *teller) note(file, text string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.o.progress == "json" {
		if line, err := json.Marshal(pipeline.Event{Step: "note", Product: file, Text: text}); err == nil {
			fmt.Fprintf(t.w.stderr, "%s\n", line)
		}
		return
	}
	fmt.Fprintf(t.w.stderr, "%s%s: %s\n", t.color.note("note: "), file, text)
}

// step tells of something that is done outside of the pipeline.
func (t *teller) step(product, step, text string) {
	t.event(pipeline.Event{Step: step, Product: product, Text: text})
}

// rates tells with -v how requests were held back.
func (t *teller) rates(b *rate.Buckets) {
	if !t.o.verbose {
		return
	}
	for _, u := range b.Uses() {
		t.step(u.Service+" "+u.Region, "rate limit", fmt.Sprintf("%d requests, %d of them waited, %s in all", u.Requests, u.Waits, u.Waited.Round(time.Millisecond)))
	}
}

// summary tells how many items ended how.
func (t *teller) summary(receipts []itemJSON, took time.Duration) {
	if t.o.quiet || t.o.progress == "json" || t.o.progress == "none" || len(receipts) < 2 {
		return
	}
	counts := map[string]int{}
	var order []string
	for _, r := range receipts {
		if counts[r.Status]++; counts[r.Status] == 1 {
			order = append(order, r.Status)
		}
	}
	words := make([]string, len(order))
	for i, status := range order {
		words[i] = fmt.Sprintf("%d %s", counts[status], status)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	fmt.Fprintf(t.w.stderr, "%d in all: %s, in %s\n", len(receipts), strings.Join(words, ", "), took.Round(100*time.Millisecond))
}
