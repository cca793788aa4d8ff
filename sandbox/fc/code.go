package fc

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"fmt"
	"hash/crc64"
	"io"
	"net/http"
	"strconv"

	"github.com/layerbuild/layerbuild/sandbox/disk"
)

// code is how a request says where a zip is. The names are the same in both
// APIs; the checksum is only 3.0's.
type code struct {
	OSSBucket string  `json:"ossBucketName"`
	OSSObject string  `json:"ossObjectName"`
	ZipFile   *string `json:"zipFile"`
	Checksum  string  `json:"checksum"`
}

// archive is a zip that was found to be one.
type archive struct {
	data   io.ReaderAt
	size   int64
	crc    string
	closer io.Closer
}

func (a archive) close() {
	if a.closer != nil {
		a.closer.Close()
	}
}

// keep gets the zip that a request names, holds it against the checksum, ""
// for none, and puts it into the service's bucket.
func (s *Service) keep(x *exchange, c code, checksum, about string) (stored, error) {
	a, err := s.obtain(x, c)
	if err != nil {
		return stored{}, err
	}
	defer a.close()
	if checksum != "" && checksum != a.crc {
		return stored{}, invalid("code checksum does not match: expected '%s', actual '%s'", checksum, a.crc)
	}
	kept := stored{CRC: a.crc, Size: a.size, Object: fmt.Sprintf("%s/%s/%s", x.account, about, disk.ID())}
	err = s.o.Objects.Deposit(s.o.Account, x.region, ownBucket(x.region), kept.Object, io.NewSectionReader(a.data, 0, a.size))
	return kept, err
}

// obtain gets the zip that a request names. A zip in the request wins over an
// object. The caller closes it.
func (s *Service) obtain(x *exchange, c code) (archive, error) {
	var a archive
	limits := s.cloud(x.api).Limits
	most := limits.Zip
	switch {
	case c.ZipFile != nil:
		data, err := base64.StdEncoding.DecodeString(*c.ZipFile)
		if err != nil {
			return a, invalid("zipFile is not a valid base64 string")
		}
		a.data, a.size, most = bytes.NewReader(data), int64(len(data)), limits.Inline
	case c.OSSBucket == "" || c.OSSObject == "":
		return a, invalid("code is required: either zipFile, or both ossBucketName and ossObjectName")
	default:
		file, err := s.o.Objects.Fetch(x.account, x.region, c.OSSBucket, c.OSSObject)
		if code, message, ok := s.o.Refusal(err); ok {
			return a, ossRefused(c, code, message)
		}
		if err != nil {
			return a, err
		}
		info, err := file.Stat()
		if err != nil {
			file.Close()
			return a, err
		}
		a.data, a.size, a.closer = file, info.Size(), file
	}
	if most > 0 && a.size > most {
		a.close()
		return archive{}, invalid("Code size exceeds the maximum allowed length (max: %d, actual: '%d')", most, a.size)
	}
	if err := a.inspect(); err != nil {
		a.close()
		return archive{}, err
	}
	return a, nil
}

// ossRefused words what OSS answered to the service.
func ossRefused(c code, code, message string) error {
	if code == "AccessDenied" {
		return &failure{status: http.StatusForbidden, code: "AccessDenied",
			message: fmt.Sprintf("unable to access object '%s' in bucket '%s'", c.OSSObject, c.OSSBucket)}
	}
	return invalid("unable to get object '%s' in bucket '%s': %s: %s", c.OSSObject, c.OSSBucket, code, message)
}

// inspect computes the zip's checksum and reads every entry to its end, so
// that sizes and sums in the headers are not just believed.
func (a *archive) inspect() error {
	h := crc64.New(crc64.MakeTable(crc64.ECMA))
	if _, err := io.Copy(h, io.NewSectionReader(a.data, 0, a.size)); err != nil {
		return err
	}
	a.crc = strconv.FormatUint(h.Sum64(), 10)
	z, err := zip.NewReader(a.data, a.size)
	if err != nil {
		return invalid("failed to read the code package: %v", err)
	}
	for _, entry := range z.File {
		if err := drain(entry); err != nil {
			return invalid("failed to read the code package: %v", err)
		}
	}
	return nil
}

func drain(entry *zip.File) error {
	r, err := entry.Open()
	if err != nil {
		return err
	}
	defer r.Close()
	_, err = io.Copy(io.Discard, r)
	return err
}
