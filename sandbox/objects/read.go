package objects

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Why an object is not read.
var (
	// ErrNotModified: the reader has this object already.
	ErrNotModified = errors.New("not modified")
	// ErrCondition: it is another one than the reader wants.
	ErrCondition = errors.New("precondition failed")
)

// Check holds the conditions of a read against the object. RFC 9110, section
// 13.2.2, has the order. The error is [ErrNotModified] or [ErrCondition].
func (o Object) Check(h http.Header) error {
	changed := o.Modified.Truncate(time.Second)
	if match := h.Get("If-Match"); match != "" {
		if !o.matches(match) {
			return ErrCondition
		}
	} else if since, err := http.ParseTime(h.Get("If-Unmodified-Since")); err == nil && changed.After(since) {
		return ErrCondition
	}
	if noneMatch := h.Get("If-None-Match"); noneMatch != "" {
		if o.matches(noneMatch) {
			return ErrNotModified
		}
	} else if since, err := http.ParseTime(h.Get("If-Modified-Since")); err == nil && !changed.After(since) {
		return ErrNotModified
	}
	return nil
}

// matches looks the ETag up in a list as conditions have it, in any case and
// with or without quotes.
func (o Object) matches(list string) bool {
	for one := range strings.SplitSeq(list, ",") {
		one = strings.Trim(strings.TrimSpace(one), `"`)
		if one == "*" || strings.EqualFold(one, o.ETag) {
			return true
		}
	}
	return false
}

// A Range is what a Range header asks for, of an object of a known size.
type Range struct {
	// First and Length are in bytes, cut to what the object has.
	First, Length int64
	// Partial says that it is a range that can be answered.
	Partial bool
	// Outside says that none of the range is in the object, Beyond that its
	// end is not. What then happens is the vendor's matter.
	Outside, Beyond bool
}

// ContentRange spells the header of a partial answer.
func (r Range) ContentRange(size int64) string {
	return "bytes " + strconv.FormatInt(r.First, 10) + "-" + strconv.FormatInt(r.First+r.Length-1, 10) +
		"/" + strconv.FormatInt(size, 10)
}

// Whole is all of an object.
func Whole(size int64) Range { return Range{Length: size} }

// ParseRange reads a Range header. Anything but one range of bytes asks for
// the whole.
func ParseRange(header string, size int64) Range {
	spec, ok := strings.CutPrefix(header, "bytes=")
	from, to, dash := strings.Cut(spec, "-")
	if !ok || !dash || strings.Contains(spec, ",") {
		return Whole(size)
	}
	first, errFrom := strconv.ParseInt(from, 10, 64)
	last, errTo := strconv.ParseInt(to, 10, 64)
	switch {
	case from == "" && errTo == nil && last > 0: // the last so many bytes
		first, last = max(size-last, 0), size-1
	case from == "" && errTo == nil:
		first = size
	case errFrom == nil && to == "":
		last = max(size-1, first)
	case errFrom != nil || errTo != nil || last < first:
		return Whole(size)
	}
	if first >= size {
		return Range{Outside: true, Beyond: true}
	}
	return Range{First: first, Length: min(last, size-1) - first + 1, Partial: true, Beyond: last >= size}
}
