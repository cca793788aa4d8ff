package cos

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	sdk "github.com/tencentyun/cos-go-sdk-v5"

	"github.com/layerbuild/layerbuild/internal/faults"
	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/uploader/uploadertest"
)

// scripted returns an uploader to a store that answers with what is written
// down, the requests that it got, and the pauses between them.
func scripted(t *testing.T, answers ...faults.Fault) (u *Uploader, asked *[]string, pauses *[]time.Duration) {
	t.Helper()
	asked, pauses = new([]string), new([]time.Duration)
	script := &faults.Transport{Script: func(n int, r *http.Request) faults.Fault {
		*asked = append(*asked, r.Method+" "+r.URL.Path)
		if n > len(answers) {
			t.Fatalf("request %d was not expected: %s %s", n, r.Method, r.URL)
		}
		if r.Body != nil {
			_, _ = io.Copy(io.Discard, r.Body)
		}
		return answers[n-1]
	}}
	u, err := New(Options{
		Credentials: common.NewCredential("a", "b"),
		Region:      "ap-guangzhou", Bucket: "acme-layers-1250000000", Now: time.Now,
		Wrap: func(http.RoundTripper) http.RoundTripper { return script },
		Sleep: func(_ context.Context, d time.Duration) error {
			*pauses = append(*pauses, d)
			return nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return u, asked, pauses
}

// refusal is an error document. The wordings are those of the service.
func refusal(status int, code, message string, more ...string) faults.Fault {
	body := fmt.Sprintf("<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>%s</Code><Message>%s</Message><RequestId>R1</RequestId>%s</Error>",
		code, message, strings.Join(more, ""))
	return faults.Answer(code, status, body, "Content-Type", "application/xml", "X-Cos-Request-Id", "R1")
}

func causes() []error {
	return []error{fs.ErrExist, fs.ErrNotExist, fs.ErrPermission, layer.ErrDigest, layer.ErrLimit}
}

func TestPutRefused(t *testing.T) {
	tests := []struct {
		answer faults.Fault
		cause  error
		hint   string
	}{
		{refusal(404, "NoSuchBucket", "The specified bucket does not exist."), nil, `create bucket "acme-layers-1250000000" in region ap-guangzhou`},
		{refusal(409, "FileAlreadyExists", "The object you specified already exists and can not be overwritten."), fs.ErrExist, ""},
		{refusal(400, "BadDigest", "The Content-MD5 you specified did not match what we received."), layer.ErrDigest, ""},
		{refusal(400, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed object size."), layer.ErrLimit, ""},
		{refusal(403, "AccessDenied", "Access Denied."), fs.ErrPermission, "cos:PutObject"},
		{refusal(403, "AccessDenied", "Request has expired"), fs.ErrPermission, "clock"},
		{refusal(403, "InvalidAccessKeyId", "The Access Key Id you provided does not exist in our records"), fs.ErrPermission, "TENCENTCLOUD_SECRET_ID"},
		{refusal(403, "SignatureDoesNotMatch", "The Signature you specified is invalid."), fs.ErrPermission, "secret key"},
		{refusal(403, "RequestTimeTooSkewed", "The difference between the request time and the server's time is too large."), fs.ErrPermission, "clock"},
		{refusal(400, "ExpiredToken", "The provided token has expired."), fs.ErrPermission, "expired"},
	}
	for _, test := range tests {
		t.Run(test.answer.Name, func(t *testing.T) {
			u, asked, _ := scripted(t, test.answer)
			_, err := u.Put(t.Context(), "a/b.zip", uploadertest.Artifact(t, 1), nil)
			var f *layer.Fault
			if !errors.As(err, &f) || f.Code != test.answer.Name || f.RequestID != "R1" || !strings.Contains(f.Hint, test.hint) {
				t.Fatalf("error is %v with fault %+v, want code %s and a hint with %q", err, f, test.answer.Name, test.hint)
			}
			for _, cause := range causes() {
				if got, want := errors.Is(err, cause), cause == test.cause; got != want {
					t.Errorf("errors.Is(err, %v) is %v", cause, got)
				}
			}
			if !strings.HasPrefix(err.Error(), `uploading "cos://acme-layers-1250000000/a/b.zip": `) || strings.Contains(err.Error(), "\n") {
				t.Errorf("text is %q", err)
			}
			if len(*asked) != 1 {
				t.Errorf("%d requests were made, want 1", len(*asked))
			}
		})
	}
}

// TestStatRefused has answers to a HEAD, which say no more than the status.
func TestStatRefused(t *testing.T) {
	tests := []struct {
		answer faults.Fault
		cause  error
	}{
		{faults.Answer("missing", 404, "", "X-Cos-Request-Id", "R1"), fs.ErrNotExist},
		{faults.Answer("forbidden", 403, "", "X-Cos-Request-Id", "R1"), fs.ErrPermission},
		{faults.Answer("bad", 400, "", "X-Cos-Request-Id", "R1"), nil},
	}
	for _, test := range tests {
		t.Run(test.answer.Name, func(t *testing.T) {
			u, _, _ := scripted(t, test.answer)
			_, err := u.Stat(t.Context(), "a/b.zip")
			var f *layer.Fault
			if !errors.As(err, &f) || f.Status == 0 || f.Message == "" || f.RequestID != "R1" {
				t.Fatalf("error is %v with fault %+v", err, f)
			}
			for _, cause := range causes() {
				if got, want := errors.Is(err, cause), cause == test.cause; got != want {
					t.Errorf("errors.Is(%v, %v) is %v", err, cause, got)
				}
			}
		})
	}
}

func TestStat(t *testing.T) {
	u, asked, _ := scripted(t, faults.Answer("", 200, "", "X-Cos-Hash-Crc64ecma", "18446744073709551615", "X-Cos-Version-Id", "v1"))
	want := layer.Object{Bucket: "acme-layers-1250000000", Key: "a b/ü.zip", Version: "v1", CRC64: "18446744073709551615"}
	if o, err := u.Stat(t.Context(), "a b/ü.zip"); err != nil || o != want {
		t.Errorf("object is %+v, error %v, want %+v", o, err, want)
	}
	if !slices.Equal(*asked, []string{"HEAD /a b/ü.zip"}) {
		t.Errorf("requests were %q", *asked)
	}
}

// TestUnconfirmed has stores that do not prove to have the bytes: the object
// must go.
func TestUnconfirmed(t *testing.T) {
	deleted := faults.Answer("", 204, "")
	tests := []struct {
		name    string
		answers []faults.Fault
		asked   []string
		err     error
	}{
		{
			"other bytes",
			[]faults.Fault{faults.Answer("", 200, "", "X-Cos-Hash-Crc64ecma", "1"), deleted},
			[]string{"PUT /k", "DELETE /k"}, layer.ErrDigest,
		},
		{
			"no digest at all",
			[]faults.Fault{faults.Answer("", 200, ""), faults.Answer("", 200, "", "Content-Length", "1"), deleted},
			[]string{"PUT /k", "HEAD /k", "DELETE /k"}, layer.ErrDigest,
		},
		{
			"may not delete",
			[]faults.Fault{faults.Answer("", 200, "", "X-Cos-Hash-Crc64ecma", "1"), refusal(403, "AccessDenied", "no")},
			[]string{"PUT /k", "DELETE /k"}, layer.ErrDigest,
		},
		{
			"cannot look",
			[]faults.Fault{faults.Answer("", 200, ""), faults.Answer("", 403, "")},
			[]string{"PUT /k", "HEAD /k"}, fs.ErrPermission,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			u, asked, _ := scripted(t, test.answers...)
			if _, err := u.Put(t.Context(), "k", uploadertest.Artifact(t, 1), nil); !errors.Is(err, test.err) {
				t.Errorf("error is %v, want %v", err, test.err)
			}
			if !slices.Equal(*asked, test.asked) {
				t.Errorf("requests were %q, want %q", *asked, test.asked)
			}
		})
	}
}

func TestConfirmedLate(t *testing.T) {
	a := uploadertest.Artifact(t, 1)
	u, _, _ := scripted(t, faults.Answer("", 200, ""),
		faults.Answer("", 200, "", "Content-Length", "1", "X-Cos-Hash-Crc64ecma", a.Digests.CRC64Text()))
	if _, err := u.Put(t.Context(), "k", a, nil); err != nil {
		t.Error(err)
	}
}

// TestThrottled has a store that never relents: the tries end, and none comes
// earlier than it said.
func TestThrottled(t *testing.T) {
	busy := faults.Answer("busy", 503, "<Error><Code>SlowDown</Code></Error>", "Content-Type", "application/xml", "Retry-After", "3")
	u, asked, pauses := scripted(t, busy, busy, busy, busy, busy)
	_, err := u.Put(t.Context(), "k", uploadertest.Artifact(t, 1), nil)
	var f *layer.Fault
	if !errors.As(err, &f) || !f.Retry || f.Unknown || f.After != 3*time.Second {
		t.Errorf("error is %v with fault %+v", err, f)
	}
	if len(*asked) != 5 || len(*pauses) != 4 {
		t.Errorf("requests were %q with pauses %v", *asked, *pauses)
	}
	for _, d := range *pauses {
		if d < 3*time.Second {
			t.Errorf("a pause was %s, want 3s at least", d)
		}
	}
}

func TestNew(t *testing.T) {
	const least, name = 1 << 20, "acme-layers-1250000000"
	tests := []struct {
		o  Options
		ok bool
	}{
		{Options{Region: "r", Bucket: name}, true},
		{Options{Bucket: name}, false},
		{Options{Region: "r", Bucket: name, Single: least, PartSize: least}, true},
		{Options{Region: "r", Bucket: name, PartSize: least - 1}, false},
		{Options{Region: "r", Bucket: name, PartSize: 65 << 20}, false},
		{Options{Region: "r", Bucket: name, Single: least}, false},
		{Options{Region: "r", Bucket: name, Endpoint: "http://127.0.0.1:1"}, true},
		{Options{Region: "r", Bucket: name, Endpoint: "http://cos.example.com"}, false},
		{Options{Region: "r", Bucket: name, Endpoint: "https://cos.example.com/path"}, false},
		{Options{Region: "r", Bucket: "acme-layers"}, false},
		{Options{Region: "r", Bucket: "acme-layers-2024"}, false},
		{Options{Region: "r", Bucket: "1250000000"}, false},
		{Options{Region: "r", Bucket: "-1250000000"}, false},
		{Options{Region: "r", Bucket: "Acme-1250000000"}, false},
		{Options{Region: "r", Bucket: "a.b-1250000000"}, false},
		{Options{Region: "r", Bucket: "a-1250000000\n"}, false},
		{Options{Region: "r", Bucket: "a-1250000000"}, true},
	}
	for _, test := range tests {
		if u, err := New(test.o); (err == nil) != test.ok || (u != nil) != test.ok {
			t.Errorf("New(%+v) is %v, %v", test.o, u, err)
		}
	}
	_, err := New(Options{Region: "r", Bucket: "acme-layers"})
	if err == nil || !strings.Contains(err.Error(), `"acme-layers"`) || !strings.Contains(err.Error(), "APPID") {
		t.Errorf("error is %v, want one that explains the APPID", err)
	}
}

func TestAddresses(t *testing.T) {
	for endpoint, want := range map[string]string{
		"":                   "https://acme-layers-1250000000.cos.ap-guangzhou.myqcloud.com/k",
		"http://127.0.0.1:1": "http://acme-layers-1250000000.cos.ap-guangzhou.myqcloud.com/k",
		"http://localhost:1": "http://acme-layers-1250000000.cos.ap-guangzhou.myqcloud.com/k",
		"https://cos-internal.ap-guangzhou.tencentcos.cn": "https://acme-layers-1250000000.cos-internal.ap-guangzhou.tencentcos.cn/k",
	} {
		var got string
		u, err := New(Options{
			Credentials: common.NewCredential("a", "b"), Now: time.Now,
			Region: "ap-guangzhou", Bucket: "acme-layers-1250000000", Endpoint: endpoint,
			Wrap: func(http.RoundTripper) http.RoundTripper {
				return &faults.Transport{Script: func(_ int, r *http.Request) faults.Fault {
					got = r.URL.String()
					return faults.Answer("", 404, "")
				}}
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		_, _ = u.Stat(t.Context(), "k")
		if got != want {
			t.Errorf("with endpoint %q the object is at %q, want %q", endpoint, got, want)
		}
	}
}

// TestLed checks that an endpoint is where the connections go, with the
// vendor's host in the request, and not through a proxy.
func TestLed(t *testing.T) {
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	var host, auth string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, auth = r.Host, r.Header.Get("Authorization")
		w.WriteHeader(http.StatusNotFound)
	}))
	defer server.Close()
	signed := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	u, err := New(Options{
		Credentials: common.NewTokenCredential("id", "key", "token"), Now: func() time.Time { return signed },
		Region: "ap-guangzhou", Bucket: "acme-layers-1250000000", Endpoint: server.URL,
		Sleep: func(context.Context, time.Duration) error { return nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := u.Stat(t.Context(), "k"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error is %v", err)
	}
	if host != "acme-layers-1250000000.cos.ap-guangzhou.myqcloud.com" {
		t.Errorf("host is %q", host)
	}
	for _, part := range []string{"q-ak=id&", "q-sign-time=1795341600;1795345200&", "x-cos-security-token"} {
		if !strings.Contains(auth, part) {
			t.Errorf("authorization is %q, want %q in it", auth, part)
		}
	}
}

// TestCompletionFails has an error in an answer that began well.
func TestCompletionFails(t *testing.T) {
	s := &store{bucket: "acme-layers-1250000000", region: "ap-guangzhou"}
	answer := &sdk.Response{Response: &http.Response{StatusCode: 200, Header: http.Header{"X-Cos-Request-Id": {"R1"}}}}
	f := s.fault(answer, fmt.Errorf("response 200 OK, but body contains an error, %v", []byte("<Error>")))
	if !f.Unknown || f.RequestID != "R1" || strings.Contains(f.Error(), "60 69") {
		t.Errorf("fault is %+v (%v)", *f, f)
	}
	if f := s.fault(answer, context.Canceled); !errors.Is(f, context.Canceled) {
		t.Errorf("fault is %+v (%v)", *f, f)
	}
}
