// Package remotezip looks into the zip of a published version, which services
// hand out by a signed address.
package remotezip

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"

	"github.com/layerbuild/layerbuild/internal/digest"
	"github.com/layerbuild/layerbuild/internal/endpoint"
	"github.com/layerbuild/layerbuild/internal/wire"
	"github.com/layerbuild/layerbuild/layer"
)

// Limits is what a zip may have to be looked into, in bytes. Descriptions can
// be forged, so what they lead to is not to fill the disk.
type Limits struct{ Zip, Unpacked int64 }

// Same reports whether the zip at the address holds the tree. One that cannot
// be read, or that unpacks to more than the limit, holds something else. The
// address does not show in an error. The error wraps layer.ErrLimit when the
// zip itself is larger than the limit.
func Same(ctx context.Context, do func(*http.Request) (*http.Response, error), address string, tree layer.Sum, most Limits) (bool, error) {
	file, size, err := fetch(ctx, do, address, most.Zip, io.Discard)
	if err != nil {
		return false, err
	}
	defer os.Remove(file.Name())
	defer file.Close()
	archive, err := zip.NewReader(file, size)
	if err != nil {
		return false, nil
	}
	list, err := layer.ListZip(archive, most.Unpacked)
	if err != nil {
		return false, nil
	}
	return layer.TreeDigest(list) == tree, nil
}

// Fetch downloads the zip of a version to a new temporary file, which the caller
// removes, and returns its path. It holds the zip to the checksums and the size
// that the service tells; what it does not tell is not compared.
//
// The address does not show in an error. The error wraps layer.ErrLimit when the
// zip has more than most bytes, and layer.ErrDigest when it is another one.
func Fetch(ctx context.Context, do func(*http.Request) (*http.Response, error), v layer.Version, most int64) (path string, err error) {
	h := digest.New()
	file, _, err := fetch(ctx, do, v.Location, most, h)
	if err != nil {
		return "", err
	}
	err = file.Close()
	if err == nil {
		err = Check(v, h.Digests())
	}
	if err != nil {
		os.Remove(file.Name())
		return "", err
	}
	return file.Name(), nil
}

// Check holds a zip to what the service says of the version, and returns an
// error that wraps layer.ErrDigest when it is another one.
func Check(v layer.Version, d layer.Digests) error {
	switch {
	case v.SHA256 != "" && v.SHA256 != d.SHA256.String():
		return fmt.Errorf("its zip has sha256 %s, not %s as the service says: %w", d.SHA256, v.SHA256, layer.ErrDigest)
	case v.CRC64 != "" && v.CRC64 != d.CRC64Text():
		return fmt.Errorf("its zip has crc64 %s, not %s as the service says: %w", d.CRC64Text(), v.CRC64, layer.ErrDigest)
	case v.Size != 0 && v.Size != d.Size:
		return fmt.Errorf("its zip has %d bytes, not %d as the service says: %w", d.Size, v.Size, layer.ErrDigest)
	}
	return nil
}

// fetch downloads to a new temporary file, and to also. After an error there is
// no file.
func fetch(ctx context.Context, do func(*http.Request) (*http.Response, error), address string, most int64, also io.Writer) (*os.File, int64, error) {
	file, err := os.CreateTemp("", "layerbuild-version-*.zip")
	if err != nil {
		return nil, 0, err
	}
	size, err := download(ctx, do, address, io.MultiWriter(file, also), most)
	if err != nil {
		file.Close()
		os.Remove(file.Name())
		return nil, 0, err
	}
	return file, size, nil
}

func download(ctx context.Context, do func(*http.Request) (*http.Response, error), address string, to io.Writer, most int64) (int64, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || !endpoint.Safe(u) {
		return 0, errors.New("its address is not one of https")
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return 0, errors.New("its address is not one of https")
	}
	answer, err := do(r)
	if err != nil {
		return 0, lost(ctx, err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return 0, &layer.Fault{
			Status: answer.StatusCode, Message: "the zip cannot be fetched", RequestID: requestID(answer.Header),
			Retry: answer.StatusCode >= 500 || answer.StatusCode == http.StatusTooManyRequests, After: wire.RetryAfter(answer.Header),
		}
	}
	n, err := io.Copy(to, io.LimitReader(answer.Body, most+1))
	if err != nil {
		return 0, lost(ctx, err)
	}
	if n > most {
		return 0, fmt.Errorf("its zip has more than %d bytes: %w", most, layer.ErrLimit)
	}
	return n, nil
}

// requestID is what a store calls the request, whichever store it is.
func requestID(h http.Header) string {
	for _, name := range []string{"X-Amz-Request-Id", "X-Oss-Request-Id", "X-Cos-Request-Id"} {
		if id := h.Get(name); id != "" {
			return id
		}
	}
	return ""
}

// lost is the fault of a download that broke off. It can always be repeated.
func lost(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	f := wire.Unanswered(err)
	f.Retry = f.Retry || f.Unknown
	f.Unknown = false
	return f
}
