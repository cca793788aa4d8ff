package s3

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

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

// A bucket and its objects by key.
type bucket struct {
	Name    string    `json:"name"`
	Region  string    `json:"region"`
	Account string    `json:"account"`
	Created time.Time `json:"created"`

	objects map[string]*object
}

// An object never changes; another one takes its place.
type object struct {
	Bucket   string    `json:"bucket"`
	Key      string    `json:"key"`
	Blob     string    `json:"blob"`
	Size     int64     `json:"size"`
	ETag     string    `json:"etag"`
	Sum      sum       `json:"checksum"`
	Modified time.Time `json:"modified"`
	// Headers are those of the PUT that a GET gives back.
	Headers map[string]string `json:"headers,omitempty"`
}

func (o *object) file() string {
	name := sha256.Sum256([]byte(o.Key))
	return "buckets/" + o.Bucket + "/" + hex.EncodeToString(name[:]) + ".json"
}

// An upload is a multipart upload that is under way.
type upload struct {
	ID        string            `json:"id"`
	Bucket    string            `json:"bucket"`
	Key       string            `json:"key"`
	Initiated time.Time         `json:"initiated"`
	Headers   map[string]string `json:"headers,omitempty"`
	// Algorithm and Kind are "" when the client chose none.
	Algorithm string `json:"algorithm,omitempty"`
	Kind      string `json:"type,omitempty"`

	parts map[int]*part
	// closing is set while the parts are put together.
	closing bool
}

// A part that was uploaded again is replaced.
type part struct {
	Upload   string    `json:"upload"`
	Number   int       `json:"number"`
	Blob     string    `json:"blob"`
	Size     int64     `json:"size"`
	ETag     string    `json:"etag"`
	Sum      sum       `json:"checksum"`
	Modified time.Time `json:"modified"`
}

func (p *part) file() string { return fmt.Sprintf("uploads/%s/%d.json", p.Upload, p.Number) }

func blobFile(id string) string { return "blobs/" + id }

// load reads the folder and sweeps away blobs that nothing refers to.
func (s *Service) load() error {
	var objects []*object
	var parts []*part
	err := errors.Join(
		s.o.Folder.Each("buckets", func(name string, text []byte) error {
			if strings.HasSuffix(name, "/bucket.json") {
				b := &bucket{objects: map[string]*object{}}
				err := json.Unmarshal(text, b)
				s.buckets[b.Name] = b
				return err
			}
			o := &object{}
			objects = append(objects, o)
			return json.Unmarshal(text, o)
		}),
		s.o.Folder.Each("uploads", func(name string, text []byte) error {
			if strings.HasSuffix(name, "/upload.json") {
				u := &upload{parts: map[int]*part{}}
				err := json.Unmarshal(text, u)
				s.uploads[u.ID] = u
				return err
			}
			p := &part{}
			parts = append(parts, p)
			return json.Unmarshal(text, p)
		}))
	if err != nil {
		return err
	}
	used := map[string]bool{}
	for _, o := range objects {
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

func (s *Service) sweep(used map[string]bool) error {
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

// keep gives a payload its lasting place and returns the blob's name.
func (s *Service) keep(p payload) (string, error) {
	id := disk.ID()
	return id, s.o.Folder.Adopt(p.path, blobFile(id))
}

// put makes o the object under its key. The lock is held.
func (s *Service) put(b *bucket, o *object) error {
	if err := s.o.Folder.Save(o.file(), o); err != nil {
		return err
	}
	old := b.objects[o.Key]
	b.objects[o.Key] = o
	if old != nil {
		// A reader may still have it open; where that hinders the removal,
		// the next start sweeps it away.
		_ = s.o.Folder.Remove(blobFile(old.Blob))
	}
	return nil
}

// drop deletes an object. The lock is held.
func (s *Service) drop(b *bucket, o *object) error {
	if err := s.o.Folder.Remove(o.file()); err != nil {
		return err
	}
	delete(b.objects, o.Key)
	_ = s.o.Folder.Remove(blobFile(o.Blob))
	return nil
}

// forget deletes an upload with its parts. The lock is held.
func (s *Service) forget(u *upload) error {
	if err := s.o.Folder.RemoveAll("uploads/" + u.ID); err != nil {
		return err
	}
	delete(s.uploads, u.ID)
	for _, p := range u.parts {
		_ = s.o.Folder.Remove(blobFile(p.Blob))
	}
	return nil
}
