package awscloud

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"

	"github.com/layerbuild/layerbuild/internal/faults"
	"github.com/layerbuild/layerbuild/layer"
)

// asked returns what a request of the SDK makes of an answer, or of none.
func asked(ctx context.Context, t *testing.T, service string, answer func(*http.Request) (*http.Response, error)) *layer.Fault {
	t.Helper()
	cfg, err := Config(ctx, Options{
		Region: "eu-west-1", Static: &Credentials{AccessKeyID: "a", SecretAccessKey: "b"},
		Wrap: func(http.RoundTripper) http.RoundTripper { return roundTripper(answer) },
	})
	if err != nil {
		t.Fatal(err)
	}
	cfg.Retryer = func() aws.Retryer { return aws.NopRetryer{} }
	if service == "s3" {
		_, err = s3.NewFromConfig(cfg).PutObject(ctx, &s3.PutObjectInput{Bucket: aws.String("b"), Key: aws.String("k"), Body: strings.NewReader("x")})
	} else {
		_, err = lambda.NewFromConfig(cfg).GetLayerVersion(ctx, &lambda.GetLayerVersionInput{LayerName: aws.String("a"), VersionNumber: aws.Int64(1)})
	}
	if err == nil {
		t.Fatal("no error")
	}
	return Fault(err)
}

func answering(f faults.Fault) func(*http.Request) (*http.Response, error) {
	return (&faults.Transport{Script: faults.At(1, f)}).RoundTrip
}

func lambdaAnswer(status int, code, message string, header ...string) faults.Fault {
	header = append(header, "X-Amzn-Errortype", code+":http://internal.amazon.com/", "X-Amzn-Requestid", "R1", "Content-Type", "application/json")
	return faults.Answer(code, status, fmt.Sprintf(`{"Type":"User","message":%q}`, message), header...)
}

func s3Answer(status int, code, message string) faults.Fault {
	return faults.Answer(code, status, fmt.Sprintf("<Error><Code>%s</Code><Message>%s</Message><RequestId>R1</RequestId><HostId>h</HostId></Error>", code, message), "X-Amz-Request-Id", "R1")
}

