package function

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// environment is all that the function's process gets: nothing of this
// machine's but its system folders, so no credentials either.
func (b box) environment(f Function, i interpreter) []string {
	env := map[string]string{
		"HOME": b.home(), "TMPDIR": b.scratch(), "TMP": b.scratch(), "TEMP": b.scratch(),
		// Lambda has en_US.UTF-8, which need not be installed here.
		"LANG": "C.UTF-8", "TZ": "UTC",
		// For code that names /opt itself.
		"LAYERBUILD_OPT": b.opt(),
	}
	for _, v := range b.habitat.env {
		env[v.name] = b.rewrite(v.value)
	}
	for name, value := range f.Env {
		if searched(name) {
			value = b.rewrite(value)
		}
		env[name] = value
	}
	// The interpreter comes first wherever the vendor has it.
	env["PATH"] = filepath.Dir(i.path) + string(os.PathListSeparator) + env["PATH"]
	if scan, ok := env["PHP_INI_SCAN_DIR"]; ok {
		// The empty element is where this machine's PHP has its settings.
		env["PHP_INI_SCAN_DIR"] = string(os.PathListSeparator) + scan
	}
	var list []string
	for _, name := range slices.Sorted(maps.Keys(env)) {
		list = append(list, name+"="+env[name])
	}
	return list
}

// searched says whether a variable holds a list of folders.
func searched(name string) bool {
	return slices.Contains([]string{"PATH", "LD_LIBRARY_PATH", "PYTHONPATH", "NODE_PATH", "RUBYLIB", "GEM_PATH",
		"GEM_HOME", "PHP_INI_SCAN_DIR", "PERL5LIB"}, name)
}

// rewrite turns a list of the cloud's folders into folders of this machine.
func (b box) rewrite(list string) string {
	folders := strings.Split(list, ":")
	for i, folder := range folders {
		for _, place := range b.places() {
			if below, ok := strings.CutPrefix(folder, place.cloud); ok && (below == "" || below[0] == '/') {
				folders[i] = place.here + filepath.FromSlash(below)
				break
			}
		}
	}
	return strings.Join(folders, string(os.PathListSeparator))
}

// restore turns this machine's folders back into the cloud's, as plain text
// and within JSON, where PHP escapes slashes and all escape backslashes.
func (b box) restore(text []byte) []byte {
	for _, place := range b.places() {
		text = bytes.ReplaceAll(text, []byte(place.here), []byte(place.cloud))
		for _, escaped := range []string{"/", `\`} {
			if here := strings.ReplaceAll(place.here, escaped, `\`+escaped); here != place.here {
				text = bytes.ReplaceAll(text, []byte(here), []byte(strings.ReplaceAll(place.cloud, escaped, `\`+escaped)))
			}
		}
	}
	return text
}

type place struct{ cloud, here string }

func (b box) places() []place {
	return []place{{"/opt", b.opt()}, {b.habitat.task, b.task()}, {"/var/runtime", b.runtime()}, {"/var/lang", b.runtime()}}
}
