// Package awscloud is what the S3 and the Lambda adapters have in common: how
// an account and a region are reached, and what an error of the SDK means.
package awscloud

import (
	"context"
	"fmt"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/smithy-go/logging"
)

// Options say which account and region to talk to, and how.
type Options struct {
	// Region is where requests go, such as "eu-central-1".
	Region string
	// Profile is the section of the shared configuration files, "" for the
	// one that the environment names.
	Profile string
	// Static, when set, is used instead of everything that the SDK would look
	// at: environment, shared files, single sign-on and metadata services are
	// not even read. The emulated clouds are reached so.
	Static *Credentials
	// Wrap is put around the transport of each request, nil for nothing.
	Wrap func(http.RoundTripper) http.RoundTripper
}

// Credentials are an access key, with a session token when it is temporary.
type Credentials struct {
	AccessKeyID, SecretAccessKey, SessionToken string
}

// Config returns the SDK's configuration. A profile that is not there wraps
// fs.ErrPermission, as missing credentials do when the first request is made.
func Config(ctx context.Context, o Options) (aws.Config, error) {
	if o.Static != nil {
		return o.transported(aws.Config{
			Region: o.Region,
			Credentials: credentials.NewStaticCredentialsProvider(
				o.Static.AccessKeyID, o.Static.SecretAccessKey, o.Static.SessionToken),
			HTTPClient: awshttp.NewBuildableClient(),
			Logger:     logging.Nop{},
		}), nil
	}
	// Where AWS_CA_BUNDLE is set, the SDK insists on a client that it can
	// build on, so what wraps the transport is put around afterwards.
	opts := []func(*config.LoadOptions) error{
		config.WithRegion(o.Region),
		config.WithHTTPClient(awshttp.NewBuildableClient()),
		config.WithLogger(logging.Nop{}),
	}
	if o.Profile != "" {
		opts = append(opts, config.WithSharedConfigProfile(o.Profile))
	}
	cfg, err := config.LoadDefaultConfig(ctx, opts...)
	if err != nil {
		return aws.Config{}, fmt.Errorf("reading the aws configuration: %w", configFault(err))
	}
	cfg.Credentials = chain{cfg.Credentials}
	return o.transported(cfg), nil
}

func (o Options) transported(cfg aws.Config) aws.Config {
	if o.Wrap != nil {
		cfg.HTTPClient = client{o.Wrap(tripper{cfg.HTTPClient})}
	}
	return cfg
}

// The SDK's client is wrapped from outside, and not its transport, because the
// client has the SDK's own rules for redirects.
type (
	tripper struct{ inner aws.HTTPClient }
	client  struct{ outer http.RoundTripper }
)

func (t tripper) RoundTrip(r *http.Request) (*http.Response, error) { return t.inner.Do(r) }

func (c client) Do(r *http.Request) (*http.Response, error) { return c.outer.RoundTrip(r) }

// A chain is the SDK's credential chain with errors that can be told from
// those of the request that wanted credentials.
type chain struct{ aws.CredentialsProvider }

func (c chain) Retrieve(ctx context.Context) (aws.Credentials, error) {
	v, err := c.CredentialsProvider.Retrieve(ctx)
	if err != nil {
		return v, &credentialsError{err}
	}
	return v, nil
}

type credentialsError struct{ error }

func (e *credentialsError) Unwrap() error { return e.error }
