package oss

import (
	"encoding/xml"
	"strconv"

	"github.com/layerbuild/layerbuild/sandbox/objects"
)

func (s *Service) listParts(x *exchange) error {
	type entry struct {
		PartNumber    int
		LastModified  string
		ETag          string
		HashCrc64ecma string
		Size          int64
	}
	doc := struct {
		XMLName              xml.Name `xml:"ListPartsResult"`
		EncodingType         string   `xml:",omitempty"`
		Bucket               string
		Key                  string
		UploadID             string `xml:"UploadId"`
		StorageClass         string
		PartNumberMarker     int
		NextPartNumberMarker int
		MaxParts             int
		IsTruncated          bool
		Parts                []entry `xml:"Part"`
	}{Bucket: x.about.Bucket, EncodingType: x.query.Get("encoding-type"), StorageClass: "Standard"}
	spell, err := x.spelling()
	if err != nil {
		return err
	}
	if doc.MaxParts, err = x.limit("max-parts", maxPage); err != nil {
		return err
	}
	if text := x.query.Get("part-number-marker"); text != "" {
		if doc.PartNumberMarker, err = strconv.Atoi(text); err != nil {
			return argument("part-number-marker", text, "Argument part-number-marker must be an integer.")
		}
	}
	u, parts, err := s.store.Parts(x.place(), x.about.Key, x.query.Get("uploadId"))
	if err != nil {
		return err
	}
	for _, p := range parts {
		if p.Number <= doc.PartNumberMarker {
			continue
		}
		if len(doc.Parts) == doc.MaxParts {
			doc.IsTruncated = true
			break
		}
		doc.Parts = append(doc.Parts, entry{p.Number, stamp(p.Modified), quoted(p.ETag), objects.Sum(p.CRC), p.Size})
		doc.NextPartNumberMarker = p.Number
	}
	doc.Key, doc.UploadID = spell(u.Key), u.ID
	return x.answer(doc)
}

func (s *Service) listUploads(x *exchange) error {
	type entry struct {
		Key          string
		UploadID     string `xml:"UploadId"`
		StorageClass string
		Initiated    string
	}
	doc := struct {
		XMLName            xml.Name `xml:"ListMultipartUploadsResult"`
		EncodingType       string   `xml:",omitempty"`
		Bucket             string
		KeyMarker          string
		UploadIDMarker     string `xml:"UploadIdMarker"`
		NextKeyMarker      string
		NextUploadIDMarker string `xml:"NextUploadIdMarker"`
		Delimiter          string
		Prefix             string
		MaxUploads         int
		IsTruncated        bool
		Uploads            []entry `xml:"Upload"`
	}{Bucket: x.about.Bucket, EncodingType: x.query.Get("encoding-type")}
	spell, err := x.spelling()
	if err != nil {
		return err
	}
	if doc.MaxUploads, err = x.limit("max-uploads", maxPage); err != nil {
		return err
	}
	prefix, afterKey, afterID := x.query.Get("prefix"), x.query.Get("key-marker"), x.query.Get("upload-id-marker")
	uploads, err := s.store.Uploads(x.place(), prefix)
	if err != nil {
		return err
	}
	for _, u := range uploads {
		if u.Key < afterKey || u.Key == afterKey && (afterID == "" || u.ID <= afterID) {
			continue
		}
		if len(doc.Uploads) == doc.MaxUploads {
			doc.IsTruncated = true
			break
		}
		doc.Uploads = append(doc.Uploads, entry{spell(u.Key), u.ID, "Standard", stamp(u.Initiated)})
		doc.NextKeyMarker, doc.NextUploadIDMarker = spell(u.Key), u.ID
	}
	doc.KeyMarker, doc.UploadIDMarker, doc.Prefix = spell(afterKey), afterID, spell(prefix)
	return x.answer(doc)
}
