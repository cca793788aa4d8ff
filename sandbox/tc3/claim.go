package tc3

import (
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Algorithm is the only one that is understood.
const Algorithm = "TC3-HMAC-SHA256"

const (
	dateFormat = "2006-01-02"
	terminator = "tc3_request"
)

// A Claim is what a request says of its own signature. Nothing of it is
// proven until [Verifier.Verify] succeeded.
type Claim struct {
	// Key is the secret id.
	Key string
	// Date and Service are the credential's scope.
	Date, Service string
	// Signed are the names of the signed headers, lower-case.
	Signed []string
	// Signature is 64 hexadecimal digits.
	Signature string
	// Token is the token of a temporary key, "" for long-lived ones.
	Token string
	Time  time.Time
}

// Scope is the credential's scope as it stands in the string to sign.
func (c Claim) Scope() string { return c.Date + "/" + c.Service + "/" + terminator }

// Parse reads the signature of a request. The error is a *[Refusal].
func Parse(r *http.Request) (Claim, error) {
	auth := r.Header.Get("Authorization")
	if auth == "" {
		return Claim{}, &Refusal{Reason: Missing}
	}
	algorithm, rest, _ := strings.Cut(auth, " ")
	if algorithm != Algorithm {
		return Claim{}, &Refusal{Reason: Malformed, Detail: "algorithm"}
	}
	parts := map[string]string{}
	for part := range strings.SplitSeq(rest, ",") {
		name, value, ok := strings.Cut(strings.TrimSpace(part), "=")
		if _, twice := parts[name]; !ok || twice {
			return Claim{}, &Refusal{Reason: Malformed, Detail: "Authorization"}
		}
		parts[name] = value
	}
	c := Claim{Token: r.Header.Get("X-Tc-Token")}
	if err := c.take(parts["Credential"], parts["SignedHeaders"], parts["Signature"]); err != nil {
		return c, err
	}
	stamp := r.Header.Get("X-Tc-Timestamp")
	seconds, err := strconv.ParseUint(stamp, 10, 40)
	if err != nil {
		return c, &Refusal{Reason: NoHeader, Detail: "X-TC-Timestamp", Key: c.Key}
	}
	c.Time = time.Unix(int64(seconds), 0).UTC()
	return c, nil
}

var (
	secretID    = regexp.MustCompile(`^[\w.-]{1,128}$`)
	scopeDate   = regexp.MustCompile(`^\d{4}-\d\d-\d\d$`)
	serviceName = regexp.MustCompile(`^[a-z0-9-]{1,64}$`)
	headerName  = regexp.MustCompile("^[0-9a-z!#$%&'*+.^_`|~-]+$")
	hexDigest   = regexp.MustCompile(`^[0-9a-f]{64}$`)
)

// take fills in what stands in Authorization.
func (c *Claim) take(credential, signed, signature string) error {
	refuse := func(detail string) error { return &Refusal{Reason: Malformed, Detail: detail, Key: c.Key} }
	f := strings.Split(credential, "/")
	if len(f) != 4 || !secretID.MatchString(f[0]) || !scopeDate.MatchString(f[1]) || !serviceName.MatchString(f[2]) || f[3] != terminator {
		return refuse("Credential")
	}
	c.Key, c.Date, c.Service = f[0], f[1], f[2]
	c.Signed, c.Signature = strings.Split(signed, ";"), signature
	for _, name := range c.Signed {
		if !headerName.MatchString(name) {
			return refuse("SignedHeaders")
		}
	}
	// "content-type and host are required headers", in ascending order.
	if !slices.IsSorted(c.Signed) || !slices.Contains(c.Signed, "host") || !slices.Contains(c.Signed, "content-type") {
		return refuse("SignedHeaders")
	}
	if !hexDigest.MatchString(signature) {
		return refuse("Signature")
	}
	return nil
}