// The wordings are those of the services.
func TestFaultOfAnAnswer(t *testing.T) {
	tests := []struct {
		service        string
		answer         faults.Fault
		cause          error
		retry, unknown bool
		hint           string
	}{
		{"lambda", lambdaAnswer(400, "InvalidParameterValueException", "no"), nil, false, false, ""},
		{"lambda", lambdaAnswer(404, "ResourceNotFoundException", "no"), nil, false, false, ""},
		{"lambda", lambdaAnswer(400, "CodeStorageExceededException", "full"), layer.ErrLimit, false, false, ""},
		{"lambda", lambdaAnswer(413, "RequestEntityTooLargeException", "Request must be smaller than 70167211 bytes for the PublishLayerVersion operation"), layer.ErrLimit, false, false, ""},
		{"lambda", lambdaAnswer(413, "", ""), layer.ErrLimit, false, false, ""},
		{"lambda", lambdaAnswer(403, "AccessDeniedException", "User: arn:aws:iam::123456789012:user/u is not authorized to perform: lambda:GetLayerVersion"), fs.ErrPermission, false, false, ""},
		{"lambda", lambdaAnswer(403, "UnrecognizedClientException", "The security token included in the request is invalid."), fs.ErrPermission, false, false, "access key"},
		{"lambda", lambdaAnswer(400, "UnrecognizedClientException", "The security token included in the request is invalid."), fs.ErrPermission, false, false, "access key"},
		{"lambda", lambdaAnswer(400, "AccessDeniedException", "User: arn:aws:iam::123456789012:user/u is not authorized"), fs.ErrPermission, false, false, ""},
		{"lambda", lambdaAnswer(403, "OptInRequired", "The AWS Access Key Id needs a subscription for the service"), fs.ErrPermission, false, false, "enable the region"},
		{"lambda", lambdaAnswer(403, "ExpiredTokenException", "The security token included in the request is expired"), fs.ErrPermission, false, false, "expired"},
		{"lambda", lambdaAnswer(403, "InvalidSignatureException", "The request signature we calculated does not match the signature you provided."), fs.ErrPermission, false, false, "secret access key"},
		{"lambda", lambdaAnswer(403, "InvalidSignatureException", "Signature expired: 20261122T100000Z is now earlier than 20261122T110000Z"), fs.ErrPermission, false, false, "clock"},
		{"lambda", lambdaAnswer(403, "InvalidSignatureException", "Signature not yet current: 20261122T100000Z is still later than 20261122T090000Z"), fs.ErrPermission, false, false, "clock"},
		{"lambda", lambdaAnswer(429, "TooManyRequestsException", "Rate exceeded"), nil, true, false, ""},
		{"lambda", lambdaAnswer(400, "ThrottlingException", "Rate exceeded"), nil, true, false, ""},
		{"lambda", lambdaAnswer(500, "ServiceException", "An error occurred"), nil, false, true, ""},
		{"lambda", lambdaAnswer(502, "", ""), nil, false, true, ""},
		{"s3", s3Answer(503, "SlowDown", "Please reduce your request rate."), nil, true, false, ""},
		{"s3", s3Answer(503, "ServiceUnavailable", "no"), nil, false, true, ""},
		{"s3", s3Answer(500, "InternalError", "We encountered an internal error. Please try again."), nil, false, true, ""},
		{"s3", s3Answer(400, "EntityTooLarge", "no"), layer.ErrLimit, false, false, ""},
		{"s3", s3Answer(400, "ExpiredToken", "The provided token has expired."), fs.ErrPermission, false, false, "expired"},
		{"s3", s3Answer(400, "InvalidToken", "The provided token is malformed or otherwise invalid."), fs.ErrPermission, false, false, "session token"},
		{"s3", s3Answer(403, "AccessDenied", "Access Denied"), fs.ErrPermission, false, false, ""},
		{"s3", s3Answer(403, "InvalidAccessKeyId", "no"), fs.ErrPermission, false, false, "access key"},
		{"s3", s3Answer(403, "SignatureDoesNotMatch", "no"), fs.ErrPermission, false, false, "secret access key"},
		{"s3", s3Answer(403, "RequestTimeTooSkewed", "The difference between the request time and the current time is too large."), fs.ErrPermission, false, false, "clock"},
	}
	for _, test := range tests {
		t.Run(test.answer.Name, func(t *testing.T) {
			f := asked(t.Context(), t, test.service, answering(test.answer))
			if !errors.Is(f, test.cause) && test.cause != nil || test.cause == nil && f.Cause != nil {
				t.Errorf("cause is %v, want %v", f.Cause, test.cause)
			}
			if f.Retry != test.retry || f.Unknown != test.unknown {
				t.Errorf("retry %v, unknown %v, want %v and %v", f.Retry, f.Unknown, test.retry, test.unknown)
			}
			if !strings.Contains(f.Hint, test.hint) || (f.Hint == "") != (test.hint == "") {
				t.Errorf("hint is %q, want one with %q", f.Hint, test.hint)
			}
			// These are also what a region says that is not enabled.
			region := []string{"UnrecognizedClientException", "OptInRequired", "InvalidToken", "InvalidAccessKeyId"}
			if f.Region != slices.Contains(region, f.Code) {
				t.Errorf("region is %v for code %s", f.Region, f.Code)
			}
			if f.Status == 0 || f.RequestID != "R1" || test.answer.Name != "" && f.Code != test.answer.Name {
				t.Errorf("fault is %+v, want a status, code %q and request R1", *f, test.answer.Name)
			}
		})
	}
}

