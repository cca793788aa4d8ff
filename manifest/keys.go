package manifest

import "slices"

// manifestTable is the table of all keys: the only place that says what a
// layer.toml may hold.
func manifestTable() table {
	return table{
		rules: manifestRules,
		keys: []key{
			{
				name: "schema", required: true, example: int64(1),
				shape: integer{min: 1, max: 1, noun: "1, which is the only format"},
				doc:   "The version of this format.",
			},
			{
				name: "layer", required: true, shape: layerTable(),
				doc: "What the layer is, and the runtimes and architectures that it is made for: its matrix.",
			},
			{
				name: "source", required: true, shape: tables{sourceTable()},
				doc: "Where content comes from. All sources together make the layer; the same path with other bytes in two of them is an error.",
			},
			{
				name: "check", def: map[string]any{}, shape: checkTable(),
				doc: "What has to hold before anything is published.",
			},
			{
				name: "package", def: map[string]any{}, shape: packageTable(),
				doc: "How the zip is made. Every one of these keys changes its bytes.",
			},
			{
				name: "lock", def: map[string]any{}, shape: lockTable(),
				doc: "What is written to `layer.lock`.",
			},
			{
				name: "target", def: []map[string]any{{"cloud": "local"}}, shape: tables{targetTable()},
				doc: "Where the layer is published. Without any target there is one local one.",
			},
		},
	}
}

func layerTable() table {
	return table{keys: []key{
		{
			name: "name", required: true, example: "web-deps-{runtime}-{arch}",
			shape: text{
				noun:    `a layer name: letters, digits, "-" and "_"`,
				holes:   cellHoles(),
				pattern: template(`[0-9A-Za-z_-]`, cellHoles()),
			},
			doc: "The layer's name in every cloud. It may hold `{runtime}`, which is written without dots (`python312`), and `{arch}`. " +
				"With a placeholder there is one layer per runtime or architecture; without, all share one zip.",
		},
		{
			name: "description", example: "Requests and a static ffmpeg", shape: prose(),
			doc: "Published with each version. Clouds limit the length, of which the marker (`target.marker`) takes a part.",
		},
		{
			name: "license", example: "MIT", shape: prose(),
			doc: "An SPDX identifier, the address of a licence, or its text.",
		},
		{
			name: "runtimes", required: true, example: []any{"python3.12", "python3.10"}, shape: runtimeList(),
			doc: "The runtimes that the layer is for, by the names that `layerbuild runtimes` lists. A cloud's own spelling (`nodejs20.x`, `Python3.9`) is understood.",
		},
		{
			name: "architectures", def: []any{"x86_64"}, example: []any{"x86_64", "arm64"}, shape: architectureList(),
			doc: "The architectures that the layer is for.",
		},
		{
			name: "symlinks", def: "keep", shape: choice("keep", "follow"),
			doc: "Whether symbolic links stay links or are replaced by what they point to. Links that leave their source are an error either way.",
		},
	}}
}

func checkTable() table {
	return table{keys: []key{
		{
			name: "imports", example: []any{"requests", "yaml"},
			shape: list{of: word()},
			doc:   "Modules that have to load in each runtime: `layerbuild smoke` tries them in a throw-away function.",
		},
		{
			name: "budget", shape: table{notEmpty: true, keys: []key{
				{name: "zip", shape: size(), example: "20MB", doc: "The largest zip, in bytes or as a [size](#sizes)."},
				{name: "unzipped", shape: size(), example: "120MB", doc: "The largest sum of all files, in bytes or as a [size](#sizes)."},
			}},
			doc: "Sizes that the layer must not exceed, below what the clouds allow.",
		},
		{
			name: "allow", later: "there are no findings to allow", example: []any{"glibc-too-new lib/**"},
			shape: list{of: text{noun: `a rule and a pattern of paths, such as "glibc-too-new lib/**"`, pattern: `^[a-z][0-9a-z-]* [^ ]+$`}},
			doc:   "Findings that are accepted: the rule's name, a space, and a pattern of paths.",
		},
	}}
}

func packageTable() table {
	return table{keys: []key{
		{
			name: "level", def: int64(6),
			shape: either{shapes: []shape{
				integer{min: 1, max: 9},
				text{options: []option{{value: "max", later: "9 is the highest level"}}},
			}},
			doc: "How hard deflate tries, from 1 (fast) to 9 (small).",
		},
		{
			name: "epoch", def: int64(0),
			shape: either{shapes: []shape{
				integer{
					min: firstZipSecond, max: lastZipSecond, even: true, orZero: true,
					noun: "0 or an even number of seconds from 315532800 (1980-01-01) to 4354819198 (2107-12-31), which is what a zip can hold",
				},
				choice("env"),
			}},
			doc: "The time of every file in the zip, in seconds since 1970. 0 stands for 1980-01-01. `\"env\"` takes it from `SOURCE_DATE_EPOCH`, " +
				"which is ignored otherwise: a time that changes with each commit makes a new version with each commit.",
		},
		{
			name: "compressor", later: "there is only one compressor", example: "klauspost",
			shape: word(),
			doc:   "The deflate encoder.",
		},
	}}
}

// Zip keeps times as years since 1980 and seconds halved (APPNOTE 4.4.6).
const (
	firstZipSecond = 315532800
	lastZipSecond  = 4354819198
)

func lockTable() table {
	return table{keys: []key{{
		name: "entries", def: "auto",
		shape: either{shapes: []shape{choice("auto"), boolean{}}},
		doc:   "Whether `layer.lock` lists every file of the layer. `\"auto\"` does so up to 5,000 files; above, and with `false`, there are digests per package and folder.",
	}}}
}

// clouds are all values of source.clouds, whether or not this version
// publishes there.
func clouds() []string { return []string{"aws", "aliyun", "tencent", "local"} }

// remote are the clouds that have regions.
func remote() []string {
	return slices.DeleteFunc(clouds(), func(c string) bool { return c == "local" })
}
