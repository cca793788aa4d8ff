package acs3_test

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	openapiutil "github.com/alibabacloud-go/darabonba-openapi/v2/utils"
	"github.com/alibabacloud-go/tea/dara"
	"pgregory.net/rapid"

	"github.com/layerbuild/layerbuild/sandbox/acs3"
)

// The published example, and what has to be signed with it.
const (
	exampleQuery     = "ImageId=win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd&RegionId=cn-shanghai"
	exampleSignature = "06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
	emptySum         = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	exampleSigned    = "host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version"
)

// example is the request of "V3 request structure and signature".
func example() *http.Request {
	r := httptest.NewRequest("POST", "/?"+exampleQuery, nil)
	r.Host = "ecs.cn-shanghai.aliyuncs.com"
	for name, value := range map[string]string{
		"X-Acs-Action": "RunInstances", "X-Acs-Version": "2014-05-26", "X-Acs-Date": "2023-10-26T10:22:32Z",
		"X-Acs-Signature-Nonce": "3156853299f313e23d1673dc12e1703d", "X-Acs-Content-Sha256": emptySum,
		"Authorization": "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders=" + exampleSigned + ",Signature=" + exampleSignature,
	} {
		r.Header.Set(name, value)
	}
	return r
}

func exampleVerifier() acs3.Verifier {
	return acs3.Verifier{
		Skew: 15 * time.Minute, Clock: func() time.Time { return time.Date(2023, 10, 26, 10, 22, 40, 0, time.UTC) },
		Find: func(key string) (acs3.Credential, bool) {
			return acs3.Credential{Key: key, Secret: "YourAccessKeySecret", Account: "1"}, key == "YourAccessKeyId"
		},
	}
}

// verify is what a service does with a request.
func verify(v acs3.Verifier, r *http.Request, body string) (acs3.Credential, error) {
	claim, err := acs3.Parse(r)
	if err != nil {
		return acs3.Credential{}, err
	}
	return v.Verify(r, claim, []byte(body))
}

func reason(err error) acs3.Reason {
	if r, ok := errors.AsType[*acs3.Refusal](err); ok {
		return r.Reason
	}
	return 0
}

func TestPublishedExample(t *testing.T) {
	credential, err := verify(exampleVerifier(), example(), "")
	if err != nil || credential.Account != "1" {
		t.Errorf("%+v, %v", credential, err)
	}
	r := example()
	r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), exampleSignature, strings.Repeat("0", 64), 1))
	_, err = verify(exampleVerifier(), r, "")
	refusal, ok := errors.AsType[*acs3.Refusal](err)
	if !ok {
		t.Fatal(err)
	}
	const canonical = "7ea06492da5221eba5297e897ce16e55f964061054b7695beedaac1145b1e259" // published, too
	sum := sha256.Sum256([]byte(refusal.Canonical))
	if hex.EncodeToString(sum[:]) != canonical {
		t.Errorf("canonical request is %q", refusal.Canonical)
	}
}