func TestFaultWithoutAnAnswer(t *testing.T) {
	failing := func(err error) func(*http.Request) (*http.Response, error) {
		return func(*http.Request) (*http.Response, error) { return nil, err }
	}
	tests := []struct {
		name           string
		err            error
		retry, unknown bool
	}{
		{"refused", &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}, true, false},
		{"no such host", &net.OpError{Op: "dial", Err: &net.DNSError{IsNotFound: true}}, true, false},
		{"reset", &net.OpError{Op: "read", Err: syscall.ECONNRESET}, false, true},
		{"broken pipe", &net.OpError{Op: "write", Err: syscall.EPIPE}, false, true},
		{"closed", errors.New("http: server closed idle connection"), false, true},
		{"certificate", &tls.CertificateVerificationError{Err: errors.New("unknown authority")}, false, false},
		{"no tls", tls.RecordHeaderError{Msg: "first record does not look like a TLS handshake"}, false, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := asked(t.Context(), t, "lambda", failing(test.err))
			if f.Status != 0 || f.Retry != test.retry || f.Unknown != test.unknown {
				t.Errorf("fault is %+v, want retry %v, unknown %v", *f, test.retry, test.unknown)
			}
			if !errors.Is(f, test.err) && test.name != "certificate" {
				t.Errorf("the error underneath is %v, want %v", f.Err, test.err)
			}
			if text := f.Error(); strings.Contains(text, "operation error") || strings.Contains(text, "https://") {
				t.Errorf("text is %q", text)
			}
		})
	}
}

func TestFaultOfACutAnswer(t *testing.T) {
	f := asked(t.Context(), t, "lambda", func(r *http.Request) (*http.Response, error) {
		whole := &faults.Transport{Script: faults.At(1, faults.Answer("", 200, `{"Version": 1, "Content": {}}`))}
		return (&faults.Transport{Next: whole, Script: faults.At(1, faults.Cut(5))}).RoundTrip(r)
	})
	if !f.Unknown || f.Retry {
		t.Errorf("fault is %+v, want unknown", *f)
	}
}

func TestFaultOfTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	f := asked(ctx, t, "lambda", func(r *http.Request) (*http.Response, error) {
		cancel()
		return nil, r.Context().Err()
	})
	if !errors.Is(f, context.Canceled) || !f.Unknown {
		t.Errorf("fault is %+v, want unknown and canceled", *f)
	}
}

// TestFaultOfCredentials: the role of a profile is assumed in the region itself.
func TestFaultOfCredentials(t *testing.T) {
	for code, region := range map[string]bool{"InvalidClientTokenId": true, "RegionDisabledException": true, "AccessDenied": false} {
		refused := &smithy.OperationError{ServiceID: "STS", OperationName: "AssumeRole", Err: &smithy.GenericAPIError{Code: code, Message: "no"}}
		f := Fault(fmt.Errorf("get identity: %w", &credentialsError{refused}))
		if f.Region != region || f.Cause != fs.ErrPermission || f.Hint == "" {
			t.Errorf("%s: fault is %+v, want region %v", code, *f, region)
		}
	}
}

func TestFaultIsKept(t *testing.T) {
	f := &layer.Fault{Code: "a"}
	if got := Fault(fmt.Errorf("wrapped: %w", f)); got == f || got.Code != f.Code {
		t.Errorf("fault is %+v", got)
	}
}

func TestRetryAfter(t *testing.T) {
	const date = "Sun, 22 Nov 2026 10:00:00 GMT"
	tests := map[string]time.Duration{
		"":                              0,
		"7":                             7 * time.Second,
		" 7 ":                           7 * time.Second,
		"-7":                            0,
		"7.5":                           0,
		"soon":                          0,
		"99999999999999999999":          0,
		"Sun, 22 Nov 2026 10:00:09 GMT": 9 * time.Second,
		"Sun, 22 Nov 2026 09:00:00 GMT": 0,
	}
	for text, want := range tests {
		h := http.Header{"Retry-After": {text}, "Date": {date}}
		if got := retryAfter(h); got != want {
			t.Errorf("%q is %s, want %s", text, got, want)
		}
	}
	if got := retryAfter(http.Header{"Retry-After": {date}}); got != 0 {
		t.Errorf("a date without one to compare is %s, want 0", got)
	}
}
