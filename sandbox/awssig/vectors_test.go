package awssig_test

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/layerbuild/layerbuild/sandbox/awssig"
)

// A vector is a request whose signature somebody else published.
type vector struct {
	name, method, target string
	// headers are "Name:value" lines.
	headers []string
	body    string
	// signed is the value of SignedHeaders.
	signed, signature string
}

// request builds what the server would see. The suite's targets are not all
// valid HTTP, so that it cannot be parsed.
func (v vector) request(credential, host string) *http.Request {
	path, query, _ := strings.Cut(v.target, "?")
	r := &http.Request{
		Method: v.method, Host: host, RequestURI: v.target, Header: http.Header{},
		URL: &url.URL{Path: path, RawQuery: query}, ContentLength: int64(len(v.body)),
	}
	for _, line := range v.headers {
		name, value, _ := strings.Cut(line, ":")
		r.Header.Add(name, value)
	}
	r.Header.Set("Authorization", awssig.Algorithm+" Credential="+credential+", SignedHeaders="+v.signed+", Signature="+v.signature)
	return r
}

const suiteToken = "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA=="

// TestSuite goes through aws-sig-v4-test-suite. Left out are the header folded
// over several lines, which HTTP has no more (RFC 9112, section 5.2), and
// post-x-www-form-urlencoded-parameters, whose string to sign is not the hash
// of its own canonical request.
func TestSuite(t *testing.T) {
	const (
		date       = "X-Amz-Date:20150830T123600Z"
		hostDate   = "host;x-amz-date"
		header1    = "host;my-header1;x-amz-date"
		vanilla    = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
		post       = "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"
		postQuery  = "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11"
		unreserved = "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	)
	at := time.Date(2015, 8, 30, 12, 36, 0, 0, time.UTC)
	for _, v := range []vector{
		{"get-vanilla", "GET", "/", []string{date}, "", hostDate, vanilla},
		{"get-header-key-duplicate", "GET", "/", []string{"My-Header1:value2", "My-Header1:value2", "My-Header1:value1", date}, "", header1,
			"c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea"},
		{"get-header-value-order", "GET", "/", []string{"My-Header1:value4", "My-Header1:value1", "My-Header1:value3", "My-Header1:value2", date}, "", header1,
			"08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01"},
		{"get-header-value-trim", "GET", "/", []string{"My-Header1: value1", `My-Header2: "a   b   c"`, date}, "", "host;my-header1;my-header2;x-amz-date",
			"acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"},
		{"get-unreserved", "GET", "/" + unreserved, []string{date}, "", hostDate, "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f"},
		{"get-utf8", "GET", "/ሴ", []string{date}, "", hostDate, "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85"},
		{"get-vanilla-empty-query-key", "GET", "/?Param1=value1", []string{date}, "", hostDate, "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb"},
		{"get-vanilla-query-order-key-case", "GET", "/?Param2=value2&Param1=value1", []string{date}, "", hostDate, "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"},
		{"get-vanilla-query-order-key", "GET", "/?Param1=value2&Param1=Value1", []string{date}, "", hostDate, "eedbc4e291e521cf13422ffca22be7d2eb8146eecf653089df300a15b2382bd1"},
		{"get-vanilla-query-order-value", "GET", "/?Param1=value2&Param1=value1", []string{date}, "", hostDate, "5772eed61e12b33fae39ee5e7012498b51d56abc0abb7c60486157bd471c4694"},
		{"get-vanilla-query-unreserved", "GET", "/?" + unreserved + "=" + unreserved, []string{date}, "", hostDate, "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197"},
		{"get-vanilla-utf8-query", "GET", "/?ሴ=bar", []string{date}, "", hostDate, "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04"},
		{"get-relative", "GET", "/example/..", []string{date}, "", hostDate, vanilla},
		{"get-relative-relative", "GET", "/example1/example2/../..", []string{date}, "", hostDate, vanilla},
		{"get-slash", "GET", "//", []string{date}, "", hostDate, vanilla},
		{"get-slash-dot-slash", "GET", "/./", []string{date}, "", hostDate, vanilla},
		{"get-slash-pointless-dot", "GET", "/./example", []string{date}, "", hostDate, "ef75d96142cf21edca26f06005da7988e4f8dc83a165a80865db7089db637ec5"},
		{"get-slashes", "GET", "//example//", []string{date}, "", hostDate, "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84"},
		{"get-space", "GET", "/example space/", []string{date}, "", hostDate, "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741"},
		{"post-vanilla", "POST", "/", []string{date}, "", hostDate, post},
		{"post-header-key-sort", "POST", "/", []string{"My-Header1:value1", date}, "", header1, "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c"},
		{"post-header-value-case", "POST", "/", []string{"My-Header1:VALUE1", date}, "", header1, "cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d"},
		{"post-sts-header-before", "POST", "/", []string{date, "X-Amz-Security-Token:" + suiteToken}, "", "host;x-amz-date;x-amz-security-token",
			"85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead"},
		{"post-vanilla-query", "POST", "/?Param1=value1", []string{date}, "", hostDate, postQuery},
		{"post-x-www-form-urlencoded", "POST", "/", []string{"Content-Type:application/x-www-form-urlencoded", date}, "Param1=value1", "content-type;host;x-amz-date",
			"ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"},
	} {
		t.Run(v.name, func(t *testing.T) {
			r := v.request("AKIDEXAMPLE/20150830/us-east-1/service/aws4_request", "example.amazonaws.com")
			verifier := awssig.Verifier{
				Service: "service", Skew: time.Minute, Clock: func() time.Time { return at },
				Find: func(string) (awssig.Credential, bool) {
					return awssig.Credential{Secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", Token: r.Header.Get("X-Amz-Security-Token")}, true
				},
			}
			accept(t, verifier, r, hash(v.body))
		})
	}
}

func hash(body string) string {
	sum := sha256.Sum256([]byte(body))
	return hex.EncodeToString(sum[:])
}

// accept checks that a request's signature is found good, and bad as soon as
// the request is another.
func accept(t *testing.T, v awssig.Verifier, r *http.Request, payload string) awssig.Identity {
	t.Helper()
	claim, err := awssig.Parse(r)
	if err != nil {
		t.Fatal(err)
	}
	id, err := v.Verify(r, claim, payload)
	if refusal, ok := errors.AsType[*awssig.Refusal](err); ok {
		t.Fatalf("%v\n%s\n%s", err, refusal.Canonical, refusal.ToSign)
	}
	other := r.Clone(t.Context())
	other.Method = "PATCH"
	if _, err := v.Verify(other, claim, payload); reason(err) != awssig.Mismatch {
		t.Errorf("with another method: %v", err)
	}
	if _, err := v.Verify(r, claim, hash("another body")); reason(err) != awssig.Mismatch {
		t.Errorf("with another payload: %v", err)
	}
	return id
}

func reason(err error) awssig.Reason {
	if r, ok := errors.AsType[*awssig.Refusal](err); ok {
		return r.Reason
	}
	return 0
}

// The key of the examples in the S3 API reference.
func exampleVerifier() awssig.Verifier {
	return awssig.Verifier{
		Service: "s3", EscapeOnce: true, Skew: time.Minute,
		Clock: func() time.Time { return time.Date(2013, 5, 24, 0, 0, 0, 0, time.UTC) },
		Find: func(key string) (awssig.Credential, bool) {
			return awssig.Credential{Key: key, Secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}, key == "AKIAIOSFODNN7EXAMPLE"
		},
	}
}

const exampleScope = "AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request"

// TestS3Examples goes through "Signature Calculations for the Authorization
// Header: Transferring Payload in a Single Chunk" of the S3 API reference.
func TestS3Examples(t *testing.T) {
	const (
		date  = "X-Amz-Date:20130524T000000Z"
		empty = "X-Amz-Content-Sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
		plain = "host;x-amz-content-sha256;x-amz-date"
	)
	for _, v := range []vector{
		{"get object", "GET", "/test.txt", []string{"Range:bytes=0-9", empty, date}, "", "host;range;x-amz-content-sha256;x-amz-date",
			"f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"},
		{"put object", "PUT", "/test%24file.text", []string{"Date:Fri, 24 May 2013 00:00:00 GMT", date, "X-Amz-Storage-Class:REDUCED_REDUNDANCY",
			"X-Amz-Content-Sha256:44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072"}, "Welcome to Amazon S3.",
			"date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class", "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"},
		{"get bucket lifecycle", "GET", "/?lifecycle", []string{empty, date}, "", plain, "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"},
		{"list objects", "GET", "/?max-keys=2&prefix=J", []string{empty, date}, "", plain, "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"},
	} {
		t.Run(v.name, func(t *testing.T) {
			accept(t, exampleVerifier(), v.request(exampleScope, "examplebucket.s3.amazonaws.com"), hash(v.body))
		})
	}
}

// TestPresigned is the example of "Authenticating Requests: Using Query
// Parameters" of the S3 API reference, read and made.
func TestPresigned(t *testing.T) {
	const target = "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request" +
		"&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host" +
		"&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
	r := vector{method: "GET", target: target}.request("", "examplebucket.s3.amazonaws.com")
	r.Header.Del("Authorization")
	id := accept(t, exampleVerifier(), r, awssig.UnsignedPayload)
	if !id.Query || id.Expires != 24*time.Hour || id.Credential.Key != "AKIAIOSFODNN7EXAMPLE" {
		t.Errorf("identity is %+v", id)
	}
	late := exampleVerifier()
	late.Clock = func() time.Time { return time.Date(2013, 5, 25, 0, 0, 1, 0, time.UTC) }
	if _, err := late.Verify(r, id.Claim, awssig.UnsignedPayload); reason(err) != awssig.Expired {
		t.Errorf("a second too late: %v", err)
	}
}

func TestPresignIsAccepted(t *testing.T) {
	credential, _ := exampleVerifier().Find("AKIAIOSFODNN7EXAMPLE")
	base := url.URL{Scheme: "http", Host: "127.0.0.1:1"}
	at := exampleVerifier().Clock()
	text := awssig.Presign(base, "b", "a b/ü+%2F$.zip", "eu-west-1", credential, at, time.Minute)
	u, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	if u.Path != "/b/a b/ü+%2F$.zip" {
		t.Errorf("path is %q", u.Path)
	}
	accept(t, exampleVerifier(), &http.Request{Method: "GET", Host: u.Host, RequestURI: u.RequestURI(), URL: u, Header: http.Header{}}, awssig.UnsignedPayload)
}
