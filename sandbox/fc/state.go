package fc

import (
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"time"
)

// The folder holds layers/, services/ and functions/ with one document for
// each, named by the SHA-256 of its ARN. Zips are objects in the service's own
// bucket, deposited before a document names them.

type layerID struct{ account, region, name string }

// arn is the layer's name for the outside.
func (id layerID) arn() string {
	return fmt.Sprintf("acs:fc:%s:%s:layers/%s", id.region, id.account, id.name)
}

// A layer outlives its versions, so that numbers are never used twice.
type layer struct {
	Account string `json:"account"`
	Region  string `json:"region"`
	Name    string `json:"name"`
	// Public is the layer's, not one version's.
	Public bool `json:"public"`
	// Last is the number that was given out last.
	Last     int64      `json:"last"`
	Versions []*version `json:"versions"`
}

func (l *layer) id() layerID  { return layerID{l.Account, l.Region, l.Name} }
func (l *layer) file() string { return documentFile("layers", l.id().arn()) }

func (l *layer) versionArn(number int64) string {
	return fmt.Sprintf("%s/versions/%d", l.id().arn(), number)
}

// oldArn is how 2.0 names a version. What the sum is of is not documented.
func (l *layer) oldArn(number int64) string {
	sum := md5.Sum([]byte(l.Account))
	return hex.EncodeToString(sum[:]) + "#" + l.Name + "#" + strconv.FormatInt(number, 10)
}

// A version never changes.
type version struct {
	Number      int64     `json:"number"`
	Created     time.Time `json:"created"`
	Description string    `json:"description"`
	License     string    `json:"license,omitempty"`
	Runtimes    []string  `json:"runtimes"`
	stored
}

// stored is a zip that the service keeps.
type stored struct {
	// CRC is the CRC-64 in decimal, Size is in bytes.
	CRC  string `json:"crc64"`
	Size int64  `json:"size"`
	// Object is its key in the service's bucket.
	Object string `json:"object"`
}

// documentFile is the name of a resource's document.
func documentFile(folder, arn string) string {
	name := sha256.Sum256([]byte(arn))
	return folder + "/" + hex.EncodeToString(name[:]) + ".json"
}

func (s *Service) load() error {
	err := s.o.Folder.Each("layers", func(_ string, text []byte) error {
		l := &layer{}
		err := json.Unmarshal(text, l)
		s.layers[l.id()] = l
		return err
	})
	if err != nil {
		return err
	}
	err = s.o.Folder.Each("services", func(_ string, text []byte) error {
		one := &service{}
		err := json.Unmarshal(text, one)
		s.services[one.id()] = one
		return err
	})
	if err != nil {
		return err
	}
	return s.o.Folder.Each("functions", func(_ string, text []byte) error {
		f := &deployed{}
		err := json.Unmarshal(text, f)
		s.functions[f.id()] = f
		return err
	})
}

// update changes a layer in memory and on disk. The lock is held. If the
// document cannot be written the layer is as before.
func (s *Service) update(l *layer, change func(*layer)) error {
	next := *l
	next.Versions = slices.Clone(l.Versions)
	change(&next)
	if err := s.o.Folder.Save(next.file(), next); err != nil {
		return err
	}
	*l = next
	s.layers[l.id()] = l
	return nil
}

// find returns a version. The lock is held.
func (s *Service) find(id layerID, number string) (*layer, *version, error) {
	l := s.layers[id]
	if l == nil || len(l.Versions) == 0 {
		return nil, nil, noLayer(id.name)
	}
	for _, v := range l.Versions {
		if strconv.FormatInt(v.Number, 10) == number {
			return l, v, nil
		}
	}
	return nil, nil, noVersion(id.name, number)
}

// release deletes a zip that nothing needs any more: functions go on using the
// versions that they were made with. The lock is held.
func (s *Service) release(region, object string) error {
	for _, l := range s.layers {
		if slices.ContainsFunc(l.Versions, func(v *version) bool { return v.Object == object }) {
			return nil
		}
	}
	for f := range s.allFunctions() {
		if slices.Contains(f.objects(), object) {
			return nil
		}
	}
	return s.o.Objects.Discard(ownBucket(region), object)
}

// releaseAll releases the zips of functions that are gone. The lock is held.
func (s *Service) releaseAll(functions ...*deployed) error {
	seen := map[string]bool{}
	for _, f := range functions {
		for _, object := range f.objects() {
			if seen[object] {
				continue
			}
			seen[object] = true
			if err := s.release(f.Region, object); err != nil {
				return err
			}
		}
	}
	return nil
}

// allFunctions yields every function, as it is and as it was published. The
// lock is held.
func (s *Service) allFunctions() iter.Seq[*deployed] {
	return func(yield func(*deployed) bool) {
		for _, f := range s.functions {
			for _, one := range append(f.Published.functions(), f) {
				if !yield(one) {
					return
				}
			}
		}
		for _, one := range s.services {
			for _, f := range one.Published.functions() {
				if !yield(f) {
					return
				}
			}
		}
	}
}

// ownBucket is where the service keeps zips.
func ownBucket(region string) string { return "fc-code-" + region }
