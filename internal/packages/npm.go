package packages

import (
	"encoding/json"
	"strings"
)

const (
	npmMetadata = "/package.json"
	modules     = "node_modules/"
)

// npm reads the package.json of a package's own folder. Others lie deeper, in
// what packages ship, and name nothing that was installed.
func (a *archive) npm(name string) ([]finding, error) {
	root := strings.TrimSuffix(name, npmMetadata)
	if !npmRoot(root) {
		return nil, nil
	}
	content, whole, err := a.read(name, longestMetadata)
	if err != nil || !whole {
		return nil, err
	}
	f := finding{Package: Package{Ecosystem: NPM, Path: root}, folders: []string{root + "/"}}
	f.Name, f.Version, f.License = parsePackageJSON(content)
	return f.whole(), nil
}

// npmRoot reports whether a folder is where a package is installed: directly in
// node_modules, or in a scope there.
func npmRoot(folder string) bool {
	at := strings.LastIndex("/"+folder+"/", "/"+modules)
	if at < 0 {
		return false
	}
	below := folder[min(len(folder), at+len(modules)):]
	if scope, rest, ok := strings.Cut(below, "/"); ok && strings.HasPrefix(scope, "@") {
		below = rest
	}
	return below != "" && !strings.HasPrefix(below, ".") && !strings.HasPrefix(below, "@") && !strings.Contains(below, "/")
}

// parsePackageJSON returns what matters of a package.json, "" for what is not
// there or not text. Of licenses that are listed, as npm once had it, the
// first counts.
func parsePackageJSON(content []byte) (name, version, license string) {
	var doc struct {
		Name, Version, License, Licenses any
	}
	if json.Unmarshal(content, &doc) != nil {
		return "", "", ""
	}
	name, _ = doc.Name.(string)
	version, _ = doc.Version.(string)
	for _, l := range []any{doc.License, doc.Licenses} {
		if list, ok := l.([]any); ok && len(list) > 0 {
			l = list[0]
		}
		if object, ok := l.(map[string]any); ok {
			l = object["type"]
		}
		if text, ok := l.(string); ok && license == "" {
			license = text
		}
	}
	return name, version, license
}