func TestRefused(t *testing.T) {
	auth := func(old, with string) func(*http.Request) {
		return func(r *http.Request) {
			have := r.Header.Get("Authorization")
			if !strings.Contains(have, old) {
				t.Fatalf("no %q to replace", old)
			}
			r.Header.Set("Authorization", strings.Replace(have, old, with, 1))
		}
	}
	header := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}
	for name, c := range map[string]struct {
		change func(*http.Request)
		body   string
		want   acs3.Reason
	}{
		"unchanged":              {func(*http.Request) {}, "", 0},
		"spaces behind commas":   {auth(",SignedHeaders", ", SignedHeaders"), "", 0},
		"header nobody signs":    {header("User-Agent", "x"), "", 0},
		"nothing":                {func(r *http.Request) { r.Header.Del("Authorization") }, "", acs3.Missing},
		"older signature":        {header("Authorization", "acs YourAccessKeyId:sum"), "", acs3.Unsupported},
		"of Function Compute":    {header("Authorization", "FC YourAccessKeyId:sum"), "", acs3.Unsupported},
		"only the algorithm":     {header("Authorization", "ACS3-HMAC-SHA256"), "", acs3.Malformed},
		"part twice":             {auth(",SignedHeaders", ",Credential=x,SignedHeaders"), "", acs3.Malformed},
		"short signature":        {auth("c0", "c"), "", acs3.Malformed},
		"capitals in signature":  {auth(exampleSignature, strings.ToUpper(exampleSignature)), "", acs3.Malformed},
		"headers not sorted":     {auth("host;x-acs-action", "x-acs-action;host"), "", acs3.Malformed},
		"newline in headers":     {auth("host;", "host\n;"), "", acs3.Malformed},
		"no credential":          {auth("YourAccessKeyId", ""), "", acs3.Malformed},
		"no nonce":               {header("X-Acs-Signature-Nonce", ""), "", acs3.NoHeader},
		"no action":              {header("X-Acs-Action", ""), "", acs3.NoHeader},
		"no version":             {header("X-Acs-Version", ""), "", acs3.NoHeader},
		"no date":                {header("X-Acs-Date", ""), "", acs3.NoHeader},
		"date in another form":   {header("X-Acs-Date", "20231026T102232Z"), "", acs3.NoHeader},
		"no hash":                {header("X-Acs-Content-Sha256", ""), "", acs3.NoHeader},
		"unsigned payload":       {header("X-Acs-Content-Sha256", "UNSIGNED-PAYLOAD"), "", acs3.NoHeader},
		"unknown key":            {auth("YourAccessKeyId", "Another"), "", acs3.UnknownKey},
		"token with a long key":  {header("X-Acs-Security-Token", "t"), "", acs3.WrongToken},
		"15 minutes late":        {header("X-Acs-Date", "2023-10-26T10:07:40Z"), "", acs3.Mismatch},
		"a second more":          {header("X-Acs-Date", "2023-10-26T10:07:39Z"), "", acs3.Skewed},
		"15 minutes early":       {header("X-Acs-Date", "2023-10-26T10:37:40Z"), "", acs3.Mismatch},
		"a second more early":    {header("X-Acs-Date", "2023-10-26T10:37:41Z"), "", acs3.Skewed},
		"host not signed":        {auth("host;", ""), "", acs3.Unsigned},
		"unsigned header":        {header("X-Acs-Region-Id", "cn-hangzhou"), "", acs3.Unsigned},
		"another body":           {func(*http.Request) {}, "x", acs3.WrongPayload},
		"another hash":           {header("X-Acs-Content-Sha256", strings.Repeat("0", 64)), "", acs3.WrongPayload},
		"another host":           {func(r *http.Request) { r.Host += "x" }, "", acs3.Mismatch},
		"another method":         {func(r *http.Request) { r.Method = "GET" }, "", acs3.Mismatch},
		"another path":           {func(r *http.Request) { r.RequestURI = "/x?" + exampleQuery }, "", acs3.Mismatch},
		"another query":          {func(r *http.Request) { r.URL.RawQuery += "&a=b" }, "", acs3.Mismatch},
		"another nonce":          {header("X-Acs-Signature-Nonce", "x"), "", acs3.Mismatch},
		"query in another order": {func(r *http.Request) { r.URL.RawQuery = "RegionId=cn-shanghai&" + strings.Split(exampleQuery, "&")[0] }, "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			r := example()
			c.change(r)
			if _, err := verify(exampleVerifier(), r, c.body); reason(err) != c.want {
				t.Errorf("reason is %d (%v), want %d", reason(err), err, c.want)
			}
		})
	}
}

