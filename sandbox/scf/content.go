package scf

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"strings"

	"github.com/layerbuild/layerbuild/sandbox/disk"
)

// content is how a request says where a zip is.
type content struct {
	CosBucketName   string
	CosObjectName   string
	CosBucketRegion string
	ZipFile         *string
}

// archive is what a request brought or named, a zip or not.
type archive struct {
	data   io.ReaderAt
	size   int64
	closer io.Closer
}

func (a archive) close() {
	if a.closer != nil {
		a.closer.Close()
	}
}

// keep gets what a request names and puts it into the service's bucket. That
// it is no zip is not an error yet.
func (s *Service) keep(x *exchange, c content, about string) (kept stored, zipped bool, err error) {
	a, err := s.obtain(x, c)
	if err != nil {
		return kept, false, err
	}
	defer a.close()
	h := sha256.New()
	if _, err := io.Copy(h, io.NewSectionReader(a.data, 0, a.size)); err != nil {
		return kept, false, err
	}
	kept = stored{SHA256: hex.EncodeToString(h.Sum(nil)), Size: a.size, Object: fmt.Sprintf("%s/%s/%s.zip", x.account, about, disk.ID())}
	err = s.o.Objects.Deposit(s.o.Account, x.region, s.ownBucket(x.region), kept.Object, io.NewSectionReader(a.data, 0, a.size))
	return kept, s.opens(a), err
}

// obtain gets what a request names. The caller closes it.
func (s *Service) obtain(x *exchange, c content) (archive, error) {
	cos := c.CosBucketName != "" || c.CosObjectName != ""
	switch {
	case cos == (c.ZipFile != nil):
		return archive{}, fail("InvalidParameterValue.Content")
	case !cos:
		data, err := base64.StdEncoding.DecodeString(*c.ZipFile)
		if err != nil {
			return archive{}, fail("InvalidParameterValue.ZipFileBase64BinasciiError")
		}
		return archive{data: bytes.NewReader(data), size: int64(len(data))}, nil
	case c.CosBucketName == "":
		return archive{}, fail("InvalidParameterValue.CosBucketName")
	case c.CosObjectName == "":
		return archive{}, fail("InvalidParameterValue.CosObjectName")
	}
	region := x.region
	if c.CosBucketRegion != "" {
		// Beijing has two that go with it: ap-beijing and ap-beijing-1.
		if region = c.CosBucketRegion; region != x.region && !strings.HasPrefix(region, x.region+"-") {
			return archive{}, fail("InvalidParameterValue.CosBucketRegion")
		}
	}
	// The documentation has the name both with and without the APPID, and the
	// key both with and without a slash in front.
	bucket := strings.TrimSuffix(c.CosBucketName, "-"+x.account) + "-" + x.account
	file, err := s.o.Objects.Fetch(x.account, region, bucket, strings.TrimPrefix(c.CosObjectName, "/"))
	if code, _, ok := s.o.Refusal(err); ok {
		return archive{}, cosRefused(code)
	}
	if err != nil {
		return archive{}, err
	}
	info, err := file.Stat()
	if err != nil {
		file.Close()
		return archive{}, err
	}
	return archive{file, info.Size(), file}, nil
}

// cosRefused translates what COS answered to the service.
func cosRefused(code string) error {
	switch code {
	case "AccessDenied":
		return fail("UnauthorizedOperation.CAM")
	case "NoSuchBucket":
		return fail("InvalidParameterValue.CosBucketName")
	case "NoSuchKey":
		return fail("InvalidParameterValue.CosObjectName")
	}
	return fail("InvalidParameterValue.Cos")
}

// opens reads every entry to its end, so that sizes and sums in the headers are
// not just believed.
func (s *Service) opens(a archive) bool {
	z, err := zip.NewReader(a.data, a.size)
	if err != nil {
		return false
	}
	left := s.limits.Unzipped
	for _, entry := range z.File {
		r, err := entry.Open()
		if err != nil {
			return false
		}
		n, err := io.Copy(io.Discard, io.LimitReader(r, left+1))
		r.Close()
		if left -= n; err != nil || left < 0 {
			return false
		}
	}
	return true
}
