package lambda

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"time"
)

// The folder holds functions/<SHA-256 of the ARN>.json, one document for each
// function. Its zips, copies of its layers included, are objects in the
// service's own bucket: a function keeps a layer that is deleted.

// A deployment is one version of a function. It never changes.
type deployment struct {
	Account string `json:"account"`
	Region  string `json:"region"`
	Name    string `json:"name"`
	// Number is 0 for $LATEST.
	Number        int64              `json:"number,omitempty"`
	Runtime       string             `json:"runtime"`
	Handler       string             `json:"handler"`
	Role          string             `json:"role"`
	Description   string             `json:"description"`
	Timeout       int                `json:"timeout"` // seconds
	Memory        int                `json:"memory"`  // MiB
	Architectures []string           `json:"architectures"`
	Variables     *map[string]string `json:"variables,omitempty"`
	Layers        []attachment       `json:"layers,omitempty"`
	Created       time.Time          `json:"created"`
	Revision      string             `json:"revision"`
	// SHA256 is base64, Size in bytes, both of the code's zip; Object is its
	// key in the service's bucket.
	SHA256 string `json:"sha256"`
	Size   int64  `json:"size"`
	Object string `json:"object"`
}

// An attachment is a layer version of a function, and its zip's copy.
type attachment struct {
	Arn    string `json:"arn"`
	Size   int64  `json:"size"`
	Object string `json:"object"`
}

func (d *deployment) id() functionID { return functionID{d.Account, d.Region, d.Name} }

// version is how the API spells the number.
func (d *deployment) version() string {
	if d.Number == 0 {
		return latest
	}
	return strconv.FormatInt(d.Number, 10)
}

// objects are the keys of all of the version's zips.
func (d *deployment) objects() []string {
	keys := []string{d.Object}
	for _, l := range d.Layers {
		keys = append(keys, l.Object)
	}
	return keys
}

// A program is a function with all its versions. It never changes: another one
// takes its place.
type program struct {
	// What the function is now, its $LATEST.
	deployment
	// Last is the number that was given out last.
	Last int64 `json:"last,omitempty"`
	// Versions are in the order of their numbers, and share zips with each
	// other and with $LATEST.
	Versions []*deployment `json:"versions,omitempty"`
	// Published is the revision of $LATEST that the newest version was made
	// from.
	Published string `json:"published,omitempty"`
}

func (id functionID) file() string {
	name := sha256.Sum256([]byte(id.arn()))
	return "functions/" + hex.EncodeToString(name[:]) + ".json"
}

// all returns $LATEST, and then the versions by their numbers.
func (p *program) all() []*deployment {
	return append([]*deployment{&p.deployment}, p.Versions...)
}

// objects are the keys of the zips of all versions.
func (p *program) objects() []string {
	var keys []string
	for _, d := range p.all() {
		keys = append(keys, d.objects()...)
	}
	return keys
}

func (s *Service) loadFunctions() error {
	return s.o.Folder.Each("functions", func(_ string, text []byte) error {
		p := &program{}
		err := json.Unmarshal(text, p)
		s.functions[p.id()] = p
		return err
	})
}

// replace puts next in the place of a function, or removes it if next is nil,
// and discards the zips that nothing has any more. The lock is held.
func (s *Service) replace(was, next *program) error {
	if next == nil {
		if err := s.o.Folder.Remove(was.id().file()); err != nil {
			return err
		}
		delete(s.functions, was.id())
		delete(s.changing, was.id())
		return s.discard(was.Region, was.objects())
	}
	if err := s.o.Folder.Save(next.id().file(), next); err != nil {
		return err
	}
	s.functions[next.id()] = next
	return s.discard(was.Region, without(was.objects(), next.objects()))
}

func without(keys, kept []string) []string {
	return slices.DeleteFunc(keys, func(key string) bool { return slices.Contains(kept, key) })
}

// discard deletes zips. A key may be named more than once.
func (s *Service) discard(region string, keys []string) error {
	var errs []error
	slices.Sort(keys)
	for _, key := range slices.Compact(keys) {
		errs = append(errs, s.o.Objects.Discard(ownBucket(region), key))
	}
	return errors.Join(errs...)
}

// deployed returns the version of a function that a path names, $LATEST where
// it names none. There are no aliases. The lock is held.
func (s *Service) deployed(x *exchange) (*deployment, error) {
	id, qualifier, err := x.targetFunction()
	if err != nil {
		return nil, err
	}
	if p := s.functions[id]; p != nil {
		for _, d := range p.all() {
			if qualifier == "" || qualifier == d.version() {
				return d, nil
			}
		}
	}
	arn := id.arn()
	if qualifier != "" {
		arn += ":" + qualifier
	}
	return nil, notFound("Function not found: %s", arn)
}

const latest = "$LATEST"
