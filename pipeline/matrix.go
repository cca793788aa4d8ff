package pipeline

import (
	"slices"

	"github.com/layerbuild/layerbuild/manifest"
	"github.com/layerbuild/layerbuild/runtimes"
)

// ServiceOf returns the function service that a target publishes to. A local
// target stands for the service whose layout it has.
func ServiceOf(c *runtimes.Catalogue, t manifest.Target) (runtimes.Service, bool) {
	if t.Cloud == LocalRegion {
		return c.ByLayout(t.Layout)
	}
	return c.ByCloud(t.Cloud, t.API)
}

// folderOf returns the folder below dist/ that holds the target's zips. Two
// layouts never share one, since their zips differ under the same name.
func folderOf(t manifest.Target) string {
	if t.Cloud == LocalRegion && t.Layout != "aws" {
		return t.Cloud + "-" + t.Layout
	}
	return t.Cloud
}

func matrixRuntimes(m *manifest.Manifest, t manifest.Target) []string {
	if len(t.Runtimes) > 0 {
		return t.Runtimes
	}
	return m.Layer.Runtimes
}

func matrixArchs(m *manifest.Manifest, t manifest.Target) []string {
	if len(t.Architectures) > 0 {
		return t.Architectures
	}
	return m.Layer.Architectures
}

func renderName(template, runtime, arch string) string {
	return manifest.Render(template, map[string]string{"runtime": runtimes.Token(runtime), "arch": arch})
}

// canonical returns the manifest with our own names in place of each cloud's
// spelling of runtimes. Names that the catalogue does not know stay.
func canonical(m *manifest.Manifest, c *runtimes.Catalogue) *manifest.Manifest {
	out := *m
	out.Layer.Runtimes = ourNames(c, m.Layer.Runtimes)
	out.Sources = slices.Clone(m.Sources)
	for i := range out.Sources {
		out.Sources[i].Runtimes = ourNames(c, out.Sources[i].Runtimes)
	}
	out.Targets = slices.Clone(m.Targets)
	for i := range out.Targets {
		out.Targets[i].Runtimes = ourNames(c, out.Targets[i].Runtimes)
	}
	return &out
}

func ourNames(c *runtimes.Catalogue, list []string) []string {
	var out []string
	for _, name := range list {
		if ours, err := c.Canonical(name); err == nil {
			name = ours
		}
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

func canonicalAll(c *runtimes.Catalogue, list []string) ([]string, error) {
	for _, name := range list {
		if _, err := c.Canonical(name); err != nil {
			return nil, err
		}
	}
	return ourNames(c, list), nil
}
