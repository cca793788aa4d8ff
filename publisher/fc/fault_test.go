package fc_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aliyun/credentials-go/credentials"

	"github.com/layerbuild/layerbuild/internal/faults"
	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/publisher/fc"
)

// refused is a publisher whose every request comes to f.
func refused(t *testing.T, api string, f faults.Fault) *fc.Publisher {
	t.Helper()
	c := cloud{api: api, Server: start(t, api, nil).Server}
	return c.open(t, secret, func(next http.RoundTripper) http.RoundTripper {
		return &faults.Transport{Next: next, Script: func(int, *http.Request) faults.Fault { return f }}
	})
}

// TestSpellings has the three ways in which an error is spelled.
func TestSpellings(t *testing.T) {
	const code, message = "LayerVersionNotFound", "version '7' of layer 'web' does not exist"
	bodies := map[string]string{
		"SDKs":  `{"RequestId": "R1", "Code": %q, "Message": %q}`,
		"docs":  `{"errorCode": %q, "errorMessage": %q}`,
		"2016":  `{"ErrorCode": %q, "ErrorMessage": %q}`,
		"lower": `{"requestId": "R1", "code": %q, "message": %q}`,
	}
	each(t, func(t *testing.T, api string) {
		for name, body := range bodies {
			f := faults.Answer(name, 404, fmt.Sprintf(body, code, message), "Content-Type", "application/json", "X-Fc-Request-Id", "R1")
			_, err := refused(t, api, f).Get(t.Context(), "web", 7)
			var got *layer.Fault
			if !errors.As(err, &got) || got.Code != code || got.Message != message || got.RequestID != "R1" || !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%s: fault is %+v, want %s, request R1, and fs.ErrNotExist", name, got, code)
			}
		}
	})
}

// TestFaultOfPublish has wordings of the service.
func TestFaultOfPublish(t *testing.T) {
	tests := []struct {
		status         int
		code, message  string
		cause          error
		retry, unknown bool
		hint           string
	}{
		{400, "InvalidArgument", "layerName is invalid", nil, false, false, ""},
		{400, "InvalidArgument", "Code size exceeds the maximum allowed length (max: 52428800, actual: '59248015')", layer.ErrLimit, false, false, ""},
		{400, "InvalidArgument", "code checksum does not match: expected '1', actual '2'", layer.ErrDigest, false, false, ""},
		{400, "InvalidArgument", "unable to get object 'k' in bucket 'b': NoSuchBucket", nil, false, false, "region cn-hangzhou"},
		{400, "EntityTooLarge", "payload size exceeds maximum allowed size (134217728 bytes)", layer.ErrLimit, false, false, ""},
		{413, "", "", layer.ErrLimit, false, false, ""},
		{403, "AccessDenied", "the caller is not authorized to perform 'fc:CreateLayerVersion' on resource 'acs:fc:cn-hangzhou:1:layers/web'", fs.ErrPermission, false, false, "fc:CreateLayerVersion"},
		{403, "AccessDenied", "unable to access object 'k' in bucket 'b'", fs.ErrPermission, false, false, "oss:GetObject"},
		{403, "AccessDenied", "The difference between the request time 1 and the current time 2 is too large.", fs.ErrPermission, false, false, "clock"},
		{403, "InvalidAccessKeyID", "invalid access key ID 'LTAI'", fs.ErrPermission, false, false, "ALIBABA_CLOUD_ACCESS_KEY_ID"},
		{403, "SignatureNotMatch", "The request signature we calculated does not match", fs.ErrPermission, false, false, "secret"},
		{404, "ServiceNotFound", "service 'a' does not exist", fs.ErrNotExist, false, false, ""},
		{404, "", "", nil, false, false, ""},
		{409, "ConcurrentUpdateError", "the resource is updated concurrently", nil, true, false, ""},
		{429, "Throttling.User", "Request was denied due to user flow control.", nil, true, false, ""},
		{429, "", "", nil, true, false, ""},
		{503, "Throttling", "", nil, true, false, ""},
		{500, "InternalServerError", "an internal error has occurred, please retry", nil, false, true, ""},
		{503, "ServiceUnavailable", "", nil, false, true, ""},
		{302, "", "", nil, false, false, ""},
		{200, "", "", nil, false, true, ""},
	}
	each(t, func(t *testing.T, api string) {
		for _, test := range tests {
			t.Run(fmt.Sprint(test.status, test.code), func(t *testing.T) {
				body := ""
				if test.code != "" {
					body = fmt.Sprintf(`{"RequestId": "R1", "Code": %q, "Message": %q}`, test.code, test.message)
				}
				p := refused(t, api, faults.Answer("", test.status, body, "Content-Type", "application/json", "X-Fc-Request-Id", "R1", "Retry-After", "7"))
				_, err := p.Publish(t.Context(), request(zipped(t, "a")))
				var f *layer.Fault
				if !errors.As(err, &f) {
					t.Fatalf("error is %v, want a fault", err)
				}
				if f.Status != test.status || f.Code != test.code || f.Retry != test.retry || f.Unknown != test.unknown || f.RequestID != "R1" {
					t.Errorf("fault is %+v", *f)
				}
				if test.cause == nil && f.Cause != nil || test.cause != nil && !errors.Is(f, test.cause) {
					t.Errorf("cause is %v, want %v", f.Cause, test.cause)
				}
				if !strings.Contains(f.Hint, test.hint) || (f.Hint == "") != (test.hint == "") {
					t.Errorf("hint is %q, want one with %q", f.Hint, test.hint)
				}
				if test.retry && f.After != 7*time.Second {
					t.Errorf("patience is %s, want 7s", f.After)
				}
			})
		}
	})
}

