package sandbox_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/layerbuild/layerbuild/sandbox"
	"github.com/layerbuild/layerbuild/sandbox/awssig"
	"github.com/layerbuild/layerbuild/sandbox/sandboxtest"
)

// call is one request made by hand, below the SDK.
type call struct {
	method, path, service, region string
	header                        map[string]string
	body                          string
	// payload is the value to sign for the body, its hash if empty.
	payload string
	// at is when the request is signed, now if zero; unsigned leaves the
	// signature out.
	at       time.Time
	unsigned bool
	as       *awssig.Credential
	// frame turns the body into what is sent, once the signature is known.
	frame func(r *http.Request, body string) string
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
}

// xmlError reads an S3 error document into its elements.
func (a answer) xmlError(t *testing.T) map[string]string {
	t.Helper()
	var doc struct {
		XMLName xml.Name `xml:"Error"`
		Fields  []struct {
			XMLName xml.Name
			Text    string `xml:",chardata"`
		} `xml:",any"`
	}
	if err := xml.Unmarshal([]byte(a.body), &doc); err != nil {
		t.Fatalf("%v in %q", err, a.body)
	}
	all := map[string]string{}
	for _, f := range doc.Fields {
		all[f.XMLName.Local] = f.Text
	}
	return all
}

// request signs the call. Its body is still to be set.
func (c call) request(t *testing.T, sb *sandbox.Sandbox) *http.Request {
	t.Helper()
	r, err := http.NewRequest(c.method, sb.URL()+c.path, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range c.header {
		r.Header.Set(name, value)
	}
	if c.payload == "" {
		sum := sha256.Sum256([]byte(c.body))
		c.payload = hex.EncodeToString(sum[:])
	}
	if c.service != "lambda" && c.payload != "none" {
		r.Header.Set("X-Amz-Content-Sha256", c.payload)
	}
	cred := sb.Credential()
	if c.as != nil {
		cred = *c.as
	}
	if c.at.IsZero() {
		c.at = time.Now()
	}
	if c.region == "" {
		c.region = "us-east-1"
	}
	if c.service == "" {
		c.service = "s3"
	}
	if !c.unsigned {
		signer := v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = c.service == "s3" })
		keys := aws.Credentials{AccessKeyID: cred.Key, SecretAccessKey: cred.Secret, SessionToken: cred.Token}
		if err := signer.SignHTTP(context.Background(), keys, r, c.payload, c.service, c.region, c.at); err != nil {
			t.Fatal(err)
		}
	}
	return r
}

