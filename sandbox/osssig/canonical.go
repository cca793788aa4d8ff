package osssig

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// unsignedPayload stands in the place of the payload's hash: OSS knows no
// other value.
const unsignedPayload = "UNSIGNED-PAYLOAD"

// canonicalRequest builds the text whose hash is signed.
func canonicalRequest(r *http.Request, c Claim, about Resource) string {
	var b strings.Builder
	b.WriteString(r.Method + "\n")
	b.WriteString(escape(about.path(), true) + "\n")
	b.WriteString(canonicalQuery(r.URL.RawQuery) + "\n")
	for _, name := range signedHeaders(r.Header, c) {
		b.WriteString(name + ":" + headerValue(r, name) + "\n")
	}
	b.WriteString("\n" + strings.Join(c.Additional, ";") + "\n")
	b.WriteString(unsignedPayload)
	return b.String()
}

// path is the resource as it is signed, the same for every way of addressing a
// bucket.
func (about Resource) path() string {
	if about.Bucket == "" {
		return "/"
	}
	return "/" + about.Bucket + "/" + about.Key
}

// signedHeaders are the names of all headers of the canonical request.
func signedHeaders(h http.Header, c Claim) []string {
	names := slices.Clone(c.Additional)
	for name := range h {
		lower := strings.ToLower(name)
		if lower == "content-type" || lower == "content-md5" || strings.HasPrefix(lower, "x-oss-") {
			names = append(names, lower)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// headerValue joins the values of a header as they are signed. Go's server
// takes some headers out of the map.
func headerValue(r *http.Request, name string) string {
	values := r.Header.Values(name)
	switch {
	case name == "host":
		values = []string{r.Host}
	case name == "transfer-encoding":
		values = r.TransferEncoding
	case name == "content-length" && len(values) == 0 && r.ContentLength >= 0:
		values = []string{strconv.FormatInt(r.ContentLength, 10)}
	}
	tidy := make([]string, len(values))
	for i, v := range values {
		tidy[i] = strings.TrimSpace(v)
	}
	return strings.Join(tidy, ",")
}

// canonicalQuery sorts the query by encoded name, leaves the signature itself
// out, and the sign where there is no value.
func canonicalQuery(raw string) string {
	var pairs [][2]string
	for field := range strings.SplitSeq(raw, "&") {
		name, value, _ := strings.Cut(field, "=")
		if name, value = reescape(name), reescape(value); name != "" && name != "x-oss-signature" {
			pairs = append(pairs, [2]string{name, value})
		}
	}
	slices.SortStableFunc(pairs, func(a, b [2]string) int { return strings.Compare(a[0], b[0]) })
	fields := make([]string, len(pairs))
	for i, p := range pairs {
		fields[i] = p[0]
		if p[1] != "" {
			fields[i] += "=" + p[1]
		}
	}
	return strings.Join(fields, "&")
}

func reescape(field string) string {
	plain, err := url.QueryUnescape(field)
	if err != nil {
		plain = field
	}
	return escape(plain, false)
}

// escape is OSS's UriEncode: everything but RFC 3986's unreserved characters
// as upper-case percent escapes, and slashes too unless they are kept.
func escape(text string, slashes bool) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(text) {
		c := text[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9',
			c == '-', c == '.', c == '_', c == '~', c == '/' && slashes:
			b.WriteByte(c)
		default:
			b.Write([]byte{'%', hex[c>>4], hex[c&15]})
		}
	}
	return b.String()
}

func stringToSign(c Claim, canonical string) string {
	sum := sha256.Sum256([]byte(canonical))
	return Algorithm + "\n" + c.Time.UTC().Format(TimeFormat) + "\n" + c.Scope() + "\n" + hex.EncodeToString(sum[:])
}

func signingKey(secret string, c Claim) []byte {
	key := []byte("aliyun_v4" + secret)
	for _, part := range []string{c.Date, c.Region, product, terminator} {
		key = mac(key, part)
	}
	return key
}

func sign(key []byte, text string) string { return hex.EncodeToString(mac(key, text)) }

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}
