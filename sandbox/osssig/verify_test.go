package osssig_test

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/layerbuild/layerbuild/sandbox/osssig"
)

// a request is one that was signed by somebody else.
type request struct {
	method, target string
	host           string
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

func verifier(at time.Time, token string) osssig.Verifier {
	return osssig.Verifier{
		Skew: time.Minute, Clock: func() time.Time { return at },
		Find: func(key string) (osssig.Credential, bool) {
			switch key {
			case "ak":
				return osssig.Credential{Key: "ak", Secret: "sk", Token: token}, true
			case "accesskeyid":
				return osssig.Credential{Key: key, Secret: "accesskeysecret"}, true
			}
			return osssig.Credential{}, false
		},
	}
}

func reason(err error) osssig.Reason {
	if r, ok := errors.AsType[*osssig.Refusal](err); ok {
		return r.Reason
	}
	return 0
}

// accept checks that a request's signature is found good, and bad as soon as
// the request is another.
func accept(t *testing.T, v osssig.Verifier, r *http.Request, about osssig.Resource) osssig.Identity {
	t.Helper()
	claim, err := osssig.Parse(r)
	if err != nil {
		t.Fatal(err)
	}
	id, err := v.Verify(r, claim, about)
	if refusal, ok := errors.AsType[*osssig.Refusal](err); ok {
		t.Fatalf("%v\n%s\n%s", err, refusal.Canonical, refusal.ToSign)
	}
	for name, change := range map[string]func(*http.Request, *osssig.Resource){
		"method":    func(r *http.Request, _ *osssig.Resource) { r.Method = "DELETE" },
		"key":       func(_ *http.Request, about *osssig.Resource) { about.Key += "x" },
		"bucket":    func(_ *http.Request, about *osssig.Resource) { about.Bucket += "x" },
		"parameter": func(r *http.Request, _ *osssig.Resource) { r.URL.RawQuery += "&uploads" },
		"header":    func(r *http.Request, _ *osssig.Resource) { r.Header.Set("X-Oss-Forbid-Overwrite", "true") },
		"type":      func(r *http.Request, _ *osssig.Resource) { r.Header.Set("Content-Type", "x/y") },
	} {
		other, otherAbout := r.Clone(t.Context()), about
		change(other, &otherAbout)
		if _, err := v.Verify(other, claim, otherAbout); reason(err) != osssig.Mismatch {
			t.Errorf("with another %s: %v", name, err)
		}
	}
	return id
}

// TestSDKVectors goes through the examples in the signer tests of the vendor's
// SDKs (oss/signer/signer_test.go of alibabacloud-oss-go-sdk-v2).
func TestSDKVectors(t *testing.T) {
	const (
		params = "param1=value1&%2Bparam1=value3&%7Cparam1=value4&%2Bparam2=&%7Cparam2=&param2="
		target = "/bucket/1234+-/123/1.txt?" + params
		query  = target + "&x-oss-signature-version=OSS4-HMAC-SHA256&x-oss-expires=599&x-oss-credential=ak%2F20231217%2Fcn-hangzhou%2Foss%2Faliyun_v4_request"
		scope  = "/cn-hangzhou/oss/aliyun_v4_request"
	)
	about := osssig.Resource{Bucket: "bucket", Key: "1234+-/123/1.txt"}
	plain := []string{"x-oss-head1: value", "abc: value", "ZAbc: value", "XYZ: value"}
	header := func(more ...string) []string {
		return append(append([]string{"content-type: text/plain", "x-oss-content-sha256: UNSIGNED-PAYLOAD"}, plain...), more...)
	}
	for name, v := range map[string]struct {
		target  string
		headers []string
		at      int64
		token   string
	}{
		"header": {target, header("x-oss-date: 20231216T162057Z", "Authorization: OSS4-HMAC-SHA256 Credential=ak/20231216"+scope+
			",Signature=e21d18daa82167720f9b1047ae7e7f1ce7cb77a31e8203a7d5f4624fa0284afe"), 1702743657, ""},
		"header with token": {target, header("x-oss-date: 20231217T034736Z", "x-oss-security-token: token", "Authorization: OSS4-HMAC-SHA256 Credential=ak/20231217"+scope+
			",Signature=b94a3f999cf85bcdc00d332fbd3734ba03e48382c36fa4d5af5df817395bd9ea"), 1702784856, "token"},
		"header with additional headers": {target, header("x-oss-date: 20231216T172512Z", "Authorization: OSS4-HMAC-SHA256 Credential=ak/20231216"+scope+
			",AdditionalHeaders=abc;zabc,Signature=4a4183c187c07c8947db7620deb0a6b38d9fbdd34187b6dbaccb316fa251212f"), 1702747512, ""},
		"query": {query + "&x-oss-date=20231217T025437Z&x-oss-signature=a39966c61718be0d5b14e668088b3fa07601033f6518ac7b523100014269c0fe",
			append(plain, "content-type: application/octet-stream"), 1702781677, ""},
		"query with token": {query + "&x-oss-date=20231217T035628Z&x-oss-security-token=token&x-oss-signature=3817ac9d206cd6dfc90f1c09c00be45005602e55898f26f5ddb06d7892e1f8b5",
			append(plain, "content-type: application/octet-stream"), 1702785388, "token"},
		"query with additional headers": {query + "&x-oss-date=20231217T033009Z&x-oss-additional-headers=abc%3Bzabc&x-oss-signature=6bd984bfe531afb6db1f7550983a741b103a8c58e5e14f83ea474c2322dfa2b7",
			append(plain, "content-type: application/octet-stream"), 1702783809, ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := request{method: "PUT", target: v.target, host: "bucket.oss-cn-hangzhou.aliyuncs.com", headers: v.headers}.make(t)
			at := time.Unix(v.at, 0)
			id := accept(t, verifier(at, v.token), r, about)
			if id.Credential.Key != "ak" || id.Region != "cn-hangzhou" || !id.Time.Equal(at) || id.Query != strings.HasPrefix(name, "query") {
				t.Errorf("identity is %+v", id)
			}
		})
	}
}

