package cos

import (
	"encoding/xml"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/layerbuild/layerbuild/sandbox/objects"
)

const (
	maxParts = 10000
	// minPart is the least that every part but the last must have, 1 MiB.
	minPart = 1 << 20
)

func (s *Service) beginUpload(x *exchange) error {
	u, err := s.store.Begin(x.place(), x.key, objects.KeptHeaders(x.r.Header, metaPrefix), x.forbids())
	if err != nil {
		return err
	}
	return x.answer(struct {
		XMLName  xml.Name `xml:"InitiateMultipartUploadResult"`
		Bucket   string
		Key      string
		UploadID string `xml:"UploadId"`
	}{Bucket: u.Bucket, Key: u.Key, UploadID: u.ID})
}

func (s *Service) uploadPart(x *exchange) error {
	number, err := strconv.Atoi(x.query.Get("partNumber"))
	if err != nil || number < 1 || number > maxParts {
		return argument("Part number must be an integer between 1 and 10000, inclusive.")
	}
	id := x.query.Get("uploadId")
	if _, _, err := s.store.Parts(x.place(), x.key, id); err != nil {
		return err // before the body is read, and once more afterwards
	}
	body, err := s.receive(x)
	if err != nil {
		return err
	}
	defer body.Discard()
	part, err := s.store.AddPart(x.place(), x.key, id, number, body)
	if err != nil {
		return err
	}
	x.w.Header().Set(sumHeader, body.Sum())
	x.w.Header().Set("ETag", quoted(part.ETag))
	x.done(http.StatusOK)
	return nil
}

// completion is the body of a CompleteMultipartUpload.
type completion struct {
	XMLName xml.Name `xml:"CompleteMultipartUpload"`
	Parts   []struct {
		PartNumber int
		ETag       string
	} `xml:"Part"`
}

func (s *Service) completeUpload(x *exchange) error {
	body, err := s.receive(x)
	if err != nil {
		return err
	}
	defer body.Discard()
	list, err := listed(body)
	if err != nil {
		return err
	}
	o, err := s.store.Complete(x.place(), objects.Completion{
		Key: x.key, ID: x.query.Get("uploadId"), Parts: list, Create: x.forbids(), Least: minPart,
	})
	if err != nil {
		return err
	}
	x.w.Header().Set(sumHeader, objects.Sum(o.CRC))
	x.w.Header().Set("ETag", quoted(o.ETag))
	return x.answer(struct {
		XMLName  xml.Name `xml:"CompleteMultipartUploadResult"`
		Location string
		Bucket   string
		Key      string
		ETag     string
	}{Location: x.resource(), Bucket: o.Bucket, Key: o.Key, ETag: quoted(o.ETag)})
}

// listed reads the list of a completion.
func listed(body *objects.Body) ([]objects.Listed, error) {
	file, err := body.Open()
	if err != nil {
		return nil, err
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, 8<<20))
	if err != nil {
		return nil, err
	}
	var doc completion
	if xml.Unmarshal(text, &doc) != nil || len(doc.Parts) == 0 {
		return nil, malformedXML()
	}
	list := make([]objects.Listed, len(doc.Parts))
	for i, p := range doc.Parts {
		list[i] = objects.Listed{Number: p.PartNumber, ETag: strings.ToLower(strings.Trim(p.ETag, `"`))}
	}
	return list, nil
}

func (s *Service) abortUpload(x *exchange) error {
	if err := s.store.Abort(x.place(), x.key, x.query.Get("uploadId")); err != nil {
		return err
	}
	x.done(http.StatusNoContent)
	return nil
}
