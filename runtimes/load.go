package runtimes

import (
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/BurntSushi/toml"
)

//go:embed catalogue.toml
var embedded string

// Load reads the embedded catalogue and checks it. An error means that the
// program was built from a broken catalogue.toml or regions.toml.
func Load() (*Catalogue, error) {
	c, err := parse(embedded)
	if err != nil {
		return nil, fmt.Errorf("reading the catalogue of runtimes: %w", err)
	}
	if err := c.addRegions(embeddedRegions); err != nil {
		return nil, fmt.Errorf("reading the catalogue of regions: %w", err)
	}
	return c, nil
}

// file is catalogue.toml as it is written; the comments at its top say what
// the keys mean.
type file struct {
	AsOf     string            `toml:"as_of"`
	Systems  map[string]system `toml:"system"`
	Folders  map[string]folder `toml:"folders"`
	Services []service         `toml:"service"`
}

type system struct {
	OS     string   `toml:"os"`
	Libc   string   `toml:"libc"`
	Source []string `toml:"source"`
}

type folder struct {
	Language   string            `toml:"language"`
	Slots      map[string]string `toml:"slots"`
	Versioned  string            `toml:"versioned"`
	Unsearched []string          `toml:"unsearched"`
	Note       string            `toml:"note"`
	Source     []string          `toml:"source"`
}

type service struct {
	ID            string   `toml:"id"`
	Title         string   `toml:"title"`
	Cloud         string   `toml:"cloud"`
	API           string   `toml:"api"`
	Layout        string   `toml:"layout"`
	LastWins      bool     `toml:"last_wins"`
	Open          bool     `toml:"open"`
	Architectures []string `toml:"architectures"`
	Source        []string `toml:"source"`
	Limits        Limits   `toml:"limits"`
	Runtimes      []line   `toml:"runtimes"`
}

type line struct {
	Runtime       string   `toml:"runtime"`
	ID            string   `toml:"id"`
	System        string   `toml:"system"`
	Folders       string   `toml:"folders"`
	Architectures []string `toml:"architectures"`
	Ends          string   `toml:"ends"`
	Deprecated    string   `toml:"deprecated"`
	Note          string   `toml:"note"`
}

// split cuts "python3.12" into its letters and the version.
func (l line) split() (letters, version string) {
	version = strings.TrimLeft(l.Runtime, "abcdefghijklmnopqrstuvwxyz")
	return strings.TrimSuffix(l.Runtime, version), version
}

// foldersOf returns the key of the line's [folders] table.
func (l line) foldersOf(s service) string {
	kind := l.Folders
	if kind == "" {
		kind, _ = l.split()
	}
	return s.Layout + "-" + kind
}

func parse(text string) (*Catalogue, error) {
	var f file
	meta, err := toml.Decode(text, &f)
	if err != nil {
		return nil, err
	}
	if unknown := meta.Undecoded(); len(unknown) > 0 {
		return nil, fmt.Errorf("unknown key %q", unknown[0].String())
	}
	c := &Catalogue{AsOf: f.AsOf}
	for _, s := range f.Services {
		made, err := f.service(s)
		if err != nil {
			return nil, fmt.Errorf("service %q: %w", s.ID, err)
		}
		c.Services = append(c.Services, made)
	}
	if err := f.check(); err != nil {
		return nil, err
	}
	if err := c.check(); err != nil {
		return nil, err
	}
	return c, nil
}

func (f file) service(s service) (Service, error) {
	if len(s.Source) == 0 {
		return Service{}, fmt.Errorf("has no source")
	}
	made := Service{
		ID: s.ID, Title: s.Title, Cloud: s.Cloud, API: s.API, Layout: s.Layout,
		LastWins: s.LastWins, Open: s.Open, Limits: s.Limits,
	}
	made.Limits.Title = s.Title
	for _, l := range s.Runtimes {
		cell, err := f.cell(s, l)
		if err != nil {
			return Service{}, fmt.Errorf("runtime %q: %w", l.Runtime, err)
		}
		made.Cells = append(made.Cells, cell)
	}
	return made, nil
}

// cell fills in what a line leaves out.
func (f file) cell(s service, l line) (Cell, error) {
	folders, ok := f.Folders[l.foldersOf(s)]
	if !ok {
		return Cell{}, fmt.Errorf("no [folders.%s]", l.foldersOf(s))
	}
	base, ok := f.Systems[l.System]
	if !ok && l.System != "" {
		return Cell{}, fmt.Errorf("no [system.%s]", l.System)
	}
	c := Cell{
		Runtime: l.Runtime, Identifier: l.ID,
		Language: folders.Language, OS: base.OS, Libc: base.Libc,
		Architectures: l.Architectures,
		Deprecated:    l.Deprecated, Ends: l.Ends,
		Slots:      maps.Clone(folders.Slots),
		Unsearched: folders.Unsearched,
	}
	if c.Identifier == "" {
		c.Identifier = l.Runtime
	}
	if c.Architectures == nil {
		c.Architectures = s.Architectures
	}
	_, version := l.split()
	insert := strings.NewReplacer("{version}", version)
	c.Versioned = insert.Replace(folders.Versioned)
	for slot, path := range c.Slots {
		c.Slots[slot] = insert.Replace(path)
	}
	notes := slices.DeleteFunc([]string{folders.Note, l.Note}, func(s string) bool { return s == "" })
	c.Note = strings.Join(notes, "; ")
	if l.Ends != "" {
		if l.Deprecated != "" {
			return Cell{}, fmt.Errorf("has both ends and deprecated")
		}
		if _, err := time.Parse(time.DateOnly, l.Ends); err != nil {
			return Cell{}, fmt.Errorf("ends %q is not a day", l.Ends)
		}
		// Days of this form sort as text.
		if l.Ends <= f.AsOf {
			c.Deprecated = "since " + l.Ends
		}
	}
	return c, nil
}
