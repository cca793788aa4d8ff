// Package runtimes is the catalogue: which runtimes each cloud's function
// service has, how it spells them, where it looks for what is in a layer, and
// what it accepts, and in which regions it is.
//
// All facts stand in two embedded files, catalogue.toml and regions.toml, each
// with its source.
package runtimes

// A Catalogue is the embedded data, checked. It is never changed after Load,
// and neither must be what its methods return: maps and slices are shared.
type Catalogue struct {
	// AsOf is the day up to which the facts were gathered, as 2006-01-02.
	// What has ended by then is deprecated.
	AsOf string `json:"as_of"`
	// Services in the order of the file: lambda, fc3, fc2, scf.
	Services []Service `json:"services"`
}

// A Service is one function service, in one version of its API.
type Service struct {
	// ID is "lambda", "fc2", "fc3" or "scf"; Title is for people.
	ID    string `json:"id"`
	Title string `json:"title"`
	// Cloud is the manifest's word: "aws", "aliyun" or "tencent".
	Cloud string `json:"cloud"`
	// API is the value of target.api that selects the service, "" where a
	// cloud has only one.
	API string `json:"api"`
	// Layout is the family of folder layouts, "aws", "fc" or "scf": the
	// word that a local target's layout key uses.
	Layout string `json:"layout"`
	// LastWins says which of two layers with the same file a function sees:
	// the one named later (Lambda, SCF) or the one named first (FC).
	LastWins bool `json:"last_wins"`
	// Open says that the service may know more runtimes than the catalogue.
	Open   bool   `json:"open"`
	Limits Limits `json:"limits"`
	Cells  []Cell `json:"runtimes"`
	// Regions are where the service is, sorted by name, as known on the day
	// RegionsAsOf, as 2006-01-02.
	Regions     []Region `json:"regions"`
	RegionsAsOf string   `json:"regions_as_of"`
}

// Limits of a service. Sizes are bytes, lengths are characters; 0 means that
// no limit is known.
type Limits struct {
	// Title is the service's, for messages.
	Title string `json:"-" toml:"-"`
	// Inline is the largest zip that can be sent in the publish request,
	// Zip the largest by object store, Unzipped the largest content.
	Inline   int64 `json:"inline,omitempty" toml:"inline"`
	Zip      int64 `json:"zip,omitempty" toml:"zip"`
	Unzipped int64 `json:"unzipped,omitempty" toml:"unzipped"`
	// NameMin, NameMax and NamePattern bound a layer's name. The pattern is
	// anchored; NameRule says it in words.
	NameMin     int    `json:"name_min,omitempty" toml:"name_min"`
	NameMax     int    `json:"name_max,omitempty" toml:"name_max"`
	NamePattern string `json:"name_pattern,omitempty" toml:"name_pattern"`
	NameRule    string `json:"name_rule,omitempty" toml:"name_rule"`
	Description int    `json:"description,omitempty" toml:"description"`
	License     int    `json:"license,omitempty" toml:"license"`
	// NoLicense says that the service takes no licence at all.
	NoLicense bool `json:"no_license,omitempty" toml:"no_license"`
	// Runtimes and Architectures is how many a version may name;
	// NoArchitectures says that it cannot name any.
	Runtimes          int  `json:"runtimes,omitempty" toml:"runtimes"`
	Architectures     int  `json:"architectures,omitempty" toml:"architectures"`
	NoArchitectures   bool `json:"no_architectures,omitempty" toml:"no_architectures"`
	LayersPerFunction int  `json:"layers_per_function,omitempty" toml:"layers_per_function"`
	LayersPerRegion   int  `json:"layers_per_region,omitempty" toml:"layers_per_region"`
	VersionsPerLayer  int  `json:"versions_per_layer,omitempty" toml:"versions_per_layer"`
	// RequestRate is how many requests a second the service takes from one
	// account in one region, of the narrowest kind that it counts apart; Pace
	// is how many layerbuild makes of all kinds together.
	RequestRate int `json:"request_rate,omitempty" toml:"request_rate"`
	Pace        int `json:"pace,omitempty" toml:"pace"`
}

// A Cell is one runtime on one service.
type Cell struct {
	// Runtime is our name ("python3.12"), Identifier the service's own
	// ("Python3.9" on SCF).
	Runtime    string `json:"runtime"`
	Identifier string `json:"identifier"`
	// Language is the runtime's name without the version: "python",
	// "nodejs", "java", "ruby", "php", "dotnet", "go", "custom".
	Language string `json:"language"`
	// OS is the base system, Libc its C library as "glibc 2.34"; "" if
	// unknown.
	OS            string   `json:"os"`
	Libc          string   `json:"libc"`
	Architectures []string `json:"architectures"`
	// Deprecated is "" for a current runtime, else since when or why not.
	Deprecated string `json:"deprecated,omitempty"`
	// Ends is the day on which the vendor's support ends or ended, as
	// 2006-01-02, "" if none was announced.
	Ends string `json:"ends,omitempty"`
	// Slots are the folders within the zip by slot: "packages", "bin",
	// "lib", "root". A slot that is missing does not exist for this cell;
	// an empty folder is the zip's root.
	Slots map[string]string `json:"slots"`
	// Versioned is the packages folder that only this runtime sees, "" if
	// there is none.
	Versioned string `json:"versioned,omitempty"`
	// Unsearched are slots that exist by convention but that the runtime
	// does not look into by itself.
	Unsearched []string `json:"unsearched,omitempty"`
	// Note is a trap worth telling, such as SCF's Java 11 class path.
	Note string `json:"note,omitempty"`
}

// A Place is one runtime and architecture that a zip is made for, and where
// its slots lie.
type Place struct {
	Cell Cell
	Arch string
	// Slots is Cell.Slots, with "packages" replaced by the versioned folder
	// when several runtimes share the zip.
	Slots map[string]string
}

// A Layout is what one zip is made for.
type Layout struct {
	// Cloud is the word that source.clouds filters on: "aws", "aliyun",
	// "tencent" or "local".
	Cloud string
	// Name of the layer, rendered.
	Name string
	// Places has at least one element. All of them share the zip.
	Places []Place
	// Versioned says that each runtime has a packages folder of its own, so
	// that the places' trees may differ there. Otherwise the trees of all
	// places must be the same.
	Versioned bool
}
