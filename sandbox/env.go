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
	}
}
