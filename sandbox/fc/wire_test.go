package fc_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alibabacloud-go/tea/tea"

	fc3 "github.com/alibabacloud-go/fc-20230330/v4/client"
	fc2 "github.com/alibabacloud-go/fc-open-20210406/v2/client"

	"github.com/layerbuild/layerbuild/sandbox/acs3"
	"github.com/layerbuild/layerbuild/sandbox/fc"
)

// request is one that no SDK would send, or whose answer no SDK would show.
type request struct {
	method, path, body string
	host               string
	header             map[string]string
	at                 time.Time
	// unsigned leaves the signature out.
	unsigned bool
}

type reply struct {
	status int
	header http.Header
	body   string
}

func (q request) do(t *testing.T, c *cloud) reply {
	t.Helper()
	r, err := http.NewRequest(q.method, c.server.URL+q.path, strings.NewReader(q.body))
	if err != nil {
		t.Error(err)
		return reply{}
	}
	if q.at.IsZero() {
		q.at = time.Now()
	}
	if q.host != "" {
		r.Host = q.host
	}
	for name, value := range q.header {
		r.Header.Set(name, value)
	}
	if !q.unsigned {
		q.sign(r)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Error(err)
		return reply{}
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Error(err)
	}
	return reply{resp.StatusCode, resp.Header, string(text)}
}

// sign signs as the vendor's page tells.
func (q request) sign(r *http.Request) {
	sum := sha256.Sum256([]byte(q.body))
	payload := hex.EncodeToString(sum[:])
	for name, value := range map[string]string{
		"X-Acs-Action": "Any", "X-Acs-Version": "2023-03-30", "X-Acs-Signature-Nonce": "n", "X-Acs-Content-Sha256": payload,
		"X-Acs-Date": q.at.UTC().Format("2006-01-02T15:04:05Z"),
	} {
		r.Header.Set(name, value)
	}
	names := []string{"host"}
	for name := range r.Header {
		if lower := strings.ToLower(name); strings.HasPrefix(lower, "x-acs-") {
			names = append(names, lower)
		}
	}
	slices.Sort(names)
	path, query, _ := strings.Cut(q.path, "?")
	text := q.method + "\n" + path + "\n" + query + "\n"
	for _, name := range names {
		value := r.Header.Get(name)
		if name == "host" {
			value = r.URL.Host
			if r.Host != "" {
				value = r.Host
			}
		}
		text += name + ":" + value + "\n"
	}
	text += "\n" + strings.Join(names, ";") + "\n" + payload
	hashed := sha256.Sum256([]byte(text))
	mac := hmac.New(sha256.New, []byte("sandbox-secret"))
	mac.Write([]byte(acs3.Algorithm + "\n" + hex.EncodeToString(hashed[:])))
	r.Header.Set("Authorization", fmt.Sprintf("%s Credential=LTAIsandbox,SignedHeaders=%s,Signature=%x", acs3.Algorithm, strings.Join(names, ";"), mac.Sum(nil)))
}

func TestCredentials(t *testing.T) {
	c := start(t, nil)
	list := func(key, secret, token string) (v2, v3 error) {
		config := c.config()
		config.AccessKeyId, config.AccessKeySecret, config.SecurityToken = &key, &secret, str(token)
		old, err := fc2.NewClient(config)
		if err != nil {
			t.Fatal(err)
		}
		_, v2 = old.ListLayers(&fc2.ListLayersRequest{})
		current, err := fc3.NewClient(config)
		if err != nil {
			t.Fatal(err)
		}
		_, v3 = current.ListLayers(&fc3.ListLayersRequest{})
		return v2, v3
	}
	both := func(code string, status int, v2, v3 error) {
		t.Helper()
		for _, err := range []error{v2, v3} {
			if code == "" {
				if err != nil {
					t.Error(err)
				}
				continue
			}
			wantError(t, err, status, code)
		}
	}
	good := func() (error, error) { return list("LTAIsandbox", "sandbox-secret", c.token) }
	v2, v3 := good()
	both("", 0, v2, v3)
	v2, v3 = list("LTAIsandbox", "sandbox-secret2", "")
	both("SignatureNotMatch", 403, v2, v3)
	if m := wantError(t, v3, 403, "SignatureNotMatch"); !strings.Contains(m, "The request signature we calculated does not match the signature you provided.") {
		t.Errorf("message is %q", m)
	}
	v2, v3 = list("LTAIother", "sandbox-secret", "")
	both("InvalidAccessKeyID", 403, v2, v3)
	if m := wantError(t, v3, 403, "InvalidAccessKeyID"); !strings.Contains(m, "invalid access key ID 'LTAIother'") {
		t.Errorf("message is %q", m)
	}
	v2, v3 = list("LTAIsandbox", "sandbox-secret", "token")
	both("InvalidSecurityToken", 403, v2, v3)
	for _, off := range []time.Duration{-16 * time.Minute, 16 * time.Minute} {
		c.now = time.Now().Add(off)
		v2, v3 = good()
		both("AccessDenied", 403, v2, v3)
	}
	for _, off := range []time.Duration{-14 * time.Minute, 14 * time.Minute} {
		c.now = time.Now().Add(off)
		v2, v3 = good()
		both("", 0, v2, v3)
	}
	c.now, c.token = time.Now(), "token"
	v2, v3 = good()
	both("", 0, v2, v3)
	v2, v3 = list("LTAIsandbox", "sandbox-secret", "")
	both("InvalidSecurityToken", 403, v2, v3)
}

