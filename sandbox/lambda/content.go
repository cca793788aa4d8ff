package lambda

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/http"
)

// An archive is a zip that was found to be one. Sizes are in bytes, unzipped
// that of the content.
type archive struct {
	data           io.ReaderAt
	size, unzipped int64
	sha256         string
	closer         io.Closer
}

func (a archive) reader() io.Reader { return io.NewSectionReader(a.data, 0, a.size) }

func (a archive) close() {
	if a.closer != nil {
		a.closer.Close()
	}
}

// obtain gets a zip and unpacks it to nowhere. The caller closes it.
func (s *Service) obtain(x *exchange, c source) (archive, error) {
	var a archive
	switch {
	case len(c.ZipFile) > 0 && (c.S3Bucket != "" || c.S3Key != ""):
		return a, invalidParameter("Please do not provide other FunctionCode parameters when providing a ZipFile.")
	case len(c.ZipFile) > 0:
		a.data, a.size = bytes.NewReader(c.ZipFile), int64(len(c.ZipFile))
	case c.S3Bucket == "" || c.S3Key == "":
		return a, invalidParameter("Please provide a source for code.")
	case c.S3ObjectVersion != "":
		return a, s3Refused("InvalidArgument", "Invalid version id specified", c.S3Bucket, c.S3Key)
	case c.S3ObjectStorageMode != "" && c.S3ObjectStorageMode != "COPY":
		return a, invalidParameter("The sandbox knows no S3ObjectStorageMode but COPY.")
	default:
		file, err := s.o.Objects.Fetch(x.account, x.region, c.S3Bucket, c.S3Key)
		if code, message, ok := s.o.Refusal(err); ok {
			return a, s3Refused(code, message, c.S3Bucket, c.S3Key)
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
	if err := s.inspect(&a); err != nil {
		a.close()
		return archive{}, err
	}
	return a, nil
}

// s3Refused words what S3 answered to Lambda's GetObject.
func s3Refused(code, message, bucket, key string) error {
	tail := "S3 Error Code: " + code + ". S3 Error Message: " + message
	if code == "AccessDenied" {
		return &failure{status: http.StatusForbidden, code: "AccessDeniedException",
			message: "Your access has been denied by S3, please make sure your request credentials have permission to GetObject for " +
				bucket + "/" + key + ". " + tail}
	}
	return invalidParameter("Error occurred while GetObject. %s", tail)
}

// inspect computes the zip's hash and reads every entry to its end, so that
// sizes and sums in the headers are not just believed.
func (s *Service) inspect(a *archive) error {
	h := sha256.New()
	if _, err := io.Copy(h, a.reader()); err != nil {
		return err
	}
	a.sha256 = base64.StdEncoding.EncodeToString(h.Sum(nil))
	broken := invalidParameter("Could not unzip uploaded file. Please check your file, then try to upload again.")
	z, err := zip.NewReader(a.data, a.size)
	if err != nil {
		return broken
	}
	if len(z.File) == 0 {
		return invalidParameter("Uploaded file must be a non-empty zip")
	}
	left := s.o.Limits.Unzipped
	for _, entry := range z.File {
		r, err := entry.Open()
		if err != nil {
			return broken
		}
		n, err := io.Copy(io.Discard, io.LimitReader(r, left))
		r.Close()
		if left -= n; left <= 0 {
			return invalidParameter("Unzipped size must be smaller than %d bytes", s.o.Limits.Unzipped)
		}
		if err != nil {
			return broken
		}
	}
	a.unzipped = s.o.Limits.Unzipped - left
	return nil
}
