package builder

import (
	"fmt"
	"path"
	"slices"

	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/manifest"
	"github.com/layerbuild/layerbuild/runtimes"
)

// A source is one [[source]] of the manifest as it applies to a place.
type source struct {
	// number counts from 1 in the order of the manifest.
	number int
	spec   manifest.Source
	// path and sha256 are those for the place's runtime and architecture.
	path   string
	sha256 string
}

// A sourceKey tells what is read from what need not be read again.
type sourceKey struct {
	number int
	path   string
	sha256 string
}

func (s source) key() sourceKey { return sourceKey{s.number, s.path, s.sha256} }

func (s source) String() string {
	return fmt.Sprintf("source %d (%s %q)", s.number, s.spec.Kind, s.path)
}

// origins returns what the origin of each node begins with, its path follows:
// the same on every machine and for every cloud.
func (s source) origins() string {
	if s.spec.Kind == "files" && s.path != "." {
		return s.String() + ": " + s.path + "/"
	}
	return s.String() + ": "
}

// sourcesOf returns for each place of the layout the sources that apply to it,
// in the order of the manifest.
func sourcesOf(m *manifest.Manifest, l runtimes.Layout) ([][]source, error) {
	list := make([][]source, len(l.Places))
	empty := true
	for i, p := range l.Places {
		values := map[string]string{"runtime": runtimes.Token(p.Cell.Runtime), "arch": p.Arch}
		for j, spec := range m.Sources {
			if !applies(spec.Clouds, l.Cloud) || !applies(spec.Runtimes, p.Cell.Runtime) || !applies(spec.Architectures, p.Arch) {
				continue
			}
			s := source{number: j + 1, spec: spec, path: path.Clean(manifest.Render(spec.Path, values))}
			if len(spec.SHA256) > 0 {
				var err error
				if s.sha256, err = digestFor(spec, p.Arch); err != nil {
					return nil, fmt.Errorf("%v: %w", s, err)
				}
			}
			list[i] = append(list[i], s)
			empty = false
		}
	}
	if empty {
		return nil, fmt.Errorf("no source applies to layer %q for %s", l.Name, l.Cloud)
	}
	return list, nil
}

func applies(filter []string, to string) bool {
	return len(filter) == 0 || slices.Contains(filter, to)
}

func digestFor(spec manifest.Source, arch string) (string, error) {
	text, ok := spec.SHA256[arch]
	if !ok {
		text, ok = spec.SHA256[""]
	}
	if !ok {
		return "", fmt.Errorf("sha256 has no digest for %s", arch)
	}
	sum, err := layer.ParseSum(text)
	if err != nil {
		return "", fmt.Errorf("sha256: %w", err)
	}
	return sum.String(), nil
}