// TestPlace: where a request belongs is read from its host or its headers.
func TestPlace(t *testing.T) {
	c := start(t, nil)
	body := fmt.Sprintf(`{"code":{"zipFile":"%s"},"compatibleRuntime":[]}`, *inline3(makeZip(t, "a", "1")).Code.ZipFile)
	for name, place := range map[string]struct {
		host   string
		header map[string]string
		region string
	}{
		"address":            {"", nil, "cn-hangzhou"},
		"address and header": {"", map[string]string{"X-Acs-Region-Id": "cn-beijing"}, "cn-beijing"},
		"3.0":                {"fcv3.cn-shanghai.aliyuncs.com", nil, "cn-shanghai"},
		"3.0, private":       {"fcv3-vpc.cn-shenzhen.aliyuncs.com", nil, "cn-shenzhen"},
		"3.0, older form":    {"me-central-1.fc.aliyuncs.com", nil, "me-central-1"},
		"2.0":                {account + ".ap-southeast-1.fc.aliyuncs.com:443", nil, "ap-southeast-1"},
		"2.0, private":       {account + ".eu-west-1-internal.fc.aliyuncs.com", nil, "eu-west-1"},
		"account":            {"", map[string]string{"X-Fc-Account-Id": account, "X-Acs-Region-Id": "us-east-1"}, "us-east-1"},
	} {
		t.Run(name, func(t *testing.T) {
			a := request{method: "POST", path: "/2023-03-30/layers/layer/versions", body: body, host: place.host, header: place.header}.do(t, c)
			want := "acs:fc:" + place.region + ":" + account + ":layers/layer/versions/1"
			got := object(t, a.body)
			if got["layerVersionArn"] != want || got["version"] != 1.0 {
				t.Errorf("%d %s", a.status, a.body)
			}
			if !strings.Contains(a.body, `"location":"`+c.server.URL+`/fc-code-`+place.region+`/`) {
				t.Errorf("the location leads elsewhere: %s", a.body)
			}
		})
	}
	for name, place := range map[string]request{
		"another account's host":   {host: "123.cn-hangzhou.fc.aliyuncs.com"},
		"another account's header": {header: map[string]string{"X-Fc-Account-Id": "123"}},
	} {
		t.Run(name, func(t *testing.T) {
			place.method, place.path = "GET", "/2021-04-06/layers"
			a := place.do(t, c)
			got := object(t, a.body)
			if a.status != 403 || got["Code"] != "AccessDenied" || got["Message"] != "the caller is not authorized to perform 'fc:ListLayers' on resource 'acs:fc:cn-hangzhou:123:*'" {
				t.Errorf("%d %s", a.status, a.body)
			}
		})
	}
}

