// Package cossig is the server's side of Tencent COS's request signatures, in
// headers and in URLs: it reads the signature of a request, computes it anew
// from the secret and compares. It also presigns URLs.
//
// The rules are those of "Request Signature" in the COS API documentation
// (tencentcloud.com/document/product/436/7778).
package cossig

import (
	"crypto/hmac"
	"net/http"
	"time"
)

// A Credential is one pair of secret id and secret key.
type Credential struct {
	// Key is the secret id, which is public; Secret never travels. Token is
	// the security token that must come with a temporary key, "" for a
	// long-lived one.
	Key, Secret, Token string
	// Account is the number of the account it belongs to.
	Account string
}

// A Verifier checks the signatures of requests.
type Verifier struct {
	// Skew is how far in the future a signature may begin to hold.
	Skew time.Duration
	// Clock is the server's time.
	Clock func() time.Time
	// Find looks a secret id up.
	Find func(key string) (Credential, bool)
}

// An Identity is who sent a request: a claim that was proven.
type Identity struct {
	Claim
	Credential Credential
}

// Verify checks the claim of a request. The error is a *[Refusal].
func (v Verifier) Verify(r *http.Request, c Claim) (Identity, error) {
	refusal := &Refusal{Claim: c}
	refuse := func(reason Reason) (Identity, error) {
		refusal.Reason = reason
		return Identity{}, refusal
	}
	credential, ok := v.Find(c.Key)
	if !ok {
		return refuse(UnknownKey)
	}
	if credential.Token != c.Token {
		return refuse(WrongToken)
	}
	refusal.Server = v.Clock().UTC()
	for _, span := range []Span{c.Sign, c.KeyTime} {
		switch {
		case span.Start.After(refusal.Server.Add(v.Skew)):
			return refuse(Early)
		case refusal.Server.Truncate(time.Second).After(span.End):
			return refuse(Expired)
		}
	}
	refusal.Format = formatString(r, c)
	refusal.ToSign = stringToSign(c, refusal.Format)
	if !hmac.Equal([]byte(sign(credential.Secret, c, refusal.ToSign)), []byte(c.Signature)) {
		return refuse(Mismatch)
	}
	return Identity{Claim: c, Credential: credential}, nil
}
