// Package manifest reads layer.toml.
//
// [Parse] is strict and does no I/O: every problem of a file, the ones that
// only the catalogue of clouds can know included, is reported at once, each
// with the line it stands on. One table of keys feeds validation, the JSON
// Schema and the reference page.
package manifest

import "time"

// A Manifest is a layer.toml that was found good.
type Manifest struct {
	// File is the name that Parse was given, for messages.
	File    string
	Layer   Layer
	Sources []Source
	// Imports is check.imports: modules that have to load in each runtime.
	Imports []string
	Budget  Budget
	Package Package
	Lock    Lock
	// Targets has one local target when the file names none.
	Targets []Target
}

// Layer is the [layer] table.
type Layer struct {
	// Name may hold the placeholders {runtime} and {arch}.
	Name        string
	Description string
	License     string
	// Runtimes are as written; the catalogue knows what they stand for.
	// Architectures are "x86_64" and "arm64", by default the first.
	Runtimes      []string
	Architectures []string
	// Symlinks is "keep" or "follow".
	Symlinks string
}

// A Source is one [[source]] table.
type Source struct {
	// Kind is "files" or "archive"; Path is that key's value, a clean
	// slash-separated path relative to the folder of layer.toml, which may
	// leave it by "..", and may hold {runtime} and {arch}.
	Kind string
	Path string
	// Include and Exclude are doublestar patterns over slash-separated paths
	// relative to the source, before Strip.
	Include, Exclude []string
	// Strip is the number of leading path elements dropped.
	Strip int
	// Into is a slot, or a slot and a folder below it: "packages/vendor".
	Into string
	// Runtimes, Architectures and Clouds restrict where the source applies;
	// empty means everywhere.
	Runtimes, Architectures, Clouds []string
	// Executable are patterns of files that get the execute bit.
	Executable []string
	// SHA256 is the archive's expected digest in lower-case hex by
	// architecture; the key "" holds for all.
	SHA256 map[string]string
	Limits Limits
}

// Limits bound what an archive may hold. Zero means the default.
type Limits struct {
	// Entries is the number of entries, Bytes their unpacked size in bytes,
	// Ratio the unpacked size over the archive's.
	Entries int64
	Bytes   int64
	Ratio   int64
}

// Budget is check.budget, in bytes; zero means no budget.
type Budget struct {
	Zip      int64
	Unzipped int64
}

// Package is the [package] table.
type Package struct {
	// Level of deflate, 1 to 9, 6 by default.
	Level int
	// Epoch is the time of every entry in seconds since 1970, even, 0 for
	// 1980-01-01. EpochFromEnv says that SOURCE_DATE_EPOCH decides.
	Epoch        int64
	EpochFromEnv bool
}

// Lock is the [lock] table.
type Lock struct {
	// Entries is "auto", "true" or "false".
	Entries string
}

// A Target is one [[target]] table.
type Target struct {
	// Cloud is "aws", "aliyun", "tencent" or "local".
	Cloud string
	// Regions and Exclude are as written, names and patterns; the catalogue
	// knows which regions they stand for.
	Regions, Exclude []string
	// Runtimes and Architectures restrict the matrix for this target.
	Runtimes, Architectures []string
	Account, Profile        string
	// Bucket and Prefix may hold {region} and {account}. No bucket means
	// that the zip goes inline. A Prefix that is not empty ends in a slash.
	Bucket, Prefix string
	Share          Share
	// Keep is how many of the newest versions prune leaves, 0 if not given.
	Keep int
	// Timeout bounds the work for one region.
	Timeout time.Duration
	// Marker says whether the description ends in the tree digest.
	Marker bool
	// Endpoints by service, "storage" and "functions".
	Endpoints map[string]string
	// Layout and Path are of a local target: whose folder layout it has
	// ("aws", "fc" or "scf"), and the folder that holds the registry.
	Layout, Path string
	// API is of an aliyun target: "2.0" or "3.0".
	API   string
	Smoke Smoke
}

// Smoke is target.smoke: what a throw-away function needs.
type Smoke struct {
	// Role is what the function runs as.
	Role string
	// Memory is in bytes, 0 for the cloud's smallest sensible value.
	Memory int64
	// Timeout bounds one invocation, 0 for a default.
	Timeout time.Duration
}

// Share is target.share. The zero value leaves sharing alone.
type Share struct {
	Private      bool
	Public       bool
	Accounts     []string
	Organization string
}

// A Problem is something wrong with a manifest.
type Problem struct {
	// Key is where: dotted, tables of an array by index from 0, such as
	// "layer.name", "source[0].into" or "target[1].regions[0]". "" is the file.
	Key string
	// Message says what is wrong and what would be right: lower case, no
	// full stop, the value quoted.
	Message string
}