// TestDocumentedExample is the example of "Include a V4 signature in the
// Authorization header": its secret is not the one that the page shows, so
// that only the canonical request can be compared.
func TestDocumentedExample(t *testing.T) {
	r := request{
		method: "PUT", target: "/examplebucket/exampleobject", host: "examplebucket.oss-cn-hangzhou.aliyuncs.com", length: 3,
		headers: []string{
			"Content-Disposition: attachment", "Content-MD5: ICy5YqxZB1uWSwcVLSNLcA==", "Content-Type: text/plain",
			"x-oss-content-sha256: UNSIGNED-PAYLOAD", "x-oss-date: 20250411T064124Z",
			"Authorization: OSS4-HMAC-SHA256 Credential=ak/20250411/cn-hangzhou/oss/aliyun_v4_request, AdditionalHeaders=content-disposition;content-length, " +
				"Signature=053edbf550ebd239b32a9cdfd93b0b2b3f2d223083aa61f75e9ac16856d61f23",
		},
	}.make(t)
	claim, err := osssig.Parse(r)
	if err != nil {
		t.Fatal(err)
	}
	_, err = verifier(claim.Time, "").Verify(r, claim, osssig.Resource{Bucket: "examplebucket", Key: "exampleobject"})
	refusal, ok := errors.AsType[*osssig.Refusal](err)
	if !ok || refusal.Reason != osssig.Mismatch {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(refusal.Canonical))
	if got := hex.EncodeToString(sum[:]); got != "c46d96390bdbc2d739ac9363293ae9d710b14e48081fcb22cd8ad54b63136eca" {
		t.Errorf("hash of the canonical request is %s:\n%s", got, refusal.Canonical)
	}
	if want := "OSS4-HMAC-SHA256\n20250411T064124Z\n20250411/cn-hangzhou/oss/aliyun_v4_request\nc46d96390bdbc2d739ac9363293ae9d710b14e48081fcb22cd8ad54b63136eca"; refusal.ToSign != want {
		t.Errorf("string to sign is %q", refusal.ToSign)
	}
}

// TestOlderDocumentedExample is the example that the same page had in 2023.
func TestOlderDocumentedExample(t *testing.T) {
	about := osssig.Resource{Bucket: "examplebucket", Key: "exampleobject"}
	r := request{
		method: "PUT", target: "/examplebucket/exampleobject", host: "examplebucket.oss-cn-hangzhou.aliyuncs.com",
		headers: []string{
			"Content-MD5: eB5eJF1ptWaXm4bijSPyxw", "Content-Type: text/html", "Date: Sun, 03 Dec 2023 12:12:12 GMT",
			"x-oss-content-sha256: UNSIGNED-PAYLOAD", "x-oss-date: 20231203T121212Z", "x-oss-meta-author: alice", "x-oss-meta-magic: abracadabra",
			"Authorization: OSS4-HMAC-SHA256 Credential=accesskeyid/20231203/cn-hangzhou/oss/aliyun_v4_request, AdditionalHeaders=host, " +
				"Signature=4b663e424d2db9967401ff6ce1c86f8c83cabd77d9908475239d9110642c63fa",
		},
	}.make(t)
	accept(t, verifier(time.Date(2023, 12, 3, 12, 12, 12, 0, time.UTC), ""), r, about)
}
