package scf

import (
	"errors"
	"time"

	"github.com/layerbuild/layerbuild/sandbox/tc3"
)

// skew is how far a client's clock may be off: "the difference between the
// timestamp and the server time cannot exceed 5 minutes", common error codes.
const skew = 5 * time.Minute

// authenticate finds out who sent the request.
func (s *Service) authenticate(x *exchange) error {
	claim, err := tc3.Parse(x.r)
	if err != nil {
		return authFailure(err)
	}
	v := tc3.Verifier{Skew: skew, Clock: s.o.Clock, Find: s.o.Find}
	credential, err := v.Verify(x.r, claim, x.body)
	if err != nil {
		return authFailure(err)
	}
	x.account = credential.Account
	return nil
}

func authFailure(err error) error {
	r, ok := errors.AsType[*tc3.Refusal](err)
	if !ok {
		return err
	}
	switch r.Reason {
	case tc3.Missing:
		return missing("Authorization")
	case tc3.NoHeader:
		return missing(r.Detail)
	case tc3.Malformed:
		return fail("AuthFailure.InvalidAuthorization")
	case tc3.UnknownKey:
		return fail("AuthFailure.SecretIdNotFound")
	case tc3.WrongToken:
		return fail("AuthFailure.TokenFailure")
	case tc3.Skewed:
		return fail("AuthFailure.SignatureExpire")
	}
	return fail("AuthFailure.SignatureFailure")
}
