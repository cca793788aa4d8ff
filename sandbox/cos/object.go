package cos

import (
	"crypto/md5"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"strconv"

	"github.com/layerbuild/layerbuild/sandbox/objects"
)

// maxObject is the most that one request can carry, 5 GiB.
const maxObject = 5 << 30

// sumHeader carries the CRC-64 of an object or a part, in decimal.
const sumHeader = "X-Cos-Hash-Crc64ecma"

func (s *Service) putObject(x *exchange) error {
	// Whether there is an object is looked at before the body is read, and
	// once more when it has arrived.
	if err := s.store.Allow(x.place(), x.key, x.forbids()); err != nil {
		return err
	}
	body, err := s.receive(x)
	if err != nil {
		return err
	}
	defer body.Discard()
	o, err := s.store.Put(x.place(), x.key, body, objects.KeptHeaders(x.r.Header, metaPrefix), x.forbids())
	if err != nil {
		return err
	}
	x.w.Header().Set(sumHeader, body.Sum())
	x.w.Header().Set("ETag", quoted(o.ETag))
	x.done(http.StatusOK)
	return nil
}

// receive reads the body of a request and holds it against its Content-MD5.
func (s *Service) receive(x *exchange) (*objects.Body, error) {
	promised, err := promisedMD5(x.r.Header)
	if err != nil {
		return nil, err
	}
	if x.r.ContentLength > maxObject {
		return nil, tooLarge()
	}
	body, err := s.store.Receive(x.r.Body, maxObject)
	if err != nil {
		return nil, bad("IncompleteBody", "You did not provide the number of bytes specified by the Content-Length HTTP header.")
	}
	switch {
	case body.Size > maxObject:
		err = tooLarge()
	case promised != nil && string(promised) != string(body.MD5[:]):
		err = bad("BadDigest", "The Content-MD5 you specified did not match what we received.")
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
		return nil, bad("InvalidDigest", "The Content-MD5 you specified is not valid.")
	}
	return sum, nil
}

func tooLarge() *Failure {
	return bad("EntityTooLarge", "Your proposed upload exceeds the maximum allowed object size.")
}

// getObject answers GetObject and HeadObject.
func (s *Service) getObject(x *exchange) error {
	o, file, err := s.store.Open(x.place(), x.key)
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
	h.Set(sumHeader, objects.Sum(o.CRC))
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

// span is the range that the client wants.
func (x *exchange) span(o objects.Object) (objects.Range, error) {
	want := objects.ParseRange(x.r.Header.Get("Range"), o.Size)
	if want.Outside {
		return want, fail(http.StatusRequestedRangeNotSatisfiable, "InvalidRange", "The requested range is not satisfiable.")
	}
	return want, nil
}

// deleteObject deletes an object. That there is none is no error.
func (s *Service) deleteObject(x *exchange) error {
	if err := s.store.Delete(x.place(), x.key); err != nil && !errors.Is(err, objects.ErrNoKey) {
		return err
	}
	x.done(http.StatusNoContent)
	return nil
}
