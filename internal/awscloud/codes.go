package awscloud

import "strings"

// The codes are from the lists of errors of the two services:
// https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html and
// https://docs.aws.amazon.com/lambda/latest/api/CommonErrors.html

// limiting reports whether a code means a quota of the account or the size of
// a request.
func limiting(code string) bool {
	switch code {
	case "CodeStorageExceededException", "EntityTooLarge", "PolicyLengthExceededException",
		"RequestEntityTooLargeException", "RequestTooLargeException",
		"SerializedRequestEntityTooLargeException", "ServiceQuotaExceededException":
		return true
	}
	return false
}

// throttling reports whether a code means that nothing was done for now,
// whatever the status.
func throttling(code string) bool {
	switch code {
	case "RequestLimitExceeded", "SlowDown", "Throttling", "ThrottlingException", "TooManyRequestsException":
		return true
	}
	return false
}

// refusing reports whether a code means refused credentials or permission,
// whatever the status: S3 gives some of them 400, and the services of the JSON
// protocol all.
func refusing(code string) bool {
	switch code {
	case "AccessDeniedException", "ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired":
		return true
	}
	return elsewhere(code)
}

// elsewhere reports whether a code is what a region answers that is not enabled
// for the account. It knows none of the account's keys and tokens, so it answers
// as to made-up ones:
//
//   - Lambda: UnrecognizedClientException,
//     https://github.com/epsagon/clear-lambda-storage/issues/9
//   - S3: InvalidToken, https://github.com/aws/aws-cli/issues/8413, and without
//     a token what it says of all unknown keys, InvalidAccessKeyId
//   - STS: InvalidClientTokenId,
//     https://github.com/remotion-dev/github-unwrapped-2022/issues/34, or
//     RegionDisabledException (AssumeRole in its API reference)
//
// OptInRequired is among the errors common to all services.
func elsewhere(code string) bool {
	switch code {
	case "InvalidAccessKeyId", "InvalidClientTokenId", "InvalidToken", "OptInRequired", "RegionDisabledException", "UnrecognizedClientException":
		return true
	}
	return false
}

const hintNoCredentials = `set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run "aws sso login"`

func hint(code, message string) string {
	const clock = "the clock of this machine is wrong by more than a few minutes"
	switch code {
	case "ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired":
		return `the session token has expired: get new credentials, for instance by "aws sso login"`
	case "RequestTimeTooSkewed", "RequestExpired":
		return clock
	case "InvalidAccessKeyId", "InvalidClientTokenId", "UnrecognizedClientException":
		return "the access key is not known: check AWS_ACCESS_KEY_ID and the profile, and that the region is enabled for the account and belongs to its partition"
	case "InvalidToken":
		return "the session token is not known: check AWS_SESSION_TOKEN and the profile, and that the region is enabled for the account"
	case "OptInRequired", "RegionDisabledException":
		return "enable the region for the account: https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html"
	case "SignatureDoesNotMatch":
		return "the secret access key does not belong to the access key id"
	case "InvalidSignatureException":
		// Lambda's one code for both, told apart by "Signature expired: …"
		// and "Signature not yet current: …".
		if strings.HasPrefix(message, "Signature expired") || strings.HasPrefix(message, "Signature not yet current") {
			return clock
		}
		return "the secret access key does not belong to the access key id"
	}
	return ""
}
