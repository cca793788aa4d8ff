package alicloud

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	openapi "github.com/alibabacloud-go/darabonba-openapi/v2/client"
	fc3 "github.com/alibabacloud-go/fc-20230330/v4/client"
	fc2 "github.com/alibabacloud-go/fc-open-20210406/v2/client"
	"github.com/alibabacloud-go/tea/tea"
	"github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss"

	"github.com/layerbuild/layerbuild/internal/faults"
	"github.com/layerbuild/layerbuild/layer"
)

func account() *Provider {
	return New(Options{Static: &Credentials{AccessKeyID: "id", AccessKeySecret: "secret"}})
}

// storage returns what a request of the OSS SDK makes of an answer, or of none.
func storage(ctx context.Context, t *testing.T, transport http.RoundTripper) error {
	t.Helper()
	client := oss.NewClient(new(oss.Config).WithRegion("cn-hangzhou").WithRetryMaxAttempts(1).
		WithCredentialsProvider(account()).WithHttpClient(&http.Client{Transport: transport}))
	_, err := client.ListMultipartUploads(ctx, &oss.ListMultipartUploadsRequest{Bucket: oss.Ptr("acme-layers")})
	if err == nil {
		t.Fatal("no error")
	}
	return err
}

func answering(f faults.Fault) http.RoundTripper {
	return &faults.Transport{Script: faults.At(1, f)}
}

func document(status int, code, message string, header ...string) faults.Fault {
	return faults.Answer(code, status, fmt.Sprintf("<Error><Code>%s</Code><Message>%s</Message><RequestId>R1</RequestId></Error>", code, message),
		append(header, "Content-Type", "application/xml", "X-Oss-Request-Id", "R1")...)
}

