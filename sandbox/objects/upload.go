package objects

import (
	"cmp"
	"encoding/hex"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/layerbuild/layerbuild/sandbox/disk"
)

// An Upload is a multipart upload that is under way.
type Upload struct {
	// ID is 32 hexadecimal digits.
	ID        string    `json:"id"`
	Bucket    string    `json:"bucket"`
	Key       string    `json:"key"`
	Initiated time.Time `json:"initiated"`
	// Headers are those that the object is to have.
	Headers map[string]string `json:"headers,omitempty"`
}

// upload is an Upload with its parts by number.
type upload struct {
	Upload
	parts map[int]*Part
	// closing is set while the parts are put together.
	closing bool
}

// A Part that was uploaded again is replaced.
type Part struct {
	Upload string `json:"upload"`
	Number int    `json:"number"`
	Blob   string `json:"blob"`
	Size   int64  `json:"size"`
	// ETag is the MD5 of the bytes, lower-case and without quotes.
	ETag     string    `json:"etag"`
	CRC      uint64    `json:"crc64,string"`
	Modified time.Time `json:"modified"`
}

// Begin starts a multipart upload. With create it fails with [ErrExists]
// where there is an object already.
func (s *Store) Begin(p Place, key string, headers map[string]string, create bool) (Upload, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := s.enter(p)
	if err != nil {
		return Upload{}, err
	}
	if create && b.objects[key] != nil {
		return Upload{}, ErrExists
	}
	u := &upload{
		Upload: Upload{ID: disk.ID(), Bucket: p.Bucket, Key: key, Initiated: s.o.Clock().UTC(), Headers: headers},
		parts:  map[int]*Part{},
	}
	if err := s.o.Folder.Save(u.file(), u.Upload); err != nil {
		return Upload{}, err
	}
	s.uploads[u.ID] = u
	return u.Upload, nil
}

// find returns an upload of a key if it takes parts and may be completed. The
// lock is held.
func (s *Store) find(p Place, key, id string) (*upload, error) {
	if _, err := s.enter(p); err != nil {
		return nil, err
	}
	u := s.uploads[id]
	if u == nil || u.Bucket != p.Bucket || u.Key != key || u.closing {
		return nil, ErrNoUpload
	}
	return u, nil
}

// AddPart adds a part to an upload, in place of one of the same number.
func (s *Store) AddPart(p Place, key, id string, number int, b *Body) (Part, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, err := s.find(p, key, id)
	if err != nil {
		return Part{}, err
	}
	part := &Part{
		Upload: id, Number: number, Size: b.Size, ETag: hex.EncodeToString(b.MD5[:]), CRC: b.CRC,
		Modified: s.o.Clock().UTC(),
	}
	if part.Blob, err = s.keep(b); err != nil {
		return Part{}, err
	}
	if err := s.o.Folder.Save(part.file(), part); err != nil {
		s.let(part.Blob)
		return Part{}, err
	}
	if old := u.parts[number]; old != nil {
		s.let(old.Blob)
	}
	u.parts[number] = part
	return *part, nil
}

// Parts returns an upload and its parts by number.
func (s *Store) Parts(p Place, key, id string) (Upload, []Part, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, err := s.find(p, key, id)
	if err != nil {
		return Upload{}, nil, err
	}
	var list []Part
	for _, number := range slices.Sorted(maps.Keys(u.parts)) {
		list = append(list, *u.parts[number])
	}
	return u.Upload, list, nil
}

// Abort ends an upload and deletes its parts.
func (s *Store) Abort(p Place, key, id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, err := s.find(p, key, id)
	if err != nil {
		return err
	}
	return s.forget(u)
}

// forget deletes an upload with its parts. The lock is held.
func (s *Store) forget(u *upload) error {
	if err := s.o.Folder.RemoveAll(u.folder()); err != nil {
		return err
	}
	delete(s.uploads, u.ID)
	for _, p := range u.parts {
		s.let(p.Blob)
	}
	return nil
}

// Uploads returns the uploads of a bucket whose keys have the prefix, by key
// and then by id.
func (s *Store) Uploads(p Place, prefix string) ([]Upload, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := s.enter(p)
	if err != nil {
		return nil, err
	}
	var list []Upload
	for _, u := range s.uploadsOf(b) {
		if strings.HasPrefix(u.Key, prefix) {
			list = append(list, u.Upload)
		}
	}
	return list, nil
}

func (s *Store) uploadsOf(b *bucket) []*upload {
	list := slices.Collect(maps.Values(s.uploads))
	list = slices.DeleteFunc(list, func(u *upload) bool { return u.Bucket != b.Name })
	slices.SortFunc(list, func(a, b *upload) int {
		return cmp.Or(strings.Compare(a.Key, b.Key), strings.Compare(a.ID, b.ID))
	})
	return list
}
