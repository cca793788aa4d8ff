package objects

import (
	"encoding/hex"
	"net/http"
	"os"
	"strings"
	"time"
)

// An Object never changes; another one takes its place.
type Object struct {
	Bucket string `json:"bucket"`
	Key    string `json:"key"`
	Blob   string `json:"blob"`
	Size   int64  `json:"size"`
	// ETag is lower-case and without quotes: the MD5 of the bytes or, of an
	// object made of parts, the MD5 of the parts' MD5s, "-" and their number.
	ETag string `json:"etag"`
	// CRC is CRC-64/XZ of all bytes.
	CRC      uint64    `json:"crc64,string"`
	Modified time.Time `json:"modified"`
	// Multipart says that it was made of parts.
	Multipart bool `json:"multipart,omitempty"`
	// Headers are those of the request that a GET gives back.
	Headers map[string]string `json:"headers,omitempty"`
}

// KeptHeaders are those of a write that a read gives back: the standard ones
// that describe content, and the client's own, which begin with metaPrefix in
// Go's spelling.
func KeptHeaders(h http.Header, metaPrefix string) map[string]string {
	kept := map[string]string{}
	for _, name := range []string{"Cache-Control", "Content-Disposition", "Content-Encoding", "Content-Language", "Content-Type", "Expires"} {
		if value := h.Get(name); value != "" {
			kept[name] = value
		}
	}
	for name, values := range h {
		if strings.HasPrefix(name, metaPrefix) {
			// In lower case, as the vendors give them back: clients that keep
			// the spelling of headers would see other names otherwise.
			kept[strings.ToLower(name)] = strings.Join(values, ",")
		}
	}
	return kept
}

// Put makes a body the object under its key. With create it does so only
// where there is none, and fails with [ErrExists] else.
func (s *Store) Put(p Place, key string, b *Body, headers map[string]string, create bool) (Object, error) {
	o := &Object{
		Bucket: p.Bucket, Key: key, Size: b.Size, ETag: hex.EncodeToString(b.MD5[:]), CRC: b.CRC,
		Modified: s.o.Clock().UTC(), Headers: headers,
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.put(p, o, b, create); err != nil {
		return Object{}, err
	}
	return *o, nil
}

// put is Put with the lock held.
func (s *Store) put(p Place, o *Object, body *Body, create bool) error {
	b, err := s.enter(p)
	if err != nil {
		return err
	}
	old := b.objects[o.Key]
	if create && old != nil {
		return ErrExists
	}
	if o.Blob, err = s.keep(body); err != nil {
		return err
	}
	if err := s.o.Folder.Save(o.file(), o); err != nil {
		s.let(o.Blob)
		return err
	}
	b.objects[o.Key] = o
	if old != nil {
		s.let(old.Blob)
	}
	return nil
}

// Allow says whether Put would find its place, as things stand.
func (s *Store) Allow(p Place, key string, create bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := s.enter(p)
	if err != nil {
		return err
	}
	if create && b.objects[key] != nil {
		return ErrExists
	}
	return nil
}

// Open returns an object and its bytes, which stay what they are even if the
// object is replaced or deleted at once. The caller closes the file.
func (s *Store) Open(p Place, key string) (Object, *os.File, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := s.enter(p)
	if err != nil {
		return Object{}, nil, err
	}
	o := b.objects[key]
	if o == nil {
		return Object{}, nil, ErrNoKey
	}
	file, err := os.Open(s.o.Folder.Path(blobFile(o.Blob)))
	return *o, file, err
}

// Delete deletes an object. The error is [ErrNoKey] when there is none.
func (s *Store) Delete(p Place, key string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := s.enter(p)
	if err != nil {
		return err
	}
	o := b.objects[key]
	if o == nil {
		return ErrNoKey
	}
	return s.drop(b, o)
}

// Discard deletes an object, whoever has the bucket. That there is none is no
// error.
func (s *Store) Discard(bucket, key string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.buckets[bucket]
	if b == nil || b.objects[key] == nil {
		return nil
	}
	return s.drop(b, b.objects[key])
}

func (s *Store) drop(b *bucket, o *Object) error {
	if err := s.o.Folder.Remove(o.file()); err != nil {
		return err
	}
	delete(b.objects, o.Key)
	s.let(o.Blob)
	return nil
}
