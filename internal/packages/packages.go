// Package packages finds out which packages of other people a zip holds, from
// what installers leave beside the code: dist-info and egg-info folders,
// package.json, jars, gem specifications.
package packages

import (
	"archive/zip"
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The ecosystems, spelled as the types of package URLs:
// https://github.com/package-url/purl-spec/blob/main/purl-types-index.json
const (
	PyPI  = "pypi"
	NPM   = "npm"
	Maven = "maven"
	Gem   = "gem"
)

// A Package is one installed package.
type Package struct {
	// Ecosystem is one of the constants above.
	Ecosystem string
	// Name is the ecosystem's own: normalised as PEP 503 says, "@scope/name",
	// "group:artifact" or only the artifact where the group is not known.
	Name    string
	Version string
	// Path is the folder or file of the zip that says so. No two packages have
	// the same, but for those that were packed into one jar.
	Path string
	// License is as the package has it, "" where it does not say.
	License string
	// Size is the sum of its files in bytes, unpacked. A file counts for one
	// package only.
	Size int64
}

// Find lists the packages of a zip, sorted by ecosystem, name, version and
// path. What looks like a package's metadata and cannot be understood is left
// out. Archives within the zip are not looked into, but for jars.
//
// Entries that cannot be read are an error. It wraps layer.ErrLimit when there
// is more metadata than any layer has.
func Find(z *zip.Reader) ([]Package, error) {
	a := open(z)
	var list []finding
	for _, name := range a.names {
		found, err := a.look(name)
		if err != nil {
			return nil, fmt.Errorf("looking for packages: entry %q: %w", name, err)
		}
		list = append(list, found...)
	}
	a.weigh(list)
	packages := make([]Package, len(list))
	for i, f := range list {
		packages[i] = f.Package
	}
	slices.SortFunc(packages, func(a, b Package) int {
		return cmp.Or(
			cmp.Compare(a.Ecosystem, b.Ecosystem), cmp.Compare(a.Name, b.Name),
			CompareVersions(a.Ecosystem, a.Version, b.Version), cmp.Compare(a.Version, b.Version), cmp.Compare(a.Path, b.Path),
		)
	})
	return packages, nil
}

// A finding is a package with what it claims: files by their paths, everything
// in folders, which end in a slash, and Python modules, which are folders, or
// files with whatever ending.
type finding struct {
	Package
	files, folders, modules []string
}

// look returns the packages that a file is the metadata of.
func (a *archive) look(name string) ([]finding, error) {
	switch {
	case strings.HasSuffix(name, wheelMetadata):
		return a.wheel(name)
	case strings.HasSuffix(name, eggMetadata), strings.HasSuffix(name, eggInfo):
		return a.egg(name)
	case strings.HasSuffix(name, npmMetadata):
		return a.npm(name)
	case strings.HasSuffix(name, jarSuffix):
		return a.jar(name)
	case strings.HasSuffix(name, gemSuffix):
		return a.gem(name)
	}
	return nil, nil
}

// whole returns the finding in a list, or none if name or version are missing.
func (f finding) whole() []finding {
	f.Name, f.Version, f.License = word(f.Name), word(f.Version), line(f.License)
	if f.Name == "" || f.Version == "" {
		return nil
	}
	return []finding{f}
}

// The longest that is taken for a name, a version or a license, in bytes.
const longestText = 256

// word returns text that is one, or "".
func word(text string) string {
	if text = line(text); strings.ContainsFunc(text, unicode.IsSpace) {
		return ""
	}
	return text
}

// line returns text that is one printable line, or "".
func line(text string) string {
	text = strings.TrimSpace(text)
	unprintable := func(r rune) bool { return !unicode.IsPrint(r) }
	if len(text) > longestText || !utf8.ValidString(text) || strings.ContainsFunc(text, unprintable) {
		return ""
	}
	return text
}
