package s3

import (
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
)

// getObject answers GetObject and HeadObject.
func (s *Service) getObject(x *exchange) error {
	o, file, err := s.openObject(x)
	if err != nil {
		return err
	}
	defer file.Close()
	if err := checkGet(x.r.Header, o); err != nil {
		return err
	}
	first, length, partial, err := byteRange(x.r.Header.Get("Range"), o.Size)
	if err != nil {
		return err
	}
	h := x.w.Header()
	h.Set("Content-Type", "binary/octet-stream")
	for name, value := range o.Headers {
		h[name] = []string{value}
	}
	h.Set("ETag", quoted(o.ETag))
	h.Set("Last-Modified", o.Modified.Format(http.TimeFormat))
	h.Set("Accept-Ranges", "bytes")
	h.Set("X-Amz-Server-Side-Encryption", "AES256")
	h.Set("Content-Length", strconv.FormatInt(length, 10))
	if strings.EqualFold(x.r.Header.Get("X-Amz-Checksum-Mode"), "ENABLED") && !partial {
		x.describe(o)
	}
	status := http.StatusOK
	if partial {
		status = http.StatusPartialContent
		h.Set("Content-Range", "bytes "+strconv.FormatInt(first, 10)+"-"+
			strconv.FormatInt(first+length-1, 10)+"/"+strconv.FormatInt(o.Size, 10))
	}
	x.record.Status = status
	x.w.WriteHeader(status)
	if x.r.Method == http.MethodGet {
		io.Copy(x.w, io.NewSectionReader(file, first, length)) // fails only when the client is gone
	}
	return nil
}

// openObject opens the bytes while the lock is held, so that an overwrite
// that follows at once cannot take them away.
func (s *Service) openObject(x *exchange) (*object, *os.File, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := s.open(x)
	if err != nil {
		return nil, nil, err
	}
	o := b.objects[x.key]
	if o == nil {
		return nil, nil, noSuchKey(x.key)
	}
	if version := x.query.Get("versionId"); version != "" && version != "null" {
		return nil, nil, invalidArgument("versionId", version, "Invalid version id specified")
	}
	file, err := os.Open(s.o.Folder.Path(blobFile(o.Blob)))
	return o, file, err
}

// byteRange reads a Range header. S3 answers whole objects to anything that
// is not one range of bytes.
func byteRange(header string, size int64) (first, length int64, partial bool, err error) {
	spec, ok := strings.CutPrefix(header, "bytes=")
	from, to, dash := strings.Cut(spec, "-")
	if !ok || !dash || strings.Contains(spec, ",") {
		return 0, size, false, nil
	}
	first, errFrom := strconv.ParseInt(from, 10, 64)
	last, errTo := strconv.ParseInt(to, 10, 64)
	switch {
	case from == "" && errTo == nil: // the last so many bytes
		first, last = max(size-last, 0), size-1
		if to == "0" {
			first = size
		}
	case errFrom == nil && to == "":
		last = size - 1
	case errFrom != nil || errTo != nil || last < first:
		return 0, size, false, nil
	}
	if first >= size {
		return 0, 0, false, fail(http.StatusRequestedRangeNotSatisfiable, "InvalidRange",
			"The requested range is not satisfiable", Field{"RangeRequested", header},
			Field{"ActualObjectSize", strconv.FormatInt(size, 10)})
	}
	return first, min(last, size-1) - first + 1, true, nil
}

func (s *Service) deleteObject(x *exchange) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := s.open(x)
	if err != nil {
		return err
	}
	if match := x.r.Header.Get("If-Match"); match != "" {
		return notImplemented("If-Match", "")
	}
	if o := b.objects[x.key]; o != nil {
		if err := s.drop(b, o); err != nil {
			return err
		}
	}
	x.w.WriteHeader(http.StatusNoContent)
	return nil
}
