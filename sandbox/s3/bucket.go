package s3

import (
	"encoding/xml"
	"errors"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// Buckets whose names begin with these answer as the vendor does for buckets
// that do not exist, or belong to others.
const (
	missingPrefix = "missing-"
	deniedPrefix  = "denied-"
)

// defaultRegion is the one whose endpoint is also the global one.
const defaultRegion = "us-east-1"

// open returns the bucket of a request, if the sender may use it there. The
// lock is held.
func (s *Service) open(x *exchange) (*bucket, error) {
	if err := checkBucketName(x.bucket); err != nil {
		return nil, err
	}
	b := s.buckets[x.bucket]
	switch {
	case strings.HasPrefix(x.bucket, deniedPrefix):
		return nil, accessDenied()
	case strings.HasPrefix(x.bucket, missingPrefix):
		return nil, noSuchBucket(x.bucket)
	case b == nil && s.o.Strict:
		return nil, noSuchBucket(x.bucket)
	case b == nil:
		var err error
		if b, err = s.make(x.bucket, x.identity.Region, x.identity.Credential.Account); err != nil {
			return nil, err
		}
	case b.Account != x.identity.Credential.Account:
		return nil, accessDenied()
	case b.Region != x.identity.Region:
		return nil, elsewhere(b, x.identity.Region)
	}
	if owner := x.r.Header.Get("X-Amz-Expected-Bucket-Owner"); owner != "" && owner != b.Account {
		return nil, accessDenied()
	}
	return b, nil
}

// elsewhere is the answer to a request that was signed for another region
// than the bucket's: the global endpoint, which is us-east-1's, compares the
// scope; a regional one sends the client away.
func elsewhere(b *bucket, signed string) error {
	var f *Failure
	if signed == defaultRegion {
		f = bad("AuthorizationHeaderMalformed", "The authorization header is malformed; the region '"+signed+
			"' is wrong; expecting '"+b.Region+"'", Field{"Region", b.Region})
	} else {
		f = fail(http.StatusMovedPermanently, "PermanentRedirect", "The bucket you are attempting to access must be "+
			"addressed using the specified endpoint. Please send all future requests to this endpoint.",
			Field{"Endpoint", b.Name + ".s3." + b.Region + ".amazonaws.com"}, Field{"Bucket", b.Name})
	}
	f.Region = b.Region
	return f
}

func (s *Service) make(name, region, account string) (*bucket, error) {
	b := &bucket{Name: name, Region: region, Account: account, Created: s.o.Clock().UTC(), objects: map[string]*object{}}
	if err := s.o.Folder.Save("buckets/"+name+"/bucket.json", b); err != nil {
		return nil, err
	}
	s.buckets[name] = b
	return b, nil
}

func (s *Service) createBucket(x *exchange) error {
	if err := checkBucketName(x.bucket); err != nil {
		return err
	}
	region, err := wantedRegion(x)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	reserved := strings.HasPrefix(x.bucket, deniedPrefix) || strings.HasPrefix(x.bucket, missingPrefix)
	if b := s.buckets[x.bucket]; b != nil || reserved {
		switch {
		case b == nil || b.Account != x.identity.Credential.Account:
			return fail(http.StatusConflict, "BucketAlreadyExists", "The requested bucket name is not available. The bucket "+
				"namespace is shared by all users of the system. Please select a different name and try again.",
				Field{"BucketName", x.bucket})
		case region != defaultRegion || b.Region != defaultRegion:
			return fail(http.StatusConflict, "BucketAlreadyOwnedByYou",
				"Your previous request to create the named bucket succeeded and you already own it.", Field{"BucketName", x.bucket})
		}
	} else if _, err := s.make(x.bucket, region, x.identity.Credential.Account); err != nil {
		return err
	}
	x.w.Header().Set("Location", "/"+x.bucket)
	x.w.WriteHeader(http.StatusOK)
	return nil
}

// wantedRegion reads the body of a CreateBucket. Only the endpoint of
// us-east-1 creates buckets elsewhere.
func wantedRegion(x *exchange) (string, error) {
	var doc struct{ LocationConstraint string }
	text, err := io.ReadAll(io.LimitReader(x.r.Body, 64<<10))
	if err != nil {
		return "", incompleteBody()
	}
	if err := x.checkSmall(text); err != nil {
		return "", err
	}
	if len(text) > 0 && xml.Unmarshal(text, &doc) != nil {
		return "", malformedXML()
	}
	here, want := x.identity.Region, doc.LocationConstraint
	switch {
	case want == "" && here == defaultRegion:
		return defaultRegion, nil
	case want == defaultRegion && here == defaultRegion:
		return "", bad("InvalidLocationConstraint", "The specified location-constraint is not valid", Field{"LocationConstraint", want})
	case want == here || here == defaultRegion:
		return want, nil
	case want == "":
		want = "unspecified"
	}
	return "", bad("IllegalLocationConstraintException",
		"The "+want+" location constraint is incompatible for the region specific endpoint this request was sent to.")
}

func (s *Service) headBucket(x *exchange) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := s.open(x)
	if err != nil {
		return err
	}
	x.w.Header().Set("X-Amz-Bucket-Region", b.Region)
	x.w.Header().Set("Content-Type", "application/xml")
	x.w.WriteHeader(http.StatusOK)
	return nil
}

// getBucketLocation answers from every region, as the real one does.
func (s *Service) getBucketLocation(x *exchange) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := s.open(x)
	if f, ok := errors.AsType[*Failure](err); ok && f.Region != "" {
		b, err = s.buckets[x.bucket], nil
	}
	if err != nil {
		return err
	}
	doc := struct {
		XMLName xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ LocationConstraint"`
		Region  string   `xml:",chardata"`
	}{Region: b.Region}
	if b.Region == defaultRegion {
		doc.Region = ""
	}
	return x.answer(doc)
}

func (s *Service) deleteBucket(x *exchange) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.buckets[x.bucket] == nil {
		return noSuchBucket(x.bucket)
	}
	b, err := s.open(x)
	if err != nil {
		return err
	}
	if len(b.objects) > 0 {
		return fail(http.StatusConflict, "BucketNotEmpty", "The bucket you tried to delete is not empty", Field{"BucketName", b.Name})
	}
	for _, u := range s.uploadsOf(b) {
		if err := s.forget(u); err != nil {
			return err
		}
	}
	if err := s.o.Folder.RemoveAll("buckets/" + b.Name); err != nil {
		return err
	}
	delete(s.buckets, b.Name)
	x.w.WriteHeader(http.StatusNoContent)
	return nil
}

func (s *Service) listBuckets(x *exchange) error {
	type entry struct{ Name, CreationDate, BucketRegion string }
	doc := struct {
		XMLName xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ ListAllMyBucketsResult"`
		Owner   owner
		Buckets []entry `xml:"Buckets>Bucket"`
	}{Owner: ownerOf(x.identity.Credential.Account)}
	s.mu.Lock()
	for _, name := range slices.Sorted(maps.Keys(s.buckets)) {
		if b := s.buckets[name]; b.Account == x.identity.Credential.Account {
			doc.Buckets = append(doc.Buckets, entry{b.Name, stamp(b.Created), b.Region})
		}
	}
	s.mu.Unlock()
	return x.answer(doc)
}
