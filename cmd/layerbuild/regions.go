package main

import (
	"fmt"
	"text/tabwriter"

	"github.com/layerbuild/layerbuild/runtimes"
)

// A serviceRegion is one region of one service, as --json prints it.
type serviceRegion struct {
	Service string `json:"service"`
	Cloud   string `json:"cloud"`
	API     string `json:"api"`
	// AsOf is the day of the list, as 2006-01-02.
	AsOf string `json:"as_of"`
	runtimes.Region
}

// runRegions prints where the services are.
func runRegions(w world, o *options) error {
	c, err := runtimes.Load()
	if err != nil {
		return err
	}
	list := []serviceRegion{}
	for _, s := range c.Services {
		for _, r := range s.Regions {
			list = append(list, serviceRegion{s.ID, s.Cloud, s.API, s.RegionsAsOf, r})
		}
	}
	if o.json {
		return printJSON(w, "regions", list)
	}
	t := tabwriter.NewWriter(w.stdout, 0, 8, 2, ' ', 0)
	fmt.Fprintln(t, "REGION\tSERVICE\tCLOUD\tTITLE\tPATTERNS")
	for _, r := range list {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", r.Name, r.Service, r.Cloud, r.Title, selected(r.Region))
	}
	return t.Flush()
}

// selected says whether patterns match the region.
func selected(r runtimes.Region) string {
	switch {
	case r.Explicit:
		return "only by name: " + r.Apart
	case r.OptIn:
		return "yes, opt-in"
	}
	return "yes"
}
