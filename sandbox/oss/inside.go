package oss

import (
	"errors"
	"io"
	"os"

	"github.com/layerbuild/layerbuild/sandbox/objects"
	"github.com/layerbuild/layerbuild/sandbox/osssig"
)

// What other services of the same cloud do with buckets, without a request.
// An error that is OSS's own refusal is a *[Failure].

// Fetch opens an object for an account that asks in the given region. The
// caller closes the file.
func (s *Service) Fetch(account, region, bucket, key string) (*os.File, error) {
	_, file, err := s.store.Open(objects.Place{Account: account, Region: region, Bucket: bucket, Existing: true}, key)
	if err != nil {
		return nil, explain(err, "GetObject", osssig.Resource{Bucket: bucket, Key: key}, "")
	}
	return file, nil
}

// Deposit puts an object into an account's bucket, which it makes if need be.
func (s *Service) Deposit(account, region, bucket, key string, from io.Reader) error {
	body, err := s.store.Receive(from, maxObject)
	if err != nil {
		return err
	}
	defer body.Discard()
	p := objects.Place{Account: account, Region: region, Bucket: bucket}
	if _, err := s.store.Make(p); err != nil && !errors.Is(err, objects.ErrOwned) {
		return err
	}
	_, err = s.store.Put(p, key, body, nil, false)
	return err
}

// Discard deletes what Deposit put there.
func (s *Service) Discard(bucket, key string) error { return s.store.Discard(bucket, key) }
