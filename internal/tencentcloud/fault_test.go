package tencentcloud

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/profile"
	scf "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/scf/v20180416"
	"github.com/tencentyun/cos-go-sdk-v5"

	"github.com/layerbuild/layerbuild/internal/faults"
	"github.com/layerbuild/layerbuild/layer"
)

// storage returns what a request of the COS SDK makes of an answer, or of none.
func storage(ctx context.Context, t *testing.T, transport http.RoundTripper) error {
	t.Helper()
	client := cos.NewClient(
		&cos.BaseURL{BucketURL: &url.URL{Scheme: "https", Host: "acme-1250000000.cos.ap-guangzhou.myqcloud.com"}},
		&http.Client{Transport: transport})
	client.Conf.RetryOpt.Count = 1
	_, _, err := client.Object.ListUploads(ctx, nil)
	if err == nil {
		t.Fatal("no error")
	}
	return err
}

// api is storage for the SCF SDK.
func api(ctx context.Context, t *testing.T, transport http.RoundTripper) error {
	t.Helper()
	p := profile.NewClientProfile()
	p.Language = "en-US"
	client, err := scf.NewClient(common.NewCredential("id", "key"), "ap-guangzhou", p)
	if err != nil {
		t.Fatal(err)
	}
	client.WithHttpTransport(transport)
	request := scf.NewGetLayerVersionRequest()
	if _, err = client.GetLayerVersionWithContext(ctx, request); err == nil {
		t.Fatal("no error")
	}
	return err
}

func answering(f faults.Fault) http.RoundTripper {
	return &faults.Transport{Script: faults.At(1, f)}
}

func document(status int, code, message string, header ...string) faults.Fault {
	return faults.Answer(code, status, fmt.Sprintf("<Error><Code>%s</Code><Message>%s</Message><RequestId>R1</RequestId></Error>", code, message),
		append(header, "Content-Type", "application/xml", "X-Cos-Request-Id", "R1")...)
}

func failed(code, message string) faults.Fault {
	body := fmt.Sprintf(`{"Response":{"Error":{"Code":%q,"Message":%q},"RequestId":"R1"}}`, code, message)
	return faults.Answer(code, 200, body, "Content-Type", "application/json")
}

// The wordings are those of the services.
func TestFaultOfAnAnswer(t *testing.T) {
	type ask = func(context.Context, *testing.T, http.RoundTripper) error
	tests := []struct {
		ask            ask
		answer         faults.Fault
		code           string
		cause          error
		retry, unknown bool
		hint           string
	}{
		{storage, document(404, "NoSuchBucket", "no"), "NoSuchBucket", nil, false, false, ""},
		{storage, document(400, "EntityTooLarge", "no"), "EntityTooLarge", layer.ErrLimit, false, false, ""},
		{storage, document(403, "AccessDenied", "Access Denied."), "AccessDenied", fs.ErrPermission, false, false, ""},
		{storage, document(403, "AccessDenied", "Request has expired"), "AccessDenied", fs.ErrPermission, false, false, "clock"},
		{storage, document(403, "InvalidAccessKeyId", "no"), "InvalidAccessKeyId", fs.ErrPermission, false, false, "secret id"},
		{storage, document(403, "SignatureDoesNotMatch", "no"), "SignatureDoesNotMatch", fs.ErrPermission, false, false, "secret key"},
		{storage, document(403, "RequestTimeTooSkewed", "no"), "RequestTimeTooSkewed", fs.ErrPermission, false, false, "clock"},
		{storage, document(400, "ExpiredToken", "no"), "ExpiredToken", fs.ErrPermission, false, false, "expired"},
		{storage, document(503, "SlowDown", "no"), "SlowDown", nil, true, false, ""},
		{storage, document(400, "RequestTimeout", "no"), "RequestTimeout", nil, true, false, ""},
		{storage, document(503, "ServiceUnavailable", "no"), "ServiceUnavailable", nil, false, true, ""},
		{storage, document(500, "InternalError", "no"), "InternalError", nil, false, true, ""},
		{storage, faults.Answer("html", 502, "<html>Bad Gateway", "X-Cos-Request-Id", "R1"), "", nil, false, true, ""},
		{storage, faults.Answer("empty", 403, "", "X-Cos-Request-Id", "R1"), "", fs.ErrPermission, false, false, ""},
		{api, failed("InvalidParameterValue.Runtime", "no"), "InvalidParameterValue.Runtime", nil, false, false, ""},
		{api, failed("ResourceNotFound.LayerVersion", "no"), "ResourceNotFound.LayerVersion", nil, false, false, ""},
		{api, failed("LimitExceeded.LayerVersions", "no"), "LimitExceeded.LayerVersions", layer.ErrLimit, false, false, ""},
		{api, failed("RequestSizeLimitExceeded", "no"), "RequestSizeLimitExceeded", layer.ErrLimit, false, false, ""},
		{api, failed("RequestLimitExceeded", "no"), "RequestLimitExceeded", nil, true, false, ""},
		{api, failed("RequestLimitExceeded.UinLimitExceeded", "no"), "RequestLimitExceeded.UinLimitExceeded", nil, true, false, ""},
		{api, failed("InternalError.System", "no"), "InternalError.System", nil, false, true, ""},
		{api, failed("UnauthorizedOperation.CAM", "no"), "UnauthorizedOperation.CAM", fs.ErrPermission, false, false, ""},
		{api, failed("AuthFailure.UnauthorizedOperation", "no"), "AuthFailure.UnauthorizedOperation", fs.ErrPermission, false, false, ""},
		{api, failed("AuthFailure.SignatureExpire", "no"), "AuthFailure.SignatureExpire", fs.ErrPermission, false, false, "clock"},
		{api, failed("AuthFailure.SecretIdNotFound", "no"), "AuthFailure.SecretIdNotFound", fs.ErrPermission, false, false, "secret id"},
		{api, failed("AuthFailure.SignatureFailure", "no"), "AuthFailure.SignatureFailure", fs.ErrPermission, false, false, "secret key"},
		{api, failed("AuthFailure.TokenFailure", "no"), "AuthFailure.TokenFailure", fs.ErrPermission, false, false, "token"},
	}
	for _, test := range tests {
		t.Run(test.answer.Name, func(t *testing.T) {
			f := Fault(test.ask(t.Context(), t, answering(test.answer)))
			if f.Code != test.code || f.RequestID != "R1" || f.Message == "" {
				t.Errorf("fault is %+v, want code %q and request R1", *f, test.code)
			}
			if f.Cause != test.cause || f.Retry != test.retry || f.Unknown != test.unknown {
				t.Errorf("fault is %+v", *f)
			}
			if !strings.Contains(f.Hint, test.hint) || (f.Hint == "") != (test.hint == "") {
				t.Errorf("hint is %q, want one with %q", f.Hint, test.hint)
			}
			if text := f.Error(); strings.Contains(text, "\n") || strings.Contains(text, "https://") {
				t.Errorf("text is %q", text)
			}
		})
	}
}

