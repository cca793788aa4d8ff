// Package acs3 is the server's side of Alibaba Cloud's signature version 3,
// ACS3-HMAC-SHA256: it reads the signature of a request, computes it anew from
// the secret and compares.
//
// The rules are those of "V3 request structure and signature"
// (alibabacloud.com/help/en/sdk/product-overview/v3-request-structure-and-signature)
// and of the vendor's SDK (darabonba-openapi v2.2.4, utils.GetAuthorization).
package acs3

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"
	"time"
)

// A Credential is one access key.
type Credential struct {
	// Key is public, Secret never travels. Token is the security token that
	// must come with a temporary key, "" for a long-lived one.
	Key, Secret, Token string
	// Account is the id of the account it belongs to.
	Account string
}

// A Verifier checks the signatures of requests.
type Verifier struct {
	// Skew is how far a request's time may be from the clock.
	Skew time.Duration
	// Clock is the server's time.
	Clock func() time.Time
	// Find looks an access key up.
	Find func(key string) (Credential, bool)
}

// Verify checks the claim of a request with the given body and returns whose
// it is. The error is a *[Refusal].
func (v Verifier) Verify(r *http.Request, c Claim, body []byte) (Credential, error) {
	refusal := &Refusal{Key: c.Key, Time: c.Time}
	refuse := func(reason Reason, detail string) (Credential, error) {
		refusal.Reason, refusal.Detail = reason, detail
		return Credential{}, refusal
	}
	credential, ok := v.Find(c.Key)
	if !ok {
		return refuse(UnknownKey, c.Key)
	}
	if credential.Token != c.Token {
		return refuse(WrongToken, "")
	}
	refusal.Server = v.Clock().UTC()
	if c.Time.Sub(refusal.Server).Abs() > v.Skew {
		return refuse(Skewed, "")
	}
	if name := unsignedHeader(r, c); name != "" {
		return refuse(Unsigned, name)
	}
	sum := sha256.Sum256(body)
	if hex.EncodeToString(sum[:]) != c.Payload {
		return refuse(WrongPayload, "")
	}
	refusal.Canonical = canonicalRequest(r, c)
	if !hmac.Equal([]byte(signature(credential.Secret, refusal.Canonical)), []byte(c.Signature)) {
		return refuse(Mismatch, "")
	}
	return credential, nil
}

// unsignedHeader returns a header that the request has and that must have
// been signed: host, and every one that begins with x-acs-.
func unsignedHeader(r *http.Request, c Claim) string {
	if !slices.Contains(c.Signed, "host") {
		return "host"
	}
	var names []string
	for name := range r.Header {
		lower := strings.ToLower(name)
		if strings.HasPrefix(lower, "x-acs-") && !slices.Contains(c.Signed, lower) {
			names = append(names, lower)
		}
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

func signature(secret, canonical string) string {
	sum := sha256.Sum256([]byte(canonical))
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(Algorithm + "\n" + hex.EncodeToString(sum[:])))
	return hex.EncodeToString(mac.Sum(nil))
}
