package scf_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	tchttp "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/http"
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/profile"
	tencent "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/scf/v20180416"

	"github.com/layerbuild/layerbuild/sandbox/scf"
)

func TestCredentials(t *testing.T) {
	c := start(t, nil)
	list := func(credential *common.Credential, language string) error {
		_, err := c.clientFor(t, "ap-guangzhou", credential, language).ListLayers(tencent.NewListLayersRequest())
		return err
	}
	good := common.NewCredential("AKIDsandbox", "sandbox-secret")
	if err := list(good, "en-US"); err != nil {
		t.Fatal(err)
	}
	wrong := common.NewCredential("AKIDsandbox", "sandbox-secret2")
	if m := wantError(t, list(wrong, "en-US"), "AuthFailure.SignatureFailure"); m != "The provided credentials could not be validated. Please check your signature is correct." {
		t.Errorf("message is %q", m)
	}
	if m := wantError(t, list(wrong, "zh-CN"), "AuthFailure.SignatureFailure"); m != "请求签名验证失败，请检查您的签名计算是否正确。" {
		t.Errorf("message is %q", m)
	}
	wantError(t, list(common.NewCredential("AKIDother", "sandbox-secret"), "en-US"), "AuthFailure.SecretIdNotFound")
	wantError(t, list(common.NewTokenCredential("AKIDsandbox", "sandbox-secret", "t"), "en-US"), "AuthFailure.TokenFailure")
	for _, off := range []time.Duration{-6 * time.Minute, 6 * time.Minute} {
		c.now = time.Now().Add(off)
		wantError(t, list(good, "en-US"), "AuthFailure.SignatureExpire")
	}
	c.now, c.token = time.Now(), "token"
	wantError(t, list(good, "en-US"), "AuthFailure.TokenFailure")
	if err := list(common.NewTokenCredential("AKIDsandbox", "sandbox-secret", "token"), "en-US"); err != nil {
		t.Error(err)
	}
}

func TestThrottle(t *testing.T) {
	c := start(t, func(o *scf.Options) { o.Strict = true })
	api := c.client(t, "ap-guangzhou")
	layers := func() error {
		_, err := api.ListLayers(tencent.NewListLayersRequest())
		return err
	}
	for range 20 {
		if err := layers(); err != nil {
			t.Fatal(err)
		}
	}
	if m := wantError(t, layers(), "RequestLimitExceeded"); m != "Your current request times equals to `21` in a second, which exceeds the frequency limit `20` for a second. Please reduce the frequency of calls." {
		t.Errorf("message is %q", m)
	}
	if _, err := api.ListFunctions(tencent.NewListFunctionsRequest()); err != nil { // each action has its own count
		t.Error(err)
	}
	c.now = c.now.Add(time.Second)
	if err := layers(); err != nil {
		t.Error(err)
	}
}

// call sends an action by the SDK's generic client.
func call(t *testing.T, c *cloud, action, version, body string) error {
	t.Helper()
	p := profile.NewClientProfile()
	p.HttpProfile.Endpoint, p.HttpProfile.Scheme, p.Language = strings.TrimPrefix(c.server.URL, "http://"), "HTTP", "en-US"
	client := common.NewCommonClient(common.NewCredential("AKIDsandbox", "sandbox-secret"), "ap-guangzhou", p)
	r := tchttp.NewCommonRequest("scf", version, action)
	if err := r.SetActionParameters(body); err != nil {
		t.Fatal(err)
	}
	return client.Send(r, tchttp.NewCommonResponse())
}

