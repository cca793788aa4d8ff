package manifest

import (
	"fmt"
	"path"
)

func targetTable() table {
	local := []string{"local"}
	return table{
		selector: "cloud",
		rules:    targetRules,
		keys: []key{
			{
				name: "cloud", required: true, example: "aws",
				shape: choice(clouds()...),
				doc:   "Who runs the functions: AWS Lambda, Alibaba Function Compute (`aliyun`), Tencent SCF (`tencent`). `local` is a folder that stands for a cloud and needs no account.",
			},
			{
				name: "regions", required: true, only: remote(), example: []any{"us-east-1", "eu-*"},
				shape: list{of: region()},
				doc:   "The regions to publish in, by name or by [pattern](#regions). `layerbuild runtimes --regions` lists them.",
			},
			{
				name: "exclude", only: remote(), example: []any{"eu-south-*"},
				shape: list{of: region()},
				doc:   "Regions to leave out, by name or by [pattern](#regions).",
			},
			{
				name: "runtimes", shape: runtimeList(), example: []any{"python3.12"},
				doc: "Publish for these runtimes only. Without it the target takes those of `layer.runtimes` that its cloud has.",
			},
			{
				name: "architectures", shape: architectureList(), example: []any{"arm64"},
				doc: "Publish for these architectures only.",
			},
			{
				name: "account", only: remote(), example: "123456789012",
				shape: text{noun: "an account number, which has digits only", pattern: `^[0-9]+$`},
				doc:   "The number of the account. It fills `{account}`, and is part of Function Compute 2.0's address.",
			},
			{
				name: "profile", only: remote(), example: "release", shape: text{noun: "a profile's name: it has control characters", pattern: `^[^\x00-\x1f\x7f]+$`},
				doc: "The profile of the cloud's own configuration files that credentials are taken from. Credentials themselves never stand in the manifest.",
			},
			{
				name: "bucket", only: remote(), example: "acme-layers-{region}", shape: bucket(),
				doc: "The bucket that the zip is uploaded to. It may hold `{region}`, which it must with several regions, and `{account}`. " +
					"Without a bucket the zip is sent in the publish request itself, where its size allows that. On `tencent` it is the full name, with the APPID at its end.",
			},
			{
				name: "prefix", only: remote(), needs: "bucket", example: "layers/", shape: prefix(),
				doc: "What the names of objects in the bucket begin with. It gets its \"/\" at the end if there is none. It may hold `{region}` and `{account}`.",
			},
			{
				name: "share", only: remote(), shape: share(),
				doc: "Who else may use the layer: `\"private\"` takes back what layerbuild granted before, `\"public\"` is everybody, an array lists accounts, " +
					"a table names an organization. Without it sharing stays as it is. Function Compute shares a layer as a whole and with everybody or nobody, SCF not at all.",
			},
			{
				name: "keep", only: remote(), example: int64(10), shape: integer{min: 1},
				doc: "How many of the newest versions of each layer `layerbuild prune` leaves.",
			},
			{
				name: "timeout", def: "5m", shape: duration(),
				doc: "How long the work for one region may take, as a [duration](#durations).",
			},
			{
				name: "marker", def: true, shape: boolean{},
				doc: "Whether descriptions end in a part of the content's digest, by which published versions are found again faster.",
			},
			{
				name: "endpoints", only: remote(), shape: endpoints(),
				doc: "Other addresses of the services, such as those of a private network. Plain http is accepted for this machine only.",
			},
			{
				name: "api", only: []string{"aliyun"}, def: "3.0", shape: choice("2.0", "3.0"),
				doc: "The version of Function Compute.",
			},
			{
				name: "layout", only: local, def: "aws", shape: choice("aws", "fc", "scf"),
				doc: "Whose folder layout the zip has: that of AWS Lambda, Alibaba Function Compute or Tencent SCF.",
			},
			{
				name: "path", only: local, def: ".layerbuild/registry", example: "build/registry",
				shape: text{noun: "a path: it has control characters", refuse: []refusal{literal(), home(), backslash()}, pattern: `^[^\x00-\x1f\x7f]+$`},
				doc:   "The folder that holds the published versions, relative to `layer.toml`.",
			},
			{
				name: "smoke", only: remote(), shape: smoke(),
				doc: "What `layerbuild smoke` needs to create a throw-away function.",
			},
		},
	}
}

