package s3

import (
	"net/http"
	"os"
	"strings"
)

// kept are the headers of a PUT that a GET gives back, beside x-amz-meta-*.
func keptHeaders(h http.Header) map[string]string {
	kept := map[string]string{}
	for _, name := range []string{"Cache-Control", "Content-Disposition", "Content-Encoding", "Content-Language", "Content-Type", "Expires"} {
		if value := h.Get(name); value != "" {
			kept[name] = value
		}
	}
	if encoding := withoutChunked(kept["Content-Encoding"]); encoding != "" {
		kept["Content-Encoding"] = encoding
	} else {
		delete(kept, "Content-Encoding")
	}
	for name, values := range h {
		if strings.HasPrefix(name, "X-Amz-Meta-") {
			// In lower case, as S3 gives them back: clients that keep the
			// spelling of headers would see other names otherwise.
			kept[strings.ToLower(name)] = strings.Join(values, ",")
		}
	}
	return kept
}

// withoutChunked takes aws-chunked out of a content encoding: it is a matter
// of the transfer and not kept.
func withoutChunked(encoding string) string {
	var left []string
	for part := range strings.SplitSeq(encoding, ",") {
		if part = strings.TrimSpace(part); part != "" && part != "aws-chunked" {
			left = append(left, part)
		}
	}
	return strings.Join(left, ",")
}

func (s *Service) putObject(x *exchange) error {
	want, err := wished(x.r.Header)
	if err != nil {
		return err
	}
	// The conditions are looked at before the body is read, as S3 does, and
	// once more when it has arrived.
	if err := s.allowPut(x); err != nil {
		return err
	}
	p, err := s.receive(x, want)
	if err != nil {
		return err
	}
	o := &object{
		Bucket: x.bucket, Key: x.key, Size: p.size, ETag: p.md5, Sum: p.sum,
		Modified: s.o.Clock().UTC(), Headers: keptHeaders(x.r.Header),
	}
	if err := s.store(x, o, p); err != nil {
		os.Remove(p.path)
		return err
	}
	x.describe(o)
	x.w.WriteHeader(http.StatusOK)
	return nil
}

// allowPut says whether the sender may put an object in the place where it
// wants it, as things stand.
func (s *Service) allowPut(x *exchange) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := s.open(x)
	if err != nil {
		return err
	}
	return checkPut(x, b.objects[x.key])
}

// store makes o, with the bytes of p, the object under its key.
func (s *Service) store(x *exchange, o *object, p payload) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := s.open(x)
	if err != nil {
		return err
	}
	if err := checkPut(x, b.objects[o.Key]); err != nil {
		return err
	}
	if o.Blob, err = s.keep(p); err != nil {
		return err
	}
	return s.put(b, o)
}

// describe sets the headers that answers to PUT and Complete have in common.
func (x *exchange) describe(o *object) {
	h := x.w.Header()
	h.Set("ETag", quoted(o.ETag))
	h.Set("X-Amz-Server-Side-Encryption", "AES256")
	h.Set("X-Amz-Checksum-"+o.Sum.Algorithm, o.Sum.Value)
	h.Set("X-Amz-Checksum-Type", o.Sum.Kind)
}

func quoted(etag string) string { return `"` + etag + `"` }