func TestRequestsOfNoUse(t *testing.T) {
	c := start(t, nil)
	for name, bad := range map[string]struct{ action, version, body, code string }{
		"unknown action": {"MakeCoffee", "2018-04-16", "{}", "InvalidAction"},
		"other version":  {"ListLayers", "2017-03-12", "{}", "NoSuchVersion"},
		"wrong type":     {"GetLayerVersion", "2018-04-16", `{"LayerName":"a","LayerVersion":"1"}`, "InvalidParameter"},
		"no number":      {"GetLayerVersion", "2018-04-16", `{"LayerName":"a"}`, "MissingParameter"},
		"no name":        {"GetLayerVersion", "2018-04-16", `{"LayerVersion":1}`, "MissingParameter"},
		"no layer name":  {"ListLayerVersions", "2018-04-16", `{}`, "MissingParameter"},
		"no function":    {"GetFunction", "2018-04-16", `{}`, "MissingParameter"},
	} {
		t.Run(name, func(t *testing.T) {
			wantError(t, call(t, c, bad.action, bad.version, bad.body), bad.code)
		})
	}
	for name, bad := range map[string]struct {
		method, body string
		header       map[string]string
		code         string
	}{
		"unsigned": {"POST", "{}", map[string]string{"X-Tc-Action": "ListLayers", "X-Tc-Version": "2018-04-16"}, "MissingParameter"},
		"nothing":  {"POST", "", nil, "MissingParameter"},
		"get":      {"GET", "", nil, "MissingParameter"},
		"malformed": {"POST", "{}", map[string]string{"X-Tc-Action": "ListLayers", "X-Tc-Version": "2018-04-16", "Authorization": "TC3"},
			"AuthFailure.InvalidAuthorization"},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest(bad.method, "/", strings.NewReader(bad.body))
			for k, v := range bad.header {
				r.Header.Set(k, v)
			}
			w := httptest.NewRecorder()
			c.ServeHTTP(w, r)
			if code, _ := errorOf(t, w.Result()); w.Code != 200 || code != bad.code {
				t.Errorf("%d %s", w.Code, w.Body)
			}
		})
	}
}

// errorOf reads the error of an answer.
func errorOf(t *testing.T, resp *http.Response) (code, message string) {
	t.Helper()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Response struct {
			Error     struct{ Code, Message string }
			RequestId string
		}
	}
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	if len(doc.Response.RequestId) != 36 {
		t.Errorf("request id is %q", doc.Response.RequestId)
	}
	return doc.Response.Error.Code, doc.Response.Error.Message
}

func TestFail(t *testing.T) {
	c := start(t, nil)
	for name, f := range map[string]struct {
		status        int
		code, message string
		want          int
		wantCode      string
	}{
		"as told":     {200, "ResourceInUse", "wait", 200, "ResourceInUse"},
		"throttled":   {429, "", "", 200, "RequestLimitExceeded"},
		"denied":      {403, "", "", 200, "UnauthorizedOperation.CAM"},
		"broken":      {500, "", "", 200, "InternalError.System"},
		"unavailable": {503, "", "", 200, "InternalError.System"},
		"bad gateway": {502, "", "", 502, ""},
	} {
		t.Run(name, func(t *testing.T) {
			c.records = nil
			r := httptest.NewRequest("POST", "/", strings.NewReader("{}"))
			r.Header.Set("X-Tc-Action", "PublishLayerVersion")
			w := httptest.NewRecorder()
			c.Fail(w, r, f.status, f.code, f.message)
			if w.Code != f.want {
				t.Fatalf("status is %d", w.Code)
			}
			if f.want == 200 {
				if code, message := errorOf(t, w.Result()); code != f.wantCode || message == "" {
					t.Errorf("%s: %s", code, message)
				}
			}
			if one := c.records[0]; !one.Faulty || one.Action != "PublishLayerVersion" || one.Code != f.wantCode || one.Status != f.want {
				t.Errorf("%+v", one)
			}
		})
	}
}

func TestRecords(t *testing.T) {
	c := start(t, nil)
	api := c.client(t, "ap-beijing")
	publish(t, api, inline("layer", makeZip(t, "a", "1")))
	_, err := api.GetLayerVersion(getRequest("layer", 2))
	wantError(t, err, "ResourceNotFound.LayerVersion")
	for i, want := range []struct{ action, code string }{{"PublishLayerVersion", ""}, {"GetLayerVersion", "ResourceNotFound.LayerVersion"}} {
		r := c.records[i]
		if r.Service != "scf" || r.Action != want.action || r.Region != "ap-beijing" || r.Layer != "layer" || r.Version != int64(i+1) || r.Status != 200 || r.Code != want.code || r.Faulty {
			t.Errorf("%+v", r)
		}
	}
}
