package pipeline

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/publisher"
)

func locked(Product) (layer.Digests, error) { return digests, nil }

func unlocked(Product) (layer.Digests, error) { return layer.Digests{}, fs.ErrNotExist }

func TestSurvey(t *testing.T) {
	public := map[int64][]publisher.Grant{1: {{To: "public", Ours: true}}, 2: {{To: "account:1", Ours: false}}}
	tests := []struct {
		name    string
		region  *region
		digests func(Product) (layer.Digests, error)
		share   string
		state   string
		version int64
		drift   []string
	}{
		{"missing", &region{}, locked, "", Missing, 0, nil},
		{"current", &region{versions: []layer.Version{foreign(1), published(2)}}, locked, "", Current, 2, nil},
		{"superseded", &region{versions: []layer.Version{published(1), foreign(2)}}, locked, "", Superseded, 1, nil},
		{"outdated", &region{versions: []layer.Version{foreign(1), foreign(2)}}, locked, "", Outdated, 2, nil},
		{"unlocked", &region{versions: []layer.Version{foreign(1)}}, unlocked, "", Unlocked, 1, nil},
		{"not shared", &region{versions: []layer.Version{published(1)}}, locked, `share = "public"`, Current, 1, []string{"not shared with public"}},
		{"shared", &region{versions: []layer.Version{published(1)}, grants: public}, locked, `share = "public"`, Current, 1, nil},
		{"left alone", &region{versions: []layer.Version{published(1)}, grants: public}, locked, ``, Current, 1, nil},
		{"still shared", &region{versions: []layer.Version{published(1)}, grants: public}, locked, `share = "private"`, Current, 1, []string{"still shared with public"}},
		{"by others", &region{versions: []layer.Version{foreign(1), published(2)}, grants: public}, locked, `share = "private"`, Current, 2, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p, _ := one(t, `["us-east-1"]`, test.share)
			got := Survey(t.Context(), p, Surveying{Connect: world{"us-east-1": test.region}.connect, Digests: test.digests})[0]
			if got.Err != nil || got.State != test.state || got.Version != test.version || !slices.Equal(got.Drift, test.drift) || got.Versions != len(test.region.versions) {
				t.Errorf("%+v", got)
			}
			if test.version > 0 && (got.SHA256 == "" || got.Created == "") {
				t.Errorf("%+v has no checksum or time", got)
			}
		})
	}
}

// many is a region with versions 1 to n, of which number has the locked
// content.
func many(n, number int64) *region {
	r := &region{}
	for i := int64(1); i <= n; i++ {
		v := foreign(i)
		if i == number {
			v = published(i)
		}
		v.Created = noon.Add(time.Duration(i-n-1) * 24 * time.Hour).Format("2006-01-02T15:04:05.000-0700")
		r.versions = append(r.versions, v)
	}
	return r
}

