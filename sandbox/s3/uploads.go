package s3

import (
	"cmp"
	"encoding/xml"
	"maps"
	"slices"
	"strconv"
	"strings"
)

func (s *Service) listParts(x *exchange) error {
	type entry struct {
		PartNumber   int
		LastModified string
		ETag         string
		Sum          *element
		Size         int64
	}
	doc := struct {
		XMLName              xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ ListPartsResult"`
		Bucket               string
		Key                  string
		UploadId             string
		Initiator, Owner     owner
		StorageClass         string
		PartNumberMarker     int
		NextPartNumberMarker int
		MaxParts             int
		IsTruncated          bool
		ChecksumAlgorithm    string  `xml:",omitempty"`
		ChecksumType         string  `xml:",omitempty"`
		Parts                []entry `xml:"Part"`
	}{Bucket: x.bucket, StorageClass: "STANDARD"}
	spell, err := x.spelling()
	if err != nil {
		return err
	}
	if doc.MaxParts, err = x.limit("max-parts"); err != nil {
		return err
	}
	if text := x.query.Get("part-number-marker"); text != "" {
		if doc.PartNumberMarker, err = strconv.Atoi(text); err != nil {
			return invalidArgument("part-number-marker", text, "Provided part-number-marker not an integer or within integer range")
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	b, u, err := s.find(x)
	if err != nil {
		return err
	}
	for _, number := range slices.Sorted(maps.Keys(u.parts)) {
		if number <= doc.PartNumberMarker {
			continue
		}
		if len(doc.Parts) == doc.MaxParts {
			doc.IsTruncated = true
			break
		}
		p := u.parts[number]
		e := entry{PartNumber: number, LastModified: stamp(p.Modified), ETag: quoted(p.ETag), Size: p.Size}
		if u.Algorithm != "" {
			e.Sum = &element{xml.Name{Local: "Checksum" + p.Sum.Algorithm}, p.Sum.Value}
		}
		doc.Parts = append(doc.Parts, e)
		doc.NextPartNumberMarker = number
	}
	doc.Key, doc.UploadId = spell(u.Key), u.ID
	doc.Owner, doc.Initiator = ownerOf(b.Account), ownerOf(b.Account)
	doc.ChecksumAlgorithm, doc.ChecksumType = u.Algorithm, u.Kind
	return x.answer(doc)
}

func (s *Service) listUploads(x *exchange) error {
	type entry struct {
		Key               string
		UploadId          string
		Initiator, Owner  owner
		StorageClass      string
		Initiated         string
		ChecksumAlgorithm string `xml:",omitempty"`
		ChecksumType      string `xml:",omitempty"`
	}
	doc := struct {
		XMLName            xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ ListMultipartUploadsResult"`
		Bucket             string
		KeyMarker          string
		UploadIdMarker     string
		NextKeyMarker      string
		NextUploadIdMarker string
		Prefix             string `xml:",omitempty"`
		EncodingType       string `xml:",omitempty"`
		MaxUploads         int
		IsTruncated        bool
		Uploads            []entry `xml:"Upload"`
	}{Bucket: x.bucket}
	spell, err := x.spelling()
	if err != nil {
		return err
	}
	if doc.MaxUploads, err = x.limit("max-uploads"); err != nil {
		return err
	}
	prefix, afterKey, afterID := x.query.Get("prefix"), x.query.Get("key-marker"), x.query.Get("upload-id-marker")
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := s.open(x)
	if err != nil {
		return err
	}
	for _, u := range s.uploadsOf(b) {
		if !strings.HasPrefix(u.Key, prefix) || u.Key < afterKey || u.Key == afterKey && (afterID == "" || u.ID <= afterID) {
			continue
		}
		if len(doc.Uploads) == doc.MaxUploads {
			doc.IsTruncated = true
			break
		}
		who := ownerOf(b.Account)
		doc.Uploads = append(doc.Uploads, entry{spell(u.Key), u.ID, who, who, "STANDARD", stamp(u.Initiated), u.Algorithm, u.Kind})
		doc.NextKeyMarker, doc.NextUploadIdMarker = spell(u.Key), u.ID
	}
	doc.KeyMarker, doc.UploadIdMarker, doc.Prefix = spell(afterKey), afterID, spell(prefix)
	doc.EncodingType = x.query.Get("encoding-type")
	return x.answer(doc)
}

// uploadsOf returns the uploads of a bucket by key, then by id. The real one
// orders those of one key by their age.
func (s *Service) uploadsOf(b *bucket) []*upload {
	list := slices.Collect(maps.Values(s.uploads))
	list = slices.DeleteFunc(list, func(u *upload) bool { return u.Bucket != b.Name })
	slices.SortFunc(list, func(a, b *upload) int {
		return cmp.Or(strings.Compare(a.Key, b.Key), strings.Compare(a.ID, b.ID))
	})
	return list
}
