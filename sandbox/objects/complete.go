package objects

import (
	"crypto/md5"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc64"
	"io"
	"os"
	"strconv"
)

// A Listed is a part as the list of a completion has it.
type Listed struct {
	Number int
	// ETag is lower-case and without quotes.
	ETag string
}

// Reason says what is wrong with the list of a completion.
type Reason int

// The reasons.
const (
	// Unordered: the numbers do not ascend.
	Unordered Reason = iota + 1
	// Unknown: there is no such part, or it has another ETag.
	Unknown
	// Small: a part that is not the last has too few bytes.
	Small
)

// A PartError is a list of parts of which no object can be made.
type PartError struct {
	Reason Reason
	// Number and ETag are those of the first part that does not fit, Size is
	// its size in bytes if there is one.
	Number int
	ETag   string
	Size   int64
}

func (e *PartError) Error() string {
	return fmt.Sprintf("part %d does not fit (reason %d)", e.Number, e.Reason)
}

// A Completion is a request to make an object of parts.
type Completion struct {
	Key, ID string
	Parts   []Listed
	// Create refuses to replace an object, with [ErrExists].
	Create bool
	// Least is how many bytes every part but the last must have.
	Least int64
}

// Complete puts the listed parts together, one behind the other, and ends the
// upload.
func (s *Store) Complete(p Place, c Completion) (Object, error) {
	u, parts, err := s.close(p, c)
	if err != nil {
		return Object{}, err
	}
	body, etag, err := s.assemble(parts)
	if err == nil {
		defer body.Discard()
		var o Object
		if o, err = s.finish(p, c, u, body, etag); err == nil {
			return o, nil
		}
	}
	s.mu.Lock()
	u.closing = false
	s.mu.Unlock()
	return Object{}, err
}

// close holds the list against the parts that were uploaded. From here on the
// upload takes no parts and no second completion.
func (s *Store) close(p Place, c Completion) (*upload, []*Part, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, err := s.find(p, c.Key, c.ID)
	if err != nil {
		return nil, nil, err
	}
	parts, err := u.choose(c)
	if err != nil {
		return nil, nil, err
	}
	if c.Create && s.buckets[p.Bucket].objects[c.Key] != nil {
		return nil, nil, ErrExists
	}
	u.closing = true
	return u, parts, nil
}

// choose returns the listed parts.
func (u *upload) choose(c Completion) ([]*Part, error) {
	for i, want := range c.Parts {
		if i > 0 && want.Number <= c.Parts[i-1].Number {
			return nil, &PartError{Reason: Unordered, Number: want.Number, ETag: want.ETag}
		}
	}
	var parts []*Part
	for _, want := range c.Parts {
		have := u.parts[want.Number]
		if have == nil || want.ETag != have.ETag {
			return nil, &PartError{Reason: Unknown, Number: want.Number, ETag: want.ETag}
		}
		parts = append(parts, have)
	}
	for i, have := range parts {
		if i < len(parts)-1 && have.Size < c.Least {
			return nil, &PartError{Reason: Small, Number: have.Number, ETag: have.ETag, Size: have.Size}
		}
	}
	return parts, nil
}

// assemble writes the parts one behind the other and computes the sums of the
// whole.
func (s *Store) assemble(parts []*Part) (*Body, string, error) {
	file, err := s.o.Folder.Temp()
	if err != nil {
		return nil, "", err
	}
	b := &Body{path: file.Name()}
	etags, crc := md5.New(), crc64.New(crc64.MakeTable(crc64.ECMA))
	for _, one := range parts {
		etag, errTag := hex.DecodeString(one.ETag)
		etags.Write(etag)
		n, errCopy := copyFile(io.MultiWriter(file, crc), s.o.Folder.Path(blobFile(one.Blob)))
		b.Size += n
		err = errors.Join(err, errTag, errCopy)
	}
	if err = errors.Join(err, file.Close()); err != nil {
		b.Discard()
		return nil, "", err
	}
	b.CRC = crc.Sum64()
	return b, hex.EncodeToString(etags.Sum(nil)) + "-" + strconv.Itoa(len(parts)), nil
}

func copyFile(to io.Writer, path string) (int64, error) {
	file, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer file.Close()
	return io.Copy(to, file)
}

// finish makes the object and ends the upload, in one step for everybody
// else.
func (s *Store) finish(p Place, c Completion, u *upload, body *Body, etag string) (Object, error) {
	o := &Object{
		Bucket: p.Bucket, Key: c.Key, Size: body.Size, ETag: etag, CRC: body.CRC,
		Modified: s.o.Clock().UTC(), Multipart: true, Headers: u.Headers,
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.put(p, o, body, c.Create); err != nil {
		return Object{}, err
	}
	return *o, s.forget(u)
}
