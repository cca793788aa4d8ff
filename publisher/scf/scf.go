// Package scf publishes layer versions to Serverless Cloud Function of Tencent
// Cloud: https://www.tencentcloud.com/document/product/583/36576
//
// A layer cannot be shared there.
package scf

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"time"

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/profile"
	scf "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/scf/v20180416"

	"github.com/layerbuild/layerbuild/internal/endpoint"
	"github.com/layerbuild/layerbuild/internal/poll"
	"github.com/layerbuild/layerbuild/internal/wire"
	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/publisher"
)

// Options are how to reach the layers of an account in a region.
type Options struct {
	// Region is where the layers are, and the bucket of their zips, such as
	// "ap-guangzhou".
	Region     string
	Credential common.CredentialIface
	// Endpoint is an address other than Tencent's, such as the one of the
	// international edition.
	Endpoint string
	// ShortBucket leaves the APPID at the end of a bucket's name out. Tencent's
	// pages contradict each other on whether it belongs there.
	ShortBucket bool
	// Transport carries the requests, nil for the machine's usual way out.
	Transport http.RoundTripper
	// Pace returns when a request may go out, or with the context's error. It
	// is called before each one, nil lets them all go at once. SCF takes 20 a
	// second of each action.
	Pace func(context.Context) error
	// Now is the clock by which functions are dated.
	Now func() time.Time
	// Sleep waits for d or returns the context's error, nil for a timer.
	Sleep func(ctx context.Context, d time.Duration) error
}

// A Publisher is the layers of one account in one region. It is safe for
// concurrent use. It is also a [publisher.Getter], a [publisher.Lister], a
// [publisher.Deleter], a [publisher.UsageReader] and a [publisher.Trier].
type Publisher struct {
	o   Options
	sdk *scf.Client
}

// New makes no request.
func New(o Options) (*Publisher, error) {
	switch {
	case o.Credential == nil:
		return nil, errors.New("scf: no credentials")
	case o.Now == nil:
		return nil, errors.New("scf: no clock")
	}
	host := &url.URL{Scheme: "https", Host: "scf.tencentcloudapi.com"}
	if o.Endpoint != "" {
		var err error
		if host, err = endpoint.Parse(o.Endpoint); err != nil {
			return nil, err
		}
	}
	if o.Transport == nil {
		o.Transport = wire.Transport()
	}
	if o.Sleep == nil {
		o.Sleep = poll.Sleep
	}
	p := profile.NewClientProfile() // retries nothing
	p.Language = "en-US"
	p.HttpProfile.Endpoint, p.HttpProfile.Scheme = host.Host, strings.ToUpper(host.Scheme)
	p.HttpProfile.ReqTimeout = 0 // contexts bound the requests
	sdk, err := scf.NewClient(o.Credential, o.Region, p)
	if err != nil {
		return nil, fmt.Errorf("scf: %w", err)
	}
	sdk.WithHttpTransport(noting{o.Transport})
	return &Publisher{o: o, sdk: sdk}, nil
}

// Publish makes exactly one request for the version, since the service has no
// token by which it would know a second one, and then waits until it is active.
// One that fails to become so is deleted. An inline zip is held in memory; with
// the rest of the request it may have 10 MB in base64.
func (p *Publisher) Publish(ctx context.Context, r publisher.Request) (layer.Version, error) {
	code, err := p.code(r)
	if err != nil {
		return layer.Version{}, err
	}
	request := scf.NewPublishLayerVersionRequest()
	request.LayerName, request.Content = &r.Name, code
	request.CompatibleRuntimes = common.StringPtrs(r.Runtimes)
	request.Description, request.LicenseInfo = given(r.Description), given(r.License)
	var number int64
	err = p.do(ctx, "PublishLayerVersion", func(ctx context.Context) error {
		out, err := p.sdk.PublishLayerVersionWithContext(ctx, request)
		if err == nil {
			number, err = numberOf(out.Response)
		}
		return err
	})
	if err != nil {
		return layer.Version{}, err
	}
	v, err := p.settled(ctx, r.Name, number)
	if v.SHA256 == r.Artifact.Digests.SHA256.String() {
		v.Size = r.Artifact.Digests.Size
	}
	return v, err
}

func numberOf(out *scf.PublishLayerVersionResponseParams) (int64, error) {
	if out == nil || value(out.LayerVersion) == 0 {
		return 0, errEmpty
	}
	return *out.LayerVersion, nil
}

// appID is what ends the full name of a bucket.
var appID = regexp.MustCompile(`-\d+$`)

// code says where the zip is. The region of the bucket is needed in Beijing
// only, and does no harm elsewhere.
func (p *Publisher) code(r publisher.Request) (*scf.Code, error) {
	if r.Object.Key == "" {
		zip, err := os.ReadFile(r.Artifact.Path)
		if err != nil {
			return nil, err
		}
		return &scf.Code{ZipFile: common.StringPtr(base64.StdEncoding.EncodeToString(zip))}, nil
	}
	bucket := r.Object.Bucket
	if p.o.ShortBucket {
		bucket = appID.ReplaceAllString(bucket, "")
	}
	return &scf.Code{
		CosBucketName: &bucket, CosObjectName: common.StringPtr("/" + r.Object.Key), CosBucketRegion: &p.o.Region,
	}, nil
}

// Delete removes a version. One that a function uses stays, which is an error.
func (p *Publisher) Delete(ctx context.Context, v layer.Version) error {
	request := scf.NewDeleteLayerVersionRequest()
	request.LayerName, request.LayerVersion = &v.Name, &v.Number
	err := p.do(ctx, "DeleteLayerVersion", func(ctx context.Context) error {
		_, err := p.sdk.DeleteLayerVersionWithContext(ctx, request)
		return err
	})
	if err != nil && !isMissing(err) {
		return fmt.Errorf("deleting version %d: %w", v.Number, err)
	}
	return nil
}
