package s3

import (
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
)

// minPart is the least that every part but the last must have.
const minPart = 5 << 20

// completion is the body of a CompleteMultipartUpload.
type completion struct {
	XMLName xml.Name        `xml:"CompleteMultipartUpload"`
	Parts   []completedPart `xml:"Part"`
}

type completedPart struct {
	PartNumber        int
	ETag              string
	ChecksumCRC32     string
	ChecksumCRC32C    string
	ChecksumCRC64NVME string
	ChecksumSHA1      string
	ChecksumSHA256    string
}

// sums are the checksums that the client gives of a part, by algorithm.
func (p completedPart) sums() map[string]string {
	all := map[string]string{"CRC32": p.ChecksumCRC32, "CRC32C": p.ChecksumCRC32C,
		"CRC64NVME": p.ChecksumCRC64NVME, "SHA1": p.ChecksumSHA1, "SHA256": p.ChecksumSHA256}
	for name, value := range all {
		if value == "" {
			delete(all, name)
		}
	}
	return all
}

func (s *Service) completeUpload(x *exchange) error {
	var list completion
	text, err := io.ReadAll(io.LimitReader(x.r.Body, 8<<20))
	if err != nil {
		return incompleteBody()
	}
	if err := x.checkSmall(text); err != nil {
		return err
	}
	if xml.Unmarshal(text, &list) != nil {
		return malformedXML()
	}
	u, parts, err := s.close(x, list)
	if err != nil {
		return err
	}
	o, p, err := s.assemble(x, u, parts)
	if err == nil {
		err = s.finish(x, u, o, p)
	}
	if err != nil {
		os.Remove(p.path)
		s.mu.Lock()
		u.closing = false
		s.mu.Unlock()
		return err
	}
	return x.completed(o)
}

// completed answers with the finished object. Unlike a PUT's, the sums stand
// in the document.
func (x *exchange) completed(o *object) error {
	x.w.Header().Set("X-Amz-Server-Side-Encryption", "AES256")
	return x.answer(struct {
		XMLName                     xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ CompleteMultipartUploadResult"`
		Location, Bucket, Key, ETag string
		Sum                         element
		ChecksumType                string
	}{
		Location: "http://" + x.r.Host + "/" + o.Bucket + "/" + o.Key, Bucket: o.Bucket, Key: o.Key, ETag: quoted(o.ETag),
		Sum: element{xml.Name{Local: "Checksum" + o.Sum.Algorithm}, o.Sum.Value}, ChecksumType: o.Sum.Kind,
	})
}

// close holds the list against the parts that were uploaded. From here on the
// upload takes no parts and no second completion.
func (s *Service) close(x *exchange, list completion) (*upload, []*part, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, u, err := s.find(x)
	if err != nil {
		return nil, nil, err
	}
	if u.closing {
		return nil, nil, noSuchUpload(u.ID)
	}
	if len(list.Parts) == 0 {
		return nil, nil, invalidRequest("You must specify at least one part")
	}
	if kind := strings.ToUpper(x.r.Header.Get("X-Amz-Checksum-Type")); kind != "" && kind != u.Kind {
		mode := u.Kind
		if mode == "" {
			mode = "null"
		}
		return nil, nil, invalidRequest("The upload was created using the %s checksum mode. The complete request must "+
			"use the same checksum mode.", mode)
	}
	parts, err := u.choose(list)
	if err == nil {
		err = checkPut(x, b.objects[x.key])
	}
	u.closing = err == nil
	return u, parts, err
}

// choose returns the listed parts.
func (u *upload) choose(list completion) ([]*part, error) {
	for i, want := range list.Parts {
		if i > 0 && want.PartNumber <= list.Parts[i-1].PartNumber {
			return nil, bad("InvalidPartOrder", "The list of parts was not in ascending order. Parts must be ordered by part number.",
				Field{"UploadId", u.ID})
		}
	}
	var parts []*part
	for _, want := range list.Parts {
		have := u.parts[want.PartNumber]
		if have == nil || strings.Trim(want.ETag, `"`) != have.ETag {
			return nil, u.invalidPart(want)
		}
		if err := u.checkPartSums(want, have); err != nil {
			return nil, err
		}
		parts = append(parts, have)
	}
	for _, p := range parts[:len(parts)-1] {
		if p.Size < minPart {
			return nil, bad("EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size",
				Field{"ProposedSize", strconv.FormatInt(p.Size, 10)}, Field{"MinSizeAllowed", strconv.Itoa(minPart)},
				Field{"PartNumber", strconv.Itoa(p.Number)}, Field{"ETag", p.ETag})
		}
	}
	return parts, nil
}

