package s3

import (
	"encoding/xml"
	"net/http"
	"os"
	"strconv"
	"strings"

	"github.com/layerbuild/layerbuild/sandbox/disk"
)

const maxParts = 10000

func (s *Service) createUpload(x *exchange) error {
	u := &upload{
		ID: disk.ID(), Bucket: x.bucket, Key: x.key, Initiated: s.o.Clock().UTC(),
		Headers: keptHeaders(x.r.Header), parts: map[int]*part{},
	}
	var err error
	if u.Algorithm, u.Kind, err = wishedUpload(x.r.Header); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.open(x); err != nil {
		return err
	}
	if err := s.o.Folder.Save("uploads/"+u.ID+"/upload.json", u); err != nil {
		return err
	}
	s.uploads[u.ID] = u
	x.w.Header().Set("X-Amz-Server-Side-Encryption", "AES256")
	if u.Algorithm != "" {
		x.w.Header().Set("X-Amz-Checksum-Algorithm", u.Algorithm)
		x.w.Header().Set("X-Amz-Checksum-Type", u.Kind)
	}
	return x.answer(struct {
		XMLName               xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ InitiateMultipartUploadResult"`
		Bucket, Key, UploadId string
	}{Bucket: u.Bucket, Key: u.Key, UploadId: u.ID})
}

// wishedUpload reads the checksum that the parts, and the object in the end,
// are to have.
func wishedUpload(h http.Header) (name, kind string, err error) {
	name, kind = h.Get("X-Amz-Checksum-Algorithm"), strings.ToUpper(h.Get("X-Amz-Checksum-Type"))
	if name == "" && kind != "" {
		return "", "", invalidRequest("The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.")
	}
	if name == "" {
		return "", "", nil
	}
	a, err := algorithmNamed(name)
	if err != nil {
		return "", "", err
	}
	switch {
	case kind == "":
		kind = a.defaultKind()
	case kind == fullObject && !a.full, kind == composite && !a.composite:
		return "", "", invalidRequest("The %s checksum type cannot be used with the %s checksum algorithm.", kind, strings.ToLower(a.name))
	case kind != fullObject && kind != composite:
		return "", "", invalidRequest("Value for x-amz-checksum-type header is invalid.")
	}
	return a.name, kind, nil
}

// find returns the upload that a request names, if the sender may use it. The
// lock is held.
func (s *Service) find(x *exchange) (*bucket, *upload, error) {
	b, err := s.open(x)
	if err != nil {
		return nil, nil, err
	}
	id := x.query.Get("uploadId")
	u := s.uploads[id]
	if u == nil || u.Bucket != x.bucket || u.Key != x.key {
		return nil, nil, noSuchUpload(id)
	}
	return b, u, nil
}

func (s *Service) uploadPart(x *exchange) error {
	number, err := strconv.Atoi(x.query.Get("partNumber"))
	if err != nil || number < 1 || number > maxParts {
		return invalidArgument("partNumber", x.query.Get("partNumber"), "Part number must be an integer between 1 and 10000, inclusive")
	}
	want, err := wished(x.r.Header)
	if err != nil {
		return err
	}
	s.mu.Lock()
	_, u, err := s.find(x)
	s.mu.Unlock()
	if err != nil {
		return err
	}
	if want, err = wishedPart(want, u); err != nil {
		return err
	}
	p, err := s.receive(x, want)
	if err != nil {
		return err
	}
	one := &part{Upload: u.ID, Number: number, Size: p.size, ETag: p.md5, Sum: p.sum, Modified: s.o.Clock().UTC()}
	if err := s.addPart(x, one, p); err != nil {
		os.Remove(p.path)
		return err
	}
	x.w.Header().Set("ETag", quoted(one.ETag))
	x.w.Header().Set("X-Amz-Server-Side-Encryption", "AES256")
	if want.named || u.Algorithm != "" {
		x.w.Header().Set("X-Amz-Checksum-"+one.Sum.Algorithm, one.Sum.Value)
	}
	x.w.WriteHeader(http.StatusOK)
	return nil
}

// wishedPart fits the checksum of a part to the upload's: it must be the same
// algorithm, or S3 computes it.
func wishedPart(want wish, u *upload) (wish, error) {
	if u.Algorithm == "" || want.named && want.algorithm.name == u.Algorithm {
		return want, nil
	}
	if want.named {
		return want, invalidRequest("Checksum Type mismatch occurred, expected checksum Type: %s, actual checksum Type: %s",
			strings.ToLower(u.Algorithm), strings.ToLower(want.algorithm.name))
	}
	a, err := algorithmNamed(u.Algorithm)
	return wish{algorithm: a}, err
}

func (s *Service) addPart(x *exchange, one *part, p payload) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, u, err := s.find(x) // it may be gone by now
	if err != nil {
		return err
	}
	if u.closing {
		return noSuchUpload(u.ID)
	}
	if one.Blob, err = s.keep(p); err != nil {
		return err
	}
	if err := s.o.Folder.Save(one.file(), one); err != nil {
		return err
	}
	if old := u.parts[one.Number]; old != nil {
		_ = s.o.Folder.Remove(blobFile(old.Blob))
	}
	u.parts[one.Number] = one
	return nil
}

func (s *Service) abortUpload(x *exchange) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, u, err := s.find(x)
	if err != nil {
		return err
	}
	if u.closing {
		return noSuchUpload(u.ID)
	}
	if err := s.forget(u); err != nil {
		return err
	}
	x.w.WriteHeader(http.StatusNoContent)
	return nil
}
