package packages

import (
	"encoding/csv"
	"path"
	"regexp"
	"strings"
)

// Where Python's installers leave what they know of a package:
// https://packaging.python.org/en/latest/specifications/recording-installed-packages/
// and, before it, setuptools' .egg-info: a folder, or only the metadata.
const (
	wheelInfo     = ".dist-info"
	wheelMetadata = wheelInfo + "/METADATA"
	eggInfo       = ".egg-info"
	eggMetadata   = eggInfo + "/PKG-INFO"
	// longestRecord bounds RECORD: packages of more than 20,000 files have some
	// megabytes.
	longestRecord = 16 << 20
)

func (a *archive) wheel(name string) ([]finding, error) {
	info := strings.TrimSuffix(name, "METADATA")
	f, err := a.python(name, info)
	if err != nil {
		return nil, err
	}
	record, _, err := a.read(info+"RECORD", longestRecord)
	if err != nil {
		return nil, err
	}
	site, _ := split(strings.TrimSuffix(info, "/"))
	f.files = a.installed(site, recorded(record))
	if len(f.files) == 0 {
		err = a.modules(&f, site, info)
	}
	return f.whole(), err
}

func (a *archive) egg(name string) ([]finding, error) {
	info, isFolder := strings.CutSuffix(name, "PKG-INFO")
	if !isFolder {
		info = name + "/"
	}
	f, err := a.python(name, info)
	if err != nil {
		return nil, err
	}
	if !isFolder {
		f.Path, f.files = name, []string{name}
	}
	list, _, err := a.read(info+"installed-files.txt", longestRecord)
	if err != nil {
		return nil, err
	}
	files := a.installed(info, strings.Split(string(list), "\n"))
	if f.files = append(f.files, files...); len(files) == 0 {
		site, _ := split(strings.TrimSuffix(info, "/"))
		err = a.modules(&f, site, info)
	}
	return f.whole(), err
}

// python reads metadata. Name and version that it does not tell are taken from
// the folder's name.
func (a *archive) python(name, info string) (finding, error) {
	content, _, err := a.read(name, longestMetadata)
	if err != nil {
		return finding{}, err
	}
	m := parseMetadata(content)
	folder := strings.TrimSuffix(info, "/")
	_, base := split(folder)
	base = strings.TrimSuffix(strings.TrimSuffix(base, wheelInfo), eggInfo)
	parts := strings.Split(base, "-")
	if m.name == "" {
		m.name = parts[0]
	}
	if m.version == "" && len(parts) > 1 {
		m.version = parts[1]
	}
	return finding{
		Package: Package{Ecosystem: PyPI, Name: pythonName(m.name), Version: m.version, License: m.license, Path: folder},
		folders: []string{info},
	}, nil
}

var separators = regexp.MustCompile(`[-_.]+`)

// pythonName normalises a name: PEP 503.
func pythonName(name string) string {
	return strings.ToLower(separators.ReplaceAllString(strings.TrimSpace(name), "-"))
}

// recorded returns the paths of a RECORD, which is CSV. A line that cannot be
// read ends it.
func recorded(record []byte) []string {
	r := csv.NewReader(strings.NewReader(string(record)))
	r.FieldsPerRecord, r.LazyQuotes, r.ReuseRecord = -1, true, true
	var list []string
	for {
		fields, err := r.Read()
		if err != nil {
			return list
		}
		list = append(list, fields[0])
	}
}

// installed returns the files of a list of paths relative to a folder that are
// in the archive.
func (a *archive) installed(folder string, paths []string) []string {
	var list []string
	for _, p := range paths {
		p = strings.TrimSpace(p)
		if p == "" || len(p) > longestPath || path.IsAbs(p) {
			continue
		}
		if p = path.Join(folder, p); a.files[p] != nil {
			list = append(list, p)
		}
	}
	return list
}

// modules claims the top-level modules of a package that has no list of its
// files: those that top_level.txt names, else the ones of the package's name.
func (a *archive) modules(f *finding, site, info string) error {
	text, _, err := a.read(info+"top_level.txt", longestMetadata)
	if err != nil {
		return err
	}
	_, own := split(strings.TrimSuffix(info, "/"))
	own, _, _ = strings.Cut(strings.TrimSuffix(strings.TrimSuffix(own, wheelInfo), eggInfo), "-")
	plain := strings.ReplaceAll(f.Name, "-", "_")
	names := strings.Fields(string(text))
	if len(names) == 0 {
		names = []string{own, plain}
	}
	for _, module := range names {
		f.modules = append(f.modules, site+module)
	}
	// auditwheel's folder of shared libraries.
	f.folders = append(f.folders, site+own+".libs/", site+plain+".libs/")
	return nil
}
