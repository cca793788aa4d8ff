package tc3_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/profile"
	scf "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/scf/v20180416"
	"pgregory.net/rapid"

	"github.com/layerbuild/layerbuild/sandbox/tc3"
)

// The published example of "Signature v3". Newer editions of the page sign
// x-tc-action, too.
const (
	examplePayload   = `{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}`
	exampleSignature = "72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168"
	exampleTime      = 1551113065
)

func example() *http.Request {
	r := httptest.NewRequest("POST", "/", strings.NewReader(examplePayload))
	r.Host = "cvm.tencentcloudapi.com"
	for name, value := range map[string]string{
		"Content-Type": "application/json; charset=utf-8", "X-Tc-Action": "DescribeInstances", "X-Tc-Timestamp": strconv.Itoa(exampleTime),
		"X-Tc-Version": "2017-03-12", "X-Tc-Region": "ap-guangzhou",
		"Authorization": "TC3-HMAC-SHA256 Credential=AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE/2019-02-25/cvm/tc3_request, " +
			"SignedHeaders=content-type;host, Signature=" + exampleSignature,
	} {
		r.Header.Set(name, value)
	}
	return r
}

func exampleVerifier() tc3.Verifier {
	return tc3.Verifier{
		Skew: 5 * time.Minute, Clock: func() time.Time { return time.Unix(exampleTime+5, 0) },
		Find: func(key string) (tc3.Credential, bool) {
			return tc3.Credential{Key: key, Secret: "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE", Account: "1250000000"}, key == "AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE"
		},
	}
}

// verify is what a service does with a request.
func verify(v tc3.Verifier, r *http.Request, body string) (tc3.Credential, error) {
	claim, err := tc3.Parse(r)
	if err != nil {
		return tc3.Credential{}, err
	}
	return v.Verify(r, claim, []byte(body))
}

func reason(err error) tc3.Reason {
	if r, ok := errors.AsType[*tc3.Refusal](err); ok {
		return r.Reason
	}
	return 0
}

