package main

import (
	"fmt"
	"path/filepath"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/packager"
)

type entryJSON struct {
	Path   string    `json:"path"`
	Mode   string    `json:"mode"`
	SHA256 layer.Sum `json:"sha256"`
	Size   int64     `json:"size"`
	Packed int64     `json:"packed"`
	Method string    `json:"method"`
}

func newInspect(w world, o *options) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "inspect ZIP...",
		Short: "List the entries, sizes and digests of any zip",
		Long: `Inspect reads a zip whole, checks every entry's CRC-32, and prints its digests and
a line for each entry: mode, size, packed size, first digits of the SHA-256, path.`,
		Example: "  layerbuild inspect dist/aws/web-deps.zip\n  layerbuild inspect --json layer.zip",
		Args:    usage(cobra.MinimumNArgs(1)),
		RunE:    func(cmd *cobra.Command, args []string) error { return runInspect(w, o, cmd, args) },
	}
	return cmd
}

func runInspect(w world, o *options, cmd *cobra.Command, args []string) error {
	var failed causes
	var docs []any
	for _, path := range args {
		c, err := packager.Read(cmd.Context(), path, packager.Limits{})
		if err != nil {
			failed.list = append(failed.list, err)
			continue
		}
		if o.json {
			docs = append(docs, inspectJSON(path, c))
			continue
		}
		if err := printListing(w, path, c); err != nil {
			return err
		}
	}
	if o.json {
		if err := printJSON(w, "artifacts", append([]any{}, docs...)); err != nil {
			return err
		}
	}
	return failed.err(len(args) > len(failed.list))
}

func inspectJSON(path string, c packager.Contents) any {
	a := c.Artifact
	entries := make([]entryJSON, len(a.Entries))
	for i, e := range a.Entries {
		entries[i] = entryJSON{Path: e.Path, Mode: e.Mode.Perm(), SHA256: e.SHA256, Size: e.Size, Packed: e.Packed, Method: method(e)}
	}
	return struct {
		Path     string      `json:"path"`
		SHA256   layer.Sum   `json:"sha256"`
		CRC64    string      `json:"crc64"`
		Tree     layer.Sum   `json:"tree"`
		Size     int64       `json:"size"`
		Unzipped int64       `json:"unzipped"`
		Entries  []entryJSON `json:"entries"`
		// What zips of layerbuild never have.
		Folders    int      `json:"folders"`
		Duplicates []string `json:"duplicates"`
	}{
		filepath.ToSlash(path), a.Digests.SHA256, a.Digests.CRC64Text(), a.Digests.Tree, a.Digests.Size, a.Unzipped, entries,
		c.Folders, append([]string{}, c.Duplicates...),
	}
}

func method(e layer.Listed) string {
	if e.Stored {
		return "stored"
	}
	return "deflated"
}

func printListing(w world, path string, c packager.Contents) error {
	a, d := c.Artifact, c.Artifact.Digests
	fmt.Fprintf(w.stdout, "zip       %s\nsha256    %s\ncrc64     %s\ntree      %s\nsize      %d\nunzipped  %d\nentries   %d\n",
		path, d.SHA256, d.CRC64Text(), d.Tree, d.Size, a.Unzipped, len(a.Entries))
	if c.Folders > 0 {
		fmt.Fprintf(w.stdout, "folders   %d\n", c.Folders)
	}
	for _, p := range c.Duplicates {
		fmt.Fprintf(w.stdout, "duplicate %s\n", printable(p))
	}
	fmt.Fprintln(w.stdout)
	t := tabwriter.NewWriter(w.stdout, 0, 8, 2, ' ', tabwriter.AlignRight)
	for _, e := range a.Entries {
		fmt.Fprintf(t, "%s\t%d\t%d\t%s\t  %s\n", e.Mode.Perm(), e.Size, e.Packed, e.SHA256.String()[:16], printable(e.Path))
	}
	return t.Flush()
}

// printable quotes a path that would break a line or move a terminal's cursor.
func printable(path string) string {
	for _, r := range path {
		if r < 0x20 || r == 0x7f || r >= 0x80 && r < 0xa0 {
			return fmt.Sprintf("%q", path)
		}
	}
	return path
}
