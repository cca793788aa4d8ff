package tencentcloud

import (
	"errors"
	"io/fs"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	sdkerrors "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/errors"
	"github.com/tencentyun/cos-go-sdk-v5"

	"github.com/layerbuild/layerbuild/internal/wire"
	"github.com/layerbuild/layerbuild/layer"
)

// Fault says what an error of the COS SDK or of the API SDKs (SCF) means.
// Adapters add what only their service means by a code.
//
//   - An answer keeps the service's code, message and request id.
//   - 429 and throttling codes are to be retried; after internal errors and any
//     other status from 500 up, and after an answer that was cut, the service
//     may have acted.
//   - Without an answer the service may have acted too, unless no connection
//     came about.
func Fault(err error) *layer.Fault {
	var known *layer.Fault
	if errors.As(err, &known) {
		// A copy, since callers add hints: the cause of a canceled context
		// reaches all that it cancels.
		f := *known
		return &f
	}
	var tries *cos.RetryError // it does not unwrap
	if errors.As(err, &tries) && len(tries.Errs) > 0 {
		err = tries.Errs[len(tries.Errs)-1]
	}
	var storage *cos.ErrorResponse
	if errors.As(err, &storage) {
		return ofStorage(storage)
	}
	var api *sdkerrors.TencentCloudSDKError
	if errors.As(err, &api) {
		return ofAPI(api)
	}
	return wire.Unanswered(err)
}

func ofStorage(e *cos.ErrorResponse) *layer.Fault {
	f := &layer.Fault{Code: e.Code, Message: e.Message, RequestID: e.RequestID}
	if e.Response != nil {
		f.Status = e.Response.StatusCode
		f.After = wire.RetryAfter(e.Response.Header)
		if f.RequestID == "" {
			f.RequestID = e.Response.Header.Get("X-Cos-Request-Id")
		}
	}
	if f.Code == "" && f.Message == "" {
		f.Message = http.StatusText(f.Status)
	}
	switch {
	case f.Code == "SlowDown", f.Code == "RequestTimeout":
		f.Retry = true
	case f.Code == "EntityTooLarge":
		f.Cause = layer.ErrLimit
	case strings.HasPrefix(f.Code, "ExpiredToken"), f.Code == "InvalidToken":
		f.Cause = fs.ErrPermission
	default:
		wire.Classify(f)
	}
	f.Hint = storageHint(f)
	return f
}

// ofAPI goes by the code alone: errors of the API come with status 200.
func ofAPI(e *sdkerrors.TencentCloudSDKError) *layer.Fault {
	if own, is := strings.CutPrefix(e.Code, "ClientError."); is {
		return ofClient(own, e)
	}
	f := &layer.Fault{Code: e.Code, Message: e.Message, RequestID: e.RequestId}
	kind, _, _ := strings.Cut(e.Code, ".")
	switch kind {
	case "RequestLimitExceeded":
		f.Retry = true
	case "AuthFailure", "UnauthorizedOperation":
		f.Cause = fs.ErrPermission
	case "LimitExceeded", "RequestSizeLimitExceeded":
		f.Cause = layer.ErrLimit
	case "InternalError", "ServiceUnavailable":
		f.Unknown = true
	}
	f.Hint = apiHint(f)
	return f
}

// badStatus is how the SDK words an answer that is not even an error of the
// API's.
var badStatus = regexp.MustCompile(`http status code: (\d{3})`)

// ofClient is for errors that the SDK found itself.
func ofClient(kind string, e *sdkerrors.TencentCloudSDKError) *layer.Fault {
	// The message goes on with the whole body.
	text, _, _ := strings.Cut(e.Message, "{")
	text, _, _ = strings.Cut(text, "<")
	text = strings.TrimRight(strings.SplitN(text, "\n", 2)[0], " :,")
	switch kind {
	case "NetworkError":
		if cause := errors.Unwrap(e); cause != nil {
			return wire.Unanswered(cause)
		}
		return &layer.Fault{Message: text, Unknown: true}
	case "HttpStatusCodeError":
		f := &layer.Fault{Message: text}
		if m := badStatus.FindStringSubmatch(text); m != nil {
			f.Status, _ = strconv.Atoi(m[1]) // three digits
			f.Message = http.StatusText(f.Status)
		}
		wire.Classify(f)
		return f
	case "IOError", "ParseJsonError":
		return &layer.Fault{Message: "the answer cannot be read: " + text, Unknown: true}
	}
	return &layer.Fault{Code: e.Code, Message: text} // nothing went out
}
