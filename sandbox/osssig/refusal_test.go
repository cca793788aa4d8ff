package osssig_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/layerbuild/layerbuild/sandbox/osssig"
)

const good = "OSS4-HMAC-SHA256 Credential=ak/20231216/cn-hangzhou/oss/aliyun_v4_request,Signature="

func TestParseRefused(t *testing.T) {
	signature := strings.Repeat("0", 64)
	replace := func(old, with string) string { return strings.Replace(good+signature, old, with, 1) }
	for name, v := range map[string]struct {
		target, auth, date, payload string
		want                        osssig.Reason
		detail                      string
	}{
		"no signature":          {"/", "", "", "", osssig.Missing, ""},
		"V1":                    {"/", "OSS ak:c2lnbmF0dXJl", "", "", osssig.Unsupported, "OSS"},
		"V1 in the URL":         {"/?OSSAccessKeyId=ak&Expires=1&Signature=c2ln", "", "", "", osssig.Unsupported, "OSSAccessKeyId"},
		"another scheme":        {"/", "AWS4-HMAC-SHA256 x", "", "", osssig.Unsupported, "AWS4-HMAC-SHA256"},
		"nothing behind it":     {"/", "OSS4-HMAC-SHA256", "", "", osssig.Malformed, "Authorization"},
		"field twice":           {"/", good + signature + ",Signature=" + signature, "", "", osssig.Malformed, "Authorization"},
		"short scope":           {"/", replace("/oss/", "/"), "", "", osssig.Malformed, "Credential"},
		"another product":       {"/", replace("/oss/", "/s3/"), "", "", osssig.Malformed, "Credential"},
		"another end":           {"/", replace("aliyun_v4_request", "abc"), "", "", osssig.Malformed, "Credential"},
		"date with hyphens":     {"/", replace("20231216", "2023-12-16"), "", "", osssig.Malformed, "Credential"},
		"no key":                {"/", replace("=ak/", "=/"), "", "", osssig.Malformed, "Credential"},
		"short signature":       {"/", good + "00", "", "", osssig.Malformed, "Signature"},
		"no additional headers": {"/", replace(",Signature", ",AdditionalHeaders=,Signature"), "", "", osssig.Malformed, "AdditionalHeaders"},
		"empty name":            {"/", replace(",Signature", ",AdditionalHeaders=host;,Signature"), "", "", osssig.Malformed, "AdditionalHeaders"},
		"out of order":          {"/", replace(",Signature", ",AdditionalHeaders=range;host,Signature"), "", "", osssig.Malformed, "AdditionalHeaders"},
		"no date":               {"/", good + signature, "", "UNSIGNED-PAYLOAD", osssig.NoDate, ""},
		"date nobody can read":  {"/", good + signature, "yesterday", "UNSIGNED-PAYLOAD", osssig.NoDate, ""},
		"payload's hash":        {"/", good + signature, "20231216T162057Z", "e3b0", osssig.WrongPayload, "e3b0"},
		"query nobody can read": {"/?a=%zz", "", "", "", osssig.Malformed, "query string"},
		"URL, other version":    {"/?x-oss-signature-version=OSS2", "", "", "", osssig.Unsupported, "OSS2"},
		"URL, no credential":    {"/?x-oss-signature-version=OSS4-HMAC-SHA256", "", "", "", osssig.Malformed, "Credential"},
		"URL, no date":          {signedURL(signature, "", "599"), "", "", "", osssig.NoDate, ""},
		"URL, no life":          {signedURL(signature, "20231216T162057Z", "0"), "", "", "", osssig.Malformed, "x-oss-expires"},
		"URL, eight days":       {signedURL(signature, "20231216T162057Z", "691200"), "", "", "", osssig.Malformed, "x-oss-expires"},
	} {
		t.Run(name, func(t *testing.T) {
			r := &http.Request{Method: "GET", URL: &url.URL{Path: "/"}, Header: http.Header{}}
			r.URL.RawQuery = strings.TrimPrefix(v.target, "/?")
			if v.target == "/" {
				r.URL.RawQuery = ""
			}
			for name, value := range map[string]string{"Authorization": v.auth, "X-Oss-Date": v.date, "X-Oss-Content-Sha256": v.payload} {
				if value != "" {
					r.Header.Set(name, value)
				}
			}
			_, err := osssig.Parse(r)
			refusal, ok := err.(*osssig.Refusal)
			if !ok || refusal.Reason != v.want || refusal.Detail != v.detail {
				t.Errorf("error is %v, want reason %d: %s", err, v.want, v.detail)
			}
		})
	}
}

