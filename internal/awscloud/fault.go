package awscloud

import (
	"crypto/tls"
	"errors"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/layerbuild/layerbuild/layer"
)

// Fault says what an error of the SDK means, for any of the services. Adapters
// add what only their service means by a code.
//
//   - An answer with a status keeps the service's code, message and request id.
//   - 429 and throttling codes are to be retried; after any other status from
//     500 up, and after an answer that was cut, the service may have acted.
//   - Without an answer the service may have acted too, unless no connection
//     came about.
//   - Region is set for refused credentials as a region that is not enabled for
//     the account has them, be it asked by the service or for the credentials.
func Fault(err error) *layer.Fault {
	var known *layer.Fault
	if errors.As(err, &known) {
		// A copy, since callers add hints: the cause of a canceled context
		// reaches all that it cancels.
		f := *known
		return &f
	}
	var missing *credentialsError
	var api smithy.APIError
	if errors.As(err, &missing) {
		return &layer.Fault{
			Message: "no usable credentials: " + innermost(missing.error).Error(),
			Cause:   fs.ErrPermission, Err: missing.error, Hint: hintNoCredentials,
			Region: errors.As(missing.error, &api) && elsewhere(api.ErrorCode()),
		}
	}
	f := &layer.Fault{Err: innermost(err)}
	if errors.As(err, &api) {
		f.Code, f.Message = api.ErrorCode(), api.ErrorMessage()
	}
	var request interface{ ServiceRequestID() string }
	if errors.As(err, &request) {
		f.RequestID = request.ServiceRequestID()
	}
	if answer := Answer(err); answer != nil {
		f.Status = answer.StatusCode
		f.After = retryAfter(answer.Header)
		answered(f)
		return f
	}
	unanswered(f, err)
	return f
}

// Answer returns the answer that an error of the SDK is about, nil if none
// came. Its body was read already.
func Answer(err error) *http.Response {
	var answer *smithyhttp.ResponseError
	if errors.As(err, &answer) && answer.Response != nil && answer.HTTPStatusCode() != 0 {
		return answer.Response.Response
	}
	return nil
}

func answered(f *layer.Fault) {
	switch {
	case limiting(f.Code), f.Status == http.StatusRequestEntityTooLarge:
		f.Cause = layer.ErrLimit
	case f.Status == http.StatusTooManyRequests, throttling(f.Code):
		f.Retry = true
	case f.Status == http.StatusUnauthorized, f.Status == http.StatusForbidden, refusing(f.Code):
		f.Cause = fs.ErrPermission
		f.Region = elsewhere(f.Code)
	case f.Status >= 500, f.Status < 300:
		f.Unknown = true
	}
	f.Hint = hint(f.Code, f.Message)
}

func unanswered(f *layer.Fault, err error) {
	var send *smithyhttp.RequestSendError
	var canceled *smithy.CanceledError
	if !errors.As(err, &send) && !errors.As(err, &canceled) {
		return // refused by the SDK itself: nothing went out
	}
	var op *net.OpError
	var certificate *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	switch {
	case errors.As(err, &op) && op.Op == "dial":
		f.Retry = true
	case errors.As(err, &certificate):
		f.Hint = `if a proxy of your own re-encrypts, set AWS_CA_BUNDLE to its certificates`
	case errors.As(err, &record):
	default:
		f.Unknown = true
	}
}

// innermost leaves the SDK's layers of "operation error" and "request send
// failed" out, and the address, which may hold a signature.
func innermost(err error) error {
	var sent *url.Error
	if errors.As(err, &sent) {
		return sent.Err
	}
	var op *smithy.OperationError
	if errors.As(err, &op) {
		return op.Err
	}
	return err
}

// retryAfter reads seconds, or a date against the answer's own date, as RFC
// 9110 section 10.2.3 has them.
func retryAfter(h http.Header) time.Duration {
	text := strings.TrimSpace(h.Get("Retry-After"))
	if n, err := strconv.ParseUint(text, 10, 31); err == nil {
		return time.Duration(n) * time.Second
	}
	until, err := http.ParseTime(text)
	if err != nil {
		return 0
	}
	now, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return 0
	}
	return max(0, until.Sub(now))
}

func configFault(err error) error {
	var profile config.SharedConfigProfileNotExistError
	if errors.As(err, &profile) {
		return &layer.Fault{
			Message: "no profile " + strconv.Quote(profile.Profile) + " in the shared configuration files",
			Cause:   fs.ErrPermission, Err: err,
			Hint: `"aws configure list-profiles" shows the ones that are there`,
		}
	}
	return err
}
