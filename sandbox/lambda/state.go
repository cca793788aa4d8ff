package lambda

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// The folder holds layers/<SHA-256 of the ARN>.json, one document for each
// layer that ever had a version. Zips are objects in the service's own
// bucket, deposited before the document names them.

type layerID struct{ account, region, name string }

// arn is the layer's name for the outside.
func (id layerID) arn() string {
	return fmt.Sprintf("arn:aws:lambda:%s:%s:layer:%s", id.region, id.account, id.name)
}

// A layer outlives its versions, so that numbers are never used twice.
type layer struct {
	Account string `json:"account"`
	Region  string `json:"region"`
	Name    string `json:"name"`
	// Last is the number that was given out last.
	Last     int64      `json:"last"`
	Versions []*version `json:"versions"`
}

func (l *layer) id() layerID { return layerID{l.Account, l.Region, l.Name} }

func (l *layer) file() string {
	name := sha256.Sum256([]byte(l.id().arn()))
	return "layers/" + hex.EncodeToString(name[:]) + ".json"
}

func (l *layer) versionArn(number int64) string { return fmt.Sprintf("%s:%d", l.id().arn(), number) }

// A version never changes but for its policy.
type version struct {
	Number      int64     `json:"number"`
	Created     time.Time `json:"created"`
	Description string    `json:"description"`
	License     *string   `json:"license,omitempty"`
	// Runtimes and Architectures are nil when the request had none, which
	// the answers tell from empty lists.
	Runtimes      *[]string `json:"runtimes,omitempty"`
	Architectures *[]string `json:"architectures,omitempty"`
	// SHA256 is base64, Size in bytes, both of the zip; Object is its key in
	// the service's bucket.
	SHA256     string      `json:"sha256"`
	Size       int64       `json:"size"`
	Object     string      `json:"object"`
	Revision   string      `json:"revision,omitempty"`
	Statements []statement `json:"statements,omitempty"`
}

func (s *Service) load() error {
	return s.o.Folder.Each("layers", func(_ string, text []byte) error {
		l := &layer{}
		err := json.Unmarshal(text, l)
		s.layers[l.id()] = l
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

// find returns a version, nil if there is none. The lock is held.
func (s *Service) find(id layerID, number int64) (*layer, *version) {
	l := s.layers[id]
	if l == nil {
		return nil, nil
	}
	for _, v := range l.Versions {
		if v.Number == number {
			return l, v
		}
	}
	return l, nil
}