func TestPublishedExample(t *testing.T) {
	credential, err := verify(exampleVerifier(), example(), examplePayload)
	if err != nil || credential.Account != "1250000000" {
		t.Errorf("%+v, %v", credential, err)
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
	at := func(seconds int) func(*http.Request) { return header("X-Tc-Timestamp", strconv.Itoa(seconds)) }
	const now = exampleTime + 5
	for name, c := range map[string]struct {
		change func(*http.Request)
		body   string
		want   tc3.Reason
	}{
		"unchanged":             {func(*http.Request) {}, examplePayload, 0},
		"no spaces":             {auth(", SignedHeaders", ",SignedHeaders"), examplePayload, 0},
		"host with a port":      {func(r *http.Request) { r.Host += ":443" }, examplePayload, 0},
		"header nobody signs":   {header("X-Tc-Language", "en-US"), examplePayload, 0},
		"nothing":               {func(r *http.Request) { r.Header.Del("Authorization") }, examplePayload, tc3.Missing},
		"another algorithm":     {auth("TC3-HMAC-SHA256", "TC3-HMAC-SHA1"), examplePayload, tc3.Malformed},
		"only the algorithm":    {header("Authorization", "TC3-HMAC-SHA256"), examplePayload, tc3.Malformed},
		"part twice":            {auth(", SignedHeaders", ", Credential=x, SignedHeaders"), examplePayload, tc3.Malformed},
		"short signature":       {auth("168", "16"), examplePayload, tc3.Malformed},
		"capitals in signature": {auth(exampleSignature, strings.ToUpper(exampleSignature)), examplePayload, tc3.Malformed},
		"scope without service": {auth("/cvm/", "/"), examplePayload, tc3.Malformed},
		"scope without end":     {auth("tc3_request", "tc3"), examplePayload, tc3.Malformed},
		"date in another form":  {auth("2019-02-25", "20190225"), examplePayload, tc3.Malformed},
		"host not signed":       {auth("content-type;host", "content-type"), examplePayload, tc3.Malformed},
		"type not signed":       {auth("content-type;host", "host"), examplePayload, tc3.Malformed},
		"headers not sorted":    {auth("content-type;host", "host;content-type"), examplePayload, tc3.Malformed},
		"newline in headers":    {auth("content-type;host", "content-type\n;host"), examplePayload, tc3.Malformed},
		"no time":               {header("X-Tc-Timestamp", ""), examplePayload, tc3.NoHeader},
		"negative time":         {header("X-Tc-Timestamp", "-1"), examplePayload, tc3.NoHeader},
		"time out of all range": {header("X-Tc-Timestamp", "99999999999999999999"), examplePayload, tc3.NoHeader},
		"unknown key":           {auth("AKIDz8", "AKIDy8"), examplePayload, tc3.UnknownKey},
		"token with a long key": {header("X-Tc-Token", "t"), examplePayload, tc3.WrongToken},
		"5 minutes late":        {at(now - 300), examplePayload, tc3.Mismatch},
		"a second more":         {at(now - 301), examplePayload, tc3.Skewed},
		"5 minutes early":       {at(now + 300), examplePayload, tc3.Mismatch},
		"a second more early":   {at(now + 301), examplePayload, tc3.Skewed},
		"another day's key":     {auth("2019-02-25", "2019-02-26"), examplePayload, tc3.WrongDate},
		"another service's key": {auth("/cvm/", "/scf/"), examplePayload, tc3.Mismatch},
		"another body":          {func(*http.Request) {}, examplePayload + " ", tc3.Mismatch},
		"another type":          {header("Content-Type", "application/json"), examplePayload, tc3.Mismatch},
		"another host":          {func(r *http.Request) { r.Host = "scf.tencentcloudapi.com" }, examplePayload, tc3.Mismatch},
		"another method":        {func(r *http.Request) { r.Method = "GET" }, examplePayload, tc3.Mismatch},
		"a query":               {func(r *http.Request) { r.URL.RawQuery = "a=b" }, examplePayload, tc3.Mismatch},
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

// catch is a transport that keeps the request.
type catch struct {
	r    *http.Request
	body []byte
}

func (c *catch) RoundTrip(r *http.Request) (*http.Response, error) {
	c.r = r
	var err error
	c.body, err = io.ReadAll(r.Body)
	return &http.Response{StatusCode: 200, Body: io.NopCloser(bytes.NewReader([]byte(`{"Response":{}}`)))}, err
}

// TestVendorSigner: whatever the SDK signs is accepted, and refused as soon as
// the secret or the token is another.
func TestVendorSigner(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		secret := rapid.StringN(1, 40, -1).Draw(t, "secret")
		token := rapid.SampledFrom([]string{"", "token/+="}).Draw(t, "token")
		p := profile.NewClientProfile()
		p.HttpProfile.Endpoint = rapid.SampledFrom([]string{"scf.tencentcloudapi.com", "127.0.0.1:9000"}).Draw(t, "endpoint")
		p.HttpProfile.Scheme = "HTTP"
		client, err := scf.NewClient(common.NewTokenCredential("AKID", secret, token), "ap-guangzhou", p)
		if err != nil {
			t.Fatal(err)
		}
		sent := &catch{}
		client.WithHttpTransport(sent)
		request := scf.NewListLayersRequest()
		request.SearchKey = common.StringPtr(rapid.String().Draw(t, "key"))
		if _, err := client.ListLayers(request); err != nil {
			t.Fatal(err)
		}
		v := exampleVerifier()
		v.Clock = time.Now
		v.Find = func(key string) (tc3.Credential, bool) {
			return tc3.Credential{Key: key, Secret: secret, Token: token}, key == "AKID"
		}
		if _, err := verify(v, sent.r, string(sent.body)); err != nil {
			t.Fatal(err)
		}
		for want, credential := range map[tc3.Reason]tc3.Credential{
			tc3.Mismatch:   {Secret: secret + "x", Token: token},
			tc3.WrongToken: {Secret: secret, Token: token + "x"},
		} {
			v.Find = func(string) (tc3.Credential, bool) { return credential, true }
			if _, err := verify(v, sent.r, string(sent.body)); reason(err) != want {
				t.Fatalf("reason is %d, want %d", reason(err), want)
			}
		}
	})
}

// FuzzParse: no header makes it panic, or is accepted that was not signed.
func FuzzParse(f *testing.F) {
	f.Add(example().Header.Get("Authorization"), "1551113065")
	f.Add("TC3-HMAC-SHA256 Credential=///,SignedHeaders=;,Signature=", "")
	f.Add("TC3-HMAC-SHA256 ,,=,=", "01")
	f.Fuzz(func(t *testing.T, auth, stamp string) {
		r := example()
		r.Header.Set("Authorization", auth)
		r.Header.Set("X-Tc-Timestamp", stamp)
		if _, err := verify(exampleVerifier(), r, examplePayload); err == nil && !strings.Contains(auth, exampleSignature) {
			t.Errorf("%q is accepted", auth)
		}
	})
}
