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

// stale reports whether a code means refused credentials; these come with
// status 400, others with 401 or 403.
func stale(code string) bool {
	switch code {
	case "ExpiredToken", "ExpiredTokenException", "InvalidToken", "TokenRefreshRequired":
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
		return "the access key is not known: check AWS_ACCESS_KEY_ID and the profile, and that the region belongs to the account's partition"
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
