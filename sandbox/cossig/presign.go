package cossig

import (
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Presign returns the URL of an object with a signature in its query: who has
// it can GET the object until life has passed, without a key. Scheme and host
// are those of base; path begins with a slash and is escaped.
func Presign(base url.URL, path string, cred Credential, at time.Time, life time.Duration) string {
	u := base
	u.Path = path
	u.RawPath = strings.ReplaceAll(escape(path), "%2F", "/")
	u.RawQuery = ""
	c := Claim{Key: cred.Key, Sign: Span{at, at.Add(life)}, Headers: []string{"host"}}
	c.KeyTime = c.Sign
	text := stringToSign(c, formatString(&http.Request{Method: http.MethodGet, Host: base.Host, URL: &u}, c))
	fields := [][2]string{
		{"q-sign-algorithm", algorithm}, {"q-ak", c.Key}, {"q-sign-time", c.Sign.String()}, {"q-key-time", c.KeyTime.String()},
		{"q-header-list", "host"}, {"q-url-param-list", ""}, {"q-signature", sign(cred.Secret, c, text)},
	}
	if cred.Token != "" {
		fields = append(fields, [2]string{"x-cos-security-token", cred.Token})
	}
	query := make([]string, len(fields))
	for i, f := range fields {
		query[i] = f[0] + "=" + escape(f[1])
	}
	u.RawQuery = strings.Join(query, "&")
	return u.String()
}
