package awssig

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Algorithm is the only one that is understood.
const Algorithm = "AWS4-HMAC-SHA256"

// TimeFormat is how AWS spells a time in x-amz-date.
const TimeFormat = "20060102T150405Z"

const (
	dateFormat = "20060102"
	terminator = "aws4_request"
	// maxExpires is the longest life of a presigned URL.
	maxExpires = 7 * 24 * time.Hour
)

// A Claim is what a request says of its own signature. Nothing of it is
// proven until [Verifier.Verify] succeeded.
type Claim struct {
	Key string
	// Date, Region and Service are the credential's scope.
	Date, Region, Service string
	// Signed are the names of the signed headers, lower-case.
	Signed []string
	// Signature is 64 hexadecimal digits.
	Signature string
	// Token is the session token, "" for long-lived keys.
	Token string
	Time  time.Time
	// Query says that the signature stands in the URL; Expires is then how
	// long it holds.
	Query   bool
	Expires time.Duration
}

// Scope is the credential's scope as it stands in the string to sign.
func (c Claim) Scope() string {
	return c.Date + "/" + c.Region + "/" + c.Service + "/" + terminator
}

// Parse reads the signature of a request, from its Authorization header or
// from its query. The error is a *[Refusal].
func Parse(r *http.Request) (Claim, error) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return Claim{}, &Refusal{Reason: Malformed, Detail: "query string", Query: true}
	}
	header := r.Header.Get("Authorization")
	switch {
	case header != "":
		return parseHeader(header, r.Header)
	case query.Has("X-Amz-Signature") || query.Has("X-Amz-Algorithm") || query.Has("X-Amz-Credential"):
		return parseQuery(query)
	}
	return Claim{}, &Refusal{Reason: Missing}
}

func parseHeader(auth string, h http.Header) (Claim, error) {
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
	c := Claim{Token: h.Get("X-Amz-Security-Token")}
	if err := c.take(parts["Credential"], parts["SignedHeaders"], parts["Signature"]); err != nil {
		return c, err
	}
	at, err := headerTime(h)
	if err != nil {
		return c, &Refusal{Reason: NoDate, Key: c.Key}
	}
	c.Time = at
	return c, nil
}

// headerTime reads X-Amz-Date, else Date.
func headerTime(h http.Header) (time.Time, error) {
	if text := h.Get("X-Amz-Date"); text != "" {
		return time.Parse(TimeFormat, text)
	}
	text := h.Get("Date")
	if at, err := time.Parse(TimeFormat, text); err == nil {
		return at, nil
	}
	return http.ParseTime(text)
}

func parseQuery(q url.Values) (Claim, error) {
	c := Claim{Query: true, Token: q.Get("X-Amz-Security-Token")}
	refuse := func(reason Reason, detail string) (Claim, error) {
		return c, &Refusal{Reason: reason, Detail: detail, Query: true, Key: c.Key}
	}
	if a := q.Get("X-Amz-Algorithm"); a != Algorithm {
		return refuse(Unsupported, "X-Amz-Algorithm")
	}
	if err := c.take(q.Get("X-Amz-Credential"), q.Get("X-Amz-SignedHeaders"), q.Get("X-Amz-Signature")); err != nil {
		return c, err
	}
	at, err := time.Parse(TimeFormat, q.Get("X-Amz-Date"))
	if err != nil {
		return refuse(NoDate, "X-Amz-Date")
	}
	c.Time = at
	seconds, err := strconv.ParseUint(q.Get("X-Amz-Expires"), 10, 32)
	c.Expires = time.Duration(seconds) * time.Second
	if err != nil || c.Expires > maxExpires {
		return refuse(Malformed, "X-Amz-Expires")
	}
	return c, nil
}

var (
	scopeDate  = regexp.MustCompile(`^\d{8}$`)
	scopeName  = regexp.MustCompile(`^[a-z0-9-]{1,64}$`)
	accessKey  = regexp.MustCompile(`^\w{1,128}$`)
	headerName = regexp.MustCompile("^[0-9a-z!#$%&'*+.^_`|~-]+$")
	hexDigest  = regexp.MustCompile(`^[0-9a-f]{64}$`)
)

// take fills the parts that header and query have in common.
func (c *Claim) take(credential, signed, signature string) error {
	refuse := func(detail string) error {
		return &Refusal{Reason: Malformed, Detail: detail, Query: c.Query, Key: c.Key}
	}
	f := strings.Split(credential, "/")
	if len(f) != 5 || !accessKey.MatchString(f[0]) || !scopeDate.MatchString(f[1]) ||
		!scopeName.MatchString(f[2]) || !scopeName.MatchString(f[3]) || f[4] != terminator {
		return refuse("Credential")
	}
	c.Key, c.Date, c.Region, c.Service = f[0], f[1], f[2], f[3]
	c.Signed = strings.Split(signed, ";")
	for _, name := range c.Signed {
		if !headerName.MatchString(name) {
			return refuse("SignedHeaders")
		}
	}
	if !slices.IsSorted(c.Signed) || !slices.Contains(c.Signed, "host") {
		return refuse("SignedHeaders")
	}
	if !hexDigest.MatchString(signature) {
		return refuse("Signature")
	}
	c.Signature = signature
	return nil
}