func TestRetryAfter(t *testing.T) {
	f := Fault(storage(t.Context(), t, answering(document(503, "SlowDown", "no", "Retry-After", "2"))))
	if f.After != 2*time.Second {
		t.Errorf("fault is %+v", *f)
	}
}

func TestFaultWithoutAnAnswer(t *testing.T) {
	cut := func(body string) http.RoundTripper {
		whole := answering(faults.Answer("", 200, body, "Content-Type", "application/json"))
		return &faults.Transport{Next: whole, Script: faults.At(1, faults.Cut(20))}
	}
	tests := []struct {
		name           string
		err            error
		status         int
		retry, unknown bool
	}{
		{"refused storage", storage(t.Context(), t, answering(faults.Refused())), 0, true, false},
		{"refused api", api(t.Context(), t, answering(faults.Refused())), 0, true, false},
		{"cut storage", storage(t.Context(), t, cut("<ListMultipartUploadsResult></ListMultipartUploadsResult>")), 0, false, true},
		{"cut api", api(t.Context(), t, cut(`{"Response":{"RequestId":"R1","LayerVersion":1}}`)), 0, false, true},
		{"gateway before the api", api(t.Context(), t, answering(faults.Answer("", 502, "<html>\n<body>secret", "Content-Type", "text/html"))), 0, false, true},
		{"json of a gateway", api(t.Context(), t, answering(faults.Answer("", 502, `{"key":"secret"}`, "Content-Type", "application/json"))), 502, false, true},
		{"html for the api", api(t.Context(), t, answering(faults.Answer("", 200, "<html>\n<body>secret", "Content-Type", "text/html"))), 0, false, true},
		{"busy gateway", api(t.Context(), t, answering(faults.Answer("", 429, "{}"))), 429, true, false},
	}
	for _, test := range tests {
		f := Fault(test.err)
		if f.Retry != test.retry || f.Unknown != test.unknown || f.Status != test.status {
			t.Errorf("%s: fault is %+v", test.name, *f)
		}
		if text := f.Error(); strings.Contains(text, "https://") || strings.Contains(text, "TencentCloudSDKError") || strings.Contains(text, "secret") || strings.Contains(text, "\n") {
			t.Errorf("%s: text is %q", test.name, text)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, err := range []error{storage(ctx, t, http.DefaultTransport), api(ctx, t, http.DefaultTransport)} {
		if f := Fault(err); !errors.Is(f, context.Canceled) {
			t.Errorf("fault is %+v", *f)
		}
	}
}

func TestFaultIsKept(t *testing.T) {
	f := &layer.Fault{Code: "a"}
	if got := Fault(fmt.Errorf("wrapped: %w", f)); got == f || got.Code != f.Code {
		t.Errorf("fault is %+v", got)
	}
}
