package main

import (
	"cmp"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/layerbuild/layerbuild/runtimes"
)

func newRuntimes(w world, o *options) *cobra.Command {
	regions := false
	cmd := &cobra.Command{
		Use:   "runtimes [runtime]...",
		Short: "Print the catalogue: runtime × cloud → identifier, folders, libc",
		Long: `Runtimes prints what layerbuild knows of each cloud's runtimes: the identifier that
the cloud uses, the folder of a layer's packages, the C library, the
architectures, and whether the runtime is deprecated. Names may be given in any
cloud's spelling.

With --regions it prints where each cloud's function service is: what the names
and patterns of target.regions are compared with.`,
		Example: "  layerbuild runtimes\n  layerbuild runtimes python3.12 Nodejs18.15\n  layerbuild runtimes --json\n  layerbuild runtimes --regions",
		RunE: func(_ *cobra.Command, args []string) error {
			switch {
			case !regions:
				return runRuntimes(w, o, args)
			case len(args) > 0:
				return &usageError{fmt.Errorf("--regions takes no runtimes: %q", args[0])}
			}
			return runRegions(w, o)
		},
	}
	cmd.Flags().BoolVar(&regions, "regions", false, "print the regions of each service instead")
	return cmd
}

func runRuntimes(w world, o *options, args []string) error {
	c, err := runtimes.Load()
	if err != nil {
		return err
	}
	want := map[string]bool{}
	for _, name := range args {
		ours, err := c.Canonical(name)
		if err != nil {
			return err
		}
		want[ours] = true
	}
	services := c.Services
	for i := range services {
		services[i].Cells = only(services[i].Cells, want)
	}
	if o.json {
		return printJSON(w, "services", services)
	}
	t := tabwriter.NewWriter(w.stdout, 0, 8, 2, ' ', 0)
	fmt.Fprintln(t, "RUNTIME\tSERVICE\tIDENTIFIER\tPACKAGES\tLIBC\tARCHITECTURES\tSTATE")
	for _, s := range services {
		for _, cell := range s.Cells {
			fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", cell.Runtime, s.ID, cell.Identifier, packagesOf(cell),
				cmp.Or(cell.Libc, "unknown"), strings.Join(cell.Architectures, " "), cmp.Or(state(cell), "current"))
		}
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for _, s := range services {
		for _, cell := range s.Cells {
			if cell.Note != "" && len(want) > 0 {
				fmt.Fprintf(w.stderr, "note: %s on %s: %s\n", cell.Runtime, s.Title, cell.Note)
			}
		}
	}
	return nil
}

func only(cells []runtimes.Cell, want map[string]bool) []runtimes.Cell {
	list := []runtimes.Cell{}
	for _, c := range cells {
		if len(want) == 0 || want[c.Runtime] {
			list = append(list, c)
		}
	}
	return list
}

func packagesOf(c runtimes.Cell) string {
	folder, ok := c.Slots["packages"]
	switch {
	case !ok:
		return "none"
	case folder == "":
		return "(root)"
	}
	return folder
}

func state(c runtimes.Cell) string {
	if c.Deprecated == "" {
		return ""
	}
	return "deprecated"
}