// checkPartSums compares the sums of a listed part. A composite needs them
// all; of a full-object sum they may be left out.
func (u *upload) checkPartSums(want completedPart, have *part) error {
	given := want.sums()
	for name, value := range given {
		switch {
		case u.Kind == composite && name != u.Algorithm:
			return bad("BadDigest", fmt.Sprintf("The %s you specified for part %d did not match what we received.",
				strings.ToLower(name), want.PartNumber))
		case name != u.Algorithm, value != have.Sum.Value:
			return u.invalidPart(want)
		}
	}
	if u.Kind == composite && given[u.Algorithm] == "" {
		return invalidRequest("The upload was created using a %s checksum. The complete request must include the checksum "+
			"for each part. It was missing for part %d in the request.", strings.ToLower(u.Algorithm), want.PartNumber)
	}
	return nil
}

func (u *upload) invalidPart(p completedPart) error {
	return bad("InvalidPart", "One or more of the specified parts could not be found.  The part may not have been uploaded, "+
		"or the specified entity tag may not match the part's entity tag.", Field{"UploadId", u.ID},
		Field{"PartNumber", strconv.Itoa(p.PartNumber)}, Field{"ETag", strings.Trim(p.ETag, `"`)})
}

// assemble writes the parts one behind the other and computes the sums of the
// whole. The payload is in the scratch space, also after an error.
func (s *Service) assemble(x *exchange, u *upload, parts []*part) (*object, payload, error) {
	name, kind := u.Algorithm, u.Kind
	if name == "" {
		name, kind = defaultAlgorithm, fullObject
	}
	a, err := algorithmNamed(name)
	if err != nil {
		return nil, payload{}, err
	}
	file, err := s.o.Folder.Temp()
	if err != nil {
		return nil, payload{}, err
	}
	p := payload{path: file.Name()}
	whole, etags, partSums := a.make(), md5.New(), a.make()
	for _, one := range parts {
		etag, errTag := hex.DecodeString(one.ETag)
		value, errSum := base64.StdEncoding.DecodeString(one.Sum.Value)
		etags.Write(etag)
		partSums.Write(value)
		n, errCopy := copyFile(io.MultiWriter(file, whole), s.o.Folder.Path(blobFile(one.Blob)))
		p.size += n
		err = errors.Join(err, errTag, errSum, errCopy)
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return nil, p, err
	}
	count := "-" + strconv.Itoa(len(parts))
	p.md5 = hex.EncodeToString(etags.Sum(nil)) + count
	p.sum = sum{Algorithm: name, Kind: kind, Value: encode(whole)}
	if kind == composite {
		p.sum.Value = encode(partSums) + count
	}
	if err := p.checkWhole(x, a); err != nil {
		return nil, p, err
	}
	o := &object{
		Bucket: u.Bucket, Key: u.Key, Size: p.size, ETag: p.md5, Sum: p.sum,
		Modified: s.o.Clock().UTC(), Headers: u.Headers,
	}
	return o, p, nil
}

// checkWhole compares the size and the sum that the client gives of the whole
// object. A composite may be given with or without its count.
func (p payload) checkWhole(x *exchange, a algorithm) error {
	if size := x.r.Header.Get("X-Amz-Mp-Object-Size"); size != "" && size != strconv.FormatInt(p.size, 10) {
		return invalidRequest("The provided 'x-amz-mp-object-size' header value %s does not match what was computed: %d", size, p.size)
	}
	given := x.r.Header.Get(a.header())
	bare, _, _ := strings.Cut(p.sum.Value, "-")
	if given != "" && given != p.sum.Value && given != bare {
		return bad("BadDigest", "The "+strings.ToLower(a.name)+" you specified did not match the calculated checksum.")
	}
	return nil
}

func copyFile(to io.Writer, path string) (int64, error) {
	file, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer file.Close()
	return io.Copy(to, file)
}

// finish makes the object and ends the upload.
func (s *Service) finish(x *exchange, u *upload, o *object, p payload) error {
	if err := s.store(x, o, p); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.forget(u)
}
