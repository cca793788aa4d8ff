package tencentcloud

import (
	"strings"

	"github.com/layerbuild/layerbuild/layer"
)

const (
	hintClock  = "the clock of this machine is wrong by more than a few minutes"
	hintKey    = "the secret id is not known or disabled: check TENCENTCLOUD_SECRET_ID and the profile, and TENCENTCLOUD_TOKEN if the key is temporary"
	hintSecret = "the secret key does not belong to the secret id"
	hintToken  = "the token has expired or is not the secret id's: get new credentials"
)

// storageHint goes by the codes of
// https://www.tencentcloud.com/document/product/436/7730
func storageHint(f *layer.Fault) string {
	switch f.Code {
	case "RequestTimeTooSkewed":
		return hintClock
	case "InvalidAccessKeyId":
		return hintKey
	case "SignatureDoesNotMatch":
		return hintSecret
	case "ExpiredToken", "InvalidToken":
		return hintToken
	case "AccessDenied":
		if strings.Contains(f.Message, "Request has expired") {
			return hintClock
		}
	}
	return ""
}

// apiHint goes by the common error codes that every API page lists, such as
// https://www.tencentcloud.com/document/product/583/17238
func apiHint(f *layer.Fault) string {
	switch f.Code {
	case "AuthFailure.SignatureExpire":
		return hintClock
	case "AuthFailure.SecretIdNotFound", "AuthFailure.InvalidSecretId":
		return hintKey
	case "AuthFailure.SignatureFailure":
		return hintSecret
	case "AuthFailure.TokenFailure":
		return hintToken
	}
	return ""
}
