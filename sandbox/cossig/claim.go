package cossig

import (
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// algorithm is the only one that there is.
const algorithm = "sha1"

// A Span is when a signature or its key holds, both ends included.
type Span struct{ Start, End time.Time }

// String spells a span as it is signed.
func (s Span) String() string {
	return strconv.FormatInt(s.Start.Unix(), 10) + ";" + strconv.FormatInt(s.End.Unix(), 10)
}

// A Claim is what a request says of its own signature. Nothing of it is
// proven until [Verifier.Verify] succeeded.
type Claim struct {
	// Key is the secret id.
	Key string
	// Sign is when the signature holds, KeyTime when the key derived for it.
	Sign, KeyTime Span
	// Headers and Params are the names of what is signed of both, lower-case
	// and escaped.
	Headers, Params []string
	// Signature is 40 hexadecimal digits.
	Signature string
	// Token is the security token, "" for long-lived keys.
	Token string
	// Query says that the signature stands in the URL.
	Query bool
}

// Query reads the query of a request. Unlike [url.URL.Query] it takes a
// semicolon for what it is: COS's clients do not escape those of a signature.
func Query(r *http.Request) (url.Values, error) {
	return url.ParseQuery(strings.ReplaceAll(r.URL.RawQuery, ";", "%3B"))
}

// Parse reads the signature of a request, from its Authorization header or
// from its query. The error is a *[Refusal].
func Parse(r *http.Request) (Claim, error) {
	q, err := Query(r)
	if err != nil {
		return Claim{}, &Refusal{Reason: Malformed, Detail: "query string"}
	}
	auth := r.Header.Get("Authorization")
	switch {
	case auth != "":
		fields, err := headerFields(auth)
		if err != nil {
			return Claim{}, err
		}
		return read(fields, Claim{Token: r.Header.Get("X-Cos-Security-Token")})
	case q.Has("q-sign-algorithm") || q.Has("q-signature"):
		token := q.Get("x-cos-security-token")
		if token == "" {
			token = r.Header.Get("X-Cos-Security-Token")
		}
		return read(q, Claim{Query: true, Token: token})
	}
	return Claim{}, &Refusal{Reason: Missing}
}

// headerFields takes an Authorization header apart. It looks like a query but
// is not escaped.
func headerFields(auth string) (url.Values, error) {
	if !strings.Contains(auth, "q-sign-algorithm=") {
		return nil, &Refusal{Reason: Unsupported}
	}
	fields := url.Values{}
	for part := range strings.SplitSeq(auth, "&") {
		name, value, ok := strings.Cut(strings.TrimSpace(part), "=")
		if !ok || fields.Has(name) {
			return nil, &Refusal{Reason: Malformed, Detail: "Authorization"}
		}
		fields.Set(name, value)
	}
	return fields, nil
}

var (
	secretID  = regexp.MustCompile(`^[\w-]{1,128}$`)
	hexDigest = regexp.MustCompile(`^[0-9a-f]{40}$`)
	spanText  = regexp.MustCompile(`^(\d{1,11});(\d{1,11})$`)
	nameList  = regexp.MustCompile(`^[^A-Z\s]*$`)
)

// read fills a claim from the seven fields that header and query have in
// common.
func read(fields url.Values, c Claim) (Claim, error) {
	refuse := func(detail string) (Claim, error) {
		return c, &Refusal{Reason: Malformed, Detail: detail, Claim: c}
	}
	if fields.Get("q-sign-algorithm") != algorithm {
		return c, &Refusal{Reason: Unsupported, Claim: c}
	}
	if c.Key = fields.Get("q-ak"); !secretID.MatchString(c.Key) {
		return refuse("q-ak")
	}
	var ok bool
	if c.Sign, ok = span(fields.Get("q-sign-time")); !ok {
		return refuse("q-sign-time")
	}
	if c.KeyTime, ok = span(fields.Get("q-key-time")); !ok {
		return refuse("q-key-time")
	}
	for name, list := range map[string]*[]string{"q-header-list": &c.Headers, "q-url-param-list": &c.Params} {
		text := fields.Get(name)
		if !fields.Has(name) || !nameList.MatchString(text) {
			return refuse(name)
		}
		if text != "" {
			*list = strings.Split(text, ";")
		}
	}
	if c.Signature = fields.Get("q-signature"); !hexDigest.MatchString(c.Signature) {
		return refuse("q-signature")
	}
	return c, nil
}

func span(text string) (Span, bool) {
	m := spanText.FindStringSubmatch(text)
	if m == nil {
		return Span{}, false
	}
	// Eleven digits at the most always fit.
	start, _ := strconv.ParseInt(m[1], 10, 64)
	end, _ := strconv.ParseInt(m[2], 10, 64)
	return Span{time.Unix(start, 0).UTC(), time.Unix(end, 0).UTC()}, start <= end
}
