// Package alicloud is what the OSS and the Function Compute adapters have in
// common: how an account is reached, and what an error of the SDKs means.
package alicloud

import (
	"context"
	"sync"

	"github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss/credentials"
	openapi "github.com/aliyun/credentials-go/credentials"
	"github.com/aliyun/credentials-go/credentials/providers"
)

// Options say which account to talk to.
type Options struct {
	// Profile is the one of the CLI's configuration (aliyun configure), and
	// then the only place that is looked at. "" is Alibaba's default chain:
	// the environment, OIDC, the CLI's current profile, the SDKs' credentials
	// file, the role of the machine, ALIBABA_CLOUD_CREDENTIALS_URI.
	Profile string
	// Static, when set, is used instead of everything that the SDK would look
	// at. The emulated clouds are reached so.
	Static *Credentials
}

// Credentials are an access key, with a security token when it is temporary.
type Credentials struct {
	AccessKeyID, AccessKeySecret, SecurityToken string
}

// A Provider gives the access key of an account to the SDKs, renewed in time
// where it is temporary. It is safe for concurrent use and implements
// credentials.CredentialsProvider of the OSS SDK. Nothing is looked at before
// the first request wants an access key; if there is none then, the error wraps
// fs.ErrPermission.
type Provider struct {
	// mu is needed since the SDK's providers have none.
	mu      sync.Mutex
	sources []source
	found   providers.CredentialsProvider
}

var _ credentials.CredentialsProvider = (*Provider)(nil)

// New returns the provider of an account.
func New(o Options) *Provider {
	switch {
	case o.Static != nil:
		return &Provider{found: static(*o.Static)}
	case o.Profile != "":
		return &Provider{sources: []source{cliProfile(o.Profile)}}
	}
	return &Provider{sources: defaultChain()}
}

// GetCredentials is what the OSS SDK wants.
func (p *Provider) GetCredentials(context.Context) (credentials.Credentials, error) {
	c, err := p.get()
	if err != nil {
		return credentials.Credentials{}, err
	}
	return credentials.Credentials{
		AccessKeyID: c.AccessKeyId, AccessKeySecret: c.AccessKeySecret, SecurityToken: c.SecurityToken,
	}, nil
}

// Credential is what the Function Compute SDKs want.
func (p *Provider) Credential() openapi.Credential {
	return openapi.FromCredentialsProvider("default", plain{p})
}

// plain has a Provider look like one of the SDK's, whose method of the same
// name has no context.
type plain struct{ p *Provider }

func (p plain) GetCredentials() (*providers.Credentials, error) { return p.p.get() }
func (plain) GetProviderName() string                           { return "default" }

type static Credentials

func (s static) GetCredentials() (*providers.Credentials, error) {
	return &providers.Credentials{
		AccessKeyId: s.AccessKeyID, AccessKeySecret: s.AccessKeySecret, SecurityToken: s.SecurityToken,
		ProviderName: s.GetProviderName(),
	}, nil
}

func (static) GetProviderName() string { return "static" }
