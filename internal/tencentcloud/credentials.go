// Package tencentcloud is what the COS and the SCF adapters have in common: how
// an account is reached, and what an error of the SDKs means.
package tencentcloud

import (
	"context"
	"errors"
	"io/fs"
	"strings"
	"time"

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"

	"github.com/layerbuild/layerbuild/layer"
)

// Options say which account to talk to.
type Options struct {
	// Profile is the one of tccli's configuration (tccli configure), and then
	// the only place that is looked at. "" is the chain that New names.
	Profile string
	// Static, when set, is used instead of everything else: environment,
	// files and metadata service are not even looked at. The emulated clouds
	// are reached so.
	Static *Credentials
	// Getenv reads a variable of the environment, nil for none.
	Getenv func(name string) string
	// Now is the clock by which temporary keys expire.
	Now func() time.Time
}

// Credentials are an access key, with a token when it is temporary.
type Credentials struct {
	SecretID, SecretKey, Token string
}

// New finds the access key of an account, as the SDKs of all services want it.
// It is renewed in time where it is temporary and the place that it came from
// can renew it. The places are, in this order:
//
//   - TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY, and for a temporary
//     key its token, which Tencent's tools read from TENCENTCLOUD_TOKEN (tccli),
//     TENCENTCLOUD_SECURITY_TOKEN (the Terraform provider) or
//     TENCENTCLOUD_SESSION_TOKEN (CloudBase),
//   - the SDKs' file, ~/.tencentcloud/credentials or
//     TENCENTCLOUD_CREDENTIALS_FILE,
//   - tccli's profile, TCCLI_PROFILE or "default",
//   - the OIDC token of a pod, by TKE_ROLE_ARN and its companions,
//   - the role of the machine.
//
// The error wraps fs.ErrPermission when there is none.
func New(ctx context.Context, o Options) (common.CredentialIface, error) {
	switch {
	case o.Static != nil:
		return common.NewTokenCredential(o.Static.SecretID, o.Static.SecretKey, o.Static.Token), nil
	case o.Profile != "":
		return first(ctx, []source{{`tccli profile "` + o.Profile + `"`, provided(common.NewTccliProfileProvider(o.Profile))}})
	}
	if o.Getenv == nil {
		o.Getenv = func(string) string { return "" }
	}
	return first(ctx, []source{
		{"environment", o.environment},
		{"credentials file", provided(common.DefaultProfileProvider())},
		{"tccli profile", provided(common.DefaultTccliProfileProvider())},
		{"OIDC", podRole},
		{"role of the machine", machineRole{address: metadata, now: o.Now}.get},
	})
}

// A source is one place where an access key may be.
type source struct {
	name string
	get  func(context.Context) (common.CredentialIface, error)
}

// provided asks a provider of the SDK, which cannot be interrupted, and which
// panics over a credentials file without a section, an empty one for instance.
func provided(p common.Provider) func(context.Context) (common.CredentialIface, error) {
	return func(context.Context) (c common.CredentialIface, err error) {
		defer func() {
			if recover() != nil {
				c, err = nil, errors.New("the file has no section with an access key")
			}
		}()
		return p.GetCredential()
	}
}

// environment stands in for the SDK's own, which forgets the token.
func (o Options) environment(context.Context) (common.CredentialIface, error) {
	value := func(name string) string { return strings.TrimSpace(o.Getenv(name)) }
	id, key := value("TENCENTCLOUD_SECRET_ID"), value("TENCENTCLOUD_SECRET_KEY")
	switch {
	case id == "" && key == "":
		return nil, errAbsent
	case id == "":
		return nil, errHalf("TENCENTCLOUD_SECRET_ID")
	case key == "":
		return nil, errHalf("TENCENTCLOUD_SECRET_KEY")
	}
	for _, name := range []string{"TENCENTCLOUD_TOKEN", "TENCENTCLOUD_SECURITY_TOKEN", "TENCENTCLOUD_SESSION_TOKEN"} {
		if token := value(name); token != "" {
			return common.NewTokenCredential(id, key, token), nil
		}
	}
	return common.NewCredential(id, key), nil
}

// podRole is the role that TKE gives to a pod.
func podRole(context.Context) (common.CredentialIface, error) {
	p, err := common.DefaultTkeOIDCRoleArnProvider()
	if err != nil {
		return nil, err
	}
	return p.GetCredential()
}

// first asks one source after the other.
func first(ctx context.Context, sources []source) (common.CredentialIface, error) {
	var reasons []string
	for _, s := range sources {
		c, err := s.get(ctx)
		if err == nil {
			return c, nil
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if len(sources) == 1 || !absent(err) {
			reasons = append(reasons, s.name+": "+harmless(err))
		}
	}
	if reasons == nil {
		reasons = []string{"none in the environment, the SDKs' file and the configuration of tccli, and no role of the machine"}
	}
	return nil, &layer.Fault{
		Message: "no usable credentials: " + strings.Join(reasons, "; "),
		Cause:   fs.ErrPermission,
		Hint:    `set TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY, or run "tccli configure"`,
	}
}
