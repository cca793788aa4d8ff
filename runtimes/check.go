package runtimes

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
)

// slotNames are the slots that source.into can name.
func slotNames() []string { return []string{"packages", "bin", "lib", "root"} }

// check looks at the tables that the services' lines refer to.
func (f file) check() error {
	if _, err := time.Parse(time.DateOnly, f.AsOf); err != nil {
		return fmt.Errorf("as_of %q is not a day", f.AsOf)
	}
	used := make(map[string]bool)
	for _, s := range f.Services {
		for _, l := range s.Runtimes {
			used["system."+l.System] = true
			used["folders."+l.foldersOf(s)] = true
		}
	}
	libc := regexp.MustCompile(`^((glibc|musl) \d+\.\d+)?$`)
	for _, name := range slices.Sorted(maps.Keys(f.Systems)) {
		switch s := f.Systems[name]; {
		case !used["system."+name]:
			return fmt.Errorf("[system.%s] is not used", name)
		case s.OS == "" || len(s.Source) == 0:
			return fmt.Errorf("[system.%s] lacks its os or source", name)
		case !libc.MatchString(s.Libc):
			return fmt.Errorf("[system.%s]: libc %q is not like %q", name, s.Libc, "glibc 2.34")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(f.Folders)) {
		switch d := f.Folders[name]; {
		case !used["folders."+name]:
			return fmt.Errorf("[folders.%s] is not used", name)
		case d.Language == "" || d.Slots == nil || len(d.Source) == 0:
			return fmt.Errorf("[folders.%s] lacks its language, slots or source", name)
		}
	}
	return nil
}

// check holds what the rest of the program relies on.
func (c *Catalogue) check() error {
	services := make(map[string]bool)
	names := make(map[string]string)  // any spelling, in lower case -> our name
	tokens := make(map[string]string) // placeholder form -> our name
	for _, s := range c.Services {
		for _, key := range []string{s.ID, s.Cloud + " " + s.API} {
			if services[key] {
				return fmt.Errorf("two services %q", key)
			}
			services[key] = true
		}
		if err := s.check(); err != nil {
			return fmt.Errorf("service %q: %w", s.ID, err)
		}
		for _, cell := range s.Cells {
			for _, spelling := range []string{cell.Runtime, strings.ToLower(cell.Identifier)} {
				if other, ok := names[spelling]; ok && other != cell.Runtime {
					return fmt.Errorf("%q stands for both %q and %q", spelling, other, cell.Runtime)
				}
				names[spelling] = cell.Runtime
			}
			token := Token(cell.Runtime)
			if other, ok := tokens[token]; ok && other != cell.Runtime {
				return fmt.Errorf("%q and %q are both %q without dots", other, cell.Runtime, token)
			}
			tokens[token] = cell.Runtime
		}
	}
	if len(c.Services) == 0 {
		return errors.New("no services")
	}
	return nil
}

func (s Service) check() error {
	if s.Title == "" || len(s.Cells) == 0 {
		return errors.New("lacks its title or runtimes")
	}
	if !slices.Contains([]string{"aws", "aliyun", "tencent"}, s.Cloud) {
		return fmt.Errorf("unknown cloud %q", s.Cloud)
	}
	if !slices.Contains([]string{"aws", "fc", "scf"}, s.Layout) {
		return fmt.Errorf("unknown layout %q", s.Layout)
	}
	if err := s.Limits.check(); err != nil {
		return err
	}
	seen := make(map[string]bool)
	for _, c := range s.Cells {
		for _, once := range []string{"runtime " + c.Runtime, "identifier " + strings.ToLower(c.Identifier), "folder " + c.Versioned} {
			if seen[once] && once != "folder " {
				return fmt.Errorf("two runtimes have the %s", once)
			}
			seen[once] = true
		}
		if err := c.check(); err != nil {
			return fmt.Errorf("runtime %q: %w", c.Runtime, err)
		}
	}
	return nil
}

func (l Limits) check() error {
	if !strings.HasPrefix(l.NamePattern, "^") || !strings.HasSuffix(l.NamePattern, "$") {
		return fmt.Errorf("name_pattern %q is not anchored", l.NamePattern)
	}
	if _, err := regexp.Compile(l.NamePattern); err != nil {
		return err
	}
	if l.NameRule == "" {
		return errors.New("name_pattern without name_rule")
	}
	if l.NameMin < 1 || l.NameMax < l.NameMin {
		return fmt.Errorf("names of %d to %d characters", l.NameMin, l.NameMax)
	}
	if min(l.Inline, l.Zip, l.Unzipped) < 0 || min(l.Description, l.License, l.Runtimes, l.Architectures,
		l.LayersPerFunction, l.LayersPerRegion, l.VersionsPerLayer, l.RequestRate, l.Pace) < 0 {
		return errors.New("a limit below zero")
	}
	if (l.RequestRate == 0) != (l.Pace == 0) || l.Pace > l.RequestRate {
		return fmt.Errorf("a pace of %d for a rate of %d", l.Pace, l.RequestRate)
	}
	if l.NoLicense && l.License != 0 || l.NoArchitectures && l.Architectures != 0 {
		return errors.New("a limit of something that the service does not take")
	}
	return nil
}

func (c Cell) check() error {
	if !isName(c.Runtime) {
		return errors.New("a name is lower-case letters, digits, \".\" and \"-\"")
	}
	if len(c.Architectures) == 0 {
		return errors.New("no architectures")
	}
	for i, arch := range c.Architectures {
		if arch != "x86_64" && arch != "arm64" || slices.Contains(c.Architectures[:i], arch) {
			return fmt.Errorf("architecture %q is unknown or named twice", arch)
		}
	}
	for slot, folder := range c.Slots {
		if !slices.Contains(slotNames(), slot) {
			return fmt.Errorf("unknown slot %q", slot)
		}
		if !cleanFolder(folder) {
			return fmt.Errorf("slot %q: %q is not a clean relative path", slot, folder)
		}
	}
	if !cleanFolder(c.Versioned) {
		return fmt.Errorf("versioned folder %q is not a clean relative path", c.Versioned)
	}
	for _, slot := range c.Unsearched {
		if _, ok := c.Slots[slot]; !ok {
			return fmt.Errorf("unsearched slot %q does not exist", slot)
		}
	}
	if _, ok := c.Slots["packages"]; !ok && c.Note == "" {
		return errors.New("no packages slot and no note that says why")
	}
	if _, ok := c.Slots["packages"]; !ok && c.Versioned != "" {
		return errors.New("a versioned folder without a packages slot")
	}
	return nil
}

// isName reports whether s is a name such as ours for runtimes.
func isName(s string) bool {
	return s != "" && 'a' <= s[0] && s[0] <= 'z' && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789.-") == ""
}

// cleanFolder reports whether path is a folder within a zip; "" is its root.
func cleanFolder(path string) bool {
	return path == "" || path != "." && fs.ValidPath(path) && !strings.ContainsAny(path, "\\{}")
}
