// Package osssig is the server's side of Alibaba OSS's request signature V4,
// in headers and in URLs: it reads the signature of a request, computes it anew
// from the secret and compares. It also presigns URLs. V1 (HMAC-SHA1) is
// refused, as OSS itself does for accounts that were opened after February
// 2025.
//
// The rules are those of "Include a V4 signature in the Authorization header"
// and "Include a V4 signature in a URL" in the OSS developer reference.
package osssig

import (
	"crypto/hmac"
	"net/http"
	"time"
)

// A Credential is one access key.
type Credential struct {
	// Key is public, Secret never travels. Token is the security token that
	// must come with a temporary key, "" for a long-lived one.
	Key, Secret, Token string
	// Account is the number of the account it belongs to.
	Account string
}

// A Resource is what a request is about. Both parts are as they are stored,
// not escaped, and "" where there is none.
type Resource struct{ Bucket, Key string }

// A Verifier checks the signatures of requests.
type Verifier struct {
	// Skew is how far a request's time may be from the clock.
	Skew time.Duration
	// Clock is the server's time.
	Clock func() time.Time
	// Find looks an access key up.
	Find func(key string) (Credential, bool)
}

// An Identity is who sent a request: a claim that was proven.
type Identity struct {
	Claim
	Credential Credential
}

// Verify checks the claim of a request. The error is a *[Refusal].
func (v Verifier) Verify(r *http.Request, c Claim, about Resource) (Identity, error) {
	refusal := &Refusal{Claim: c}
	refuse := func(reason Reason) (Identity, error) {
		refusal.Reason = reason
		return Identity{}, refusal
	}
	if date := c.Time.UTC().Format(dateFormat); date != c.Date {
		return refuse(WrongDate)
	}
	credential, ok := v.Find(c.Key)
	if !ok {
		return refuse(UnknownKey)
	}
	if credential.Token != c.Token {
		return refuse(WrongToken)
	}
	refusal.Server = v.Clock().UTC()
	if reason := v.untimely(c, refusal.Server); reason != 0 {
		return refuse(reason)
	}
	refusal.Canonical = canonicalRequest(r, c, about)
	refusal.ToSign = stringToSign(c, refusal.Canonical)
	if !hmac.Equal([]byte(sign(signingKey(credential.Secret, c), refusal.ToSign)), []byte(c.Signature)) {
		return refuse(Mismatch)
	}
	return Identity{Claim: c, Credential: credential}, nil
}

// untimely compares the request's time with the server's.
func (v Verifier) untimely(c Claim, now time.Time) Reason {
	switch {
	case c.Query && now.After(c.Expires):
		return Expired
	case c.Time.After(now.Add(v.Skew)), !c.Query && c.Time.Before(now.Add(-v.Skew)):
		return Skewed
	}
	return 0
}
