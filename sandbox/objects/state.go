package objects

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/layerbuild/layerbuild/sandbox/disk"
)

// The folder holds
//
//	buckets/<bucket>/bucket.json
//	buckets/<bucket>/<SHA-256 of the key>.json    the object's description
//	uploads/<upload id>/upload.json
//	uploads/<upload id>/<part number>.json
//	blobs/<id>                                    bytes of objects and parts
//
// A description is written after its bytes and deleted before them, so that
// every description has its bytes whenever the process ends.

// bucket is a Bucket with its objects by key.
type bucket struct {
	Bucket
	objects map[string]*Object
}

func (b *bucket) folder() string { return "buckets/" + b.Name }

func (b *bucket) file() string { return b.folder() + "/bucket.json" }

func (o *Object) file() string {
	name := sha256.Sum256([]byte(o.Key))
	return "buckets/" + o.Bucket + "/" + hex.EncodeToString(name[:]) + ".json"
}

func (u *upload) folder() string { return "uploads/" + u.ID }

func (u *upload) file() string { return u.folder() + "/upload.json" }

func (p *Part) file() string { return fmt.Sprintf("uploads/%s/%d.json", p.Upload, p.Number) }

func blobFile(id string) string { return "blobs/" + id }

// load reads the folder and sweeps away blobs that nothing refers to.
func (s *Store) load() error {
	var all []*Object
	var parts []*Part
	err := errors.Join(
		s.o.Folder.Each("buckets", func(name string, text []byte) error {
			if strings.HasSuffix(name, "/bucket.json") {
				b := &bucket{objects: map[string]*Object{}}
				err := json.Unmarshal(text, &b.Bucket)
				s.buckets[b.Name] = b
				return err
			}
			o := &Object{}
			all = append(all, o)
			return json.Unmarshal(text, o)
		}),
		s.o.Folder.Each("uploads", func(name string, text []byte) error {
			if strings.HasSuffix(name, "/upload.json") {
				u := &upload{parts: map[int]*Part{}}
				err := json.Unmarshal(text, &u.Upload)
				s.uploads[u.ID] = u
				return err
			}
			p := &Part{}
			parts = append(parts, p)
			return json.Unmarshal(text, p)
		}))
	if err != nil {
		return err
	}
	used := map[string]bool{}
	for _, o := range all {
		if b := s.buckets[o.Bucket]; b != nil {
			b.objects[o.Key] = o
			used[o.Blob] = true
		}
	}
	for _, p := range parts {
		if u := s.uploads[p.Upload]; u != nil {
			u.parts[p.Number] = p
			used[p.Blob] = true
		}
	}
	return s.sweep(used)
}

func (s *Store) sweep(used map[string]bool) error {
	entries, err := os.ReadDir(s.o.Folder.Path("blobs"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, e := range entries {
		if !used[e.Name()] {
			if err := s.o.Folder.Remove(blobFile(e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

// keep gives a body its lasting place and returns the blob's name.
func (s *Store) keep(b *Body) (string, error) {
	id := disk.ID()
	if err := s.o.Folder.Adopt(b.path, blobFile(id)); err != nil {
		return "", err
	}
	b.path = ""
	return id, nil
}

// let deletes a blob that nothing refers to any more. A reader may still have
// it open; where that hinders the removal, the next start sweeps it away.
func (s *Store) let(id string) { _ = s.o.Folder.Remove(blobFile(id)) }
