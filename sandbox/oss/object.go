package oss

import (
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/layerbuild/layerbuild/sandbox/objects"
)

// maxObject is the most that one request can carry, 5 GiB.
const maxObject = 5 << 30

// sumHeader carries the CRC-64 of an object or a part, in decimal.
const sumHeader = "X-Oss-Hash-Crc64ecma"

func (s *Service) putObject(x *exchange) error {
	// Whether there is an object is looked at before the body is read, and
	// once more when it has arrived.
	if err := s.store.Allow(x.place(), x.about.Key, x.forbids()); err != nil {
		return err
	}
	body, err := s.receive(x)
	if err != nil {
		return err
	}
	defer body.Discard()
	o, err := s.store.Put(x.place(), x.about.Key, body, objects.KeptHeaders(x.r.Header, metaPrefix), x.forbids())
	if err != nil {
		return err
	}
	x.describe(body)
	x.w.Header().Set("ETag", quoted(o.ETag))
	x.done(http.StatusOK)
	return nil
}

// describe sets the headers that answers to PutObject and UploadPart have in
// common.
func (x *exchange) describe(body *objects.Body) {
	x.w.Header().Set(sumHeader, body.Sum())
	x.w.Header().Set("Content-MD5", base64.StdEncoding.EncodeToString(body.MD5[:]))
}

// receive reads the body of a request and holds it against its Content-MD5.
func (s *Service) receive(x *exchange) (*objects.Body, error) {
	promised, err := promisedMD5(x.r.Header)
	if err != nil {
		return nil, err
	}
	if x.r.ContentLength > maxObject {
		return nil, tooLarge(x.r.ContentLength)
	}
	body, err := s.store.Receive(x.r.Body, maxObject)
	if err != nil {
		return nil, bad("RequestTimeout", "Your socket connection to the server was not read from or written to within the timeout period.")
	}
	switch {
	case body.Size > maxObject:
		err = tooLarge(body.Size)
	case promised != nil && string(promised) != string(body.MD5[:]):
		err = invalidDigest(x.r.Header.Get("Content-Md5"))
	}
	if err != nil {
		body.Discard()
		return nil, err
	}
	return body, nil
}

func promisedMD5(h http.Header) ([]byte, error) {
	text := h.Get("Content-Md5")
	if text == "" {
		return nil, nil
	}
	sum, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(sum) != md5.Size {
		return nil, invalidDigest(text)
	}
	return sum, nil
}

// invalidDigest is the answer to an MD5 that is none, and to one that the
// body does not have.
func invalidDigest(text string) *Failure {
	return bad("InvalidDigest", "The Content-MD5 you specified was invalid.", Field{"Content-MD5", text})
}

func tooLarge(size int64) *Failure {
	return bad("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size.",
		Field{"MaxSizeAllowed", strconv.FormatInt(maxObject, 10)}, Field{"ProposedSize", strconv.FormatInt(size, 10)})
}

// getObject answers GetObject and HeadObject.
func (s *Service) getObject(x *exchange) error {
	o, file, err := s.store.Open(x.place(), x.about.Key)
	if err != nil {
		return err
	}
	defer file.Close()
	if err := o.Check(x.r.Header); err != nil {
		return err
	}
	span, err := x.span(o)
	if err != nil {
		return err
	}
	h := x.w.Header()
	h.Set("Content-Type", "application/octet-stream")
	for name, value := range o.Headers {
		h[name] = []string{value}
	}
	h.Set("ETag", quoted(o.ETag))
	h.Set("Last-Modified", o.Modified.Format(http.TimeFormat))
	h.Set("Accept-Ranges", "bytes")
	h.Set("X-Oss-Object-Type", kind(o))
	h.Set("X-Oss-Storage-Class", "Standard")
	h.Set(sumHeader, objects.Sum(o.CRC))
	if sum, err := hex.DecodeString(o.ETag); err == nil && !o.Multipart {
		h.Set("Content-MD5", base64.StdEncoding.EncodeToString(sum))
	}
	h.Set("Content-Length", strconv.FormatInt(span.Length, 10))
	status := http.StatusOK
	if span.Partial {
		status = http.StatusPartialContent
		h.Set("Content-Range", span.ContentRange(o.Size))
	}
	x.done(status)
	if x.r.Method == http.MethodGet {
		io.Copy(x.w, io.NewSectionReader(file, span.First, span.Length)) // fails only when the client is gone
	}
	return nil
}

func kind(o objects.Object) string {
	if o.Multipart {
		return "Multipart"
	}
	return "Normal"
}

// span is the range that the client wants. Unless it asks for the standard's
// behaviour, one that is not wholly within the object counts for nothing, see
// x-oss-range-behavior in "GetObject".
func (x *exchange) span(o objects.Object) (objects.Range, error) {
	want := objects.ParseRange(x.r.Header.Get("Range"), o.Size)
	standard := strings.EqualFold(x.r.Header.Get("X-Oss-Range-Behavior"), "standard")
	switch {
	case want.Outside && standard:
		return want, fail(http.StatusRequestedRangeNotSatisfiable, "InvalidRange", "The requested range cannot be satisfied.",
			Field{"ActualObjectSize", strconv.FormatInt(o.Size, 10)}, Field{"RangeRequested", x.r.Header.Get("Range")})
	case want.Beyond && !standard:
		return objects.Whole(o.Size), nil
	}
	return want, nil
}

// deleteObject deletes an object. That there is none is no error.
func (s *Service) deleteObject(x *exchange) error {
	if err := s.store.Delete(x.place(), x.about.Key); err != nil && !errors.Is(err, objects.ErrNoKey) {
		return err
	}
	x.done(http.StatusNoContent)
	return nil
}
