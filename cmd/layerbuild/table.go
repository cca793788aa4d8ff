package main

import (
	"io"
	"strings"
	"text/tabwriter"
)

// A table prints rows in columns, two spaces apart.
type table struct {
	to  *tabwriter.Writer
	err error
}

func newTable(to io.Writer) *table {
	return &table{to: tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)}
}

// row adds a line. A cell never breaks it.
func (t *table) row(cells ...string) {
	if t.err != nil {
		return
	}
	for i, c := range cells {
		cells[i] = strings.Join(strings.Fields(c), " ")
	}
	_, t.err = io.WriteString(t.to, strings.TrimRight(strings.Join(cells, "\t"), "\t")+"\n")
}

func (t *table) print() error {
	if t.err != nil {
		return t.err
	}
	return t.to.Flush()
}
