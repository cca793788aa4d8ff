package manifest

import (
	"path"
	"regexp"
	"slices"
	"strings"
)

// Rules between keys, which the table of keys has no words for. They are
// handed what the tables' shapes left: good values only.

// targetRules looks at one target.
func targetRules(w *walk, at string, m map[string]any) {
	t := decodeTarget(m)
	for _, k := range []string{"bucket", "prefix"} {
		if v, _ := m[k].(string); strings.Contains(v, "{account}") && t.Account == "" && !w.spoiled[join(at, "account")] {
			w.wrong(join(at, k), "{account} has no value: set account")
		}
	}
	switch t.Cloud {
	case "aliyun":
		aliyunRules(w, at, t)
	case "tencent":
		tencentRules(w, at, t)
	case "aws":
		awsAccount(w, join(at, "account"), t.Account)
		for i, a := range t.Share.Accounts {
			awsAccount(w, index(join(at, "share"), i), a)
		}
	}
}

func aliyunRules(w *walk, at string, t Target) {
	if t.API == "2.0" && t.Account == "" && !w.spoiled[join(at, "account")] {
		w.wrong(join(at, "account"), `missing: with api = "2.0" it is part of the service's address`)
	}
	if len(t.Share.Accounts) > 0 || t.Share.Organization != "" {
		w.wrong(join(at, "share"), `Function Compute shares with everybody or nobody: write "public" or "private"`)
	}
}

// appID is how the full name of a COS bucket ends:
// cloud.tencent.com/document/product/436/13312.
var appID = regexp.MustCompile(`-(?:[0-9]+|\{account\})$`)

func tencentRules(w *walk, at string, t Target) {
	if t.Bucket != "" && !appID.MatchString(t.Bucket) {
		w.wrong(join(at, "bucket"), `%q has no APPID at its end: write the full name, such as "layers-1250000000"`, t.Bucket)
	}
	if t.Share.Public || len(t.Share.Accounts) > 0 || t.Share.Organization != "" {
		w.wrong(join(at, "share"), "SCF cannot share layers: drop the key")
	}
}

func awsAccount(w *walk, at, number string) {
	if number != "" && len(number) != 12 {
		w.bad(at, "%q has %d digits, an AWS account has 12", number, len(number))
	}
}

// manifestRules looks at the whole file.
func manifestRules(w *walk, _ string, m map[string]any) {
	layer, _ := m["layer"].(map[string]any)
	sources, _ := m["source"].([]map[string]any)
	for i, s := range sources {
		digestsComplete(w, join(index("source", i), "sha256"), s, layer)
	}
	targets, _ := m["target"].([]map[string]any)
	claims := map[string][]claim{}
	for i, t := range targets {
		twins(w, claims, index("target", i), decodeTarget(t))
	}
}

// digestsComplete reports architectures for which an archive would be taken
// unseen although others have a digest.
func digestsComplete(w *walk, at string, source, layer map[string]any) {
	byArch, ok := source["sha256"].(map[string]any)
	if !ok {
		return
	}
	archs, ok := source["architectures"].([]string)
	if !ok {
		archs, _ = layer["architectures"].([]string)
	}
	for _, a := range archs {
		if _, ok := byArch[a]; !ok && a != "" && !w.spoiled[join(at, a)] {
			w.wrong(at, "no digest for %s", a)
		}
	}
}

// A claim is a target's to publish in one place.
type claim struct {
	at     string
	target Target
}

// twins reports a target that would publish what an earlier one publishes. Of
// regions it sees those that are named: only the catalogue knows patterns.
func twins(w *walk, claims map[string][]claim, at string, t Target) {
	type spot struct{ at, region string }
	spots := []spot{{at: at}}
	if t.Cloud != "local" {
		spots = nil
		for i, r := range t.Regions {
			if !strings.ContainsAny(r, "*?[") {
				spots = append(spots, spot{index(join(at, "regions"), i), r})
			}
		}
	}
	for _, s := range spots {
		if t.Cloud == "" || s.region == "" && t.Cloud != "local" {
			continue
		}
		for _, c := range claims[s.region] {
			if c.at != at && t.Competes(c.target) {
				w.wrong(s.at, "the target on line %d publishes the same there", w.places.lineOf(c.at))
				break
			}
		}
		claims[s.region] = append(claims[s.region], claim{at, t})
	}
}

// Competes reports whether two targets publish the same layer in the same
// account, so that no region may belong to both.
func (t Target) Competes(o Target) bool {
	return t.Cloud == o.Cloud && t.Account == o.Account && t.Profile == o.Profile &&
		t.Endpoints["functions"] == o.Endpoints["functions"] && t.Layout == o.Layout && path.Clean(t.Path) == path.Clean(o.Path) &&
		overlap(t.Runtimes, o.Runtimes) && overlap(t.Architectures, o.Architectures)
}

// overlap reports whether two restrictions, of which an empty one restricts
// nothing, let something common through.
func overlap(a, b []string) bool {
	return len(a) == 0 || len(b) == 0 || slices.ContainsFunc(a, func(v string) bool { return slices.Contains(b, v) })
}
