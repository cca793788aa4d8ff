package alicloud

import (
	"errors"
	"io/fs"
	"strings"

	"github.com/aliyun/credentials-go/credentials/providers"

	"github.com/layerbuild/layerbuild/layer"
)

// A source is one place where an access key may be.
type source struct {
	name  string
	build func() (providers.CredentialsProvider, error)
}

// defaultChain has the order of the SDK's default chain:
// https://www.alibabacloud.com/help/en/sdk/developer-reference/v2-manage-go-access-credentials
//
// It is assembled here because the SDK's own (credentials-go v1.4.14) remembers
// the last provider that it asked also when that had nothing, so that a second
// call, or one at the same time, does not see the others.
func defaultChain() []source {
	return []source{
		{"environment", func() (providers.CredentialsProvider, error) {
			return providers.NewEnvironmentVariableCredentialsProviderBuilder().Build()
		}},
		{"OIDC", func() (providers.CredentialsProvider, error) {
			return providers.NewOIDCCredentialsProviderBuilder().Build()
		}},
		cliProfile(""),
		{"credentials file", func() (providers.CredentialsProvider, error) {
			return providers.NewProfileCredentialsProviderBuilder().Build()
		}},
		{"role of the machine", func() (providers.CredentialsProvider, error) {
			return providers.NewECSRAMRoleCredentialsProviderBuilder().Build()
		}},
		{"credentials URI", func() (providers.CredentialsProvider, error) {
			return providers.NewURLCredentialsProviderBuilder().Build()
		}},
	}
}

// cliProfile is a profile of the CLI, "" for the one that the environment or
// the CLI's configuration names.
func cliProfile(name string) source {
	shown := "CLI profile"
	if name != "" {
		shown += ` "` + name + `"`
	}
	return source{shown, func() (providers.CredentialsProvider, error) {
		return providers.NewCLIProfileCredentialsProviderBuilder().WithProfileName(name).Build()
	}}
}

func (s source) get() (providers.CredentialsProvider, *providers.Credentials, error) {
	p, err := s.build()
	if err != nil {
		return nil, nil, err
	}
	c, err := p.GetCredentials()
	if err == nil && c == nil {
		err = errors.New("it gave none")
	}
	return p, c, err
}

// get stays with the first source that has an access key.
func (p *Provider) get() (*providers.Credentials, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.found != nil {
		c, err := p.found.GetCredentials()
		if err != nil {
			return nil, noCredentials(p.found.GetProviderName() + ": " + harmless(err))
		}
		return c, nil
	}
	var reasons []string
	for _, s := range p.sources {
		provider, c, err := s.get()
		if err == nil {
			p.found = provider
			return c, nil
		}
		if text := harmless(err); len(p.sources) == 1 || !absent(text) {
			reasons = append(reasons, s.name+": "+text)
		}
	}
	if reasons == nil {
		reasons = []string{"none in the environment, the configuration of the CLI and of the SDKs, and no role of the machine"}
	}
	return nil, noCredentials(strings.Join(reasons, "; "))
}

func noCredentials(reason string) error {
	return &layer.Fault{
		Message: "no usable credentials: " + reason,
		Cause:   fs.ErrPermission,
		Hint:    `set ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET, or run "aliyun configure"`,
	}
}

// harmless shortens the text of an error of the SDK's providers, which print
// whole configuration files, answers and commands' output, secrets included.
func harmless(err error) string {
	text := err.Error()
	if strings.HasPrefix(text, "unmarshal aliyun cli config") {
		return "the configuration of the CLI is not valid JSON"
	}
	if i := strings.IndexAny(text, "{?\n"); i >= 0 {
		text = text[:i]
	}
	return strings.TrimRight(text, " :")
}

// absent recognises the texts of sources that nobody has set up.
func absent(text string) bool {
	for _, part := range []string{
		"(ALIBABA_CLOUD_ACCESS_KEY_ID)",   // not set
		"OIDCTokenFilePath is empty",      // not set
		"no such file", "cannot find the", // on Unix, on Windows
		"CLI profile is disabled", "IMDS credentials is disabled",
		"get metadata token failed", "get role name failed", // no such service
		"the url is empty",
	} {
		if strings.Contains(text, part) {
			return true
		}
	}
	return false
}
