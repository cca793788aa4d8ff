package awssig_test

import (
	"bufio"
	"io"
	"net/url"
	"strings"
)

func bufioReader(r io.Reader) *bufio.Reader { return bufio.NewReader(r) }

// urlOf builds a request target the way the SDK's URLs are built: everything
// but unreserved characters is escaped.
func urlOf(segments []string, query map[string]string) string {
	target := ""
	for _, s := range segments {
		target += "/" + strings.ReplaceAll(url.QueryEscape(s), "+", "%20")
	}
	q := url.Values{}
	for name, value := range query {
		q.Set(name, value)
	}
	return target + "?" + q.Encode()
}

func urlWith(query string) *url.URL { return &url.URL{Path: "/", RawQuery: query} }
