// Package fc publishes layer versions to Function Compute of Alibaba Cloud, by
// either of its APIs: 2.0 (version 2021-04-06) and 3.0 (2023-03-30). Both see
// the same layers.
// https://www.alibabacloud.com/help/en/functioncompute/fc/developer-reference/api-fc-2023-03-30-createlayerversion
package fc

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"time"

	"github.com/aliyun/credentials-go/credentials"

	"github.com/layerbuild/layerbuild/internal/poll"
	"github.com/layerbuild/layerbuild/internal/wire"
	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/publisher"
)

// The two APIs, as a target names them.
const (
	V2 = "2.0"
	V3 = "3.0"
)

// Options are how to reach the layers of an account in a region.
type Options struct {
	// API is V2 or V3, "" for V3.
	API string
	// Region is where the layers are, such as "cn-hangzhou".
	Region string
	// Account is the id of the account, in digits. Only 2.0 needs it, which
	// has it in its address and does not say it in every ARN.
	Account    string
	Credential credentials.Credential
	// Endpoint is an address other than Alibaba's, at which both APIs are.
	Endpoint string
	// Transport carries the requests, nil for the machine's usual way out.
	Transport http.RoundTripper
	// Pace is called before every request to the service, of either API, and
	// keeps it back for as long as it has to wait. Its error stops the request.
	// It may be nil.
	Pace func(context.Context) error
	// Sleep waits for d or returns the context's error, nil for a timer.
	Sleep func(ctx context.Context, d time.Duration) error
}

// A Publisher is the layers of one account in one region. It is safe for
// concurrent use. It has all the abilities of package publisher; that it is a
// [publisher.WholeSharer] is what sets it apart.
type Publisher struct {
	o   Options
	api api
}

// New makes no request.
func New(o Options) (*Publisher, error) {
	if o.Credential == nil {
		return nil, errors.New("function compute: no credentials")
	}
	if o.Transport == nil {
		o.Transport = wire.Transport()
	}
	if o.Sleep == nil {
		o.Sleep = poll.Sleep
	}
	api, err := reach(o)
	return &Publisher{o, api}, err
}

// reach returns the API that the options name.
func reach(o Options) (api, error) {
	host, err := hostOf(o)
	if err != nil {
		return nil, err
	}
	var a api
	if o.API == V2 {
		a, err = newV2(o, host)
	} else {
		a, err = newV3(o, host)
	}
	if err != nil {
		return nil, fmt.Errorf("function compute: %w", err)
	}
	return a, nil
}

// A creation is everything that a version is made from. Either zip, in base64,
// or bucket and object are set.
type creation struct {
	zip, bucket, object  string
	checksum             string
	runtimes             []string
	description, license string
}

// Publish makes exactly one request, since the service has no token by which
// it would know a second one. 3.0 compares the zip with the artifact's checksum
// before it makes a version; 2.0 cannot, nor does it take a license. An inline
// zip is held in memory.
func (p *Publisher) Publish(ctx context.Context, r publisher.Request) (layer.Version, error) {
	in := creation{
		bucket: r.Object.Bucket, object: r.Object.Key, checksum: r.Artifact.Digests.CRC64Text(),
		runtimes: r.Runtimes, description: r.Description, license: r.License,
	}
	if r.Object.Key == "" {
		zip, err := os.ReadFile(r.Artifact.Path)
		if err != nil {
			return layer.Version{}, err
		}
		in.zip = base64.StdEncoding.EncodeToString(zip)
	}
	v, err := p.api.create(ctx, r.Name, in)
	return v.Version, err
}

// Get returns a version. The error wraps fs.ErrNotExist when there is none.
func (p *Publisher) Get(ctx context.Context, name string, number int64) (layer.Version, error) {
	v, err := p.api.get(ctx, name, number)
	return v.Version, err
}

// Delete removes a version. Functions that use it keep it.
func (p *Publisher) Delete(ctx context.Context, v layer.Version) error {
	if err := p.api.remove(ctx, v.Name, v.Number); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("deleting version %d: %w", v.Number, err)
	}
	return nil
}
