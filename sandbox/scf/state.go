package scf

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// The folder holds layers/, functions/ and namespaces/ with one document for
// each, named by the SHA-256 of its names. Zips are objects in the service's
// own bucket, deposited before a document names them.

type layerID struct{ account, region, name string }

// A layer outlives its versions, so that numbers are never used twice.
type layer struct {
	Account string `json:"account"`
	Region  string `json:"region"`
	Name    string `json:"name"`
	// Last is the number that was given out last.
	Last     int64      `json:"last"`
	Versions []*version `json:"versions"`
}

func (l *layer) id() layerID  { return layerID{l.Account, l.Region, l.Name} }
func (l *layer) file() string { return documentFile("layers", l.Account, l.Region, l.Name) }

// A version never changes but for its wait.
type version struct {
	Number      int64     `json:"number"`
	Created     time.Time `json:"created"`
	Description string    `json:"description"`
	License     string    `json:"license"`
	Runtimes    []string  `json:"runtimes"`
	Tags        []tag     `json:"tags,omitempty"`
	// Broken says that the zip is none, which shows when the wait is over.
	Broken bool `json:"broken,omitempty"`
	stored
	wait
}

type tag struct{ Key, Value string }

// stored is a zip that the service keeps.
type stored struct {
	// SHA256 is lower-case hex, Size is in bytes.
	SHA256 string `json:"sha256"`
	Size   int64  `json:"size"`
	// Object is its key in the service's bucket.
	Object string `json:"object"`
}

// wait is what stands between something new and its being ready.
type wait struct {
	Until time.Time `json:"until"`
	// Polls is how many times more it is to be described as not ready.
	Polls int `json:"polls,omitempty"`
}

func (s *Service) newWait() wait {
	return wait{Until: s.o.Clock().UTC().Add(s.o.Wait.Time), Polls: max(0, s.o.Wait.Polls)}
}

func (w wait) over(now time.Time) bool { return w.Polls == 0 && !now.Before(w.Until) }

// documentFile is the name of a resource's document.
func documentFile(folder string, names ...string) string {
	name := sha256.Sum256(fmt.Appendf(nil, "%q", names))
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
	err = s.o.Folder.Each("functions", func(_ string, text []byte) error {
		f := &deployed{}
		err := json.Unmarshal(text, f)
		s.functions[f.id()] = f
		return err
	})
	if err != nil {
		return err
	}
	return s.o.Folder.Each("namespaces", func(_ string, text []byte) error {
		n := &namespace{}
		err := json.Unmarshal(text, n)
		s.namespaces[n.id()] = n
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
func (s *Service) find(id layerID, number int64) (*layer, *version, error) {
	l := s.layers[id]
	if l == nil || len(l.Versions) == 0 {
		return nil, nil, fail("ResourceNotFound.Layer")
	}
	for _, v := range l.Versions {
		if v.Number == number {
			return l, v, nil
		}
	}
	return nil, nil, fail("ResourceNotFound.LayerVersion")
}

// status is the word for a version's state.
func (v *version) status(now time.Time) string {
	switch {
	case !v.over(now):
		return "Publishing"
	case v.Broken:
		return "PublishFailed"
	}
	return "Active"
}

// ownBucket is where the service keeps zips.
func (s *Service) ownBucket(region string) string { return "scf-code-" + region + "-" + s.o.Account }
