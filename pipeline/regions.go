package pipeline

import (
	"fmt"
	"slices"
	"strings"

	"github.com/layerbuild/layerbuild/manifest"
	"github.com/layerbuild/layerbuild/runtimes"
)

// regionsOf returns the regions that a target publishes in.
func regionsOf(s runtimes.Service, t manifest.Target) ([]runtimes.Region, error) {
	if t.Cloud == LocalRegion {
		return []runtimes.Region{{Name: LocalRegion}}, nil
	}
	return s.SelectRegions(t.Regions, t.Exclude)
}

// regions reports regions that the service of target i does not have, and one
// bucket for several of them.
func (k *checker) regions(i int, t manifest.Target, s runtimes.Service) {
	key := fmt.Sprintf("target[%d]", i)
	before := len(k.problems)
	k.each(key+".regions", t.Regions, s.IncludedRegions)
	k.each(key+".exclude", t.Exclude, s.ExcludedRegions)
	if len(k.problems) > before || len(t.Regions) == 0 || slices.Contains(slices.Concat(t.Regions, t.Exclude), "") {
		return // reported, here or by the manifest
	}
	regions, err := regionsOf(s, t)
	switch {
	case err != nil:
		k.add(key+".exclude", "%s", err)
	case len(regions) > 1 && t.Bucket != "" && !strings.Contains(t.Bucket, "{region}"):
		k.add(key+".bucket", "%q is one bucket for %d regions, and functions take layers from a bucket in their own region only: put {region} into it", t.Bucket, len(regions))
	}
}

// each reports the names and patterns that match nothing.
func (k *checker) each(key string, patterns []string, match func(string) ([]runtimes.Region, error)) {
	for i, p := range patterns {
		if p == "" {
			continue // not a string, which was reported
		}
		if _, err := match(p); err != nil {
			k.add(fmt.Sprintf("%s[%d]", key, i), "%s", err)
		}
	}
}

// meetings reports targets that would publish the same in the same region, one
// of which has it by a pattern. Where both name it, the manifest knows.
func (k *checker) meetings(m *manifest.Manifest) {
	regions := make([][]runtimes.Region, len(m.Targets)) // none where they are not right
	for i, t := range m.Targets {
		s, ok := ServiceOf(k.catalogue, t)
		if !ok || t.Cloud == LocalRegion {
			continue
		}
		if list, err := regionsOf(s, t); err == nil {
			regions[i] = list
		}
		for j, o := range m.Targets[:i] {
			if !t.Competes(o) {
				continue
			}
			var common []string
			for _, r := range regions[i] {
				named := slices.Contains(t.Regions, r.Name) && slices.Contains(o.Regions, r.Name)
				if !named && slices.Contains(regions[j], r) {
					common = append(common, r.Name)
				}
			}
			if len(common) > 0 {
				k.add(fmt.Sprintf("target[%d].regions", i), "target %d publishes the same in %s: exclude what is common in one of the two", j+1, strings.Join(common, ", "))
			}
		}
	}
}
