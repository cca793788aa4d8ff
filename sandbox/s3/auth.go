package s3

import (
	"errors"
	"net/http"
	"regexp"
	"strconv"
	"time"

	"github.com/layerbuild/layerbuild/sandbox/awssig"
)

// skew is how far a client's clock may be off, see RequestTimeTooSkewed in
// the S3 API reference.
const skew = 15 * time.Minute

var hexSum = regexp.MustCompile(`^[0-9a-f]{64}$`)

// authenticate finds out who sent the request.
func (s *Service) authenticate(x *exchange) error {
	claim, err := awssig.Parse(x.r)
	if err != nil {
		return authFailure(err)
	}
	x.record.Region = claim.Region
	x.payload = x.r.Header.Get("X-Amz-Content-Sha256")
	switch {
	case x.payload == "" && claim.Query:
		x.payload = awssig.UnsignedPayload
	case x.payload == "":
		return bad("InvalidRequest", "Missing required header for this request: x-amz-content-sha256")
	case !hexSum.MatchString(x.payload) && x.payload != awssig.UnsignedPayload && !x.streaming():
		return invalidArgument("x-amz-content-sha256", x.payload, "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, "+
			"STREAMING-UNSIGNED-PAYLOAD-TRAILER, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, "+
			"STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER, or a valid sha256 value.")
	}
	v := awssig.Verifier{Service: "s3", EscapeOnce: true, Skew: skew, Clock: s.o.Clock, Find: s.o.Find}
	x.identity, err = v.Verify(x.r, claim, x.payload)
	if err != nil {
		return authFailure(err)
	}
	return nil
}

// authFailure words a refused signature as S3 does.
func authFailure(err error) error {
	r, ok := errors.AsType[*awssig.Refusal](err)
	if !ok {
		return err
	}
	switch r.Reason {
	case awssig.Missing:
		return accessDenied()
	case awssig.Unsupported:
		if r.Query {
			return bad("AuthorizationQueryParametersError", `X-Amz-Algorithm only supports "AWS4-HMAC-SHA256 and AWS4-ECDSA-P256-SHA256"`)
		}
		return invalidArgument("Authorization", r.Detail, "Unsupported Authorization Type")
	case awssig.NoDate:
		return fail(http.StatusForbidden, "AccessDenied", "AWS authentication requires a valid Date or x-amz-date header")
	case awssig.UnknownKey:
		return fail(http.StatusForbidden, "InvalidAccessKeyId",
			"The AWS Access Key Id you provided does not exist in our records.", Field{"AWSAccessKeyId", r.Key})
	case awssig.WrongToken:
		return bad("InvalidToken", "The provided token is malformed or otherwise invalid.")
	case awssig.Early, awssig.Late:
		return fail(http.StatusForbidden, "RequestTimeTooSkewed",
			"The difference between the request time and the current time is too large.",
			Field{"RequestTime", r.Time.Format(awssig.TimeFormat)}, Field{"ServerTime", r.Server.Format(time.RFC3339)},
			Field{"MaxAllowedSkewMilliseconds", strconv.FormatInt(skew.Milliseconds(), 10)})
	case awssig.Expired:
		return fail(http.StatusForbidden, "AccessDenied", "Request has expired",
			Field{"X-Amz-Expires", strconv.Itoa(int(r.Expires / time.Second))},
			Field{"Expires", r.Time.Add(r.Expires).Format(time.RFC3339)}, Field{"ServerTime", r.Server.Format(time.RFC3339)})
	case awssig.Unsigned:
		return fail(http.StatusForbidden, "AccessDenied", "There were headers present in the request which were not signed",
			Field{"HeadersNotSigned", r.Detail})
	case awssig.Mismatch:
		return signatureMismatch(r)
	}
	return malformed(r)
}

// malformed words a signature whose parts cannot be read or do not fit.
func malformed(r *awssig.Refusal) error {
	if r.Query {
		if r.Detail == "Credential" {
			return bad("AuthorizationQueryParametersError", "Error parsing the X-Amz-Credential parameter; the Credential "+
				`is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".`)
		}
		return bad("AuthorizationQueryParametersError", "Query-string authentication version 4 requires the X-Amz-Algorithm, "+
			"X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.")
	}
	what := "the authorization header requires three components: Credential, SignedHeaders, and Signature."
	switch {
	case r.Reason == awssig.WrongService:
		what = `incorrect service "` + r.Detail + `". This endpoint belongs to "s3".`
	case r.Reason == awssig.WrongDate:
		what = `Invalid credential date "` + r.Detail + `". This date is not the same as X-Amz-Date: "` +
			r.Time.Format("20060102") + `".`
	case r.Detail == "Credential":
		what = `the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".`
	}
	return bad("AuthorizationHeaderMalformed", "The authorization header is malformed; "+what)
}
