package awssig

import (
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// Presign returns the URL of an S3 object with a signature in its query: who
// has it can GET the object until life has passed, without a key. The key is
// escaped; scheme and host are those of base.
func Presign(base url.URL, bucket, key, region string, cred Credential, at time.Time, life time.Duration) string {
	at = at.UTC()
	c := Claim{
		Key: cred.Key, Date: at.Format(dateFormat), Region: region, Service: "s3",
		Signed: []string{"host"}, Time: at, Query: true, Expires: life,
	}
	q := url.Values{}
	q.Set("X-Amz-Algorithm", Algorithm)
	q.Set("X-Amz-Credential", c.Key+"/"+c.Scope())
	q.Set("X-Amz-Date", at.Format(TimeFormat))
	q.Set("X-Amz-Expires", strconv.Itoa(int(life/time.Second)))
	q.Set("X-Amz-SignedHeaders", "host")
	if cred.Token != "" {
		q.Set("X-Amz-Security-Token", cred.Token)
	}
	u := base
	u.Path = "/" + bucket + "/" + key
	u.RawPath = escape(u.Path, true)
	u.RawQuery = q.Encode()
	r := &http.Request{Method: http.MethodGet, Host: base.Host, URL: &u}
	canonical := canonicalRequest(r, c, false, UnsignedPayload)
	signature := sign(signingKey(cred.Secret, c), stringToSign(c, canonical))
	u.RawQuery += "&X-Amz-Signature=" + signature
	return u.String()
}