func signedURL(signature, date, expires string) string {
	return "/?x-oss-signature-version=OSS4-HMAC-SHA256&x-oss-credential=ak/20231216/cn-hangzhou/oss/aliyun_v4_request&x-oss-date=" +
		date + "&x-oss-expires=" + expires + "&x-oss-signature=" + signature
}

func TestVerifyRefused(t *testing.T) {
	at := time.Date(2023, 12, 16, 16, 20, 57, 0, time.UTC)
	claim := osssig.Claim{Key: "ak", Date: "20231216", Region: "cn-hangzhou", Time: at, Signature: strings.Repeat("0", 64)}
	for name, v := range map[string]struct {
		change func(*osssig.Claim)
		clock  time.Duration
		want   osssig.Reason
	}{
		"wrong":                   {func(*osssig.Claim) {}, 0, osssig.Mismatch},
		"another date":            {func(c *osssig.Claim) { c.Date = "20231217" }, 0, osssig.WrongDate},
		"nobody's key":            {func(c *osssig.Claim) { c.Key = "nobody" }, 0, osssig.UnknownKey},
		"a token":                 {func(c *osssig.Claim) { c.Token = "x" }, 0, osssig.WrongToken},
		"just in time":            {func(*osssig.Claim) {}, time.Minute, osssig.Mismatch},
		"late":                    {func(*osssig.Claim) {}, time.Minute + 1, osssig.Skewed},
		"just not early":          {func(*osssig.Claim) {}, -time.Minute, osssig.Mismatch},
		"early":                   {func(*osssig.Claim) {}, -time.Minute - 1, osssig.Skewed},
		"URL that is still alive": {func(c *osssig.Claim) { c.Query, c.Expires = true, at.Add(time.Hour) }, time.Hour, osssig.Mismatch},
		"URL that is not":         {func(c *osssig.Claim) { c.Query, c.Expires = true, at.Add(time.Hour) }, time.Hour + 1, osssig.Expired},
		"URL of tomorrow":         {func(c *osssig.Claim) { c.Query, c.Expires = true, at.Add(time.Hour) }, -time.Hour, osssig.Skewed},
	} {
		t.Run(name, func(t *testing.T) {
			c := claim
			v.change(&c)
			r := &http.Request{Method: "GET", URL: &url.URL{Path: "/b/k"}, Header: http.Header{}}
			if _, err := verifier(at.Add(v.clock), "").Verify(r, c, osssig.Resource{Bucket: "b", Key: "k"}); reason(err) != v.want {
				t.Errorf("error is %v, want reason %d", err, v.want)
			}
		})
	}
}

func TestPresign(t *testing.T) {
	credential := osssig.Credential{Key: "ak", Secret: "sk", Token: "token"}
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.FixedZone("", 3600))
	about := osssig.Resource{Bucket: "b", Key: "a b/ü+%2F$.zip"}
	text := osssig.Presign(url.URL{Scheme: "http", Host: "127.0.0.1:1"}, about, "cn-hangzhou", credential, at, time.Minute)
	u, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	if u.Path != "/b/a b/ü+%2F$.zip" {
		t.Errorf("path is %q", u.Path)
	}
	r := &http.Request{Method: "GET", Host: u.Host, URL: u, Header: http.Header{}}
	id := accept(t, verifier(at.Add(time.Minute), "token"), r, about)
	if !id.Query || id.Token != "token" || !id.Expires.Equal(at.Add(time.Minute)) {
		t.Errorf("identity is %+v", id)
	}
	if _, err := verifier(at.Add(time.Minute+1), "token").Verify(r, id.Claim, about); reason(err) != osssig.Expired {
		t.Errorf("too late: %v", err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(good+strings.Repeat("0", 64), "", "20231216T162057Z")
	f.Add("", strings.TrimPrefix(signedURL("0", "20231216T162057Z", "599"), "/?"), "")
	f.Add("OSS4-HMAC-SHA256 ,,=", "a=%zz", "Sun, 03 Dec 2023 12:12:12 GMT")
	f.Fuzz(func(t *testing.T, auth, query, date string) {
		r := &http.Request{Method: "GET", URL: &url.URL{Path: "/b/k", RawQuery: query}, Header: http.Header{
			"Authorization": {auth}, "X-Oss-Date": {date}, "X-Oss-Content-Sha256": {"UNSIGNED-PAYLOAD"},
		}}
		claim, err := osssig.Parse(r)
		if err != nil {
			if reason(err) == 0 {
				t.Fatalf("error is no refusal: %v", err)
			}
			return
		}
		// Nobody knows the secret.
		if _, err := verifier(claim.Time, claim.Token).Verify(r, claim, osssig.Resource{Bucket: "b", Key: "k"}); reason(err) == 0 {
			t.Fatalf("accepted: %+v", claim)
		}
	})
}