func (c call) do(t *testing.T, sb *sandbox.Sandbox) answer {
	t.Helper()
	r, body := c.request(t, sb), c.body
	if c.frame != nil {
		body = c.frame(r, body)
	}
	r.Body, r.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
	if body == "" {
		r.Body = http.NoBody
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{resp.StatusCode, resp.Header, string(text)}
}

func TestErrorDocument(t *testing.T) {
	sb := sandboxtest.Start(t, sandbox.Options{})
	a := call{method: "GET", path: "/bucket/a%20b"}.do(t, sb)
	e := a.xmlError(t)
	if a.status != 404 || e["Code"] != "NoSuchKey" || e["Message"] != "The specified key does not exist." || e["Key"] != "a b" {
		t.Errorf("%d, %v", a.status, e)
	}
	if e["RequestId"] == "" || e["RequestId"] != a.header.Get("x-amz-request-id") || e["HostId"] == "" || e["HostId"] != a.header.Get("x-amz-id-2") {
		t.Errorf("ids are %v and %v", e, a.header)
	}
	if a.header.Get("Content-Type") != "application/xml" || !strings.HasPrefix(a.body, `<?xml version="1.0" encoding="UTF-8"?>`) {
		t.Errorf("%v, %q", a.header, a.body)
	}
	if a := (call{method: "HEAD", path: "/bucket/k"}).do(t, sb); a.status != 404 || a.body != "" {
		t.Errorf("HEAD: %d, %q", a.status, a.body)
	}
}

// TestS3Signatures: what is not signed right is refused, each in its way.
func TestS3Signatures(t *testing.T) {
	sb := sandboxtest.Start(t, sandbox.Options{})
	good := sb.Credential()
	wrongSecret, unknown, token := good, good, good
	wrongSecret.Secret += "x"
	unknown.Key = "AKIAIOSFODNN7EXAMPLE"
	token.Token = "token"
	hour := time.Now().Add(time.Hour)
	for name, c := range map[string]struct {
		call   call
		status int
		code   string
	}{
		"good":            {call{method: "PUT", path: "/bucket/k", body: "v"}, 200, ""},
		"unsigned body":   {call{method: "PUT", path: "/bucket/k", body: "v", payload: awssig.UnsignedPayload}, 200, ""},
		"wrong secret":    {call{method: "PUT", path: "/bucket/x", body: "v", as: &wrongSecret}, 403, "SignatureDoesNotMatch"},
		"unknown key":     {call{method: "PUT", path: "/bucket/x", as: &unknown}, 403, "InvalidAccessKeyId"},
		"token":           {call{method: "PUT", path: "/bucket/x", as: &token}, 400, "InvalidToken"},
		"no signature":    {call{method: "PUT", path: "/bucket/x", unsigned: true}, 403, "AccessDenied"},
		"clock ahead":     {call{method: "PUT", path: "/bucket/x", at: hour}, 403, "RequestTimeTooSkewed"},
		"clock behind":    {call{method: "PUT", path: "/bucket/x", at: time.Now().Add(-16 * time.Minute)}, 403, "RequestTimeTooSkewed"},
		"within skew":     {call{method: "PUT", path: "/bucket/y", at: time.Now().Add(-14 * time.Minute)}, 200, ""},
		"for another":     {call{method: "PUT", path: "/bucket/x", service: "sts"}, 400, "AuthorizationHeaderMalformed"},
		"another body":    {call{method: "PUT", path: "/bucket/x", body: "v", payload: strings.Repeat("0", 64)}, 400, "XAmzContentSHA256Mismatch"},
		"no payload hash": {call{method: "PUT", path: "/bucket/x", payload: "none"}, 400, "InvalidRequest"},
		"odd hash":        {call{method: "PUT", path: "/bucket/x", payload: "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD"}, 400, "InvalidArgument"},
		"version 2":       {call{method: "PUT", path: "/bucket/x", unsigned: true, header: map[string]string{"Authorization": "AWS AKID:c2lnbmF0dXJl"}}, 400, "InvalidArgument"},
		"bad XML":         {call{method: "PUT", path: "/bucket", body: "<Create"}, 400, "MalformedXML"},
		"other XML":       {call{method: "PUT", path: "/bucket", body: "<a/>", payload: strings.Repeat("0", 64)}, 400, "XAmzContentSHA256Mismatch"},
	} {
		t.Run(name, func(t *testing.T) {
			a := c.call.do(t, sb)
			if a.status != c.status {
				t.Fatalf("status is %d, want %d: %s", a.status, c.status, a.body)
			}
			if c.code != "" && a.xmlError(t)["Code"] != c.code {
				t.Errorf("%s, want %s", a.body, c.code)
			}
		})
	}
	list, err := s3Client(sb, "us-east-1").ListObjectsV2(t.Context(), &awss3.ListObjectsV2Input{Bucket: aws.String("bucket")})
	if err != nil || len(list.Contents) != 2 {
		t.Errorf("refused requests left something: %+v, %v", list, err)
	}
}

// chunks frames a body as aws-chunked, signing each chunk from its own
// reading of the API reference.
func chunks(secret string, size int, signed bool, trailer string) func(*http.Request, string) string {
	return func(r *http.Request, body string) string {
		mac := func(key []byte, text string) []byte {
			h := hmac.New(sha256.New, key)
			h.Write([]byte(text))
			return h.Sum(nil)
		}
		sum := func(text string) string {
			s := sha256.Sum256([]byte(text))
			return hex.EncodeToString(s[:])
		}
		_, previous, _ := strings.Cut(r.Header.Get("Authorization"), "Signature=")
		stamp := r.Header.Get("X-Amz-Date")
		scope := stamp[:8] + "/us-east-1/s3/aws4_request"
		key := mac(mac(mac(mac([]byte("AWS4"+secret), stamp[:8]), "us-east-1"), "s3"), "aws4_request")
		var b bytes.Buffer
		for done := false; !done; {
			chunk := body[:min(size, len(body))]
			body = body[len(chunk):]
			done = chunk == ""
			fmt.Fprintf(&b, "%x", len(chunk))
			if signed {
				previous = hex.EncodeToString(mac(key, "AWS4-HMAC-SHA256-PAYLOAD\n"+stamp+"\n"+scope+"\n"+previous+"\n"+sum("")+"\n"+sum(chunk)))
				b.WriteString(";chunk-signature=" + previous)
			}
			b.WriteString("\r\n" + chunk)
			if !done {
				b.WriteString("\r\n")
			}
		}
		if trailer != "" {
			b.WriteString(trailer + "\r\n")
			if signed {
				b.WriteString("x-amz-trailer-signature:" + hex.EncodeToString(mac(key, "AWS4-HMAC-SHA256-TRAILER\n"+stamp+"\n"+scope+"\n"+previous+"\n"+sum(trailer+"\n"))) + "\r\n")
			}
		}
		b.WriteString("\r\n")
		return b.String()
	}
}

func TestChunkedUploads(t *testing.T) {
	sb := sandboxtest.Start(t, sandbox.Options{})
	secret := sb.Credential().Secret
	body := string(noise(20000))
	crc := "x-amz-checksum-crc64nvme:" + *base64Sum(nvme(), []byte(body))
	wrong := "x-amz-checksum-crc64nvme:" + *base64Sum(nvme(), []byte("other"))
	announce := map[string]string{"X-Amz-Decoded-Content-Length": "20000", "Content-Encoding": "aws-chunked", "X-Amz-Trailer": "x-amz-checksum-crc64nvme"}
	plain := map[string]string{"X-Amz-Decoded-Content-Length": "20000", "Content-Encoding": "aws-chunked,br"}
	short := map[string]string{"X-Amz-Decoded-Content-Length": "20001"}
	long := map[string]string{"X-Amz-Decoded-Content-Length": "19999"}
	for name, c := range map[string]struct {
		payload string
		header  map[string]string
		frame   func(*http.Request, string) string
		status  int
		code    string
	}{
		"signed":                 {awssig.StreamingSigned, plain, chunks(secret, 8192, true, ""), 200, ""},
		"signed with trailer":    {awssig.StreamingSignedTrailer, announce, chunks(secret, 8192, true, crc), 200, ""},
		"unsigned with trailer":  {awssig.StreamingUnsignedTrailer, announce, chunks(secret, 8192, false, crc), 200, ""},
		"one chunk":              {awssig.StreamingSigned, plain, chunks(secret, 1<<20, true, ""), 200, ""},
		"wrong secret":           {awssig.StreamingSigned, plain, chunks(secret+"x", 8192, true, ""), 403, "SignatureDoesNotMatch"},
		"small chunks":           {awssig.StreamingSigned, plain, chunks(secret, 8191, true, ""), 403, "InvalidChunkSizeError"},
		"wrong sum, signed":      {awssig.StreamingSignedTrailer, announce, chunks(secret, 8192, true, wrong), 400, "BadDigest"},
		"wrong sum, unsigned":    {awssig.StreamingUnsignedTrailer, announce, chunks(secret, 8192, false, wrong), 400, "BadDigest"},
		"no sum":                 {awssig.StreamingUnsignedTrailer, announce, chunks(secret, 8192, false, ""), 400, "InvalidRequest"},
		"other trailer":          {awssig.StreamingUnsignedTrailer, announce, chunks(secret, 8192, false, "x-amz-checksum-crc32:AAAAAA=="), 400, "InvalidRequest"},
		"trailer unreadable":     {awssig.StreamingUnsignedTrailer, announce, chunks(secret, 8192, false, "nonsense"), 400, "MalformedTrailerError"},
		"shorter than announced": {awssig.StreamingSigned, short, chunks(secret, 8192, true, ""), 400, "IncompleteBody"},
		"longer than announced":  {awssig.StreamingSigned, long, chunks(secret, 8192, true, ""), 400, "IncompleteBody"},
		"no length":              {awssig.StreamingSigned, nil, chunks(secret, 8192, true, ""), 411, "MissingContentLength"},
		"not framed":             {awssig.StreamingSigned, plain, nil, 400, "IncompleteBody"},
	} {
		t.Run(name, func(t *testing.T) {
			key := strings.ReplaceAll(strings.ReplaceAll(name, " ", "-"), ",", "")
			a := call{method: "PUT", path: "/bucket/" + key, body: body, payload: c.payload, header: c.header, frame: c.frame}.do(t, sb)
			if a.status != c.status || c.code != "" && a.xmlError(t)["Code"] != c.code {
				t.Fatalf("%d: %s", a.status, a.body)
			}
			got := call{method: "GET", path: "/bucket/" + key}.do(t, sb)
			if c.status == 200 && got.body != body || c.status != 200 && got.status != 404 {
				t.Errorf("afterwards: %d, %d bytes", got.status, len(got.body))
			}
			if strings.Contains(got.header.Get("Content-Encoding"), "aws-chunked") {
				t.Errorf("content encoding is %q", got.header.Get("Content-Encoding"))
			}
		})
	}
}

func TestSdkChecksumHeaderAlone(t *testing.T) {
	sb := sandboxtest.Start(t, sandbox.Options{})
	a := call{method: "PUT", path: "/bucket/k", header: map[string]string{"X-Amz-Sdk-Checksum-Algorithm": "SHA256"}}.do(t, sb)
	if a.status != 400 || a.xmlError(t)["Code"] != "InvalidRequest" {
		t.Errorf("%d: %s", a.status, a.body)
	}
	a = call{method: "PUT", path: "/bucket/k", header: map[string]string{"X-Amz-Checksum-Crc32": "AAAAAA==", "X-Amz-Checksum-Sha1": "2jmj7l5rSw0yVb/vlWAYkK/YBwk="}}.do(t, sb)
	if a.status != 400 || !strings.Contains(a.body, "Multiple checksum Types are not allowed") {
		t.Errorf("%d: %s", a.status, a.body)
	}
}

func TestPresignedURL(t *testing.T) {
	now := time.Now()
	clock := func() time.Time { return now }
	sb := sandboxtest.Start(t, sandbox.Options{Clock: clock})
	c := s3Client(sb, "us-east-1")
	put(t, c, "bucket", "a b.zip", []byte("content"))
	presigner := awss3.NewPresignClient(c)
	in := &awss3.GetObjectInput{Bucket: aws.String("bucket"), Key: aws.String("a b.zip")}
	out, err := presigner.PresignGetObject(t.Context(), in, awss3.WithPresignExpires(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	if status, body := download(t, out.URL); status != 200 || string(body) != "content" {
		t.Errorf("%d, %q", status, body)
	}
	for what, url := range map[string]string{
		"another key":    strings.Replace(out.URL, "a%20b.zip", "b", 1),
		"another expiry": strings.Replace(out.URL, "X-Amz-Expires=60", "X-Amz-Expires=61", 1),
		"no signature":   strings.Split(out.URL, "?")[0],
	} {
		if status, body := download(t, url); status != 403 {
			t.Errorf("%s: %d, %q", what, status, body)
		}
	}
	now = now.Add(61 * time.Second)
	if status, body := download(t, out.URL); status != 403 || !strings.Contains(string(body), "Request has expired") {
		t.Errorf("a second too late: %d, %q", status, body)
	}
}
