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
	file, err := os.CreateTemp("", "layerbuild-version-*.zip")
	if err != nil {
		return false, err
	}
	defer os.Remove(file.Name())
	defer file.Close()
	size, err := download(ctx, do, address, file, most.Zip)
	if err != nil {
		return false, err
	}
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
