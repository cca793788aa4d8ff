package cos

import (
	"encoding/xml"
	"errors"
	"io"
	"net/http"

	"github.com/layerbuild/layerbuild/sandbox/objects"
)

// putBucket makes a bucket in the region of the request.
func (s *Service) putBucket(x *exchange) error {
	var doc struct{ BucketAZConfig, BucketArchConfig string }
	text, err := io.ReadAll(io.LimitReader(x.r.Body, 64<<10))
	if err != nil || len(text) > 0 && xml.Unmarshal(text, &doc) != nil {
		return malformedXML()
	}
	if doc.BucketAZConfig != "" || doc.BucketArchConfig != "" {
		return notImplemented("BucketAZConfig and BucketArchConfig")
	}
	if x.region == "" {
		return notImplemented("buckets made without a region in the host")
	}
	_, err = s.store.Make(x.place())
	switch {
	case errors.Is(err, objects.ErrDenied):
		return fail(http.StatusConflict, "BucketAlreadyExists", "The requested bucket name is not available.")
	case errors.Is(err, objects.ErrOwned):
		return fail(http.StatusConflict, "BucketAlreadyOwnedByYou", "The bucket you tried to create already exists, and you own it.")
	case err != nil:
		return err
	}
	x.done(http.StatusOK)
	return nil
}

func (s *Service) deleteBucket(x *exchange) error {
	if err := s.store.Remove(x.place()); err != nil {
		return err
	}
	x.done(http.StatusNoContent)
	return nil
}

func (s *Service) headBucket(x *exchange) error {
	b, err := s.store.Enter(x.place())
	if err != nil {
		return err
	}
	x.w.Header().Set("X-Cos-Bucket-Region", b.Region)
	x.done(http.StatusOK)
	return nil
}

// getBucket lists objects.
func (s *Service) getBucket(x *exchange) error {
	type content struct {
		Key          string
		LastModified string
		ETag         string
		Size         int64
		Owner        owner
		StorageClass string
	}
	type shared struct{ Prefix string }
	doc := struct {
		XMLName        xml.Name `xml:"ListBucketResult"`
		Name           string
		EncodingType   string `xml:",omitempty"`
		Prefix         string
		Marker         string
		MaxKeys        int
		Delimiter      string `xml:",omitempty"`
		IsTruncated    bool
		NextMarker     string `xml:",omitempty"`
		Contents       []content
		CommonPrefixes []shared
	}{Name: x.bucket, EncodingType: x.query.Get("encoding-type")}
	spell, err := x.spelling()
	if err != nil {
		return err
	}
	q := objects.Query{Prefix: x.query.Get("prefix"), Delimiter: x.query.Get("delimiter"), After: x.query.Get("marker")}
	if q.Limit, err = x.limit("max-keys"); err != nil {
		return err
	}
	page, err := s.store.List(x.place(), q)
	if err != nil {
		return err
	}
	who := ownerOf(x.identity.Credential.Account)
	for _, item := range page.Items {
		if item.Object == nil {
			doc.CommonPrefixes = append(doc.CommonPrefixes, shared{spell(item.Name)})
			continue
		}
		o := item.Object
		doc.Contents = append(doc.Contents, content{spell(o.Key), stamp(o.Modified), quoted(o.ETag), o.Size, who, "STANDARD"})
	}
	doc.Prefix, doc.Delimiter, doc.Marker = spell(q.Prefix), spell(q.Delimiter), spell(q.After)
	doc.MaxKeys, doc.IsTruncated = q.Limit, page.More
	if page.More {
		doc.NextMarker = spell(page.Last())
	}
	return x.answer(doc)
}
