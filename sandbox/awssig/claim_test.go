package awssig_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"pgregory.net/rapid"

	"github.com/layerbuild/layerbuild/sandbox/awssig"
)

func TestParseRefused(t *testing.T) {
	const (
		good = "Credential=AKID/20150830/us-east-1/s3/aws4_request, SignedHeaders=host;x-amz-date, Signature="
		sum  = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
	)
	for name, c := range map[string]struct {
		auth, date string
		want       awssig.Reason
	}{
		"good":                   {"AWS4-HMAC-SHA256 " + good + sum, "20150830T123600Z", 0},
		"no spaces":              {"AWS4-HMAC-SHA256 " + strings.ReplaceAll(good, " ", "") + sum, "20150830T123600Z", 0},
		"nothing":                {"", "", awssig.Missing},
		"version 2":              {"AWS AKID:signature", "", awssig.Unsupported},
		"asymmetric":             {"AWS4-ECDSA-P256-SHA256 " + good + sum, "", awssig.Unsupported},
		"only the algorithm":     {"AWS4-HMAC-SHA256", "20150830T123600Z", awssig.Malformed},
		"part twice":             {"AWS4-HMAC-SHA256 " + good + sum + ", Signature=" + sum, "20150830T123600Z", awssig.Malformed},
		"short signature":        {"AWS4-HMAC-SHA256 " + good + sum[1:], "20150830T123600Z", awssig.Malformed},
		"capitals in signature":  {"AWS4-HMAC-SHA256 " + good + strings.ToUpper(sum), "20150830T123600Z", awssig.Malformed},
		"scope too short":        {"AWS4-HMAC-SHA256 Credential=AKID/20150830/s3/aws4_request, SignedHeaders=host, Signature=" + sum, "20150830T123600Z", awssig.Malformed},
		"scope without end":      {"AWS4-HMAC-SHA256 " + strings.Replace(good, "aws4_request", "aws5", 1) + sum, "20150830T123600Z", awssig.Malformed},
		"host not signed":        {"AWS4-HMAC-SHA256 " + strings.Replace(good, "host;", "", 1) + sum, "20150830T123600Z", awssig.Malformed},
		"headers not sorted":     {"AWS4-HMAC-SHA256 " + strings.Replace(good, "host;x-amz-date", "x-amz-date;host", 1) + sum, "20150830T123600Z", awssig.Malformed},
		"capitals in headers":    {"AWS4-HMAC-SHA256 " + strings.Replace(good, "host", "Host", 1) + sum, "20150830T123600Z", awssig.Malformed},
		"newline in headers":     {"AWS4-HMAC-SHA256 " + strings.Replace(good, "host", "host\n", 1) + sum, "20150830T123600Z", awssig.Malformed},
		"no date":                {"AWS4-HMAC-SHA256 " + good + sum, "", awssig.NoDate},
		"date in another format": {"AWS4-HMAC-SHA256 " + good + sum, "2015-08-30T12:36:00Z", awssig.NoDate},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest("GET", "/", nil)
			r.Header.Set("Authorization", c.auth)
			r.Header.Set("X-Amz-Date", c.date)
			if c.date == "" {
				r.Header.Del("X-Amz-Date")
			}
			if _, err := awssig.Parse(r); reason(err) != c.want {
				t.Errorf("reason is %d (%v), want %d", reason(err), err, c.want)
			}
		})
	}
}

func TestParseQueryRefused(t *testing.T) {
	good := map[string]string{
		"X-Amz-Algorithm": "AWS4-HMAC-SHA256", "X-Amz-Credential": "AKID/20150830/us-east-1/s3/aws4_request",
		"X-Amz-Date": "20150830T123600Z", "X-Amz-Expires": "60", "X-Amz-SignedHeaders": "host", "X-Amz-Signature": strings.Repeat("a", 64),
	}
	for name, c := range map[string]struct {
		change, to string
		want       awssig.Reason
	}{
		"good":             {"x-id", "GetObject", 0},
		"no algorithm":     {"X-Amz-Algorithm", "", awssig.Unsupported},
		"no date":          {"X-Amz-Date", "", awssig.NoDate},
		"no expiry":        {"X-Amz-Expires", "", awssig.Malformed},
		"negative expiry":  {"X-Amz-Expires", "-1", awssig.Malformed},
		"more than a week": {"X-Amz-Expires", "604801", awssig.Malformed},
		"no headers":       {"X-Amz-SignedHeaders", "", awssig.Malformed},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest("GET", "/b/k", nil)
			q := r.URL.Query()
			for k, v := range good {
				q.Set(k, v)
			}
			q.Set(c.change, c.to)
			r.URL.RawQuery = q.Encode()
			if _, err := awssig.Parse(r); reason(err) != c.want {
				t.Errorf("reason is %d (%v), want %d", reason(err), err, c.want)
			}
		})
	}
}

// signed makes a request as the vendor's signer makes it, and reads it as a
// server does.
func signed(t rapid.TB, c aws.Credentials, service, method, target, body string, at time.Time) *http.Request {
	out, err := http.NewRequest(method, "http://127.0.0.1:9000"+target, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	payload := hash(body)
	if service == "s3" {
		out.Header.Set("X-Amz-Content-Sha256", payload)
	}
	signer := v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = service == "s3" })
	if err := signer.SignHTTP(context.Background(), c, out, payload, service, "eu-west-1", at); err != nil {
		t.Fatal(err)
	}
	var wire bytes.Buffer
	if err := out.Write(&wire); err != nil {
		t.Fatal(err)
	}
	r, err := http.ReadRequest(bufioReader(&wire))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestVendorSigner: whatever the SDK signs is accepted, and refused as soon as
