package cossig_test

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/layerbuild/layerbuild/sandbox/cossig"
)

// a request is one that was signed by somebody else.
type request struct {
	method, target, host string
	// headers are "name: value".
	headers []string
	length  int64
}

func (v request) make(t testing.TB) *http.Request {
	t.Helper()
	u, err := url.ParseRequestURI(v.target)
	if err != nil {
		t.Fatal(err)
	}
	r := &http.Request{Method: v.method, Host: v.host, URL: u, RequestURI: v.target, Header: http.Header{}, ContentLength: v.length}
	for _, line := range v.headers {
		name, value, _ := strings.Cut(line, ": ")
		r.Header.Add(name, value)
	}
	return r
}

func verifier(at time.Time, c cossig.Credential) cossig.Verifier {
	return cossig.Verifier{
		Skew: time.Minute, Clock: func() time.Time { return at },
		Find: func(key string) (cossig.Credential, bool) { return c, key == c.Key },
	}
}

func reason(err error) cossig.Reason {
	if r, ok := errors.AsType[*cossig.Refusal](err); ok {
		return r.Reason
	}
	return 0
}

// accept checks that a request's signature is found good, and bad as soon as
// something that it covers is another.
func accept(t *testing.T, v cossig.Verifier, r *http.Request) cossig.Identity {
	t.Helper()
	claim, err := cossig.Parse(r)
	if err != nil {
		t.Fatal(err)
	}
	id, err := v.Verify(r, claim)
	if refusal, ok := errors.AsType[*cossig.Refusal](err); ok {
		t.Fatalf("%v\n%s\n%s", err, refusal.Format, refusal.ToSign)
	}
	for name, change := range map[string]func(*http.Request, *cossig.Claim){
		"method":     func(r *http.Request, _ *cossig.Claim) { r.Method = "PATCH" },
		"path":       func(r *http.Request, _ *cossig.Claim) { r.URL.Path += "x" },
		"host":       func(r *http.Request, _ *cossig.Claim) { r.Host += "x" },
		"start":      func(_ *http.Request, c *cossig.Claim) { c.Sign.Start = c.Sign.Start.Add(-time.Second) },
		"key's end":  func(_ *http.Request, c *cossig.Claim) { c.KeyTime.End = c.KeyTime.End.Add(time.Second) },
		"no headers": func(_ *http.Request, c *cossig.Claim) { c.Headers = nil },
		"parameters": func(_ *http.Request, c *cossig.Claim) { c.Params = append(c.Params, "uploads") },
	} {
		other, otherClaim := r.Clone(t.Context()), claim
		change(other, &otherClaim)
		if _, err := v.Verify(other, otherClaim); reason(err) != cossig.Mismatch {
			t.Errorf("with another %s: %v", name, err)
		}
	}
	return id
}

// TestDocumentedExamples goes through "Request Signature" of the COS API
// documentation, whose secret key was shown until it was masked.
func TestDocumentedExamples(t *testing.T) {
	const (
		fields = "q-sign-algorithm=sha1&q-ak=AKIDQjz3ltompVjBni5LitkWHFlFpwkn9U5q"
		host   = "examplebucket-1250000000.cos.ap-beijing.myqcloud.com"
		path   = "/exampleobject(%E8%85%BE%E8%AE%AF%E4%BA%91)"
	)
	c := cossig.Credential{Key: "AKIDQjz3ltompVjBni5LitkWHFlFpwkn9U5q", Secret: "BQYIM75p8x0iWVFSIgqEKwFprpRSVHlz"}
	for name, v := range map[string]struct {
		at int64
		request
	}{
		"upload": {1557989151, request{method: "PUT", target: path, host: host, length: 13, headers: []string{
			"Date: Thu, 16 May 2019 06:45:51 GMT", "Content-Type: text/plain", "Content-MD5: mQ/fVh815F3k6TAUm8m0eg==",
			"x-cos-acl: private", `x-cos-grant-read: uin="100000000011"`,
			"Authorization: " + fields + "&q-sign-time=1557989151;1557996351&q-key-time=1557989151;1557996351" +
				"&q-header-list=content-length;content-md5;content-type;date;host;x-cos-acl;x-cos-grant-read&q-url-param-list=" +
				"&q-signature=3b8851a11a569213c17ba8fa7dcf2abec6935172",
		}}},
		"download": {1557989753, request{method: "GET", host: host,
			target: path + "?response-content-type=application%2Foctet-stream&response-cache-control=max-age%3D600", headers: []string{
				"Date: Thu, 16 May 2019 06:55:53 GMT",
				"Authorization: " + fields + "&q-sign-time=1557989753;1557996953&q-key-time=1557989753;1557996953&q-header-list=date;host" +
					"&q-url-param-list=response-cache-control;response-content-type&q-signature=01681b8c9d798a678e43b685a9f1bba0f6c0e012",
			}}},
	} {
		t.Run(name, func(t *testing.T) {
			at := time.Unix(v.at, 0)
			id := accept(t, verifier(at, c), v.make(t))
			if id.Query || !id.Sign.Start.Equal(at) || id.Credential.Key != c.Key {
				t.Errorf("identity is %+v", id)
			}
		})
	}
}

// TestSDKVector is the one in the vendor's SDK (auth_test.go of
// cos-go-sdk-v5).
func TestSDKVector(t *testing.T) {
	c := cossig.Credential{Key: "QmFzZTY0IGlzIGEgZ2VuZXJp", Secret: "AKIDZfbOA78asKUYBcXFrJD0a1ICvR98JM"}
	accept(t, verifier(time.Unix(1480932292, 0), c), request{
		method: "PUT", target: "/testfile2", host: "testbucket-125000000.cos.ap-guangzhou.myqcloud.com",
		headers: []string{
			"x-cos-content-sha1: db8ac1c259eb89d4a131b253bacfca5f319d54f2", "x-cos-stroage-class: nearline",
			"Authorization: q-sign-algorithm=sha1&q-ak=" + c.Key + "&q-sign-time=1480932292;1481012292&q-key-time=1480932292;1481012292" +
				"&q-header-list=host;x-cos-content-sha1;x-cos-stroage-class&q-url-param-list=&q-signature=ce4ac0ecbcdb30538b3fee0a97cc6389694ce53a",
		},
	}.make(t))
}

func TestPresign(t *testing.T) {
	c := cossig.Credential{Key: "AKIDexample", Secret: "secret", Token: "to+k/en="}
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.FixedZone("", 3600))
	text := cossig.Presign(url.URL{Scheme: "http", Host: "127.0.0.1:1"}, "/b-1250000000/a b/ü+%2F$.zip", c, at, time.Minute)
	u, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	if u.Path != "/b-1250000000/a b/ü+%2F$.zip" {
		t.Errorf("path is %q", u.Path)
	}
	r := &http.Request{Method: "GET", Host: u.Host, URL: u, Header: http.Header{}}
	id := accept(t, verifier(at.Add(time.Minute), c), r)
	if !id.Query || id.Token != c.Token {
		t.Errorf("identity is %+v", id)
	}
	u.RawQuery = strings.ReplaceAll(u.RawQuery, "%3B", ";") // as the vendor's SDK for JavaScript writes it
	accept(t, verifier(at, c), r)
	if _, err := verifier(at.Add(time.Minute+time.Second), c).Verify(r, id.Claim); reason(err) != cossig.Expired {
		t.Errorf("too late: %v", err)
	}
}
