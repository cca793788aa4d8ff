package cos_test

import (
	"encoding/base64"
	"encoding/xml"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	sdk "github.com/tencentyun/cos-go-sdk-v5"

	"github.com/layerbuild/layerbuild/sandbox/cos"
	"github.com/layerbuild/layerbuild/sandbox/cossig"
)

const host = bucket + ".cos." + region + ".myqcloud.com"

// A call is a request that no SDK would make, but signed by the vendor's
// signer.
type call struct {
	method string
	// target is escaped. host is the bucket's if it is not set.
	host, target string
	body         string
	header       map[string]string
	// as, start and end are mine, now and an hour later if they are not set.
	as         cossig.Credential
	start, end time.Time
	// unsigned sends no signature.
	unsigned bool
}

type answer struct {
	status int
	header http.Header
	body   string
}

// want checks status and code, "" of which stands for no error.
func (a answer) want(t *testing.T, status int, code string) {
	t.Helper()
	var doc struct{ Code string }
	if strings.Contains(a.body, "<Error>") {
		if err := xml.Unmarshal([]byte(a.body), &doc); err != nil {
			t.Error(err)
		}
	}
	if a.status != status || doc.Code != code {
		t.Errorf("answer is %d %s, want %d %s: %s", a.status, doc.Code, status, code, a.body)
	}
}

func (f *fixture) call(t *testing.T, c call) answer {
	t.Helper()
	if c.host == "" {
		c.host = host
	}
	if c.as.Key == "" {
		c.as = mine()
	}
	if c.start.IsZero() {
		c.start = time.Now()
	}
	if c.end.IsZero() {
		c.end = c.start.Add(time.Hour)
	}
	r, err := http.NewRequestWithContext(t.Context(), c.method, "http://"+c.host+c.target, strings.NewReader(c.body))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range c.header {
		r.Header.Set(name, value)
	}
	if !c.unsigned {
		sdk.AddAuthorizationHeader(c.as.Key, c.as.Secret, c.as.Token, r,
			&sdk.AuthTime{SignStartTime: c.start, SignEndTime: c.end, KeyStartTime: c.start, KeyEndTime: c.end})
	}
	resp, err := (&http.Client{Transport: f.transport()}).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{resp.StatusCode, resp.Header, string(body)}
}

var ids = regexp.MustCompile(`<(RequestId|TraceId)>[^<]*<`)

// TestErrorDocument: the body of an error, byte for byte.
func TestErrorDocument(t *testing.T) {
	f := start(t)
	a := f.call(t, call{method: "GET", target: "/a%26b"})
	want := "<?xml version='1.0' encoding='utf-8' ?>\n<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message>" +
		"<Resource>" + host + "/a&amp;b</Resource><RequestId>…</RequestId><TraceId>…</TraceId></Error>"
	if got := ids.ReplaceAllString(a.body, "<$1>…<"); a.status != 404 || got != want {
		t.Errorf("answer is %d\n%s\nwant\n%s", a.status, got, want)
	}
	if a.header.Get("Server") != "tencent-cos" || !strings.Contains(a.body, a.header.Get("X-Cos-Request-Id")) || !strings.Contains(a.body, a.header.Get("X-Cos-Trace-Id")) {
		t.Errorf("headers are %v", a.header)
	}
	if text, err := base64.StdEncoding.DecodeString(a.header.Get("X-Cos-Request-Id")); err != nil || !regexp.MustCompile(`^[0-9a-f]+(_[0-9a-f]+){3}$`).Match(text) {
		t.Errorf("request id is %q, %v", text, err)
	}
}

// TestNotImplemented: what is not emulated is refused by name and never just
// left out.
func TestNotImplemented(t *testing.T) {
	f := start(t)
	put(t, f.client(t, bucket, region), "k", []byte("v"))
	for _, c := range []call{
		{method: "GET", target: "/", host: "cos." + region + ".myqcloud.com"},
		{method: "GET", target: "/?acl"},
		{method: "GET", target: "/?versioning"},
		{method: "POST", target: "/?delete"},
		{method: "PUT", target: "/k?tagging"},
		{method: "GET", target: "/k?versionId=1"},
		{method: "GET", target: "/k?response-content-type=x"},
		{method: "PATCH", target: "/k"},
		{method: "POST", target: "/k?append&position=0"},
		{method: "PUT", target: "/k", header: map[string]string{"x-cos-copy-source": "x/y"}},
		{method: "PUT", target: "/k", header: map[string]string{"x-cos-server-side-encryption": "AES256"}},
		{method: "PUT", target: "/k", header: map[string]string{"x-cos-storage-class": "ARCHIVE"}},
		{method: "PUT", target: "/k", header: map[string]string{"x-cos-acl": "public-read"}},
		{method: "PUT", target: "/k", header: map[string]string{"x-cos-content-sha1": "0"}},
		{method: "PUT", target: "/k", header: map[string]string{"Pic-Operations": "{}"}},
		{method: "PUT", target: "/", body: "<CreateBucketConfiguration><BucketAZConfig>MAZ</BucketAZConfig></CreateBucketConfiguration>"},
	} {
		t.Run(c.method+" "+c.target, func(t *testing.T) {
			f.call(t, c).want(t, 501, "NotImplemented")
		})
	}
	f.call(t, call{method: "PUT", target: "/k", body: "w", header: map[string]string{"x-cos-storage-class": "STANDARD", "x-cos-acl": "default"}}).want(t, 200, "")
	if _, body := get(t, f.client(t, bucket, region), "k"); string(body) != "w" {
		t.Errorf("object is %q", body)
	}
}

