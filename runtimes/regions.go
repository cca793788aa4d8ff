package runtimes

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
)

// A Region is one place where a service runs.
type Region struct {
	Name string `json:"name"`
	// Title is the vendor's name for people, such as "Europe (Ireland)".
	Title string `json:"title"`
	// OptIn says that an account has to enable the region first.
	OptIn bool `json:"opt_in"`
	// Explicit regions are selected by their own name only, never by a
	// pattern: they need an account of another kind, or may be no more. Apart
	// says which, such as "partition aws-cn"; it is "" for other regions.
	Explicit bool   `json:"explicit"`
	Apart    string `json:"apart,omitempty"`
}

// SelectRegions returns the regions that a list of names and patterns selects,
// in the order of the list and, within what a pattern matches, of the
// catalogue; each region once, and none that exclude matches. See
// [Service.IncludedRegions] and [Service.ExcludedRegions] for what an element
// matches and when it is an error. All errors are returned, joined. It is an
// error, too, when no region is left.
func (s Service) SelectRegions(patterns, exclude []string) ([]Region, error) {
	var selected []Region
	var errs []error
	for _, p := range patterns {
		matched, err := s.IncludedRegions(p)
		errs = append(errs, err)
		for _, r := range matched {
			if !slices.Contains(selected, r) {
				selected = append(selected, r)
			}
		}
	}
	for _, p := range exclude {
		matched, err := s.ExcludedRegions(p)
		errs = append(errs, err)
		selected = slices.DeleteFunc(selected, func(r Region) bool { return slices.Contains(matched, r) })
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	if len(selected) == 0 {
		return nil, fmt.Errorf("no region of %s is left", s.Title)
	}
	return selected, nil
}

// IncludedRegions returns the regions that one element of a list selects: the
// region of that name, or those that match the pattern ([path.Match]) and are
// not explicit, in the order of the catalogue. It is an error when there are
// none; for a name it says which regions have names near it.
func (s Service) IncludedRegions(pattern string) ([]Region, error) {
	matched, err := s.matchingRegions(pattern)
	if err != nil || !IsPattern(pattern) {
		return matched, err
	}
	open := slices.DeleteFunc(slices.Clone(matched), func(r Region) bool { return r.Explicit })
	if len(open) == 0 {
		return nil, fmt.Errorf("pattern %q matches only regions of %s that have to be named: %s", pattern, s.Title, regionNames(matched))
	}
	return open, nil
}

// ExcludedRegions returns the regions that one element of a list takes away:
// the region of that name, or all that match the pattern, explicit ones
// included. It is an error when there are none.
func (s Service) ExcludedRegions(pattern string) ([]Region, error) {
	return s.matchingRegions(pattern)
}

// IsPattern reports whether an element of a list of regions is a pattern
// rather than a name.
func IsPattern(region string) bool { return strings.ContainsAny(region, `*?[\`) }

// matchingRegions returns the regions that match the name or pattern.
func (s Service) matchingRegions(pattern string) ([]Region, error) {
	if _, err := path.Match(pattern, ""); err != nil {
		return nil, fmt.Errorf("pattern %q: %w", pattern, err)
	}
	var matched []Region
	for _, r := range s.Regions {
		if ok, _ := path.Match(pattern, r.Name); ok { // looked at above
			matched = append(matched, r)
		}
	}
	switch {
	case len(matched) > 0:
		return matched, nil
	case IsPattern(pattern):
		return nil, fmt.Errorf("pattern %q matches no region of %s (regions as of %s)", pattern, s.Title, s.RegionsAsOf)
	}
	return nil, fmt.Errorf("%s has no region %q%s (regions as of %s)", s.Title, pattern, didYouMean(s.nearestRegions(pattern)), s.RegionsAsOf)
}

func (s Service) nearestRegions(name string) []string {
	return nearest(strings.ToLower(name), func(yield func(string) bool) {
		for _, r := range s.Regions {
			if !yield(r.Name) {
				return
			}
		}
	})
}

func regionNames(regions []Region) string {
	names := make([]string, len(regions))
	for i, r := range regions {
		names[i] = r.Name
	}
	return strings.Join(names, ", ")
}
