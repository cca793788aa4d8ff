package runtimes

import (
	_ "embed"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/BurntSushi/toml"
)

//go:embed regions.toml
var embeddedRegions string

// regionFile is regions.toml as it is written; the comments at its top say what
// the keys mean.
type regionFile struct {
	AsOf   string        `toml:"as_of"`
	Blocks []regionBlock `toml:"regions"`
}

type regionBlock struct {
	Services []string          `toml:"services"`
	OptIn    bool              `toml:"opt_in"`
	Apart    string            `toml:"apart"`
	Source   []string          `toml:"source"`
	Names    map[string]string `toml:"names"`
}

// addRegions reads regions.toml into the services of the catalogue.
func (c *Catalogue) addRegions(text string) error {
	var f regionFile
	meta, err := toml.Decode(text, &f)
	if err != nil {
		return err
	}
	if unknown := meta.Undecoded(); len(unknown) > 0 {
		return fmt.Errorf("unknown key %q", unknown[0].String())
	}
	if _, err := time.Parse(time.DateOnly, f.AsOf); err != nil {
		return fmt.Errorf("as_of %q is not a day", f.AsOf)
	}
	for i, b := range f.Blocks {
		if err := c.addBlock(b); err != nil {
			return fmt.Errorf("block %d: %w", i+1, err)
		}
	}
	for i := range c.Services {
		s := &c.Services[i]
		s.RegionsAsOf = f.AsOf
		slices.SortFunc(s.Regions, func(a, b Region) int { return strings.Compare(a.Name, b.Name) })
		if !slices.ContainsFunc(s.Regions, func(r Region) bool { return !r.Explicit && !r.OptIn }) {
			return fmt.Errorf("service %q has no region that every account can use", s.ID)
		}
	}
	return nil
}

func (c *Catalogue) addBlock(b regionBlock) error {
	switch {
	case len(b.Services) == 0 || len(b.Names) == 0 || len(b.Source) == 0:
		return errors.New("lacks its services, names or source")
	case b.OptIn && b.Apart != "":
		return errors.New("has both opt_in and apart")
	}
	for _, id := range b.Services {
		i := slices.IndexFunc(c.Services, func(s Service) bool { return s.ID == id })
		if i < 0 {
			return fmt.Errorf("no service %q", id)
		}
		for _, name := range slices.Sorted(maps.Keys(b.Names)) {
			r := Region{Name: name, Title: b.Names[name], OptIn: b.OptIn, Explicit: b.Apart != "", Apart: b.Apart}
			if err := c.Services[i].addRegion(r); err != nil {
				return err
			}
		}
	}
	return nil
}

// regionName is the form that all clouds' names have.
var regionName = regexp.MustCompile(`^[a-z]+(-[0-9a-z]+)+$`)

func (s *Service) addRegion(r Region) error {
	switch {
	case !regionName.MatchString(r.Name):
		return fmt.Errorf("%q is not the name of a region", r.Name)
	case r.Title == "" || r.Title != strings.TrimSpace(r.Title):
		return fmt.Errorf("region %q has the title %q", r.Name, r.Title)
	case slices.ContainsFunc(s.Regions, func(o Region) bool { return o.Name == r.Name }):
		return fmt.Errorf("service %q has region %q twice", s.ID, r.Name)
	}
	s.Regions = append(s.Regions, r)
	return nil
}
