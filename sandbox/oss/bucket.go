package oss

import (
	"encoding/xml"
	"errors"
	"io"
	"net/http"

	"github.com/layerbuild/layerbuild/sandbox/objects"
)

// putBucket makes a bucket in the region of the request. Who has it already
// may make it again, if nothing changes by that.
func (s *Service) putBucket(x *exchange) error {
	var doc struct{ StorageClass, DataRedundancyType string }
	text, err := io.ReadAll(io.LimitReader(x.r.Body, 64<<10))
	if err != nil || len(text) > 0 && xml.Unmarshal(text, &doc) != nil {
		return malformedXML()
	}
	if doc.StorageClass != "" && doc.StorageClass != "Standard" {
		return notImplemented("StorageClass", doc.StorageClass, "The sandbox knows Standard only")
	}
	if doc.DataRedundancyType != "" && doc.DataRedundancyType != "LRS" {
		return notImplemented("DataRedundancyType", doc.DataRedundancyType, "The sandbox knows LRS only")
	}
	b, err := s.store.Make(x.place())
	switch {
	case errors.Is(err, objects.ErrDenied):
		return fail(http.StatusConflict, "BucketAlreadyExists", "The requested bucket name is not available. The bucket namespace "+
			"is shared by all users of the system. Please select a different name and try again.",
			Field{"BucketName", x.about.Bucket}).ec("0015-00000104")
	case errors.Is(err, objects.ErrOwned) && b.Region != x.identity.Region:
		return fail(http.StatusConflict, "BucketAlreadyExists", "Bucket already exists can't modify location.", Field{"BucketName", b.Name})
	case err != nil && !errors.Is(err, objects.ErrOwned):
		return err
	}
	x.w.Header().Set("Location", "/"+x.about.Bucket)
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

func (s *Service) getBucketInfo(x *exchange) error {
	b, err := s.store.Enter(x.place())
	if err != nil {
		return err
	}
	type info struct {
		CreationDate       string
		ExtranetEndpoint   string
		IntranetEndpoint   string
		Location           string
		StorageClass       string
		DataRedundancyType string
		Name               string
		Owner              owner
		Grant              string `xml:"AccessControlList>Grant"`
		Comment            string
	}
	return x.answer(struct {
		XMLName xml.Name `xml:"BucketInfo"`
		Bucket  info
	}{Bucket: info{
		CreationDate: stamp(b.Created), ExtranetEndpoint: endpoint(b.Region),
		IntranetEndpoint: location(b.Region) + "-internal.aliyuncs.com", Location: location(b.Region),
		StorageClass: "Standard", DataRedundancyType: "LRS", Name: b.Name, Owner: ownerOf(b.Account), Grant: "private",
	}})
}

func (s *Service) getBucketLocation(x *exchange) error {
	b, err := s.store.Enter(x.place())
	if err != nil {
		return err
	}
	return x.answer(struct {
		XMLName  xml.Name `xml:"LocationConstraint"`
		Location string   `xml:",chardata"`
	}{Location: location(b.Region)})
}
