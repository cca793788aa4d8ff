package cos

import (
	"errors"
	"net/http"
	"time"

	"github.com/layerbuild/layerbuild/sandbox/cossig"
)

// skew is how far a client's clock may be ahead, see RequestTimeTooSkewed in
// "Error Codes" of the COS API documentation.
const skew = 15 * time.Minute

// authenticate finds out who sent the request.
func (s *Service) authenticate(x *exchange) error {
	claim, err := cossig.Parse(x.r)
	if err == nil {
		v := cossig.Verifier{Skew: skew, Clock: s.o.Clock, Find: s.o.Find}
		x.identity, err = v.Verify(x.r, claim)
	}
	if r, ok := errors.AsType[*cossig.Refusal](err); ok {
		return refusal(r)
	}
	return err
}

// refusal words a refused signature as COS does.
func refusal(r *cossig.Refusal) error {
	switch r.Reason {
	case cossig.Missing:
		return accessDenied()
	case cossig.UnknownKey, cossig.WrongToken:
		// A temporary key without its token is as unknown as one that does
		// not exist.
		return fail(http.StatusForbidden, "InvalidAccessKeyId", "The Access Key Id you provided does not exist in our records")
	case cossig.Early:
		return fail(http.StatusForbidden, "RequestTimeTooSkewed",
			"The difference between the request time and the server's time is too large.", Field{"ServerTime", stamp(r.Server)})
	case cossig.Expired:
		return fail(http.StatusForbidden, "AccessDenied", "Request has expired", Field{"ServerTime", stamp(r.Server)})
	case cossig.Mismatch:
		return fail(http.StatusForbidden, "SignatureDoesNotMatch", "The Signature you specified is invalid.",
			Field{"StringToSign", r.ToSign}, Field{"FormatString", r.Format})
	}
	return fail(http.StatusForbidden, "AccessDenied", "The Authorization you provided is invalid: "+r.Detail)
}
