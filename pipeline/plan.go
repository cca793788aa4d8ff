// Package pipeline is the only place that knows the order of the stages: which
// zips a manifest makes, where each is published, and what came of it. The
// stages themselves are handed in.
package pipeline

import (
	"fmt"
	"slices"

	"github.com/layerbuild/layerbuild/manifest"
	"github.com/layerbuild/layerbuild/runtimes"
)

// LocalRegion is the region of a local target, which has none.
const LocalRegion = "local"

// A Plan is everything that a manifest makes and where it goes.
type Plan struct {
	Manifest *manifest.Manifest
	Products []Product
	// Items are sorted by target, region and product, in manifest order.
	Items []Item
	// Notes are what a reader should know: cells that a cloud lacks, runtimes
	// that are deprecated.
	Notes []string
}

// A Product is one zip.
type Product struct {
	// Folder below dist/: the cloud, "local-fc" and "local-scf" for local
	// targets of another layout than aws.
	Folder string
	// Name of the layer, rendered.
	Name    string
	Service runtimes.Service
	Layout  runtimes.Layout
}

func (p Product) String() string { return p.Folder + "/" + p.Name }

// An Item is one product published to one region of one target.
type Item struct {
	Target manifest.Target
	Region string
	// OptIn says that an account has to enable the region first, and that the
	// target does not name it but has a pattern that matches it.
	OptIn bool
	// Service is the function service of the target.
	Service runtimes.Service
	// Product is the index in Plan.Products.
	Product int
	// Bucket and Prefix are rendered; no bucket means inline.
	Bucket, Prefix string
	// Runtimes and Architectures, in the cloud's own spelling, are what the
	// version is declared for: a target may restrict what the zip holds.
	Runtimes, Architectures []string

	group group
}

// Where names the item's target as filters and messages do: "aws/us-east-1",
// "local".
func (i Item) Where() string { return where(i.Target.Cloud, i.Region) }

func where(cloud, region string) string {
	if cloud == LocalRegion {
		return cloud
	}
	return cloud + "/" + region
}

// New makes the plan of a manifest that was checked by [Check].
func New(m *manifest.Manifest, c *runtimes.Catalogue) (*Plan, error) {
	p := &Plan{Manifest: canonical(m, c)}
	shares := map[string]*share{}
	for _, t := range p.Manifest.Targets {
		if err := p.addTarget(c, t, shares); err != nil {
			return nil, err
		}
	}
	return p, p.layOut(shares)
}

// share collects the cells that one product holds while targets are walked.
type share struct {
	product int
	cloud   string
	cells   []runtimes.Cell
	archs   []string
}

func (p *Plan) addTarget(c *runtimes.Catalogue, t manifest.Target, shares map[string]*share) error {
	service, ok := ServiceOf(c, t)
	if !ok {
		return fmt.Errorf("the catalogue has no service for a target of cloud %q", t.Cloud)
	}
	groups := p.cells(service, t)
	if service.Limits.NoLicense && p.Manifest.Layer.License != "" {
		p.note("%s takes no licence: layer.license is left out there", service.Title)
	}
	regions, err := regionsOf(service, t)
	if err != nil {
		return err
	}
	for _, region := range regions {
		for _, g := range groups {
			key := folderOf(t) + "/" + g.name
			s, ok := shares[key]
			if !ok {
				s = &share{product: len(p.Products), cloud: t.Cloud}
				shares[key] = s
				p.Products = append(p.Products, Product{Folder: folderOf(t), Name: g.name, Service: service})
			}
			s.add(g)
			values := map[string]string{"region": region.Name, "account": t.Account}
			item := Item{
				Target: t, Region: region.Name, Service: service, Product: s.product,
				OptIn:  region.OptIn && !slices.Contains(t.Regions, region.Name),
				Bucket: manifest.Render(t.Bucket, values),
				Prefix: manifest.Render(t.Prefix, values),
				group:  g,
			}
			for _, cell := range g.cells {
				item.Runtimes = append(item.Runtimes, cell.Identifier)
			}
			if !service.Limits.NoArchitectures {
				item.Architectures = g.archs
			}
			p.Items = append(p.Items, item)
		}
	}
	return nil
}

func (s *share) add(g group) {
	for _, c := range g.cells {
		if !slices.ContainsFunc(s.cells, func(o runtimes.Cell) bool { return o.Runtime == c.Runtime }) {
			s.cells = append(s.cells, c)
		}
	}
	for _, a := range g.archs {
		if !slices.Contains(s.archs, a) {
			s.archs = append(s.archs, a)
		}
	}
}

// layOut gives every product its layout, once all targets have said which
// cells it holds.
func (p *Plan) layOut(shares map[string]*share) error {
	for _, s := range shares {
		product := &p.Products[s.product]
		l, err := runtimes.NewLayout(s.cloud, product.Name, s.cells, s.archs)
		if err != nil {
			return fmt.Errorf("laying out %s: %w", product, err)
		}
		product.Layout = l
	}
	return nil
}

// A group is the cells of one target that share a rendered name.
type group struct {
	name  string
	cells []runtimes.Cell
	archs []string
}

// cells returns the target's part of the matrix by rendered name, and notes
// what its cloud lacks.
func (p *Plan) cells(s runtimes.Service, t manifest.Target) []group {
	var groups []group
	for _, name := range matrixRuntimes(p.Manifest, t) {
		cell, ok := s.Cell(name)
		if !ok {
			p.note("%s has no runtime %q: dropped there", s.Title, name)
			continue
		}
		if cell.Deprecated != "" {
			p.note("runtime %q on %s is deprecated: %s", name, s.Title, cell.Deprecated)
		}
		for _, arch := range matrixArchs(p.Manifest, t) {
			if !slices.Contains(cell.Architectures, arch) {
				p.note("%s has no %s for runtime %q: dropped there", s.Title, arch, name)
				continue
			}
			groups = addCell(groups, renderName(p.Manifest.Layer.Name, name, arch), cell, arch)
		}
	}
	return groups
}

func addCell(groups []group, name string, cell runtimes.Cell, arch string) []group {
	i := slices.IndexFunc(groups, func(g group) bool { return g.name == name })
	if i < 0 {
		i = len(groups)
		groups = append(groups, group{name: name})
	}
	g := &groups[i]
	if !slices.ContainsFunc(g.cells, func(c runtimes.Cell) bool { return c.Runtime == cell.Runtime }) {
		g.cells = append(g.cells, cell)
	}
	if !slices.Contains(g.archs, arch) {
		g.archs = append(g.archs, arch)
	}
	return groups
}

func (p *Plan) note(format string, args ...any) {
	if n := fmt.Sprintf(format, args...); !slices.Contains(p.Notes, n) {
		p.Notes = append(p.Notes, n)
	}
}