func TestPrune(t *testing.T) {
	broken := errors.New("no answer")
	tests := []struct {
		name   string
		region func() *region
		how    Pruning
		more   string
		// want are the versions that are gone afterwards, why is in the
		// reason of the highest that stayed but the newest.
		want []int64
		why  string
		err  error
	}{
		{"nothing said", func() *region { return many(4, 4) }, Pruning{}, "", nil, "neither", nil},
		{"keep of the target", func() *region { return many(4, 4) }, Pruning{}, "keep = 2", []int64{1, 2}, "among the newest 2", nil},
		{"keep of the flag", func() *region { return many(4, 4) }, Pruning{Keep: 3}, "keep = 2", []int64{1}, "among the newest 3", nil},
		{"the newest stays", func() *region { return many(2, 0) }, Pruning{Keep: 1}, "", []int64{1}, "", nil},
		{"older", func() *region { return many(4, 4) }, Pruning{OlderThan: 60 * time.Hour}, "", []int64{1, 2}, "not old enough", nil},
		{"older and keep", func() *region { return many(4, 4) }, Pruning{OlderThan: 12 * time.Hour, Keep: 3}, "", []int64{1}, "among the newest 3", nil},
		{"the locked one stays", func() *region { return many(3, 2) }, Pruning{Keep: 1}, "", []int64{1}, "locked content", nil},
		{"used", func() *region {
			r := many(3, 3)
			r.usage = map[int64][]string{2: {"fn:1", "fn:2", "fn:3", "other"}}
			return r
		}, Pruning{Keep: 1, Shared: true}, "", []int64{1}, "used by fn:1, fn:2, fn:3 and 1 more", nil},
		{"shared", func() *region {
			r := many(3, 3)
			r.grants = map[int64][]publisher.Grant{2: {{To: "account:1"}}}
			return r
		}, Pruning{Keep: 1}, "", []int64{1}, "shared with account:1 (--shared)", nil},
		{"shared once", func() *region { return many(3, 3) }, Pruning{
			Keep:      1,
			WasShared: func(_ Item, name string, version int64) bool { return name == "web" && version == 2 },
		}, "", []int64{1}, "it was shared once", nil},
		{"shared all the same", func() *region {
			r := many(3, 3)
			r.grants = map[int64][]publisher.Grant{2: {{To: "account:1"}}}
			return r
		}, Pruning{Keep: 1, Shared: true}, "", []int64{1, 2}, "", nil},
		{"strange time", func() *region { r := many(2, 2); r.versions[0].Created = "yesterday"; return r }, Pruning{OlderThan: time.Hour}, "", nil, `"yesterday" cannot be read`, nil},
		{"no listing", func() *region { r := many(3, 3); r.fail = map[string]error{"versions": broken}; return r }, Pruning{Keep: 1}, "", nil, "", broken},
		{"no usage", func() *region { r := many(3, 3); r.fail = map[string]error{"usage": broken}; return r }, Pruning{Keep: 1}, "", nil, "", broken},
		{"no grants", func() *region { r := many(3, 3); r.fail = map[string]error{"grants": broken}; return r }, Pruning{Keep: 1}, "", nil, "", broken},
		{"no lock to compare", func() *region { r := many(3, 3); r.fail = map[string]error{"find": broken}; return r }, Pruning{Keep: 1}, "", nil, "", broken},
		{"not deleted", func() *region { r := many(3, 3); r.fail = map[string]error{"delete": broken}; return r }, Pruning{Keep: 1}, "", nil, "", broken},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p, _ := one(t, `["us-east-1"]`, test.more)
			for _, yes := range []bool{false, true} {
				r := test.region()
				before := len(r.versions)
				test.how.Connect, test.how.Digests, test.how.Now, test.how.Yes = world{"us-east-1": r}.connect, locked, at, yes
				got := Prune(t.Context(), p, test.how)
				var gone []int64
				var bad error
				why := ""
				for _, v := range got {
					if v.Status == map[bool]string{false: Planned, true: Deleted}[yes] {
						gone = append(gone, v.Version)
					}
					if v.Status == Kept && v.Version < int64(before) && why == "" {
						why = v.Reason
					}
					bad = errors.Join(bad, v.Err)
				}
				slices.Sort(gone)
				if !slices.Equal(gone, test.want) && (test.name != "not deleted" || yes) || !strings.Contains(why, test.why) {
					t.Errorf("yes %v: gone are %v, want %v; why %q, want %q", yes, gone, test.want, why, test.why)
				}
				if !errors.Is(bad, test.err) && (test.name != "not deleted" || yes) {
					t.Errorf("yes %v: error is %v, want %v", yes, bad, test.err)
				}
				if !yes && r.count("delete") != 0 || yes && test.err == nil && before-len(r.versions) != len(test.want) {
					t.Errorf("yes %v: %d of %d versions left, did %q", yes, len(r.versions), before, r.log)
				}
			}
		})
	}
}

// Finding out who uses a layer takes many requests: only where it decides.
func TestPruneAsksNoMoreThanItMust(t *testing.T) {
	p, _ := one(t, `["us-east-1"]`, "keep = 5")
	r := many(5, 5)
	Prune(t.Context(), p, Pruning{Connect: world{"us-east-1": r}.connect, Digests: locked, Now: at, Yes: true})
	if want := []string{"versions"}; !slices.Equal(r.log, want) {
		t.Errorf("did %q, want %q", r.log, want)
	}
}

func TestCreatedAt(t *testing.T) {
	want := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	for _, text := range []string{"2026-03-04T05:06:07Z", "2026-03-04T05:06:07.000+0000", "2026-03-04T07:06:07.000+0200", "2026-03-04 13:06:07"} {
		if got, err := createdAt(text); err != nil || !got.Equal(want) {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "2026", "yesterday", fmt.Sprint(want.Unix())} {
		if got, err := createdAt(text); err == nil {
			t.Errorf("%q: %v", text, got)
		}
	}
}
