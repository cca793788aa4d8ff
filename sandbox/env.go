package sandbox

import "os"

// A Variable is one of the environment.
type Variable struct{ Name, Value string }

// Env returns what a process needs in its environment to use the sandbox and
// nothing else, in a fixed order. A variable whose value is empty is to be
// taken out of the environment, because it could lead to real credentials or
// past the sandbox. The sandbox must have been started.
func (s *Sandbox) Env() []Variable {
	return []Variable{
		{"AWS_ENDPOINT_URL", s.url}, // also for services that are not here
		{"AWS_ENDPOINT_URL_S3", s.url},
		{"AWS_ENDPOINT_URL_LAMBDA", s.url},
		{"AWS_ENDPOINT_URL_SSM", s.url},
		{"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", ""},
		{"AWS_ACCESS_KEY_ID", s.credential.Key},
		{"AWS_SECRET_ACCESS_KEY", s.credential.Secret},
		{"AWS_SESSION_TOKEN", s.credential.Token},
		{"AWS_REGION", Region},
		{"AWS_DEFAULT_REGION", Region},
		{"AWS_CONFIG_FILE", os.DevNull},
		{"AWS_SHARED_CREDENTIALS_FILE", os.DevNull},
		{"AWS_EC2_METADATA_DISABLED", "true"},
		{"AWS_PROFILE", ""},
		{"AWS_DEFAULT_PROFILE", ""},
		{"AWS_ROLE_ARN", ""},
		{"AWS_WEB_IDENTITY_TOKEN_FILE", ""},
		{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", ""},
		{"AWS_CONTAINER_CREDENTIALS_FULL_URI", ""},
		{"AWS_CREDENTIAL_EXPIRATION", ""},
		{"AWS_USE_FIPS_ENDPOINT", ""},
		{"AWS_USE_DUALSTACK_ENDPOINT", ""},

		{"LAYERBUILD_OSS_ENDPOINT", s.url},
		{"LAYERBUILD_FC_ENDPOINT", s.url},
		{"ALIBABA_CLOUD_ACCESS_KEY_ID", s.credential.Key},
		{"ALIBABA_CLOUD_ACCESS_KEY_SECRET", s.credential.Secret},
		{"ALIBABA_CLOUD_SECURITY_TOKEN", s.credential.Token},
		{"ALIBABA_CLOUD_ECS_METADATA_DISABLED", "true"},
		{"ALIBABA_CLOUD_ECS_METADATA", ""},
		{"ALIBABA_CLOUD_CLI_PROFILE_DISABLED", "true"},
		{"ALIBABA_CLOUD_CREDENTIALS_FILE", os.DevNull},
		{"ALIBABA_CLOUD_CREDENTIALS_URI", ""},
		{"ALIBABA_CLOUD_PROFILE", ""},
		{"ALIBABA_CLOUD_ROLE_ARN", ""},
		{"ALIBABA_CLOUD_OIDC_PROVIDER_ARN", ""},
		{"ALIBABA_CLOUD_OIDC_TOKEN_FILE", ""},

		{"LAYERBUILD_COS_ENDPOINT", s.url},
		{"LAYERBUILD_SCF_ENDPOINT", s.url},
		{"TENCENTCLOUD_SECRET_ID", s.credential.Key},
		{"TENCENTCLOUD_SECRET_KEY", s.credential.Secret},
		{"TENCENTCLOUD_TOKEN", s.credential.Token},
		{"TENCENTCLOUD_SECURITY_TOKEN", ""},
		{"TENCENTCLOUD_SESSION_TOKEN", ""},
		{"TENCENTCLOUD_CREDENTIALS_FILE", os.DevNull},
		{"TENCENTCLOUD_ROLE_ARN", ""},
		{"TCCLI_PROFILE", ""},
		{"TKE_REGION", ""},
		{"TKE_PROVIDER_ID", ""},
		{"TKE_WEB_IDENTITY_TOKEN_FILE", ""},
		{"TKE_ROLE_ARN", ""},
	}
}
