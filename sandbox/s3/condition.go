package s3

import (
	"net/http"
	"strings"
	"time"
)

// checkPut holds the conditions of a write against the object that is there,
// nil if none. See "Conditional writes" in the S3 user guide.
func checkPut(x *exchange, o *object) error {
	noneMatch, match := x.r.Header.Get("If-None-Match"), x.r.Header.Get("If-Match")
	switch {
	case noneMatch != "" && noneMatch != "*":
		return notImplemented("If-None-Match", "We don't accept the provided value of If-None-Match header for this API")
	case noneMatch == "*" && o != nil:
		return preconditionFailed("If-None-Match")
	case match != "" && o == nil:
		return noSuchKey(x.key)
	case match != "" && !matches(match, o.ETag):
		return preconditionFailed("If-Match")
	}
	return nil
}

// checkGet holds the conditions of a read against the object. RFC 9110,
// section 13.2.2, has the order.
func checkGet(h http.Header, o *object) error {
	changed := o.Modified.Truncate(time.Second)
	if match := h.Get("If-Match"); match != "" {
		if !matches(match, o.ETag) {
			return preconditionFailed("If-Match")
		}
	} else if since, err := http.ParseTime(h.Get("If-Unmodified-Since")); err == nil && changed.After(since) {
		return preconditionFailed("If-Unmodified-Since")
	}
	if noneMatch := h.Get("If-None-Match"); noneMatch != "" {
		if matches(noneMatch, o.ETag) {
			return fail(http.StatusNotModified, "NotModified", "Not Modified")
		}
	} else if since, err := http.ParseTime(h.Get("If-Modified-Since")); err == nil && !changed.After(since) {
		return fail(http.StatusNotModified, "NotModified", "Not Modified")
	}
	return nil
}

// matches looks an ETag up in a list as conditions have it, with or without
// quotes.
func matches(list, etag string) bool {
	for one := range strings.SplitSeq(list, ",") {
		one = strings.Trim(strings.TrimSpace(one), `"`)
		if one == "*" || one == etag {
			return true
		}
	}
	return false
}
