package cossig_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/layerbuild/layerbuild/sandbox/cossig"
)

const good = "q-sign-algorithm=sha1&q-ak=AKID&q-sign-time=1557989151;1557996351&q-key-time=1557989151;1557996351" +
	"&q-header-list=host&q-url-param-list=&q-signature=0000000000000000000000000000000000000000"

func TestParseRefused(t *testing.T) {
	replace := func(old, with string) string {
		if !strings.Contains(good, old) {
			t.Fatalf("no %q to replace", old)
		}
		return strings.Replace(good, old, with, 1)
	}
	for name, v := range map[string]struct {
		auth, query string
		want        cossig.Reason
		detail      string
	}{
		"no signature":          {"", "", cossig.Missing, ""},
		"another scheme":        {"AWS4-HMAC-SHA256 x", "", cossig.Unsupported, ""},
		"another algorithm":     {replace("sha1", "sha256"), "", cossig.Unsupported, ""},
		"no id":                 {replace("AKID", ""), "", cossig.Malformed, "q-ak"},
		"field twice":           {good + "&q-ak=AKID", "", cossig.Malformed, "Authorization"},
		"field without a value": {good + "&x", "", cossig.Malformed, "Authorization"},
		"half a time":           {replace("q-sign-time=1557989151;", "q-sign-time="), "", cossig.Malformed, "q-sign-time"},
		"time that ends first":  {replace("q-key-time=1557989151;", "q-key-time=1557999999;"), "", cossig.Malformed, "q-key-time"},
		"no list of headers":    {replace("&q-header-list=host", ""), "", cossig.Malformed, "q-header-list"},
		"capitals in a list":    {replace("q-header-list=host", "q-header-list=Host"), "", cossig.Malformed, "q-header-list"},
		"no list of parameters": {replace("&q-url-param-list=", ""), "", cossig.Malformed, "q-url-param-list"},
		"short signature":       {strings.TrimSuffix(good, "0"), "", cossig.Malformed, "q-signature"},
		"no signature in there": {"", "q-sign-algorithm=sha1", cossig.Malformed, "q-ak"},
		"query nobody can read": {"", "a=%zz", cossig.Malformed, "query string"},
	} {
		t.Run(name, func(t *testing.T) {
			r := &http.Request{Method: "GET", URL: &url.URL{Path: "/", RawQuery: v.query}, Header: http.Header{}}
			if v.auth != "" {
				r.Header.Set("Authorization", v.auth)
			}
			_, err := cossig.Parse(r)
			refusal, ok := err.(*cossig.Refusal)
			if !ok || refusal.Reason != v.want || refusal.Detail != v.detail {
				t.Errorf("error is %v, want reason %d: %s", err, v.want, v.detail)
			}
		})
	}
}

func TestVerifyRefused(t *testing.T) {
	r := &http.Request{Method: "GET", Host: "h", URL: &url.URL{Path: "/k"}, Header: http.Header{"Authorization": {good}}}
	claim, err := cossig.Parse(r)
	if err != nil {
		t.Fatal(err)
	}
	start, end := time.Unix(1557989151, 0), time.Unix(1557996351, 0)
	for name, v := range map[string]struct {
		change func(*cossig.Claim)
		clock  time.Time
		want   cossig.Reason
	}{
		"wrong":             {func(*cossig.Claim) {}, start, cossig.Mismatch},
		"nobody's id":       {func(c *cossig.Claim) { c.Key = "nobody" }, start, cossig.UnknownKey},
		"a token":           {func(c *cossig.Claim) { c.Token = "x" }, start, cossig.WrongToken},
		"last moment":       {func(*cossig.Claim) {}, end.Add(999 * time.Millisecond), cossig.Mismatch},
		"over":              {func(*cossig.Claim) {}, end.Add(time.Second), cossig.Expired},
		"key is over":       {func(c *cossig.Claim) { c.KeyTime.End = start }, start.Add(time.Second), cossig.Expired},
		"clock behind":      {func(*cossig.Claim) {}, start.Add(-time.Minute), cossig.Mismatch},
		"clock too far off": {func(*cossig.Claim) {}, start.Add(-time.Minute - 1), cossig.Early},
	} {
		t.Run(name, func(t *testing.T) {
			c := claim
			v.change(&c)
			if _, err := verifier(v.clock, cossig.Credential{Key: "AKID", Secret: "s"}).Verify(r, c); reason(err) != v.want {
				t.Errorf("error is %v, want reason %d", err, v.want)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	f.Add(good, "")
	f.Add("", good)
	f.Add("q-sign-algorithm=&&=", "a=%zz&q-ak=%00")
	f.Fuzz(func(t *testing.T, auth, query string) {
		r := &http.Request{Method: "GET", URL: &url.URL{Path: "/k", RawQuery: query}, Header: http.Header{"Authorization": {auth}}}
		claim, err := cossig.Parse(r)
		if err != nil {
			if reason(err) == 0 {
				t.Fatalf("error is no refusal: %v", err)
			}
			return
		}
		// Nobody knows the secret.
		v := verifier(claim.Sign.Start, cossig.Credential{Key: claim.Key, Secret: "s", Token: claim.Token})
		if _, err := v.Verify(r, claim); reason(err) == 0 {
			t.Fatalf("accepted: %+v", claim)
		}
	})
}
