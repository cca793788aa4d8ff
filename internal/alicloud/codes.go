package alicloud

import (
	"io/fs"
	"net/http"
	"strings"

	"github.com/layerbuild/layerbuild/internal/wire"
	"github.com/layerbuild/layerbuild/layer"
)

// The codes are from the lists of errors of the two services:
// https://www.alibabacloud.com/help/en/oss/support/0002 and
// https://www.alibabacloud.com/help/en/functioncompute/error-codes

func classify(f *layer.Fault) {
	switch {
	case throttling(f.Code):
		f.Retry = true
	case f.Code == "EntityTooLarge":
		f.Cause = layer.ErrLimit
	case stale(f.Code):
		f.Cause = fs.ErrPermission
	default:
		wire.Classify(f)
	}
	f.Hint = hint(f)
}

// throttling reports whether a code means that nothing was done for now. OSS
// has a code for each thing that it limits, all with status 503.
func throttling(code string) bool {
	return strings.Contains(code, "Throttl") || code == "SlowDown" || code == "ResourceExhausted" ||
		strings.HasSuffix(code, "RateLimitExceeded") || strings.HasSuffix(code, "QpsLimitExceeded")
}

// stale reports whether a code means refused credentials; these come with
// status 400 as well as with 403.
func stale(code string) bool {
	switch code {
	case "InvalidSecurityToken", "InvalidSecurityToken.Expired", "InvalidSecurityToken.Malformed",
		"InvalidSecurityToken.MismatchWithAccessKey", "SecurityTokenExpired", "SecurityTokenMalformed":
		return true
	}
	return false
}

func hint(f *layer.Fault) string {
	switch f.Code {
	case "SecurityTokenExpired", "InvalidSecurityToken", "InvalidSecurityToken.Expired":
		return "the security token has expired or is not the access key's: get new credentials"
	case "RequestTimeTooSkewed", "InvalidTimeStamp.Expired", "RequestTimeTooLarge":
		return "the clock of this machine is wrong by more than 15 minutes"
	case "InvalidAccessKeyId", "InvalidAccessKeyID", "InvalidAccessKeyId.NotFound", "InvalidAccessKeyId.Inactive":
		return "the access key is not known or disabled: check ALIBABA_CLOUD_ACCESS_KEY_ID and the profile"
	case "SignatureDoesNotMatch", "SignatureNotMatch":
		return "the access key secret does not belong to the access key id"
	case "UserDisable":
		return "the service is not activated or its bills are overdue: see the console"
	}
	if f.Status == http.StatusForbidden && strings.Contains(f.Message, "time") && strings.Contains(f.Message, "expired") {
		return "the clock of this machine is wrong by more than 15 minutes"
	}
	return ""
}
