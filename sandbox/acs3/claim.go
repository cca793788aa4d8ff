package acs3

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Algorithm is the only one that is understood.
const Algorithm = "ACS3-HMAC-SHA256"

// TimeFormat is how Alibaba Cloud spells a time in x-acs-date.
const TimeFormat = "2006-01-02T15:04:05Z"

// A Claim is what a request says of its own signature. Nothing of it is
// proven until [Verifier.Verify] succeeded.
type Claim struct {
	Key string
	// Signed are the names of the signed headers, lower-case.
	Signed []string
	// Signature and Payload are 64 hexadecimal digits: Payload is the
	// SHA-256 of the body as the client computed it.
	Signature, Payload string
	// Token is the security token, "" for long-lived keys.
	Token string
	Time  time.Time
}

// Parse reads the signature of a request. The error is a *[Refusal].
func Parse(r *http.Request) (Claim, error) {
	auth := r.Header.Get("Authorization")
	if auth == "" {
		return Claim{}, &Refusal{Reason: Missing}
	}
	algorithm, rest, _ := strings.Cut(auth, " ")
	if algorithm != Algorithm {
		return Claim{}, &Refusal{Reason: Unsupported, Detail: algorithm}
	}
	parts := map[string]string{}
	for part := range strings.SplitSeq(rest, ",") {
		name, value, ok := strings.Cut(strings.TrimSpace(part), "=")
		if _, twice := parts[name]; !ok || twice {
			return Claim{}, &Refusal{Reason: Malformed, Detail: "Authorization"}
		}
		parts[name] = value
	}
	c := Claim{Token: r.Header.Get("X-Acs-Security-Token")}
	if err := c.take(parts["Credential"], parts["SignedHeaders"], parts["Signature"]); err != nil {
		return c, err
	}
	return c, c.headers(r.Header)
}

var (
	accessKey  = regexp.MustCompile(`^[\w.-]{1,128}$`)
	headerName = regexp.MustCompile("^[0-9a-z!#$%&'*+.^_`|~-]+$")
	hexDigest  = regexp.MustCompile(`^[0-9a-f]{64}$`)
)

// take fills in what stands in Authorization.
func (c *Claim) take(credential, signed, signature string) error {
	refuse := func(detail string) error { return &Refusal{Reason: Malformed, Detail: detail, Key: c.Key} }
	if !accessKey.MatchString(credential) {
		return refuse("Credential")
	}
	c.Key, c.Signed, c.Signature = credential, strings.Split(signed, ";"), signature
	for _, name := range c.Signed {
		if !headerName.MatchString(name) {
			return refuse("SignedHeaders")
		}
	}
	if !slices.IsSorted(c.Signed) {
		return refuse("SignedHeaders")
	}
	if !hexDigest.MatchString(signature) {
		return refuse("Signature")
	}
	return nil
}

// headers fills in what stands in the headers that every request must have.
func (c *Claim) headers(h http.Header) error {
	for _, name := range []string{"x-acs-action", "x-acs-version", "x-acs-signature-nonce", "x-acs-date", "x-acs-content-sha256"} {
		if h.Get(name) == "" {
			return &Refusal{Reason: NoHeader, Detail: name, Key: c.Key}
		}
	}
	var err error
	if c.Time, err = time.Parse(TimeFormat, h.Get("X-Acs-Date")); err != nil {
		return &Refusal{Reason: NoHeader, Detail: "x-acs-date", Key: c.Key}
	}
	c.Payload = h.Get("X-Acs-Content-Sha256")
	if !hexDigest.MatchString(c.Payload) {
		return &Refusal{Reason: NoHeader, Detail: "x-acs-content-sha256", Key: c.Key}
	}
	return nil
}
