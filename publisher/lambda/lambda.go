// Package lambda publishes layer versions to AWS Lambda:
// https://docs.aws.amazon.com/lambda/latest/api/API_PublishLayerVersion.html
package lambda

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/layerbuild/layerbuild/internal/awscloud"
	"github.com/layerbuild/layerbuild/internal/poll"
	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/publisher"
)

// Options are how to reach the layers of an account in a region.
type Options struct {
	// Config is the account and the region.
	Config aws.Config
	// Endpoint is an address other than Amazon's, unless the environment or
	// the profile names one.
	Endpoint string
	// Pace is called before each attempt at a request to Lambda, and may wait.
	// Its error ends the request. Nil is no limit.
	Pace func(ctx context.Context) error
	// Sleep waits for d or returns the context's error, nil for a timer.
	Sleep func(ctx context.Context, d time.Duration) error
}

// A Publisher is the layers of one account in one region. It is safe for
// concurrent use, and has all the other abilities but [publisher.WholeSharer].
type Publisher struct {
	client *lambda.Client
	sleep  func(context.Context, time.Duration) error
}

// New makes no request.
func New(o Options) (*Publisher, error) {
	var bad error
	client := lambda.NewFromConfig(o.Config, func(lo *lambda.Options) {
		lo.BaseEndpoint, bad = awscloud.Endpoint(lo.BaseEndpoint, o.Endpoint)
		if o.Pace != nil {
			lo.APIOptions = append(lo.APIOptions, paced(o.Pace))
		}
	})
	if bad != nil {
		return nil, bad
	}
	p := &Publisher{client: client, sleep: o.Sleep}
	if p.sleep == nil {
		p.sleep = poll.Sleep
	}
	return p, nil
}

// Publish makes exactly one request, since the service has no token by which
// it would know a second one. An inline zip is held in memory.
func (p *Publisher) Publish(ctx context.Context, r publisher.Request) (layer.Version, error) {
	content, err := content(r)
	if err != nil {
		return layer.Version{}, err
	}
	input := &lambda.PublishLayerVersionInput{
		LayerName:               &r.Name,
		Content:                 content,
		Description:             optional(r.Description),
		LicenseInfo:             optional(r.License),
		CompatibleRuntimes:      spelled[types.Runtime](r.Runtimes),
		CompatibleArchitectures: spelled[types.Architecture](r.Architectures),
	}
	out, err := p.client.PublishLayerVersion(ctx, input, func(o *lambda.Options) { o.Retryer = aws.NopRetryer{} })
	if err != nil {
		return layer.Version{}, publishFault(err)
	}
	if out.Version == 0 {
		return layer.Version{}, incomplete()
	}
	v := version(r.Name, types.LayerVersionsListItem{
		Version: out.Version, LayerVersionArn: out.LayerVersionArn, Description: out.Description, CreatedDate: out.CreatedDate,
		LicenseInfo: out.LicenseInfo, CompatibleRuntimes: out.CompatibleRuntimes, CompatibleArchitectures: out.CompatibleArchitectures,
	})
	return withContent(v, out.Content), nil
}

func content(r publisher.Request) (*types.LayerVersionContentInput, error) {
	if o := r.Object; o.Key != "" {
		return &types.LayerVersionContentInput{
			S3Bucket: &o.Bucket, S3Key: &o.Key, S3ObjectVersion: optional(o.Version),
		}, nil
	}
	zip, err := os.ReadFile(r.Artifact.Path)
	if err != nil {
		return nil, err
	}
	return &types.LayerVersionContentInput{ZipFile: zip}, nil
}

// Delete removes a version. Functions that use it keep it.
func (p *Publisher) Delete(ctx context.Context, v layer.Version) error {
	_, err := p.client.DeleteLayerVersion(ctx, &lambda.DeleteLayerVersionInput{
		LayerName: &v.Name, VersionNumber: &v.Number,
	})
	if f := fault(err); f != nil && !absent(f) {
		return fmt.Errorf("deleting version %d: %w", v.Number, f)
	}
	return nil
}

func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// spelled turns names into the SDK's types for them, and those into names.
func spelled[T, F ~string](names []F) []T {
	var list []T
	for _, name := range names {
		list = append(list, T(name))
	}
	return list
}
