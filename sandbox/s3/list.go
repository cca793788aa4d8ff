package s3

import (
	"encoding/base64"
	"encoding/xml"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// maxPage is the most that one listing answers with.
const maxPage = 1000

func (s *Service) listObjects(x *exchange) error {
	type content struct {
		Key               string
		LastModified      string
		ETag              string
		ChecksumAlgorithm string
		ChecksumType      string
		Size              int64
		Owner             *owner
		StorageClass      string
	}
	type shared struct{ Prefix string }
	doc := struct {
		XMLName               xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ ListBucketResult"`
		Name                  string
		Prefix                string
		Delimiter             string `xml:",omitempty"`
		StartAfter            string `xml:",omitempty"`
		ContinuationToken     string `xml:",omitempty"`
		NextContinuationToken string `xml:",omitempty"`
		KeyCount, MaxKeys     int
		EncodingType          string `xml:",omitempty"`
		IsTruncated           bool
		Contents              []content
		CommonPrefixes        []shared
	}{Name: x.bucket}
	if x.query.Get("list-type") != "2" {
		return invalidArgument("list-type", x.query.Get("list-type"), "Invalid List Type specified in Request")
	}
	spell, err := x.spelling()
	if err != nil {
		return err
	}
	limit, err := x.limit("max-keys")
	if err != nil {
		return err
	}
	after, err := x.position()
	if err != nil {
		return err
	}
	prefix, delimiter := x.query.Get("prefix"), x.query.Get("delimiter")

	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := s.open(x)
	if err != nil {
		return err
	}
	last := ""
	for _, key := range slices.Sorted(maps.Keys(b.objects)) {
		item, common := group(key, prefix, delimiter)
		if !strings.HasPrefix(key, prefix) || item <= after || common && item == last {
			continue
		}
		if doc.KeyCount == limit {
			doc.IsTruncated = limit > 0
			break
		}
		doc.KeyCount++
		last = item
		if common {
			doc.CommonPrefixes = append(doc.CommonPrefixes, shared{spell(item)})
			continue
		}
		o := b.objects[key]
		c := content{spell(key), stamp(o.Modified), quoted(o.ETag), o.Sum.Algorithm, o.Sum.Kind, o.Size, nil, "STANDARD"}
		if x.query.Get("fetch-owner") == "true" {
			who := ownerOf(b.Account)
			c.Owner = &who
		}
		doc.Contents = append(doc.Contents, c)
	}
	doc.Prefix, doc.Delimiter, doc.StartAfter = spell(prefix), spell(delimiter), spell(x.query.Get("start-after"))
	doc.ContinuationToken, doc.EncodingType, doc.MaxKeys = x.query.Get("continuation-token"), x.query.Get("encoding-type"), limit
	if doc.IsTruncated {
		doc.NextContinuationToken = base64.URLEncoding.EncodeToString([]byte(last))
	}
	return x.answer(doc)
}

// group returns what stands for a key in a listing: itself, or the prefix
// that it has in common with all keys to the next delimiter.
func group(key, prefix, delimiter string) (item string, common bool) {
	rest, ok := strings.CutPrefix(key, prefix)
	if !ok || delimiter == "" {
		return key, false
	}
	before, _, found := strings.Cut(rest, delimiter)
	if !found {
		return key, false
	}
	return prefix + before + delimiter, true
}

// position is the item after which a listing goes on.
func (x *exchange) position() (string, error) {
	if !x.query.Has("continuation-token") {
		return x.query.Get("start-after"), nil
	}
	token := x.query.Get("continuation-token")
	at, err := base64.URLEncoding.DecodeString(token)
	if err != nil || token == "" {
		return "", bad("InvalidArgument", "The continuation token provided is incorrect", Field{"ArgumentName", "continuation-token"})
	}
	return string(at), nil
}

// limit reads how many items the client wants at most.
func (x *exchange) limit(name string) (int, error) {
	text := x.query.Get(name)
	if text == "" {
		return maxPage, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > 1<<31-1 {
		return 0, invalidArgument(name, text, "Provided "+name+" not an integer or within integer range")
	}
	return min(n, maxPage), nil
}

// spelling returns how keys are written: as they are, or escaped, for those
// that XML cannot hold.
func (x *exchange) spelling() (func(string) string, error) {
	switch kind := x.query.Get("encoding-type"); kind {
	case "":
		return func(key string) string { return key }, nil
	case "url":
		return func(key string) string { return strings.ReplaceAll(url.QueryEscape(key), "%2F", "/") }, nil
	default:
		return nil, invalidArgument("encoding-type", kind, "Invalid Encoding Method specified in Request")
	}
}