// the secret, the token, the clock or the request is another.
func TestVendorSigner(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	rapid.Check(t, func(t *rapid.T) {
		service := rapid.SampledFrom([]string{"s3", "lambda"}).Draw(t, "service")
		segment := rapid.StringMatching(`[a-zA-Z0-9 äß+%:=@&$!*'(),;~_.-]{1,12}`).Filter(func(s string) bool { return s != "." && s != ".." })
		u := urlOf(rapid.SliceOfN(segment, 1, 4).Draw(t, "path"), rapid.MapOfN(segment, segment, 0, 4).Draw(t, "query"))
		credential := aws.Credentials{AccessKeyID: "AKID", SecretAccessKey: rapid.StringN(1, 40, -1).Draw(t, "secret"),
			SessionToken: rapid.SampledFrom([]string{"", "token/+="}).Draw(t, "token")}
		body := rapid.String().Draw(t, "body")
		r := signed(t, credential, service, "POST", u, body, at)
		v := awssig.Verifier{
			Service: service, EscapeOnce: service == "s3", Skew: 15 * time.Minute, Clock: func() time.Time { return at },
			Find: func(key string) (awssig.Credential, bool) {
				return awssig.Credential{Key: key, Secret: credential.SecretAccessKey, Token: credential.SessionToken}, key == "AKID"
			},
		}
		claim, err := awssig.Parse(r)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := v.Verify(r, claim, hash(body)); err != nil {
			t.Fatalf("%s: %v", u, err)
		}
		for name, c := range map[string]struct {
			change func(*awssig.Verifier, *awssig.Claim)
			want   awssig.Reason
		}{
			"secret": {func(v *awssig.Verifier, _ *awssig.Claim) {
				v.Find = func(key string) (awssig.Credential, bool) {
					return awssig.Credential{Key: key, Secret: credential.SecretAccessKey + "x", Token: credential.SessionToken}, true
				}
			}, awssig.Mismatch},
			"key":     {func(_ *awssig.Verifier, c *awssig.Claim) { c.Key = "AKIE" }, awssig.UnknownKey},
			"token":   {func(_ *awssig.Verifier, c *awssig.Claim) { c.Token += "x" }, awssig.WrongToken},
			"service": {func(v *awssig.Verifier, _ *awssig.Claim) { v.Service = "sts" }, awssig.WrongService},
			"date":    {func(_ *awssig.Verifier, c *awssig.Claim) { c.Date = "20260302" }, awssig.WrongDate},
			"region":  {func(_ *awssig.Verifier, c *awssig.Claim) { c.Region = "eu-west-2" }, awssig.Mismatch},
			"early": {func(v *awssig.Verifier, _ *awssig.Claim) {
				v.Clock = func() time.Time { return at.Add(-901 * time.Second) }
			}, awssig.Early},
			"late": {func(v *awssig.Verifier, _ *awssig.Claim) {
				v.Clock = func() time.Time { return at.Add(901 * time.Second) }
			}, awssig.Late},
		} {
			v, claim := v, claim
			c.change(&v, &claim)
			if _, err := v.Verify(r, claim, hash(body)); reason(err) != c.want {
				t.Fatalf("another %s: %v, want reason %d", name, err, c.want)
			}
		}
		r.Header.Set("X-Amz-Acl", "public-read")
		if _, err := v.Verify(r, claim, hash(body)); reason(err) != awssig.Unsigned {
			t.Fatalf("header added: %v", err)
		}
	})
}

// FuzzParse: no request makes Parse panic, and what it lets through has every
// part.
func FuzzParse(f *testing.F) {
	f.Add("AWS4-HMAC-SHA256 Credential=AKID/20150830/us-east-1/s3/aws4_request, SignedHeaders=host;x-amz-date, Signature="+strings.Repeat("0", 64), "20150830T123600Z", "")
	f.Add("", "", "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKID%2F20150830%2Fr%2Fs3%2Faws4_request&X-Amz-Date=20150830T123600Z&X-Amz-Expires=1&X-Amz-SignedHeaders=host&X-Amz-Signature="+strings.Repeat("f", 64))
	f.Add("AWS4-HMAC-SHA256 Credential=,,=,", "Fri, 24 May 2013 00:00:00 GMT", "%zz;")
	f.Fuzz(func(t *testing.T, auth, date, query string) {
		r := &http.Request{Method: "GET", Host: "h", URL: urlWith(query), Header: http.Header{}}
		r.Header["Authorization"], r.Header["X-Amz-Date"] = []string{auth}, []string{date}
		c, err := awssig.Parse(r)
		if err != nil {
			if reason(err) == 0 {
				t.Errorf("error is no refusal: %v", err)
			}
			return
		}
		if c.Key == "" || len(c.Date) != 8 || c.Region == "" || c.Service == "" || len(c.Signature) != 64 || c.Time.IsZero() {
			t.Errorf("claim lacks a part: %+v", c)
		}
		v := awssig.Verifier{Service: c.Service, Clock: func() time.Time { return c.Time },
			Find: func(string) (awssig.Credential, bool) { return awssig.Credential{Secret: "s", Token: c.Token}, true }}
		if _, err := v.Verify(r, c, ""); err == nil {
			t.Errorf("a signature was guessed: %s", fmt.Sprint(c))
		}
	})
}
