package lambda

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"

	"github.com/layerbuild/layerbuild/internal/awscloud"
	"github.com/layerbuild/layerbuild/layer"
)

// What a version may have to be looked into, in bytes. Lambda has no larger
// ones: the quota for a layer's content is 250 MB unpacked.
const (
	maxZip      = 300 << 20
	maxUnpacked = 300 << 20
)

// holds reports whether a version's zip holds the tree. A zip that cannot be
// read holds something else.
func (p *Publisher) holds(ctx context.Context, v layer.Version, tree layer.Sum) (bool, error) {
	file, err := os.CreateTemp("", "layerbuild-version-*.zip")
	if err != nil {
		return false, err
	}
	defer os.Remove(file.Name())
	defer file.Close()
	size, err := p.download(ctx, v.Location, file)
	if err != nil {
		return false, err
	}
	archive, err := zip.NewReader(file, size)
	if err != nil {
		return false, nil
	}
	list, err := layer.ListZip(archive, maxUnpacked)
	if err != nil {
		return false, nil
	}
	return layer.TreeDigest(list) == tree, nil
}

// download fetches from a signed address, which must not show in an error.
func (p *Publisher) download(ctx context.Context, location string, to io.Writer) (int64, error) {
	u, err := url.Parse(location)
	if err != nil || !awscloud.Safe(u) {
		return 0, errors.New("its address is not one of https")
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, location, nil)
	if err != nil {
		return 0, errors.New("its address is not one of https")
	}
	answer, err := p.client.Options().HTTPClient.Do(r)
	if err != nil {
		return 0, lost(ctx, err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return 0, &layer.Fault{
			Status: answer.StatusCode, Message: "the zip cannot be fetched",
			RequestID: answer.Header.Get("X-Amz-Request-Id"),
			Retry:     answer.StatusCode >= 500,
		}
	}
	n, err := io.Copy(to, io.LimitReader(answer.Body, maxZip+1))
	if err != nil {
		return 0, lost(ctx, err)
	}
	if n > maxZip {
		return 0, fmt.Errorf("its zip has more than %d bytes: %w", int64(maxZip), layer.ErrLimit)
	}
	return n, nil
}

// lost leaves the address out of an error of a request.
func lost(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var sent *url.Error
	if errors.As(err, &sent) {
		err = sent.Err
	}
	return &layer.Fault{Err: err, Retry: true}
}