// The wordings are those of the service.
func TestFaultOfStorage(t *testing.T) {
	tests := []struct {
		answer         faults.Fault
		code           string
		cause          error
		retry, unknown bool
		after          time.Duration
		hint           string
	}{
		{document(404, "NoSuchBucket", "no"), "NoSuchBucket", nil, false, false, 0, ""},
		{document(400, "EntityTooLarge", "no"), "EntityTooLarge", layer.ErrLimit, false, false, 0, ""},
		{document(403, "AccessDenied", "no"), "AccessDenied", fs.ErrPermission, false, false, 0, ""},
		{document(403, "InvalidAccessKeyId", "no"), "InvalidAccessKeyId", fs.ErrPermission, false, false, 0, "access key"},
		{document(403, "SignatureDoesNotMatch", "no"), "SignatureDoesNotMatch", fs.ErrPermission, false, false, 0, "secret"},
		{document(403, "RequestTimeTooSkewed", "no"), "RequestTimeTooSkewed", fs.ErrPermission, false, false, 0, "clock"},
		{document(400, "InvalidSecurityToken", "no"), "InvalidSecurityToken", fs.ErrPermission, false, false, 0, "token"},
		{document(403, "SecurityTokenExpired", "no"), "SecurityTokenExpired", fs.ErrPermission, false, false, 0, "expired"},
		{document(503, "QpsLimitExceeded", "no", "Retry-After", "2"), "QpsLimitExceeded", nil, true, false, 2 * time.Second, ""},
		{document(503, "UploadTrafficRateLimitExceeded", "no"), "UploadTrafficRateLimitExceeded", nil, true, false, 0, ""},
		{document(429, "Busy", "no"), "Busy", nil, true, false, 0, ""},
		{document(503, "ServiceUnavailable", "no"), "ServiceUnavailable", nil, false, true, 0, ""},
		{document(500, "InternalError", "no"), "InternalError", nil, false, true, 0, ""},
		{faults.Answer("html", 502, "<html>Bad Gateway", "X-Oss-Request-Id", "R1"), "", nil, false, true, 0, ""},
		{faults.Answer("empty", 403, "", "X-Oss-Request-Id", "R1"), "", fs.ErrPermission, false, false, 0, ""},
	}
	for _, test := range tests {
		t.Run(test.answer.Name, func(t *testing.T) {
			f := Fault(storage(t.Context(), t, answering(test.answer)))
			if f.Code != test.code || f.Status == 0 || f.RequestID != "R1" || f.Message == "" {
				t.Errorf("fault is %+v, want code %q and request R1", *f, test.code)
			}
			if f.Cause != test.cause || f.Retry != test.retry || f.Unknown != test.unknown || f.After != test.after {
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

func TestFaultWithoutAnAnswer(t *testing.T) {
	cut := &faults.Transport{
		Next:   answering(faults.Answer("", 200, "<ListMultipartUploadsResult></ListMultipartUploadsResult>")),
		Script: faults.At(1, faults.Cut(20)),
	}
	tests := []struct {
		name           string
		transport      http.RoundTripper
		retry, unknown bool
	}{
		{"refused", answering(faults.Refused()), true, false},
		{"reset", failing{&net.OpError{Op: "read", Err: syscall.ECONNRESET}}, false, true},
		{"cut", cut, false, true},
	}
	for _, test := range tests {
		f := Fault(storage(t.Context(), t, test.transport))
		if f.Retry != test.retry || f.Unknown != test.unknown || f.Status != 0 {
			t.Errorf("%s: fault is %+v", test.name, *f)
		}
		if text := f.Error(); strings.Contains(text, "operation error") || strings.Contains(text, "client error") || strings.Contains(text, "https://") {
			t.Errorf("%s: text is %q", test.name, text)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if f := Fault(storage(ctx, t, http.DefaultTransport)); !errors.Is(f, context.Canceled) {
		t.Errorf("fault is %+v", *f)
	}
	client := oss.NewClient(new(oss.Config).WithRegion("cn-hangzhou").WithCredentialsProvider(account()))
	_, err := client.ListMultipartUploads(t.Context(), &oss.ListMultipartUploadsRequest{Bucket: oss.Ptr("B")})
	if f := Fault(err); f.Retry || f.Unknown || !strings.Contains(f.Error(), "Bucket") {
		t.Errorf("fault of a bad name is %+v", *f)
	}
}

type failing struct{ err error }

func (f failing) RoundTrip(*http.Request) (*http.Response, error) { return nil, f.err }

func TestFaultOfCredentials(t *testing.T) {
	alone(t)
	client := oss.NewClient(new(oss.Config).WithRegion("cn-hangzhou").WithCredentialsProvider(New(Options{})))
	_, err := client.ListMultipartUploads(t.Context(), &oss.ListMultipartUploadsRequest{Bucket: oss.Ptr("acme-layers")})
	if f := Fault(err); !errors.Is(f, fs.ErrPermission) || f.Hint == "" || !strings.Contains(f.Error(), "no usable credentials") {
		t.Errorf("fault is %+v", *f)
	}
	two, err := fc2.NewClient(&openapi.Config{Credential: New(Options{}).Credential(), Endpoint: tea.String("127.0.0.1:1"), Protocol: tea.String("http")})
	if err != nil {
		t.Fatal(err)
	}
	_, err = two.ListLayers(&fc2.ListLayersRequest{})
	if f := Fault(err); !errors.Is(f, fs.ErrPermission) || f.Hint == "" {
		t.Errorf("fault is %+v", *f)
	}
}

// functions asks both of Function Compute's APIs, with the vendor's SDKs.
func functions(t *testing.T, status int, body string) map[string]error {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	}))
	defer server.Close()
	cfg := &openapi.Config{
		Credential: account().Credential(), Protocol: tea.String("http"),
		Endpoint: tea.String(strings.TrimPrefix(server.URL, "http://")),
	}
	two, err := fc2.NewClient(cfg)
	if err != nil {
		t.Fatal(err)
	}
	three, err := fc3.NewClient(cfg)
	if err != nil {
		t.Fatal(err)
	}
	_, err2 := two.GetLayerVersion(tea.String("a"), tea.String("1"))
	_, err3 := three.GetLayerVersion(tea.String("a"), tea.String("1"))
	return map[string]error{"2.0": err2, "3.0": err3}
}

// TestFaultOfFunctions has the three spellings.
func TestFaultOfFunctions(t *testing.T) {
	tests := []struct {
		status         int
		body           string
		code           string
		cause          error
		retry, unknown bool
		hint           string
	}{
		{404, `{"Code":"LayerNotFound","Message":"layer a does not exist","RequestId":"R1"}`, "LayerNotFound", nil, false, false, ""},
		{404, `{"ErrorCode":"LayerNotFound","ErrorMessage":"layer a does not exist","RequestId":"R1"}`, "LayerNotFound", nil, false, false, ""},
		{404, `{"errorCode":"LayerNotFound","errorMessage":"layer a does not exist","requestId":"R1"}`, "LayerNotFound", nil, false, false, ""},
		{403, `{"code":"AccessDenied","message":"no","requestId":"R1"}`, "AccessDenied", fs.ErrPermission, false, false, ""},
		{403, `{"Code":"InvalidAccessKeyID","Message":"no","RequestId":"R1"}`, "InvalidAccessKeyID", fs.ErrPermission, false, false, "access key"},
		{403, `{"Code":"SignatureNotMatch","Message":"no","RequestId":"R1"}`, "SignatureNotMatch", fs.ErrPermission, false, false, "secret"},
		{400, `{"Code":"InvalidTimeStamp.Expired","Message":"no","RequestId":"R1"}`, "InvalidTimeStamp.Expired", nil, false, false, "clock"},
		{400, `{"Code":"EntityTooLarge","Message":"no","RequestId":"R1"}`, "EntityTooLarge", layer.ErrLimit, false, false, ""},
		{429, `{"Code":"ResourceThrottled","Message":"no","RequestId":"R1"}`, "ResourceThrottled", nil, true, false, ""},
		{400, `{"Code":"Throttling.User","Message":"no","RequestId":"R1"}`, "Throttling.User", nil, true, false, ""},
		{500, `{"Code":"InternalServerError","Message":"no","RequestId":"R1"}`, "InternalServerError", nil, false, true, ""},
	}
	for _, test := range tests {
		for api, err := range functions(t, test.status, test.body) {
			f := Fault(err)
			if f.Status != test.status || f.Code != test.code || f.RequestID != "R1" || f.Message == "" ||
				strings.Contains(f.Message, "request id") || strings.Contains(f.Message, "code:") {
				t.Errorf("%s %s: fault is %+v", api, test.body, *f)
			}
			if f.Cause != test.cause || f.Retry != test.retry || f.Unknown != test.unknown {
				t.Errorf("%s %s: fault is %+v", api, test.body, *f)
			}
			if !strings.Contains(f.Hint, test.hint) || (f.Hint == "") != (test.hint == "") {
				t.Errorf("%s %s: hint is %q, want one with %q", api, test.body, f.Hint, test.hint)
			}
		}
	}
	for api, err := range functions(t, 502, "<html>") {
		if f := Fault(err); !f.Unknown || f.Retry {
			t.Errorf("%s: fault of an answer that is not JSON is %+v", api, *f)
		}
	}
}

func TestFaultIsKept(t *testing.T) {
	f := &layer.Fault{Code: "a"}
	if got := Fault(fmt.Errorf("wrapped: %w", f)); got == f || got.Code != f.Code {
		t.Errorf("fault is %+v", got)
	}
}

func TestEndpoint(t *testing.T) {
	elsewhere := faults.Answer("", 403, "<Error><Code>AccessDenied</Code><Endpoint>oss-cn-beijing.aliyuncs.com</Endpoint></Error>")
	if got := Endpoint(storage(t.Context(), t, answering(elsewhere))); got != "oss-cn-beijing.aliyuncs.com" {
		t.Errorf("endpoint is %q", got)
	}
	if got := Endpoint(errors.New("other")); got != "" {
		t.Errorf("endpoint is %q", got)
	}
	for endpoint, want := range map[string]string{
		"oss-cn-beijing.aliyuncs.com":          "cn-beijing",
		"oss-cn-beijing-internal.aliyuncs.com": "cn-beijing",
		"oss-ap-southeast-5.aliyuncs.com:443":  "ap-southeast-5",
		"cn-beijing.oss.aliyuncs.com":          "",
		"":                                     "",
	} {
		if got := Region(endpoint); got != want {
			t.Errorf("region of %q is %q, want %q", endpoint, got, want)
		}
	}
}
