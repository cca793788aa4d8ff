package oss

import (
	"encoding/xml"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// answer sends a document with status 200.
func (x *exchange) answer(doc any) error {
	text, err := xml.Marshal(doc)
	if err != nil {
		return err
	}
	text = append([]byte(xml.Header), text...)
	x.w.Header().Set("Content-Type", "application/xml")
	x.w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	x.done(http.StatusOK)
	x.w.Write(text) // fails only when the client is gone
	return nil
}

// done sends the head of an answer.
func (x *exchange) done(status int) {
	x.serverTime()
	x.record.Status = status
	x.w.WriteHeader(status)
}

// serverTime tells how many milliseconds OSS took. The sandbox has no clock
// for that beside the one it was given.
func (x *exchange) serverTime() { x.w.Header().Set("X-Oss-Server-Time", "1") }

// stamp is how XML documents spell a time.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// etag spells an ETag as OSS does, with capitals but without quotes.
func etag(tag string) string { return strings.ToUpper(tag) }

func quoted(tag string) string { return `"` + etag(tag) + `"` }

// endpoint is the public host of a region.
func endpoint(region string) string { return location(region) + ".aliyuncs.com" }

// location is a region as OSS's documents spell it.
func location(region string) string { return "oss-" + region }

type owner struct {
	ID          string
	DisplayName string
}

func ownerOf(account string) owner { return owner{ID: account, DisplayName: account} }

// spelling returns how keys are written: as they are, or escaped, for those
// that XML cannot hold.
func (x *exchange) spelling() (func(string) string, error) {
	switch kind := x.query.Get("encoding-type"); kind {
	case "":
		return func(key string) string { return key }, nil
	case "url":
		return func(key string) string { return strings.ReplaceAll(url.QueryEscape(key), "+", "%20") }, nil
	default:
		return nil, argument("encoding-type", kind, "Invalid Encoding Method specified in Request.")
	}
}

// limit reads how many items the client wants at most, of which there may be
// 1 to 1000.
func (x *exchange) limit(name string, otherwise int) (int, error) {
	text := x.query.Get(name)
	if text == "" {
		return otherwise, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > maxPage {
		return 0, argument(name, text, "Argument "+name+" must be an integer between 1 and 1000.")
	}
	return n, nil
}
