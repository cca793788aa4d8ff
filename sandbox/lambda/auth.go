package lambda

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/layerbuild/layerbuild/sandbox/awssig"
)

// skew is how far a client's clock may be off: five minutes, going by the
// messages that users quote ("20170721T074556Z is now earlier than
// 20170722T022954Z (20170722T023454Z - 5 min.)").
const skew = 5 * time.Minute

// authenticate finds out who sent the request. Lambda's clients do not send
// the payload's hash: it is computed.
func (s *Service) authenticate(x *exchange) error {
	claim, err := awssig.Parse(x.r)
	if err != nil {
		return authFailure(err)
	}
	x.record.Region = claim.Region
	sum := sha256.Sum256(x.body)
	v := awssig.Verifier{Service: "lambda", Skew: skew, Clock: s.o.Clock, Find: s.o.Find}
	if slices.Contains(s.o.DisabledRegions, claim.Region) {
		v.Find = func(string) (awssig.Credential, bool) { return awssig.Credential{}, false }
	}
	id, err := v.Verify(x.r, claim, hex.EncodeToString(sum[:]))
	if err != nil {
		return authFailure(err)
	}
	x.region, x.account = id.Region, id.Credential.Account
	return nil
}

// authFailure words a refused signature as Lambda's front end does, see
// "Common errors" of the Lambda API reference.
func authFailure(err error) error {
	r, ok := errors.AsType[*awssig.Refusal](err)
	if !ok {
		return err
	}
	const stamp = awssig.TimeFormat
	refuse := func(code, format string, args ...any) error {
		return &failure{status: http.StatusForbidden, code: code, message: fmt.Sprintf(format, args...), bare: true}
	}
	switch r.Reason {
	case awssig.Missing:
		return refuse("MissingAuthenticationTokenException", "Missing Authentication Token")
	case awssig.UnknownKey, awssig.WrongToken:
		return refuse("UnrecognizedClientException", "The security token included in the request is invalid.")
	case awssig.Late, awssig.Expired:
		return refuse("InvalidSignatureException", "Signature expired: %s is now earlier than %s (%s - 5 min.)",
			r.Time.Format(stamp), r.Server.Add(-skew).Format(stamp), r.Server.Format(stamp))
	case awssig.Early:
		return refuse("InvalidSignatureException", "Signature not yet current: %s is still later than %s (%s + 5 min.)",
			r.Time.Format(stamp), r.Server.Add(skew).Format(stamp), r.Server.Format(stamp))
	case awssig.WrongService:
		return refuse("InvalidSignatureException", "Credential should be scoped to correct service: 'lambda'. ")
	case awssig.WrongDate:
		return refuse("InvalidSignatureException", "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of "+
			"date from HTTP: '%s' != '%s', from '%s'.", r.Detail, r.Time.Format("20060102"), r.Time.Format(stamp))
	case awssig.Unsigned:
		return refuse("InvalidSignatureException", "'%s' must be a 'SignedHeader' in the AWS Authorization.", r.Detail)
	case awssig.Mismatch:
		return refuse("InvalidSignatureException", "The request signature we calculated does not match the signature you "+
			"provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.")
	case awssig.NoDate:
		return refuse("IncompleteSignatureException", "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.")
	}
	return refuse("IncompleteSignatureException", "Authorization header requires 'Credential', 'SignedHeaders' and 'Signature' parameters.")
}
