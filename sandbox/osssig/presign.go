package osssig

import (
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// Presign returns the URL of an object with a signature in its query: who
// has it can GET the object until life has passed, without a key. The path
// names bucket and key, which is escaped; scheme and host are those of base.
func Presign(base url.URL, about Resource, region string, cred Credential, at time.Time, life time.Duration) string {
	at = at.UTC()
	c := Claim{Key: cred.Key, Date: at.Format(dateFormat), Region: region, Time: at, Query: true}
	q := url.Values{}
	q.Set("x-oss-signature-version", Algorithm)
	q.Set("x-oss-credential", c.Key+"/"+c.Scope())
	q.Set("x-oss-date", at.Format(TimeFormat))
	q.Set("x-oss-expires", strconv.Itoa(int(life/time.Second)))
	if cred.Token != "" {
		q.Set("x-oss-security-token", cred.Token)
	}
	u := base
	u.Path = about.path()
	u.RawPath = escape(u.Path, true)
	u.RawQuery = q.Encode()
	canonical := canonicalRequest(&http.Request{Method: http.MethodGet, Host: base.Host, URL: &u}, c, about)
	u.RawQuery += "&x-oss-signature=" + sign(signingKey(cred.Secret, c), stringToSign(c, canonical))
	return u.String()
}
