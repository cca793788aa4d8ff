// Package awssig is the server's side of AWS Signature Version 4: it reads the
// signature of a request, from the header or from the URL, computes it anew
// from the secret and compares. It also decodes the aws-chunked bodies whose
// chunks are signed one by one, and presigns URLs.
//
// The rules are those of "AWS Signature Version 4 for API requests" in the IAM
// user guide and of "Authenticating Requests" in the S3 API reference.
package awssig

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"
	"time"
)

// UnsignedPayload stands in the place of the payload's hash where the client
// does not sign the payload, and in every presigned URL.
const UnsignedPayload = "UNSIGNED-PAYLOAD"

// A Credential is one access key.
type Credential struct {
	// Key is public, Secret never travels. Token is the session token that
	// must come with a temporary key, "" for a long-lived one.
	Key, Secret, Token string
	// Account is the twelve digits of the account it belongs to.
	Account string
}

// A Verifier checks the signatures of requests to one service.
type Verifier struct {
	// Service is the name in the scope: "s3", "lambda".
	Service string
	// EscapeOnce says that the path is encoded once, as S3 has it and no
	// other service.
	EscapeOnce bool
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
	// signingKey is what the chunks of the body are signed with.
	signingKey []byte
}

// Verify checks the claim of a request whose payload hash is payload: the
// SHA-256 in hex, or the constant that stands for it. The error is a
// *[Refusal]. The payload itself is not looked at: a caller that was given
// its hash must compare.
func (v Verifier) Verify(r *http.Request, c Claim, payload string) (Identity, error) {
	refusal := &Refusal{Query: c.Query, Key: c.Key, Time: c.Time, Expires: c.Expires}
	refuse := func(reason Reason, detail string) (Identity, error) {
		refusal.Reason, refusal.Detail = reason, detail
		return Identity{}, refusal
	}
	if c.Service != v.Service {
		return refuse(WrongService, c.Service)
	}
	if date := c.Time.Format(dateFormat); date != c.Date {
		return refuse(WrongDate, c.Date)
	}
	credential, ok := v.Find(c.Key)
	if !ok {
		return refuse(UnknownKey, c.Key)
	}
	if credential.Token != c.Token {
		return refuse(WrongToken, "")
	}
	refusal.Server = v.Clock().UTC()
	if reason := v.untimely(c, refusal.Server); reason != 0 {
		return refuse(reason, "")
	}
	if name := unsignedHeader(r, c); name != "" {
		return refuse(Unsigned, name)
	}
	id := Identity{Claim: c, Credential: credential}
	id.signingKey = signingKey(credential.Secret, c)
	refusal.Canonical = canonicalRequest(r, c, !v.EscapeOnce, payload)
	refusal.ToSign = stringToSign(c, refusal.Canonical)
	refusal.Provided = c.Signature
	if !hmac.Equal([]byte(sign(id.signingKey, refusal.ToSign)), []byte(c.Signature)) {
		return refuse(Mismatch, "")
	}
	return id, nil
}

// untimely compares the request's time with the server's.
func (v Verifier) untimely(c Claim, now time.Time) Reason {
	switch {
	case c.Time.After(now.Add(v.Skew)):
		return Early
	case c.Query && now.After(c.Time.Add(c.Expires)):
		return Expired
	case !c.Query && c.Time.Before(now.Add(-v.Skew)):
		return Late
	}
	return 0
}

// unsignedHeader returns a header that the request has and that must have
// been signed: every one that begins with x-amz-.
func unsignedHeader(r *http.Request, c Claim) string {
	var names []string
	for name := range r.Header {
		lower := strings.ToLower(name)
		if strings.HasPrefix(lower, "x-amz-") && !slices.Contains(c.Signed, lower) &&
			!(c.Query && lower == "x-amz-content-sha256") {
			names = append(names, lower)
		}
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

func stringToSign(c Claim, canonical string) string {
	return Algorithm + "\n" + c.Time.Format(TimeFormat) + "\n" + c.Scope() + "\n" + hexSum([]byte(canonical))
}

func signingKey(secret string, c Claim) []byte {
	key := mac([]byte("AWS4"+secret), c.Date)
	key = mac(key, c.Region)
	key = mac(key, c.Service)
	return mac(key, terminator)
}

func sign(key []byte, text string) string { return hex.EncodeToString(mac(key, text)) }

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}

func hexSum(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
