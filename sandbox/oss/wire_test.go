package oss_test

import (
	"encoding/base64"
	"encoding/xml"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	sdk "github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss"
	"github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss/credentials"
	"github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss/signer"

	"github.com/layerbuild/layerbuild/sandbox/osssig"
)

// A call is a request that no SDK would make, but signed by the vendor's
// signer.
type call struct {
	method string
	// target is escaped.
	target string
	body   string
	header map[string]string
	// as and at are mine and now if they are not set.
	as     osssig.Credential
	at     time.Time
	region string
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
	if c.as.Key == "" {
		c.as = mine()
	}
	if c.at.IsZero() {
		c.at = time.Now()
	}
	if c.region == "" {
		c.region = region
	}
	r, err := http.NewRequestWithContext(t.Context(), c.method, f.url+c.target, strings.NewReader(c.body))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range c.header {
		r.Header.Set(name, value)
	}
	if !c.unsigned {
		bucket, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
		in := &signer.SigningContext{
			Product: sdk.Ptr("oss"), Region: &c.region, Request: r, Time: c.at,
			Credentials: &credentials.Credentials{AccessKeyID: c.as.Key, AccessKeySecret: c.as.Secret, SecurityToken: c.as.Token},
		}
		if bucket != "" {
			in.Bucket = &bucket
		}
		if key != "" {
			in.Key = &key
		}
		if err := new(signer.SignerV4).Sign(t.Context(), in); err != nil {
			t.Fatal(err)
		}
	}
	resp, err := http.DefaultClient.Do(r)
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

var requestIDs = regexp.MustCompile(`[0-9A-F]{24}`)

// plain takes what is different each time out of a body.
func (f *fixture) plain(text string) string {
	return strings.ReplaceAll(requestIDs.ReplaceAllString(text, "REQUEST"), strings.TrimPrefix(f.url, "http://"), "HOST")
}

// TestErrorDocuments: the bodies of errors, byte for byte.
func TestErrorDocuments(t *testing.T) {
	f := start(t)
	put(t, f.client(region), "bucket", "other", nil)
	for name, v := range map[string]struct {
		call
		status int
		want   string
	}{
		"no such key": {call{method: "GET", target: "/bucket/a%26b"}, 404, xml.Header +
			`<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message><RequestId>REQUEST</RequestId><HostId>HOST</HostId>` +
			`<Key>a&amp;b</Key><EC>0026-00000001</EC><RecommendDoc>https://api.aliyun.com/troubleshoot?q=0026-00000001</RecommendDoc></Error>`},
		"another region": {call{method: "GET", target: "/bucket/k", region: "cn-beijing"}, 403, xml.Header +
			`<Error><Code>AccessDenied</Code><Message>The bucket you are attempting to access must be addressed using the specified endpoint. ` +
			`Please send all future requests to this endpoint.</Message><RequestId>REQUEST</RequestId><HostId>HOST</HostId><Bucket>bucket</Bucket>` +
			`<Endpoint>oss-cn-hangzhou.aliyuncs.com</Endpoint><EC>0003-00001403</EC><RecommendDoc>https://api.aliyun.com/troubleshoot?q=0003-00001403</RecommendDoc></Error>`},
		"no such bucket": {call{method: "GET", target: "/missing-bucket/k"}, 404, xml.Header +
			`<Error><Code>NoSuchBucket</Code><Message>The specified bucket does not exist.</Message><RequestId>REQUEST</RequestId><HostId>HOST</HostId>` +
			`<BucketName>missing-bucket</BucketName><EC>0015-00000101</EC><RecommendDoc>https://api.aliyun.com/troubleshoot?q=0015-00000101</RecommendDoc></Error>`},
		"not emulated": {call{method: "GET", target: "/bucket/k?acl"}, 501, xml.Header +
			`<Error><Code>NotImplemented</Code><Message>A Parameter you provided implies functionality that is not implemented: ` +
			`The sandbox does not know this parameter of GetObject.</Message><RequestId>REQUEST</RequestId><HostId>HOST</HostId><Parameter>acl</Parameter></Error>`},
	} {
		t.Run(name, func(t *testing.T) {
			a := f.call(t, v.call)
			if a.status != v.status || f.plain(a.body) != v.want {
				t.Errorf("answer is %d\n%s\nwant %d\n%s", a.status, f.plain(a.body), v.status, v.want)
			}
			if a.header.Get("Server") != "AliyunOSS" || !strings.Contains(a.body, a.header.Get("X-Oss-Request-Id")) || a.header.Get("X-Oss-Server-Time") == "" {
				t.Errorf("headers are %v", a.header)
			}
		})
	}
	a := f.call(t, call{method: "HEAD", target: "/bucket/k"})
	text, err := base64.StdEncoding.DecodeString(a.header.Get("X-Oss-Err"))
	if err != nil || a.status != 404 || a.body != "" || !strings.Contains(string(text), "<Code>NoSuchKey</Code>") || a.header.Get("X-Oss-Ec") != "0026-00000001" {
		t.Errorf("%d, %v, %s, %v", a.status, a.header, text, err)
	}
}

// TestNotImplemented: what is not emulated is refused by name and never just
// left out.
func TestNotImplemented(t *testing.T) {
	f := start(t)
	put(t, f.client(region), "bucket", "k", []byte("v"))
	for _, c := range []call{
		{method: "GET", target: "/"},
		{method: "GET", target: "/bucket/"},
		{method: "GET", target: "/bucket/?acl"},
		{method: "POST", target: "/bucket/?delete"},
		{method: "GET", target: "/bucket/?list-type=2&unknown"},
		{method: "PUT", target: "/bucket/k?tagging"},
		{method: "GET", target: "/bucket/k?versionId=1"},
		{method: "GET", target: "/bucket/k?response-content-type=x"},
		{method: "PATCH", target: "/bucket/k"},
		{method: "POST", target: "/bucket/k?append&position=0"},
		{method: "PUT", target: "/bucket/k", header: map[string]string{"x-oss-copy-source": "/bucket/k"}},
		{method: "PUT", target: "/bucket/k", header: map[string]string{"x-oss-server-side-encryption": "AES256"}},
		{method: "PUT", target: "/bucket/k", header: map[string]string{"x-oss-storage-class": "IA"}},
		{method: "PUT", target: "/bucket/k", header: map[string]string{"x-oss-object-acl": "public-read"}},
		{method: "PUT", target: "/bucket/k", header: map[string]string{"x-oss-callback": "e30="}},
		{method: "PUT", target: "/other/", body: "<CreateBucketConfiguration><StorageClass>IA</StorageClass></CreateBucketConfiguration>"},
		{method: "PUT", target: "/other/", header: map[string]string{"x-oss-acl": "public-read"}},
	} {
		t.Run(c.method+" "+c.target, func(t *testing.T) {
			f.call(t, c).want(t, 501, "NotImplemented")
		})
	}
	f.call(t, call{method: "PUT", target: "/bucket/k", body: "w", header: map[string]string{"x-oss-storage-class": "Standard", "x-oss-object-acl": "default"}}).want(t, 200, "")
	if _, body := get(t, f.client(region), "bucket", "k"); string(body) != "w" {
		t.Errorf("object is %q", body)
	}
}

// TestSignatures: what is not signed right is refused, each in its way.
func TestSignatures(t *testing.T) {
	f := start(t)
	wrong, unknown, noToken, wrongToken := mine(), mine(), others(), others()
	wrong.Secret += "x"
	unknown.Key = "nobody"
	noToken.Token = ""
	wrongToken.Token = "another"
	now := time.Now()
	for name, v := range map[string]struct {
		call
		status   int
		code, ec string
	}{
		"good":          {call{}, 200, "", ""},
		"wrong secret":  {call{as: wrong}, 403, "SignatureDoesNotMatch", "0002-00000201"},
		"unknown key":   {call{as: unknown}, 403, "InvalidAccessKeyId", "0002-00000902"},
		"without token": {call{as: noToken}, 403, "InvalidAccessKeyId", "0002-00000902"},
		"another token": {call{as: wrongToken}, 403, "InvalidSecurityToken", ""},
		"no signature":  {call{unsigned: true}, 403, "AccessDenied", "0003-00000001"},
		"V1":            {call{unsigned: true, header: map[string]string{"Authorization": "OSS LTAIexample:c2lnbmF0dXJl"}}, 403, "AccessDenied", "0002-00000080"},
		"nonsense":      {call{unsigned: true, header: map[string]string{"Authorization": "OSS4-HMAC-SHA256 Credential=x"}}, 400, "InvalidArgument", "0002-00000213"},
		"clock behind":  {call{at: now.Add(-16 * time.Minute)}, 403, "RequestTimeTooSkewed", "0002-00000504"},
		"clock ahead":   {call{at: now.Add(16 * time.Minute)}, 403, "RequestTimeTooSkewed", "0002-00000504"},
		"within skew":   {call{at: now.Add(-14 * time.Minute)}, 200, "", ""},
		"endpoint's name instead of the region's": {call{region: "oss-cn-hangzhou"}, 400, "InvalidArgument", "0002-00000226"},
	} {
		t.Run(name, func(t *testing.T) {
			v.method, v.target, v.body = "PUT", "/bucket/k", "v"
			a := f.call(t, v.call)
			a.want(t, v.status, v.code)
			if got := a.header.Get("X-Oss-Ec"); got != v.ec {
				t.Errorf("EC is %q, want %q", got, v.ec)
			}
			if v.status != 200 && strings.Contains(a.body, mine().Secret) {
				t.Errorf("the answer tells a secret: %s", a.body)
			}
		})
	}
	a := f.call(t, call{method: "GET", target: "/bucket/k?uploads", as: wrong, header: map[string]string{"X-Oss-Meta-A": "b"}})
	for _, part := range []string{
		"<OSSAccessKeyId>LTAIexample</OSSAccessKeyId>", "<SignatureProvided>",
		"<StringToSign>OSS4-HMAC-SHA256&#xA;", "<StringToSignBytes>4F 53 53 34 2D 48 4D 41 43 ",
		"<CanonicalRequest>GET&#xA;/bucket/k&#xA;uploads&#xA;x-oss-content-sha256:UNSIGNED-PAYLOAD&#xA;x-oss-date:", "x-oss-meta-a:b&#xA;&#xA;&#xA;UNSIGNED-PAYLOAD</CanonicalRequest>",
	} {
		if !strings.Contains(a.body, part) {
			t.Errorf("no %q in %s", part, a.body)
		}
	}
}
