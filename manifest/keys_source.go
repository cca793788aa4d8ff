package manifest

func sourceTable() table {
	return table{
		keys: append(kindKeys(),
			key{
				name: "include", shape: patterns(false), example: []any{"**/*.py"},
				doc: "[Patterns](#patterns) of the paths to take, before `strip`. Without it all are taken.",
			},
			key{
				name: "exclude", shape: patterns(true), example: []any{"**/tests/**"},
				doc: "[Patterns](#patterns) of the paths to leave out, before `strip`. It wins over `include`.",
			},
			key{
				name: "strip", def: int64(0), shape: integer{max: 100}, example: int64(1),
				doc: "How many leading parts of each path are dropped.",
			},
			key{
				name: "into", def: "root", example: "packages", shape: slot(),
				doc: "Where the content goes: a slot, or a folder below one. `packages` is where the runtime looks for modules, `bin` for programs, " +
					"`lib` for shared libraries, each in the place that the cloud has for it; `root` is the top of the zip.",
			},
			key{
				name: "runtimes", shape: runtimeList(), example: []any{"python3.12"},
				doc: "The source is for these runtimes only.",
			},
			key{
				name: "architectures", shape: architectureList(), example: []any{"arm64"},
				doc: "The source is for these architectures only.",
			},
			key{
				name: "clouds", shape: list{of: choice(clouds()...)}, example: []any{"aws"},
				doc: "The source is for these clouds only.",
			},
			key{
				name: "executable", shape: patterns(true), example: []any{"bin/*"},
				doc: "[Patterns](#patterns) of files that can be executed, whatever the file system says.",
			},
			key{
				name: "sha256", needs: "archive", shape: either{shapes: []shape{digest(), digests()}},
				doc: "The archive's SHA-256, or one per architecture. An archive with other bytes is an error.",
			},
			key{
				name: "limits", needs: "archive", shape: limits(),
				doc: "How much an archive may hold. Each limit has a default that real archives stay below.",
			},
			key{
				name: "drop", later: "use exclude", example: []any{"tests"},
				shape: list{of: word()},
				doc:   "Kinds of files that installed packages do not need.",
			},
			key{
				name: "allow_unlocked", later: "it is for pip sources", shape: boolean{},
				doc: "Whether requirements without a version and digest are accepted.",
			},
			key{
				name: "scripts", later: "it is for pip sources", shape: boolean{},
				doc: "Whether the programs of packages are installed too.",
			},
			key{
				name: "index_url", later: "it is for pip sources", example: "https://packages.example.com/simple", shape: word(),
				doc: "The package index.",
			},
			key{
				name: "find_links", later: "it is for pip sources", example: []any{"wheels"}, shape: list{of: localPath(nil)},
				doc: "Folders with wheels.",
			},
			key{
				name: "allow_scripts", later: "it is for npm sources", example: []any{"esbuild"}, shape: list{of: word()},
				doc: "Packages whose install scripts may run.",
			},
			key{
				name: "inputs", later: "it is for command sources", example: []any{"src/**"}, shape: patterns(false),
				doc: "Patterns of the files that the command reads.",
			},
			key{
				name: "env", later: "it is for command sources", example: []any{"CFLAGS"}, shape: list{of: word()},
				doc: "Names of the environment variables that are passed on.",
			},
		),
	}
}

// kindKeys are the keys of which a source has exactly one.
func kindKeys() []key {
	const install = "install into a folder and use files = …"
	return []key{
		{
			name: "files", kind: true, example: "src", shape: localPath(cellHoles()),
			doc: "A folder, or a single file, relative to `layer.toml`. It may hold `{runtime}` and `{arch}`.",
		},
		{
			name: "archive", kind: true, example: "vendor/ffmpeg-{arch}.tar.xz", shape: localPath(cellHoles()),
			doc: "A zip, tar (plain, gz, bz2, xz, zst), 7z, wheel or jar, relative to `layer.toml`. It may hold `{runtime}` and `{arch}`. " +
				"Archives within it are not opened.",
		},
		{
			name: "pip", kind: true, later: install, example: "requirements.txt", shape: localPath(nil),
			doc: "A requirements file, of which wheels for the runtime, architecture and C library are installed.",
		},
		{
			name: "npm", kind: true, later: install, example: "package-lock.json", shape: localPath(nil),
			doc: "A lock file, of which the packages are installed.",
		},
		{
			name: "maven", kind: true, later: install, example: "pom.xml", shape: localPath(nil),
			doc: "A project file, of which the dependencies are fetched.",
		},
		{
			name: "command", kind: true, later: "run it before and use files = …", example: "make layer", shape: prose(),
			doc: "A command that writes the content into a folder.",
		},
	}
}

func slot() text {
	// A name of a folder that is neither "." nor "..".
	const name = `(?:[^\\/.\x00-\x1f\x7f][^\\/\x00-\x1f\x7f]*|\.[^\\/.\x00-\x1f\x7f][^\\/\x00-\x1f\x7f]*|\.\.[^\\/\x00-\x1f\x7f]+)`
	return text{
		noun:    `packages, bin, lib or root, or a folder below one such as "packages/vendor"`,
		refuse:  []refusal{literal(), backslash()},
		likely:  []string{"packages", "bin", "lib", "root"},
		pattern: `^(?:packages|bin|lib|root)(?:/` + name + `)*$`,
	}
}

func digests() table {
	t := table{notEmpty: true}
	for _, arch := range architectureList().of.values() {
		t.keys = append(t.keys, key{name: arch, shape: digest(), doc: "The SHA-256 of the archive for " + arch + "."})
	}
	return t
}

func limits() table {
	return table{notEmpty: true, keys: []key{
		{name: "entries", shape: integer{min: 1}, example: int64(50000), doc: "The number of entries."},
		{name: "bytes", shape: size(), example: "2GB", doc: "The unpacked size, in bytes or as a [size](#sizes)."},
		{name: "ratio", shape: integer{min: 1}, example: int64(200), doc: "The unpacked size over the archive's own."},
	}}
}
