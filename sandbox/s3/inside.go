package s3

import (
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
)

// What other services of the same cloud do with buckets, without a request.

// Fetch opens an object for an account that asks in the given region. The
// error is a *[Failure] when S3 itself would refuse; its Region is then where
// the bucket lives, if that is why. The caller closes the file.
func (s *Service) Fetch(account, region, name, key string) (*os.File, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.buckets[name]
	switch {
	case strings.HasPrefix(name, deniedPrefix):
		return nil, accessDenied()
	case b == nil:
		return nil, noSuchBucket(name)
	case b.Account != account:
		return nil, accessDenied()
	case b.Region != region:
		f := fail(http.StatusMovedPermanently, "PermanentRedirect",
			"The bucket is in this region: "+b.Region+". Please use this region to retry the request")
		f.Region = b.Region
		return nil, f
	}
	o := b.objects[key]
	if o == nil {
		return nil, noSuchKey(key)
	}
	return os.Open(s.o.Folder.Path(blobFile(o.Blob)))
}

// Deposit puts an object into an account's bucket, which it makes if need be.
func (s *Service) Deposit(account, region, name, key string, from io.Reader) error {
	file, err := s.o.Folder.Temp()
	if err != nil {
		return err
	}
	p := payload{path: file.Name()}
	p.size, err = io.Copy(file, from)
	if err = errors.Join(err, file.Close()); err == nil {
		err = s.deposit(account, region, name, key, p)
	}
	if err != nil {
		os.Remove(p.path)
	}
	return err
}

func (s *Service) deposit(account, region, name, key string, p payload) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.buckets[name]
	if b == nil {
		var err error
		if b, err = s.make(name, region, account); err != nil {
			return err
		}
	}
	o := &object{Bucket: name, Key: key, Size: p.size, Modified: s.o.Clock().UTC()}
	var err error
	if o.Blob, err = s.keep(p); err != nil {
		return err
	}
	return s.put(b, o)
}

// Discard deletes what Deposit put there.
func (s *Service) Discard(name, key string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.buckets[name]
	if b == nil || b.objects[key] == nil {
		return nil
	}
	return s.drop(b, b.objects[key])
}
