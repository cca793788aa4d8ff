// Package objects keeps buckets, objects and multipart uploads for the
// sandbox's OSS and COS: what is the same in both, on disk, with the CRC-64
// that both compute of everything. It knows no wire format; its errors are
// for the services to put into their vendor's words.
package objects

import (
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/layerbuild/layerbuild/sandbox/disk"
)

// Why a bucket, an object or an upload cannot be had. A bucket in another
// region is an [*Elsewhere], a part that does not fit a [*PartError].
var (
	// ErrNoBucket: there is no such bucket.
	ErrNoBucket = errors.New("no such bucket")
	// ErrDenied: the bucket is another account's.
	ErrDenied = errors.New("bucket belongs to another account")
	// ErrOwned: a bucket that was to be made is there already, and the
	// account's own.
	ErrOwned = errors.New("bucket is there already")
	// ErrNotEmpty: a bucket that was to be deleted holds objects or uploads.
	ErrNotEmpty = errors.New("bucket is not empty")
	// ErrNoKey: there is no such object.
	ErrNoKey = errors.New("no such key")
	// ErrExists: an object that was to be created is there already.
	ErrExists = errors.New("object is there already")
	// ErrNoUpload: there is no such multipart upload, or no more.
	ErrNoUpload = errors.New("no such upload")
)

// Elsewhere says that a bucket is in another region than the request.
type Elsewhere struct{ Region string }

func (e *Elsewhere) Error() string { return "bucket is in region " + e.Region }

// Buckets whose names begin with these answer as the vendors do for buckets
// that do not exist, or belong to others.
const (
	missingPrefix = "missing-"
	deniedPrefix  = "denied-"
)

// Options say what a Store is made of. All fields but Strict are required.
type Options struct {
	// Folder holds the state.
	Folder disk.Folder
	// Clock is the server's time.
	Clock func() time.Time
	// Strict refuses buckets that were not made. Otherwise a bucket comes
	// into being when it is first used, in the region of that request.
	Strict bool
}

// A Store is all that one object storage service keeps. Its methods may be
// called from any goroutine.
type Store struct {
	o Options

	mu      sync.Mutex
	buckets map[string]*bucket
	uploads map[string]*upload
}

// New reads the state back that an earlier Store left in the folder.
func New(o Options) (*Store, error) {
	s := &Store{o: o, buckets: map[string]*bucket{}, uploads: map[string]*upload{}}
	if err := s.load(); err != nil {
		return nil, err
	}
	return s, nil
}

// A Place is a bucket as a request sees it.
type Place struct {
	// Account asks, Region is the one whose endpoint it asks. Without a
	// region the bucket may be in any.
	Account, Region string
	Bucket          string
	// Existing says that a bucket does not come into being by this.
	Existing bool
}

// A Bucket is a named set of objects in one region.
type Bucket struct {
	Name    string    `json:"name"`
	Region  string    `json:"region"`
	Account string    `json:"account"`
	Created time.Time `json:"created"`
}

// Enter returns a bucket if the account may use it there.
func (s *Store) Enter(p Place) (Bucket, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := s.enter(p)
	if err != nil {
		return Bucket{}, err
	}
	return b.Bucket, nil
}

// enter is Enter with the lock held.
func (s *Store) enter(p Place) (*bucket, error) {
	b := s.buckets[p.Bucket]
	switch {
	case strings.HasPrefix(p.Bucket, deniedPrefix):
		return nil, ErrDenied
	case strings.HasPrefix(p.Bucket, missingPrefix), b == nil && (s.o.Strict || p.Existing):
		return nil, ErrNoBucket
	case b == nil:
		return s.make(p)
	case b.Account != p.Account:
		return nil, ErrDenied
	case p.Region != "" && p.Region != b.Region:
		return nil, &Elsewhere{Region: b.Region}
	}
	return b, nil
}

func (s *Store) make(p Place) (*bucket, error) {
	b := &bucket{
		Bucket:  Bucket{Name: p.Bucket, Region: p.Region, Account: p.Account, Created: s.o.Clock().UTC()},
		objects: map[string]*Object{},
	}
	if err := s.o.Folder.Save(b.file(), b.Bucket); err != nil {
		return nil, err
	}
	s.buckets[p.Bucket] = b
	return b, nil
}

// Make makes a bucket. The error is [ErrDenied] when somebody else has one of
// that name, and [ErrOwned], with the bucket, when the account itself does.
func (s *Store) Make(p Place) (Bucket, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.buckets[p.Bucket]
	switch {
	case strings.HasPrefix(p.Bucket, deniedPrefix), strings.HasPrefix(p.Bucket, missingPrefix),
		b != nil && b.Account != p.Account:
		return Bucket{}, ErrDenied
	case b != nil:
		return b.Bucket, ErrOwned
	}
	b, err := s.make(p)
	if err != nil {
		return Bucket{}, err
	}
	return b.Bucket, nil
}

// Remove deletes a bucket in which there is nothing.
func (s *Store) Remove(p Place) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.buckets[p.Bucket] == nil && !strings.HasPrefix(p.Bucket, deniedPrefix) {
		return ErrNoBucket
	}
	b, err := s.enter(p)
	if err != nil {
		return err
	}
	if len(b.objects) > 0 || len(s.uploadsOf(b)) > 0 {
		return ErrNotEmpty
	}
	if err := s.o.Folder.RemoveAll(b.folder()); err != nil {
		return err
	}
	delete(s.buckets, b.Name)
	return nil
}
