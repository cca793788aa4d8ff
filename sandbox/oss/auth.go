package oss

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/layerbuild/layerbuild/sandbox/osssig"
)

// skew is how far a client's clock may be off, see RequestTimeTooSkewed in
// "HTTP status code 403" of the OSS documentation.
const skew = 15 * time.Minute

// authenticate finds out who sent the request.
func (s *Service) authenticate(x *exchange) error {
	claim, err := osssig.Parse(x.r)
	if err != nil {
		return x.refusal(err)
	}
	x.record.Region = claim.Region
	v := osssig.Verifier{Skew: skew, Clock: s.o.Clock, Find: s.o.Find}
	if x.identity, err = v.Verify(x.r, claim, x.about); err != nil {
		return x.refusal(err)
	}
	if strings.HasPrefix(claim.Region, "oss-") {
		// The name of the endpoint in the place of the region's.
		return bad("InvalidArgument", "Invalid signing region in Authorization header.").ec("0002-00000226")
	}
	return nil
}

// refusal words a refused signature as OSS does.
func (x *exchange) refusal(err error) error {
	r, ok := errors.AsType[*osssig.Refusal](err)
	if !ok {
		return err
	}
	switch r.Reason {
	case osssig.Missing:
		return accessDenied(x.about)
	case osssig.Unsupported:
		return fail(http.StatusForbidden, "AccessDenied", "Signature V1 is not supported any more: sign with OSS4-HMAC-SHA256.").ec("0002-00000080")
	case osssig.NoDate:
		return fail(http.StatusForbidden, "AccessDenied", "OSS authentication requires a valid Date.").ec("0002-00000505")
	case osssig.WrongPayload:
		return argument("x-oss-content-sha256", r.Detail, "Invalid x-oss-content-sha256, only UNSIGNED-PAYLOAD is supported.")
	case osssig.WrongDate:
		return bad("InvalidArgument", "Invalid signing date in Authorization header.", Field{"Date", r.Claim.Date}).ec("0002-00000212")
	case osssig.UnknownKey:
		return unknownKey(r)
	case osssig.WrongToken:
		if r.Claim.Token == "" {
			return unknownKey(r) // a temporary key is nothing without its token
		}
		return fail(http.StatusForbidden, "InvalidSecurityToken", "The security token you provided is invalid.")
	case osssig.Skewed:
		return fail(http.StatusForbidden, "RequestTimeTooSkewed", "The difference between the request time and the current time is too large.",
			Field{"MaxAllowedSkewMilliseconds", fmt.Sprint(skew.Milliseconds())}, Field{"RequestTime", stamp(r.Claim.Time)},
			Field{"ServerTime", stamp(r.Server)}).ec("0002-00000504")
	case osssig.Expired:
		return fail(http.StatusForbidden, "AccessDenied", "Request has expired.",
			Field{"Expires", stamp(r.Claim.Expires)}, Field{"ServerTime", stamp(r.Server)}).ec("0002-00000069")
	case osssig.Mismatch:
		return fail(http.StatusForbidden, "SignatureDoesNotMatch",
			"The request signature we calculated does not match the signature you provided. Check your key and signing method.",
			Field{"OSSAccessKeyId", r.Claim.Key}, Field{"SignatureProvided", r.Claim.Signature},
			Field{"StringToSign", r.ToSign}, Field{"StringToSignBytes", spelled(r.ToSign)},
			Field{"CanonicalRequest", r.Canonical}, Field{"CanonicalRequestBytes", spelled(r.Canonical)}).ec("0002-00000201")
	}
	return malformed(r)
}

func unknownKey(r *osssig.Refusal) error {
	return fail(http.StatusForbidden, "InvalidAccessKeyId", "The OSS Access Key Id you provided does not exist in our records.",
		Field{"OSSAccessKeyId", r.Claim.Key}).ec("0002-00000902")
}

// malformed words a signature of which a part cannot be read.
func malformed(r *osssig.Refusal) error {
	f := bad("InvalidArgument", "Invalid "+r.Detail+" in Authorization header.")
	if r.Claim.Query {
		f = fail(http.StatusForbidden, "AccessDenied", "Query-string authentication requires valid x-oss-signature-version, "+
			"x-oss-credential, x-oss-date, x-oss-expires and x-oss-signature parameters.")
	}
	switch r.Detail {
	case "Credential":
		return f.ec("0002-00000213")
	case "AdditionalHeaders":
		return f.ec("0002-00000210")
	}
	return f
}

// spelled writes the bytes of a text in hexadecimal, as errors have them.
func spelled(text string) string { return fmt.Sprintf("% X ", text) }