// TestVendorSigner: whatever the SDK signs is accepted after a trip over the
// wire, and refused as soon as the secret or the token is another.
func TestVendorSigner(t *testing.T) {
	segment := rapid.StringMatching(`[a-zA-Z0-9 äß+%:=@&$!*'(),;~_./#-]{1,12}`).Filter(func(s string) bool { return s != "." && s != ".." })
	rapid.Check(t, func(t *rapid.T) {
		body := rapid.String().Draw(t, "body")
		secret := rapid.StringN(1, 40, -1).Draw(t, "secret")
		token := rapid.SampledFrom([]string{"", "token/+="}).Draw(t, "token")
		sum := sha256.Sum256([]byte(body))
		req := &dara.Request{
			Method: dara.String("POST"), Pathname: dara.String("/2023-03-30"), Query: map[string]*string{},
			Headers: map[string]*string{
				"host": dara.String("127.0.0.1:9000"), "x-acs-action": dara.String("A"), "x-acs-version": dara.String("2023-03-30"),
				"x-acs-date": dara.String("2023-10-26T10:22:32Z"), "x-acs-signature-nonce": dara.String("n"),
				"content-type": dara.String("application/json; charset=utf-8"), "user-agent": dara.String("x"),
				"x-acs-content-sha256": dara.String(hex.EncodeToString(sum[:])),
			},
		}
		for _, part := range rapid.SliceOfN(segment, 0, 3).Draw(t, "path") {
			*req.Pathname += "/" + dara.PercentEncode(part)
		}
		for name, value := range rapid.MapOfN(rapid.StringMatching(`[a-zA-Z]{1,5}`), segment, 0, 3).Draw(t, "query") {
			req.Query[name] = dara.String(value)
		}
		if token != "" {
			req.Headers["x-acs-security-token"], req.Headers["x-acs-accesskey-id"] = dara.String(token), dara.String("AKID")
		}
		auth := openapiutil.GetAuthorization(req, dara.String(acs3.Algorithm), req.Headers["x-acs-content-sha256"], dara.String("AKID"), &secret)
		r := overTheWire(t, req, *auth, body)
		v := exampleVerifier()
		v.Find = func(key string) (acs3.Credential, bool) {
			return acs3.Credential{Key: key, Secret: secret, Token: token}, key == "AKID"
		}
		if _, err := verify(v, r, body); err != nil {
			t.Fatalf("%s: %v", r.RequestURI, err)
		}
		for want, credential := range map[acs3.Reason]acs3.Credential{
			acs3.Mismatch:   {Secret: secret + "x", Token: token},
			acs3.WrongToken: {Secret: secret, Token: token + "x"},
		} {
			v.Find = func(string) (acs3.Credential, bool) { return credential, true }
			if _, err := verify(v, r, body); reason(err) != want {
				t.Fatalf("reason is %d, want %d", reason(err), want)
			}
		}
	})
}

// overTheWire is the request as a server reads it.
func overTheWire(t rapid.TB, req *dara.Request, auth, body string) *http.Request {
	query := url.Values{}
	for name, value := range req.Query {
		query.Set(name, *value)
	}
	out, err := http.NewRequest(*req.Method, "http://127.0.0.1:9000"+*req.Pathname+"?"+query.Encode(), strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range req.Headers {
		out.Header.Set(name, *value)
	}
	out.Header.Set("Authorization", auth)
	var wire bytes.Buffer
	if err := out.Write(&wire); err != nil {
		t.Fatal(err)
	}
	r, err := http.ReadRequest(bufio.NewReader(&wire))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// FuzzParse: no header makes it panic, or is accepted that was not signed.
func FuzzParse(f *testing.F) {
	f.Add(example().Header.Get("Authorization"), "2023-10-26T10:22:32Z")
	f.Add("ACS3-HMAC-SHA256 Credential=,SignedHeaders=,Signature=", "")
	f.Add("ACS3-HMAC-SHA256 ,,=,=", "0000-00-00T00:00:00Z")
	f.Fuzz(func(t *testing.T, auth, date string) {
		r := example()
		r.Header.Set("Authorization", auth)
		r.Header.Set("X-Acs-Date", date)
		if _, err := verify(exampleVerifier(), r, ""); err == nil && !strings.Contains(auth, exampleSignature) {
			t.Errorf("%q is accepted", auth)
		}
	})
}