// TestSignatures: what is not signed right is refused, each in its way.
func TestSignatures(t *testing.T) {
	f := start(t)
	wrong, unknown, noToken := mine(), mine(), others()
	wrong.Secret += "x"
	unknown.Key = "nobody"
	noToken.Token = ""
	now := time.Now()
	for name, v := range map[string]struct {
		call
		status int
		code   string
	}{
		"good":              {call{}, 200, ""},
		"wrong secret":      {call{as: wrong}, 403, "SignatureDoesNotMatch"},
		"unknown id":        {call{as: unknown}, 403, "InvalidAccessKeyId"},
		"without token":     {call{as: noToken}, 403, "InvalidAccessKeyId"},
		"no signature":      {call{unsigned: true}, 403, "AccessDenied"},
		"nonsense":          {call{unsigned: true, header: map[string]string{"Authorization": "q-sign-algorithm=sha1&q-ak="}}, 403, "AccessDenied"},
		"another algorithm": {call{unsigned: true, header: map[string]string{"Authorization": "OSS a:b"}}, 403, "AccessDenied"},
		"expired":           {call{start: now.Add(-time.Hour), end: now.Add(-2 * time.Second)}, 403, "AccessDenied"},
		"clock ahead":       {call{start: now.Add(16 * time.Minute)}, 403, "RequestTimeTooSkewed"},
		"within skew":       {call{start: now.Add(14 * time.Minute)}, 200, ""},
	} {
		t.Run(name, func(t *testing.T) {
			v.method, v.target, v.body = "PUT", "/k", "v"
			a := f.call(t, v.call)
			a.want(t, v.status, v.code)
			if v.status != 200 && strings.Contains(a.body, mine().Secret) {
				t.Errorf("the answer tells a secret: %s", a.body)
			}
			if name == "expired" && !strings.Contains(a.body, "<Message>Request has expired</Message>") {
				t.Errorf("answer is %s", a.body)
			}
		})
	}
	a := f.call(t, call{method: "GET", target: "/?uploads", as: wrong})
	for _, part := range []string{
		"<Message>The Signature you specified is invalid.</Message><StringToSign>sha1&#xA;", "<FormatString>get&#xA;/&#xA;uploads=&#xA;", "host=" + host + "&#xA;</FormatString><Resource>",
	} {
		if !strings.Contains(a.body, part) {
			t.Errorf("no %q in %s", part, a.body)
		}
	}
	// A token that comes as it must.
	f.call(t, call{method: "PUT", host: "other-1250000001.cos." + region + ".myqcloud.com", target: "/k", as: others()}).want(t, 200, "")
}

// TestHosts: what a Host header can name.
func TestHosts(t *testing.T) {
	f := start(t)
	put(t, f.client(t, bucket, region), "dir/k", []byte("v"))
	address := strings.TrimPrefix(f.url, "http://")
	for _, c := range []call{
		{target: "/dir/k"}, {target: "/dir%2Fk"},
		{host: host + ":80", target: "/dir/k"},
		{host: bucket + ".cos." + region + ".tencentcos.cn", target: "/dir/k"},
		{host: "cos." + region + ".myqcloud.com", target: "/" + bucket + "/dir/k"},
		{host: address, target: "/" + bucket + "/dir/k"},
	} {
		c.method = "GET"
		if a := f.call(t, c); a.status != 200 || a.body != "v" {
			t.Errorf("%s%s: %d %s", c.host, c.target, a.status, a.body)
		}
	}
	f.call(t, call{method: "GET", host: "example.com", target: "/dir/k"}).want(t, 400, "InvalidURI")
	// By address no bucket comes into being, since that has no region.
	f.call(t, call{method: "PUT", host: address, target: "/fresh-1250000000/k"}).want(t, 404, "NoSuchBucket")
	f.call(t, call{method: "PUT", host: address, target: "/fresh-1250000000"}).want(t, 501, "NotImplemented")

	without := startIn(t, t.TempDir(), cos.Options{})
	put(t, without.client(t, bucket, region), "k", []byte("v"))
	without.call(t, call{method: "GET", host: strings.TrimPrefix(without.url, "http://"), target: "/" + bucket + "/k"}).want(t, 400, "InvalidURI")
}