// TestWrongAccount: only 2.0 has the account in its address.
func TestWrongAccount(t *testing.T) {
	each(t, func(t *testing.T, api string) {
		_, err := refused(t, api, answer(403, "AccessDenied")).Get(t.Context(), "web", 1)
		var f *layer.Fault
		if !errors.As(err, &f) || strings.Contains(f.Hint, "target.account") != (api == fc.V2) || !strings.Contains(f.Hint, "fc:GetLayerVersion") {
			t.Errorf("fault is %+v", f)
		}
	})
}

// nobody is a chain of credentials that has none.
type nobody struct {
	credentials.Credential
	err error
}

func (n nobody) GetCredential() (*credentials.CredentialModel, error) { return nil, n.err }

func TestNoCredentials(t *testing.T) {
	hinted := &layer.Fault{Message: "no usable credentials", Cause: fs.ErrPermission, Hint: "log in"}
	each(t, func(t *testing.T, api string) {
		for _, cause := range []error{hinted, errors.New("a file with secret in it")} {
			sent := &faults.Transport{}
			p, err := fc.New(fc.Options{API: api, Region: region, Account: account, Credential: nobody{err: cause}, Transport: sent})
			if err != nil {
				t.Fatal(err)
			}
			_, err = p.Publish(t.Context(), request(zipped(t, "a")))
			var f *layer.Fault
			if !errors.As(err, &f) || !errors.Is(err, fs.ErrPermission) || f.Unknown || f.Retry || strings.Contains(err.Error(), "secret") || sent.Count() > 0 {
				t.Errorf("error is %v after %d requests", err, sent.Count())
			}
			if cause == error(hinted) && f.Hint != "log in" {
				t.Errorf("hint is %q", f.Hint)
			}
		}
		if _, err := fc.New(fc.Options{API: api, Region: region, Account: account}); err == nil {
			t.Error("without credentials: no error")
		}
	})
}

func TestInterrupted(t *testing.T) {
	each(t, func(t *testing.T, api string) {
		ctx, cancel := context.WithCancel(t.Context())
		p := start(t, api, nil).open(t, secret, func(next http.RoundTripper) http.RoundTripper {
			return roundTripper(func(r *http.Request) (*http.Response, error) {
				cancel()
				return next.RoundTrip(r)
			})
		})
		_, err := p.Publish(ctx, request(zipped(t, "a")))
		if !errors.Is(err, context.Canceled) {
			t.Errorf("error is %v, want context.Canceled", err)
		}
	})
}

// TestRedirected: the SDKs take a redirection for a success.
func TestRedirected(t *testing.T) {
	each(t, func(t *testing.T, api string) {
		p := refused(t, api, faults.Answer("", http.StatusFound, "", "Location", "https://login.example.com/"))
		if err := p.Delete(t.Context(), layer.Version{Name: "web", Number: 1}); err == nil {
			t.Error("deleting: no error")
		}
	})
}
