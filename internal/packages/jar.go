package packages

import (
	"archive/zip"
	"bytes"
	"path"
	"regexp"
	"strings"
)

const (
	jarSuffix   = ".jar"
	jarManifest = "META-INF/MANIFEST.MF"
	// https://maven.apache.org/shared/maven-archiver/: what Maven leaves in
	// jars, more than once in one that others were packed into.
	jarPOM = "META-INF/maven/*/*/pom.properties"
	// longestJar is the largest jar that is looked into, in bytes: it is held
	// in memory. Larger ones are known by the names of their files only.
	longestJar = 32 << 20
	// mostPOMs is how many packages of one jar are listed.
	mostPOMs = 1000
)

// jar looks into a jar. Every pom.properties names a package; the jar's own is
// the one that the file is named after. Where there is none, the file's name
// tells most, and the manifest the rest: titles are for people.
func (a *archive) jar(name string) ([]finding, error) {
	content, whole, err := a.read(name, longestJar)
	if err != nil {
		return nil, err
	}
	var in contents
	if whole {
		in = a.inside(content)
	}
	_, base := split(name)
	stem := strings.TrimSuffix(base, jarSuffix)
	own := in.own(stem)
	if own < 0 {
		artifact, version := jarName(stem)
		p := pom{artifact: artifact, version: version}
		if version == "" {
			p = pom{artifact: in.manifest.name, version: in.manifest.version}
		}
		in.poms, own = append(in.poms, p), len(in.poms)
	}
	var list []finding
	for i, p := range in.poms {
		f := finding{Package: Package{Ecosystem: Maven, Name: p.name(), Version: p.version, Path: name}}
		if i == own {
			f.License, f.files = in.manifest.license, []string{name}
		}
		list = append(list, f.whole()...)
	}
	return list, nil
}

// contents are what a jar says of itself.
type contents struct {
	manifest metadata
	poms     []pom
}

// inside reads a jar. What is no zip says nothing, and nothing is made of
// entries that cannot be read: the jar as a whole is as it was packed.
func (a *archive) inside(content []byte) contents {
	var in contents
	z, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return in
	}
	inner := open(z)
	inner.left = a.left
	if text, _, err := inner.read(jarManifest, longestMetadata); err == nil {
		in.manifest = parseManifest(text)
	}
	for _, name := range inner.names {
		if ok, _ := path.Match(jarPOM, name); !ok || len(in.poms) == mostPOMs {
			continue
		}
		if text, _, err := inner.read(name, longestMetadata); err == nil {
			if p := parsePOM(text); p.artifact != "" && p.version != "" {
				in.poms = append(in.poms, p)
			}
		}
	}
	a.left = max(0, inner.left)
	return in
}

// own returns the index of the jar's own package, -1 if it is none of them: the
// only one, or the one with the longest artifact that the file is named after.
func (in contents) own(stem string) int {
	if len(in.poms) == 1 {
		return 0
	}
	best, longest := -1, 0
	for i, p := range in.poms {
		if (stem == p.artifact || strings.HasPrefix(stem, p.artifact+"-")) && len(p.artifact) > longest {
			best, longest = i, len(p.artifact)
		}
	}
	return best
}

// parseManifest reads the main section of a manifest:
// https://docs.oracle.com/en/java/javase/21/docs/specs/jar/jar.html#jar-manifest
func parseManifest(content []byte) metadata {
	values := map[string]string{}
	for name, value := range headers(content) {
		values[strings.ToLower(name)] = value
	}
	// Parameters, as in "org.example.core;singleton:=true", are not part of the name.
	bundle, _, _ := strings.Cut(values["bundle-symbolicname"], ";")
	return metadata{
		name:    firstWord(values["implementation-title"], bundle, values["automatic-module-name"]),
		version: firstWord(values["implementation-version"], values["bundle-version"]),
		license: values["bundle-license"],
	}
}

// firstWord returns the first text that is a word.
func firstWord(texts ...string) string {
	for _, text := range texts {
		if w := word(text); w != "" {
			return w
		}
	}
	return ""
}

// A pom is a pom.properties.
type pom struct{ group, artifact, version string }

func (p pom) name() string {
	if p.group == "" {
		return p.artifact
	}
	return p.group + ":" + p.artifact
}

// parsePOM reads properties: lines "key=value", and comments.
func parsePOM(content []byte) pom {
	var p pom
	for len(content) > 0 {
		var text []byte
		text, content = nextLine(content)
		key, value, _ := strings.Cut(string(text), "=")
		switch strings.TrimSpace(key) {
		case "groupId":
			p.group = word(value)
		case "artifactId":
			p.artifact = word(value)
		case "version":
			p.version = word(value)
		}
	}
	return p
}

var jarFile = regexp.MustCompile(`^(.+?)-(\d.*)$`)

// jarName takes the name of a file apart: "guava-33.0.0-jre".
func jarName(stem string) (artifact, version string) {
	if m := jarFile.FindStringSubmatch(stem); m != nil {
		return m[1], m[2]
	}
	return "", ""
}