func TestRequestsOfNoUse(t *testing.T) {
	c := start(t, nil)
	for name, bad := range map[string]struct {
		request
		status int
		code   string
	}{
		"unsigned":      {request{method: "GET", path: "/2023-03-30/layers", unsigned: true}, 400, "MissingRequiredHeader"},
		"other path":    {request{method: "GET", path: "/2023-03-30/triggers"}, 400, "PathNotSupported"},
		"other method":  {request{method: "PATCH", path: "/2023-03-30/layers"}, 400, "PathNotSupported"},
		"other version": {request{method: "GET", path: "/2016-08-15/layers"}, 400, "PathNotSupported"},
		"services in 3": {request{method: "GET", path: "/2023-03-30/services"}, 400, "PathNotSupported"},
		"by ARN in 2":   {request{method: "GET", path: "/2021-04-06/layerarn/x"}, 400, "PathNotSupported"},
		"empty part":    {request{method: "GET", path: "/2023-03-30/layers//versions"}, 400, "PathNotSupported"},
		"no document":   {request{method: "POST", path: "/2023-03-30/layers/layer/versions", body: "{"}, 400, "InvalidArgument"},
		"wrong type":    {request{method: "POST", path: "/2023-03-30/layers/layer/versions", body: `{"code":7}`}, 400, "InvalidArgument"},
		"other signature": {request{method: "GET", path: "/2023-03-30/layers", unsigned: true,
			header: map[string]string{"Authorization": "FC LTAIsandbox:sum"}}, 403, "SignatureNotMatch"},
	} {
		t.Run(name, func(t *testing.T) {
			a := bad.do(t, c)
			if got := object(t, a.body); a.status != bad.status || got["Code"] != bad.code || got["RequestId"] != a.header.Get("X-Fc-Request-Id") {
				t.Errorf("%d %s", a.status, a.body)
			}
		})
	}
}

func TestSpelling(t *testing.T) {
	for spelling, want := range map[fc.Spelling]string{
		fc.Capital:  "Code Message RequestId",
		fc.Prefixed: "ErrorCode ErrorMessage",
		fc.Lower:    "errorCode errorMessage",
	} {
		c := start(t, func(o *fc.Options) { o.Spelling = spelling })
		a := request{method: "GET", path: "/2023-03-30/layers/none/versions/1"}.do(t, c)
		var names []string
		for name := range object(t, a.body) {
			names = append(names, name)
		}
		slices.Sort(names)
		if got := strings.Join(names, " "); got != want || a.status != 404 {
			t.Errorf("%d %s, want %s", a.status, got, want)
		}
	}
}

func TestThrottle(t *testing.T) {
	c := start(t, func(o *fc.Options) { o.Strict = true })
	api := c.v3(t)
	list := func() error {
		_, err := api.ListLayers(&fc3.ListLayersRequest{})
		return err
	}
	for range 100 {
		if err := list(); err != nil {
			t.Fatal(err)
		}
	}
	wantError(t, list(), 429, "Throttling.User")
	c.now = c.now.Add(time.Second)
	if err := list(); err != nil {
		t.Error(err)
	}
}

func TestFail(t *testing.T) {
	c := start(t, nil)
	for name, f := range map[string]struct {
		status        int
		code, message string
		want          string
	}{
		"as told":     {409, "ConcurrentUpdateError", "wait", "ConcurrentUpdateError"},
		"throttled":   {429, "", "", "Throttling.User"},
		"denied":      {403, "", "", "AccessDenied"},
		"broken":      {500, "", "", "InternalServerError"},
		"unavailable": {503, "", "", "InternalServerError"},
	} {
		t.Run(name, func(t *testing.T) {
			c.records = nil
			w := httptest.NewRecorder()
			c.Fail(w, httptest.NewRequest("POST", "/2023-03-30/layers/layer/versions", strings.NewReader("{}")), f.status, f.code, f.message)
			got := object(t, w.Body.String())
			if w.Code != f.status || got["Code"] != f.want || got["Message"] == "" {
				t.Errorf("%d %s", w.Code, w.Body)
			}
			if one := c.records[0]; !one.Faulty || one.Action != "CreateLayerVersion" || one.Layer != "layer" || one.Code != f.want || one.Status != f.status {
				t.Errorf("%+v", one)
			}
		})
	}
}

func TestRecords(t *testing.T) {
	c := start(t, nil)
	publish(t, c.v3(t), "layer", makeZip(t, "a", "1"))
	_, err := c.v2(t).GetLayerVersion(tea.String("layer"), tea.String("2"))
	wantError(t, err, 404, "LayerVersionNotFound")
	for i, want := range []struct {
		action  string
		version int64
		status  int
		code    string
	}{{"CreateLayerVersion", 1, 200, ""}, {"GetLayerVersion", 2, 404, "LayerVersionNotFound"}} {
		r := c.records[i]
		if r.Service != "fc" || r.Action != want.action || r.Region != "cn-hangzhou" || r.Layer != "layer" || r.Version != want.version ||
			r.Status != want.status || r.Code != want.code || r.Faulty || r.RequestID == "" {
			t.Errorf("%+v", r)
		}
	}
}
