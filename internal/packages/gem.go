package packages

import (
	"regexp"
	"strings"
)

const (
	gemSuffix      = ".gemspec"
	specifications = "specifications/"
)

var (
	// RubyGems writes the stub so that it need not run the specification:
	// Gem::Specification#to_ruby.
	gemStub    = regexp.MustCompile(`(?m)^# stub: (\S+) (\S+) (\S+)( |$)`)
	gemLicense = regexp.MustCompile(`(?m)^ *s\.licenses? = \[?"([^"\n]+)"`)
	// A name has no upper bound on dashes and digits, so the version is what
	// begins with the first digit after a dash.
	gemFile = regexp.MustCompile(`^(.+?)-(\d[0-9A-Za-z.]*)(-.+)?$`)
)

// gem reads a specification of those that are installed beside a folder "gems".
func (a *archive) gem(name string) ([]finding, error) {
	folder, base := split(name)
	home, ok := strings.CutSuffix(strings.TrimSuffix(folder, "default/"), specifications)
	if !ok || home != "" && !strings.HasSuffix(home, "/") {
		return nil, nil
	}
	content, _, err := a.read(name, longestMetadata)
	if err != nil {
		return nil, err
	}
	full := strings.TrimSuffix(base, gemSuffix)
	f := finding{
		Package: Package{Ecosystem: Gem, Path: name},
		files:   []string{name}, folders: []string{home + "gems/" + full + "/"},
	}
	f.Name, f.Version, f.License = parseGem(full, content)
	return f.whole(), nil
}

// parseGem reads a specification, whose file is called name-version or
// name-version-platform.
func parseGem(full string, content []byte) (name, version, license string) {
	if m := gemLicense.FindSubmatch(content); m != nil {
		license = string(m[1])
	}
	if m := gemStub.FindSubmatch(content); m != nil {
		return string(m[1]), string(m[2]), license
	}
	if m := gemFile.FindStringSubmatch(full); m != nil {
		return m[1], m[2], license
	}
	return "", "", license
}