// region is a name, or a pattern as path.Match has it, without backslashes.
func region() text {
	return text{
		noun:    `a region's name such as "us-east-1", or a pattern such as "eu-*"`,
		refuse:  []refusal{{`[{}]`, `has a brace, which patterns of regions do not know: write one for each, such as "eu-west-*"`}},
		pattern: `^(?:[a-z]+(?:-[0-9a-z]+)+|[0-9a-z^\[\]-]*[*?\[][0-9a-z*?^\[\]-]*)$`,
		valid: func(s string) string {
			if _, err := path.Match(s, ""); err != nil {
				return fmt.Sprintf("pattern %q has brackets that are not as in \"eu-west-[12]\"", s)
			}
			return ""
		},
	}
}

// bucket has the characters of all stores' bucket names; each store is
// stricter. AWS Lambda's S3Bucket takes just these:
// https://docs.aws.amazon.com/lambda/latest/api/API_LayerVersionContentInput.html
func bucket() text {
	return text{
		noun:    `a bucket's name: letters, digits, "-", "." and "_"`,
		holes:   regionHoles(),
		refuse:  []refusal{{`/`, "has a slash: name the bucket only, and put folders into prefix"}},
		pattern: template(`[0-9A-Za-z._-]`, regionHoles()),
	}
}

func prefix() text {
	return text{
		noun:  "a prefix: it has control characters",
		holes: regionHoles(),
		refuse: []refusal{
			backslash(),
			{`^/|//`, `has an empty folder name: write it as "a/b/"`},
			{`(?:^|/)\.\.?(?:/|$)`, `has "." or ".." as a folder name`},
		},
		pattern: template(`[^\\{}\x00-\x1f\x7f]`, regionHoles()),
	}
}

func share() either {
	return either{shapes: []shape{
		choice("private", "public"),
		list{of: text{noun: "an account number, which has digits only", pattern: `^[0-9]+$`}},
		table{keys: []key{{
			name: "organization", required: true, example: "o-abc123",
			shape: text{noun: `an organization's id such as "o-abc123"`, pattern: `^o-[0-9a-z]+$`},
			doc:   "The organization that all accounts have to belong to.",
		}}},
	}}
}

func duration() text {
	return text{
		noun:    `a duration such as "90s", "5m" or "1h30m"`,
		pattern: `^(?:[1-9][0-9]{0,4}h(?:[1-9][0-9]{0,4}m)?(?:[1-9][0-9]{0,4}s)?|[1-9][0-9]{0,4}m(?:[1-9][0-9]{0,4}s)?|[1-9][0-9]{0,4}s)$`,
	}
}

func endpoints() table {
	address := text{
		secret:  true,
		noun:    `an https address, or an http one of this machine such as "http://127.0.0.1:9000"`,
		refuse:  []refusal{{`^[a-z]+://[^/]*@`, "holds credentials, which do not belong into a manifest"}},
		pattern: `^(?:https://(?:[0-9A-Za-z.-]+|\[[0-9A-Fa-f:.]+\])|http://(?:localhost|127(?:\.[0-9]{1,3}){3}|\[::1\]))(?::[0-9]{1,5})?(?:/[!"$-;=@-~]*)?$`,
	}
	return table{notEmpty: true, keys: []key{
		{name: "storage", shape: address, example: "http://127.0.0.1:9000", doc: "The object store."},
		{name: "functions", shape: address, example: "http://127.0.0.1:9001", doc: "The function service."},
	}}
}

func smoke() table {
	return table{notEmpty: true, keys: []key{
		{name: "role", shape: word(), example: "arn:aws:iam::123456789012:role/smoke", doc: "The role that the function runs as."},
		{name: "memory", shape: size(), example: "256MiB", doc: "The function's memory, in bytes or as a [size](#sizes)."},
		{name: "timeout", shape: duration(), example: "30s", doc: "How long the function may run."},
	}}
}
