package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/layerbuild/layerbuild/manifest"
	"github.com/layerbuild/layerbuild/packager/deflate"
)

// version is set by the linker in releases: -ldflags "-X main.version=v1.2.3".
var version = ""

type versionJSON struct {
	Schema     int    `json:"schema"`
	Version    string `json:"version"`
	Commit     string `json:"commit"`
	Go         string `json:"go"`
	OS         string `json:"os"`
	Arch       string `json:"arch"`
	Compressor string `json:"compressor"`
}

func newVersion(w world, o *options) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version, and the compressor that the bytes of a zip depend on",
		Args:  usage(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error {
			v := versionOf(debug.ReadBuildInfo())
			if o.json {
				return printDocument(w, v)
			}
			_, err := fmt.Fprintf(w.stdout, "layerbuild %s (commit %s, %s, %s/%s, compressor %s)\n", v.Version, v.Commit, v.Go, v.OS, v.Arch, v.Compressor)
			return err
		},
	}
}

func versionOf(info *debug.BuildInfo, ok bool) versionJSON {
	v := versionJSON{
		Schema: jsonSchema, Version: version, Commit: "unknown",
		Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH, Compressor: deflate.Format,
	}
	if ok {
		if v.Version == "" {
			v.Version = info.Main.Version
		}
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				v.Commit = s.Value
			}
		}
	}
	if v.Version == "" || v.Version == "(devel)" {
		v.Version = "devel"
	}
	return v
}

func newSchema(w world) *cobra.Command {
	return &cobra.Command{
		Use:     "schema",
		Short:   "Print the JSON Schema of layer.toml",
		Example: "  layerbuild schema > layer.schema.json",
		Args:    usage(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error {
			schema, err := manifest.Schema()
			if err != nil {
				return err
			}
			_, err = w.stdout.Write(schema)
			return err
		},
	}
}
