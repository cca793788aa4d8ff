package cos

import (
	"encoding/xml"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// declaration begins every document, in COS's own spelling.
const declaration = "<?xml version='1.0' encoding='utf-8' ?>\n"

// answer sends a document with status 200.
func (x *exchange) answer(doc any) error {
	text, err := xml.Marshal(doc)
	if err != nil {
		return err
	}
	text = append([]byte(declaration), text...)
	x.w.Header().Set("Content-Type", "application/xml")
	x.w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	x.done(http.StatusOK)
	x.w.Write(text) // fails only when the client is gone
	return nil
}

// done sends the head of an answer.
func (x *exchange) done(status int) {
	x.record.Status = status
	x.w.WriteHeader(status)
}

// stamp is how XML documents spell a time.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

func quoted(etag string) string { return `"` + etag + `"` }

type owner struct {
	ID          string
	DisplayName string
}

// ownerOf is how documents name an account.
func ownerOf(account string) owner {
	return owner{ID: "qcs::cam::uin/" + account + ":uin/" + account, DisplayName: account}
}

// spelling returns how keys are written: as they are, or escaped, for those
// that XML cannot hold.
func (x *exchange) spelling() (func(string) string, error) {
	switch kind := x.query.Get("encoding-type"); kind {
	case "":
		return func(key string) string { return key }, nil
	case "url":
		return func(key string) string { return strings.ReplaceAll(url.QueryEscape(key), "+", "%20") }, nil
	default:
		return nil, argument("encoding-type must be url.")
	}
}

// maxPage is the most that one listing answers with.
const maxPage = 1000

// limit reads how many items the client wants at most.
func (x *exchange) limit(name string) (int, error) {
	text := x.query.Get(name)
	if text == "" {
		return maxPage, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > maxPage {
		return 0, argument(name + " must be an integer between 1 and 1000.")
	}
	return n, nil
}
