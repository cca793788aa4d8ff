package osssig

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
const Algorithm = "OSS4-HMAC-SHA256"

// TimeFormat is how x-oss-date spells a time.
const TimeFormat = "20060102T150405Z"

const (
	dateFormat = "20060102"
	terminator = "aliyun_v4_request"
	product    = "oss"
	// maxExpires is the longest life of a signed URL.
	maxExpires = 7 * 24 * time.Hour
)

// A Claim is what a request says of its own signature. Nothing of it is
// proven until [Verifier.Verify] succeeded.
type Claim struct {
	Key string
	// Date and Region are the credential's scope.
	Date, Region string
	// Additional are the names of further signed headers, lower-case.
	Additional []string
	// Signature is 64 hexadecimal digits.
	Signature string
	// Token is the security token, "" for long-lived keys.
	Token string
	// Time is when the request was signed.
	Time time.Time
	// Query says that the signature stands in the URL; Expires is then when
	// it ends to hold.
	Query   bool
	Expires time.Time
}

// Scope is the credential's scope as it stands in the string to sign.
func (c Claim) Scope() string {
	return c.Date + "/" + c.Region + "/" + product + "/" + terminator
}

// Parse reads the signature of a request, from its Authorization header or
// from its query. The error is a *[Refusal].
func Parse(r *http.Request) (Claim, error) {
	q, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return Claim{}, &Refusal{Reason: Malformed, Detail: "query string"}
	}
	scheme, rest, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	switch {
	case scheme == Algorithm:
		return parseHeader(r.Header, rest)
	case scheme != "":
		return Claim{}, &Refusal{Reason: Unsupported, Detail: scheme}
	case q.Has("x-oss-signature-version") || q.Has("x-oss-signature"):
		return parseQuery(q)
	case q.Has("OSSAccessKeyId"):
		return Claim{}, &Refusal{Reason: Unsupported, Detail: "OSSAccessKeyId"}
	}
	return Claim{}, &Refusal{Reason: Missing}
}

// parseHeader reads a header, "Include a V4 signature in the Authorization
// header" in the OSS developer reference.
func parseHeader(h http.Header, rest string) (Claim, error) {
	c := Claim{Token: h.Get("X-Oss-Security-Token")}
	parts := map[string]string{}
	for part := range strings.SplitSeq(rest, ",") {
		name, value, ok := strings.Cut(strings.TrimSpace(part), "=")
		if _, twice := parts[name]; !ok || twice {
			return c, &Refusal{Reason: Malformed, Detail: "Authorization", Claim: c}
		}
		parts[name] = value
	}
	additional, has := parts["AdditionalHeaders"]
	if err := c.take(parts["Credential"], additional, has, parts["Signature"]); err != nil {
		return c, err
	}
	at, err := headerTime(h)
	if err != nil {
		return c, &Refusal{Reason: NoDate, Claim: c}
	}
	c.Time = at
	if payload := h.Get("X-Oss-Content-Sha256"); payload != unsignedPayload {
		return c, &Refusal{Reason: WrongPayload, Detail: payload, Claim: c}
	}
	return c, nil
}

// headerTime reads x-oss-date, else Date.
func headerTime(h http.Header) (time.Time, error) {
	text := h.Get("X-Oss-Date")
	if text == "" {
		text = h.Get("Date")
	}
	if at, err := time.Parse(TimeFormat, text); err == nil {
		return at, nil
	}
	return http.ParseTime(text)
}

// parseQuery reads a URL, "Include a V4 signature in a URL".
func parseQuery(q url.Values) (Claim, error) {
	c := Claim{Query: true, Token: q.Get("x-oss-security-token")}
	if v := q.Get("x-oss-signature-version"); v != Algorithm {
		return c, &Refusal{Reason: Unsupported, Detail: v, Claim: c}
	}
	err := c.take(q.Get("x-oss-credential"), q.Get("x-oss-additional-headers"), q.Has("x-oss-additional-headers"), q.Get("x-oss-signature"))
	if err != nil {
		return c, err
	}
	if c.Time, err = time.Parse(TimeFormat, q.Get("x-oss-date")); err != nil {
		return c, &Refusal{Reason: NoDate, Claim: c}
	}
	seconds, err := strconv.ParseUint(q.Get("x-oss-expires"), 10, 32)
	life := time.Duration(seconds) * time.Second
	if err != nil || seconds == 0 || life > maxExpires {
		return c, &Refusal{Reason: Malformed, Detail: "x-oss-expires", Claim: c}
	}
	c.Expires = c.Time.Add(life)
	return c, nil
}

var (
	scopeDate  = regexp.MustCompile(`^\d{8}$`)
	scopeName  = regexp.MustCompile(`^[a-z0-9-]{1,64}$`)
	accessKey  = regexp.MustCompile(`^[\w.-]{1,128}$`)
	headerName = regexp.MustCompile("^[0-9a-z!#$%&'*+.^_`|~-]+$")
	hexDigest  = regexp.MustCompile(`^[0-9a-f]{64}$`)
)

// take fills the parts that headers and URLs have in common.
func (c *Claim) take(credential, additional string, has bool, signature string) error {
	f := strings.Split(credential, "/")
	if len(f) != 5 || !accessKey.MatchString(f[0]) || !scopeDate.MatchString(f[1]) ||
		!scopeName.MatchString(f[2]) || f[3] != product || f[4] != terminator {
		return &Refusal{Reason: Malformed, Detail: "Credential", Claim: *c}
	}
	c.Key, c.Date, c.Region = f[0], f[1], f[2]
	if has {
		c.Additional = strings.Split(additional, ";")
		if !slices.IsSorted(c.Additional) || slices.ContainsFunc(c.Additional, func(name string) bool { return !headerName.MatchString(name) }) {
			return &Refusal{Reason: Malformed, Detail: "AdditionalHeaders", Claim: *c}
		}
	}
	if !hexDigest.MatchString(signature) {
		return &Refusal{Reason: Malformed, Detail: "Signature", Claim: *c}
	}
	c.Signature = signature
	return nil
}
