package ssm

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/layerbuild/layerbuild/sandbox/awssig"
)

// skew is how far a client's clock may be off: five minutes, by the wording of
// the refusal.
const skew = 5 * time.Minute

// authenticate finds out who sent the request.
func (s *Service) authenticate(x *exchange) error {
	claim, err := awssig.Parse(x.r)
	if err != nil {
		return authFailure(err)
	}
	x.record.Region = claim.Region
	sum := sha256.Sum256(x.body)
	v := awssig.Verifier{Service: "ssm", Skew: skew, Clock: s.o.Clock, Find: s.o.Find}
	id, err := v.Verify(x.r, claim, hex.EncodeToString(sum[:]))
	if err != nil {
		return authFailure(err)
	}
	x.region, x.account = id.Region, id.Credential.Account
	return nil
}

// authFailure words a refused signature as the front end of AWS's JSON
// services does, see "Common errors" of the Systems Manager API reference.
func authFailure(err error) error {
	r, ok := errors.AsType[*awssig.Refusal](err)
	if !ok {
		return err
	}
	const stamp = awssig.TimeFormat
	signature := func(format string, args ...any) error {
		return refuse("InvalidSignatureException", fmt.Sprintf(format, args...))
	}
	switch r.Reason {
	case awssig.Missing:
		return refuse("MissingAuthenticationTokenException", "Missing Authentication Token")
	case awssig.UnknownKey, awssig.WrongToken:
		return refuse("UnrecognizedClientException", "The security token included in the request is invalid.")
	case awssig.Late, awssig.Expired:
		return signature("Signature expired: %s is now earlier than %s (%s - 5 min.)",
			r.Time.Format(stamp), r.Server.Add(-skew).Format(stamp), r.Server.Format(stamp))
	case awssig.Early:
		return signature("Signature not yet current: %s is still later than %s (%s + 5 min.)",
			r.Time.Format(stamp), r.Server.Add(skew).Format(stamp), r.Server.Format(stamp))
	case awssig.WrongService:
		return signature("Credential should be scoped to correct service: 'ssm'. ")
	case awssig.WrongDate:
		return signature("Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '%s' != '%s', from '%s'.",
			r.Detail, r.Time.Format("20060102"), r.Time.Format(stamp))
	case awssig.Unsigned:
		return signature("'%s' must be a 'SignedHeader' in the AWS Authorization.", r.Detail)
	case awssig.Mismatch:
		return signature("The request signature we calculated does not match the signature you provided. " +
			"Check your AWS Secret Access Key and signing method. Consult the service documentation for details.")
	case awssig.NoDate:
		return refuse("IncompleteSignatureException", "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.")
	}
	return refuse("IncompleteSignatureException", "Authorization header requires 'Credential', 'SignedHeaders' and 'Signature' parameters.")
}
