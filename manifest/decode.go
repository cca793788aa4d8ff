package manifest

import (
	"path"
	"strconv"
	"strings"
	"time"
)

// The functions here turn what the walk left of a document into a [Manifest].
// They rely on the shapes: a value that is there is right. What is not there,
// because the file lacks it or has it wrong, becomes the zero value.

func decodeManifest(file string, m map[string]any) *Manifest {
	out := &Manifest{
		File:    file,
		Layer:   decodeLayer(sub(m, "layer")),
		Imports: strs(sub(m, "check"), "imports"),
		Budget:  decodeBudget(sub(sub(m, "check"), "budget")),
		Package: decodePackage(sub(m, "package")),
		Lock:    Lock{Entries: decodeEntries(sub(m, "lock"))},
	}
	sources, _ := m["source"].([]map[string]any)
	for _, s := range sources {
		out.Sources = append(out.Sources, decodeSource(s))
	}
	targets, _ := m["target"].([]map[string]any)
	for _, t := range targets {
		out.Targets = append(out.Targets, decodeTarget(t))
	}
	return out
}

func decodeLayer(m map[string]any) Layer {
	return Layer{
		Name:          str(m, "name"),
		Description:   str(m, "description"),
		License:       str(m, "license"),
		Runtimes:      strs(m, "runtimes"),
		Architectures: strs(m, "architectures"),
		Symlinks:      str(m, "symlinks"),
	}
}

func decodeSource(m map[string]any) Source {
	s := Source{
		Include:       strs(m, "include"),
		Exclude:       strs(m, "exclude"),
		Strip:         int(number(m, "strip")),
		Into:          str(m, "into"),
		Runtimes:      strs(m, "runtimes"),
		Architectures: strs(m, "architectures"),
		Clouds:        strs(m, "clouds"),
		Executable:    strs(m, "executable"),
		SHA256:        decodeDigests(m["sha256"]),
	}
	for _, kind := range []string{"files", "archive"} {
		if p := str(m, kind); p != "" {
			s.Kind, s.Path = kind, path.Clean(p)
		}
	}
	limits := sub(m, "limits")
	s.Limits = Limits{Entries: number(limits, "entries"), Bytes: number(limits, "bytes"), Ratio: number(limits, "ratio")}
	return s
}

// decodeDigests returns digests by architecture, in lower case.
func decodeDigests(v any) map[string]string {
	switch v := v.(type) {
	case string:
		return map[string]string{"": strings.ToLower(v)}
	case map[string]any:
		out := map[string]string{}
		for arch := range v {
			out[arch] = strings.ToLower(str(v, arch))
		}
		return out
	}
	return nil
}

func decodeBudget(m map[string]any) Budget {
	return Budget{Zip: number(m, "zip"), Unzipped: number(m, "unzipped")}
}

func decodePackage(m map[string]any) Package {
	return Package{
		Level:        int(number(m, "level")),
		Epoch:        number(m, "epoch"),
		EpochFromEnv: m["epoch"] == "env",
	}
}

func decodeEntries(m map[string]any) string {
	if list, ok := m["entries"].(bool); ok {
		return strconv.FormatBool(list)
	}
	return str(m, "entries")
}

func decodeTarget(m map[string]any) Target {
	t := Target{
		Cloud:         str(m, "cloud"),
		Regions:       strs(m, "regions"),
		Exclude:       strs(m, "exclude"),
		Runtimes:      strs(m, "runtimes"),
		Architectures: strs(m, "architectures"),
		Account:       str(m, "account"),
		Profile:       str(m, "profile"),
		Bucket:        str(m, "bucket"),
		Prefix:        str(m, "prefix"),
		Share:         decodeShare(m["share"]),
		Keep:          int(number(m, "keep")),
		Marker:        m["marker"] == true,
		Layout:        str(m, "layout"),
		Path:          str(m, "path"),
		API:           str(m, "api"),
		Smoke:         decodeSmoke(sub(m, "smoke")),
	}
	if t.Prefix != "" && !strings.HasSuffix(t.Prefix, "/") {
		t.Prefix += "/"
	}
	// The shape of durations leaves only what ParseDuration takes, or "".
	t.Timeout, _ = time.ParseDuration(str(m, "timeout"))
	for service := range sub(m, "endpoints") {
		if t.Endpoints == nil {
			t.Endpoints = map[string]string{}
		}
		t.Endpoints[service] = str(sub(m, "endpoints"), service)
	}
	return t
}

func decodeSmoke(m map[string]any) Smoke {
	s := Smoke{Role: str(m, "role"), Memory: number(m, "memory")}
	s.Timeout, _ = time.ParseDuration(str(m, "timeout"))
	return s
}

func decodeShare(v any) Share {
	switch v := v.(type) {
	case string:
		return Share{Private: v == "private", Public: v == "public"}
	case []string:
		return Share{Accounts: v}
	case map[string]any:
		return Share{Organization: str(v, "organization")}
	}
	return Share{}
}

func sub(m map[string]any, name string) map[string]any {
	t, _ := m[name].(map[string]any)
	return t
}

func str(m map[string]any, name string) string {
	s, _ := m[name].(string)
	return s
}

func strs(m map[string]any, name string) []string {
	s, _ := m[name].([]string)
	return s
}

// number reads an integer or a size with a unit.
func number(m map[string]any, name string) int64 {
	switch v := m[name].(type) {
	case int64:
		return v
	case string:
		return bytesOf(v)
	}
	return 0
}

// bytesOf reads a size such as "20 MB". k, M and G are powers of 1000, Ki, Mi
// and Gi powers of 1024. Text of another form is 0.
func bytesOf(size string) int64 {
	digits := strings.TrimRight(size, " BkKMGi")
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		return 0
	}
	switch strings.TrimSpace(size[len(digits):]) {
	case "B":
		return n
	case "kB":
		return n * 1000
	case "MB":
		return n * 1000 * 1000
	case "GB":
		return n * 1000 * 1000 * 1000
	case "KiB":
		return n << 10
	case "MiB":
		return n << 20
	case "GiB":
		return n << 30
	}
	return 0
}
