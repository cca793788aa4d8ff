package lockfile

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/layerbuild/layerbuild/layer"
)

const header = `# Written by "layerbuild build". Commit it beside layer.toml; do not edit it.
`

// Encode writes the lock with one fact a line, artifacts and entries sorted
// bytewise, so that a change is a readable diff. The library's own encoder
// puts an array on one line, which is no use with thousands of entries.
func (f File) Encode() []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "%sschema = %d\n", header, schema)
	keys := slices.SortedFunc(maps.Keys(f.Artifacts), func(x, y Key) int {
		return cmp.Or(strings.Compare(x.Cloud, y.Cloud), strings.Compare(x.Name, y.Name))
	})
	for _, k := range keys {
		a := f.Artifacts[k]
		fmt.Fprintf(&b, "\n[artifact.%s.%s]\n", tomlKey(k.Cloud), tomlKey(k.Name))
		fmt.Fprintf(&b, "tree       = %q\n", a.Tree)
		fmt.Fprintf(&b, "sha256     = %q\n", a.SHA256)
		fmt.Fprintf(&b, "crc64      = %q\n", a.CRC64)
		fmt.Fprintf(&b, "size       = %d\n", a.Size)
		fmt.Fprintf(&b, "unzipped   = %d\n", a.Unzipped)
		fmt.Fprintf(&b, "compressor = %s\n", tomlString(a.Compressor))
		fmt.Fprintf(&b, "level      = %d\n", a.Level)
		fmt.Fprintf(&b, "epoch      = %d\n", a.Epoch)
		writeLines(&b, "entries", a.Entries)
		writeLines(&b, "groups", a.Groups)
	}
	return []byte(b.String())
}

func writeLines(b *strings.Builder, key string, lines []string) {
	if len(lines) == 0 {
		return
	}
	fmt.Fprintf(b, "%s = [\n", key)
	for _, l := range lines {
		fmt.Fprintf(b, "  %s,\n", tomlString(l))
	}
	b.WriteString("]\n")
}

// tomlString quotes s as a basic string (TOML 1.0, "String"). strconv.Quote
// will not do: its \x and \a are not TOML.
func tomlString(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r < 0x20 || r == 0x7f:
			fmt.Fprintf(&b, `\u%04X`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

func tomlKey(s string) string {
	bare := s != "" && strings.IndexFunc(s, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_')
	}) < 0
	if bare {
		return s
	}
	return tomlString(s)
}

func entryLine(e layer.Listed) string {
	return e.Mode.Perm() + " " + e.SHA256.String()[:16] + " " + e.Path
}

// groupLines folds the lines of a full listing into one line per group of
// entries: lines "sha256[:16] count path", the digest being of the lines.
func groupLines(entries []string) []string {
	byGroup := map[string][]string{}
	for _, line := range entries {
		g := groupOf(split(line)[2])
		byGroup[g] = append(byGroup[g], line)
	}
	var lines []string
	for _, g := range slices.Sorted(maps.Keys(byGroup)) {
		sum := sha256.Sum256([]byte(strings.Join(byGroup[g], "\n")))
		lines = append(lines, hex.EncodeToString(sum[:8])+" "+strconv.Itoa(len(byGroup[g]))+" "+g)
	}
	return lines
}

// groupOf returns the package or folder that an entry is counted with: the
// innermost package of a node_modules or site-packages tree, else at most the
// first two folders.
func groupOf(path string) string {
	parts := strings.Split(path, "/")
	folders := parts[:len(parts)-1]
	for i := len(folders) - 1; i >= 0; i-- {
		if folders[i] != "node_modules" {
			continue
		}
		end := i + 2
		if i+1 < len(folders) && strings.HasPrefix(folders[i+1], "@") {
			end++
		}
		return strings.Join(folders[:min(end, len(folders))], "/")
	}
	for i, f := range folders {
		if f == "site-packages" {
			return strings.Join(folders[:min(i+2, len(folders))], "/")
		}
	}
	if len(folders) == 0 {
		return path
	}
	return strings.Join(folders[:min(2, len(folders))], "/")
}
