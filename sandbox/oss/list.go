package oss

import (
	"encoding/base64"
	"encoding/xml"

	"github.com/layerbuild/layerbuild/sandbox/objects"
)

// maxPage is the most that one listing answers with, firstPage how much it
// does when the client does not say.
const (
	maxPage   = 1000
	firstPage = 100
)

func (s *Service) listObjects(x *exchange) error {
	type content struct {
		Key          string
		LastModified string
		ETag         string
		Type         string
		Size         int64
		StorageClass string
		Owner        *owner
	}
	type shared struct{ Prefix string }
	doc := struct {
		XMLName               xml.Name `xml:"ListBucketResult"`
		Name                  string
		Prefix                string
		StartAfter            string `xml:",omitempty"`
		ContinuationToken     string `xml:",omitempty"`
		MaxKeys               int
		Delimiter             string
		EncodingType          string `xml:",omitempty"`
		IsTruncated           bool
		NextContinuationToken string `xml:",omitempty"`
		KeyCount              int
		Contents              []content
		CommonPrefixes        []shared
	}{Name: x.about.Bucket}
	if kind := x.query.Get("list-type"); kind != "2" {
		return argument("list-type", kind, "Invalid List Type specified in Request.")
	}
	spell, err := x.spelling()
	if err != nil {
		return err
	}
	q := objects.Query{Prefix: x.query.Get("prefix"), Delimiter: x.query.Get("delimiter")}
	if q.Limit, err = x.limit("max-keys", firstPage); err != nil {
		return err
	}
	if q.After, err = x.position(); err != nil {
		return err
	}
	page, err := s.store.List(x.place(), q)
	if err != nil {
		return err
	}
	for _, item := range page.Items {
		if item.Object == nil {
			doc.CommonPrefixes = append(doc.CommonPrefixes, shared{spell(item.Name)})
			continue
		}
		o := item.Object
		c := content{spell(o.Key), stamp(o.Modified), quoted(o.ETag), kind(*o), o.Size, "Standard", nil}
		if x.query.Get("fetch-owner") == "true" {
			who := ownerOf(x.identity.Credential.Account)
			c.Owner = &who
		}
		doc.Contents = append(doc.Contents, c)
	}
	doc.Prefix, doc.Delimiter, doc.StartAfter = spell(q.Prefix), spell(q.Delimiter), spell(x.query.Get("start-after"))
	doc.ContinuationToken, doc.EncodingType = x.query.Get("continuation-token"), x.query.Get("encoding-type")
	doc.MaxKeys, doc.KeyCount, doc.IsTruncated = q.Limit, len(page.Items), page.More
	if page.More {
		doc.NextContinuationToken = base64.URLEncoding.EncodeToString([]byte(page.Last()))
	}
	return x.answer(doc)
}

// position is the item after which a listing goes on.
func (x *exchange) position() (string, error) {
	token := x.query.Get("continuation-token")
	if token == "" {
		return x.query.Get("start-after"), nil
	}
	at, err := base64.URLEncoding.DecodeString(token)
	if err != nil {
		return "", argument("continuation-token", token, "The continuation token provided is incorrect.")
	}
	return string(at), nil
}
