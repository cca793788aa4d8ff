package oss

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/layerbuild/layerbuild/internal/alicloud"
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
		Credentials: alicloud.New(alicloud.Options{Static: &alicloud.Credentials{AccessKeyID: "a", AccessKeySecret: "b"}}),
		Region:      "cn-hangzhou", Bucket: "acme-layers", Now: time.Now,
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
	return faults.Answer(code, status, body, "Content-Type", "application/xml", "X-Oss-Request-Id", "R1")
}

func causes() []error {
	return []error{fs.ErrExist, fs.ErrNotExist, fs.ErrPermission, layer.ErrDigest, layer.ErrLimit}
}

func TestPutRefused(t *testing.T) {
	const elsewhere = "The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint."
	tests := []struct {
		answer faults.Fault
		cause  error
		hint   string
	}{
		{refusal(404, "NoSuchBucket", "The specified bucket does not exist."), nil, `create bucket "acme-layers" in region cn-hangzhou`},
		{refusal(409, "FileAlreadyExists", "The object you specified already exists and can not be overwritten."), fs.ErrExist, ""},
		{refusal(400, "InvalidDigest", "The Content-MD5 you specified was invalid."), layer.ErrDigest, ""},
		{refusal(400, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size."), layer.ErrLimit, ""},
		{refusal(403, "AccessDenied", "You have no right to access this object because of bucket acl."), fs.ErrPermission, "oss:PutObject"},
		{refusal(403, "AccessDenied", elsewhere, "<Endpoint>oss-cn-beijing.aliyuncs.com</Endpoint>"), nil, "is in region cn-beijing"},
		{refusal(403, "InvalidAccessKeyId", "The OSS Access Key Id you provided does not exist in our records."), fs.ErrPermission, "ALIBABA_CLOUD_ACCESS_KEY_ID"},
		{refusal(403, "SignatureDoesNotMatch", "The request signature we calculated does not match the signature you provided."), fs.ErrPermission, "access key secret"},
		{refusal(403, "RequestTimeTooSkewed", "The difference between the request time and the current time is too large."), fs.ErrPermission, "clock"},
		{refusal(403, "SecurityTokenExpired", "The security token you provided has expired."), fs.ErrPermission, "expired"},
		{refusal(403, "InvalidSecurityToken", "The security token you provided is invalid."), fs.ErrPermission, "security token"},
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
			if !strings.HasPrefix(err.Error(), `uploading "oss://acme-layers/a/b.zip": `) || strings.Contains(err.Error(), "\n") {
				t.Errorf("text is %q", err)
			}
			if len(*asked) != 1 {
				t.Errorf("%d requests were made, want 1", len(*asked))
			}
		})
	}
}

// TestStatRefused has answers to a HEAD, whose reason stands in a header.
func TestStatRefused(t *testing.T) {
	// <Error><Code>NoSuchKey</Code></Error>
	const noKey = "PEVycm9yPjxDb2RlPk5vU3VjaEtleTwvQ29kZT48L0Vycm9yPg=="
	tests := []struct {
		answer faults.Fault
		cause  error
		code   string
	}{
		{faults.Answer("missing", 404, "", "X-Oss-Err", noKey), fs.ErrNotExist, "NoSuchKey"},
		{faults.Answer("missing without a reason", 404, ""), fs.ErrNotExist, ""},
		{faults.Answer("forbidden", 403, ""), fs.ErrPermission, ""},
		{faults.Answer("bad", 400, ""), nil, ""},
	}
	for _, test := range tests {
		t.Run(test.answer.Name, func(t *testing.T) {
			u, _, _ := scripted(t, test.answer)
			_, err := u.Stat(t.Context(), "a/b.zip")
			var f *layer.Fault
			if !errors.As(err, &f) || f.Code != test.code || strings.Contains(f.Error(), "parse") {
				t.Fatalf("error is %v with fault %+v, want code %q", err, f, test.code)
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
	u, asked, _ := scripted(t, faults.Answer("", 200, "", "Content-Length", "7", "X-Oss-Hash-Crc64ecma", "18446744073709551615", "X-Oss-Version-Id", "v1"))
	want := layer.Object{Bucket: "acme-layers", Key: "a b/ü.zip", Version: "v1", Size: 7, CRC64: "18446744073709551615"}
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
			[]faults.Fault{faults.Answer("", 200, "", "X-Oss-Hash-Crc64ecma", "1"), deleted},
			[]string{"PUT /k", "DELETE /k"}, layer.ErrDigest,
		},
		{
			"no digest at all",
			[]faults.Fault{faults.Answer("", 200, ""), faults.Answer("", 200, "", "Content-Length", "1"), deleted},
			[]string{"PUT /k", "HEAD /k", "DELETE /k"}, layer.ErrDigest,
		},
		{
			"may not delete",
			[]faults.Fault{faults.Answer("", 200, "", "X-Oss-Hash-Crc64ecma", "1"), refusal(403, "AccessDenied", "no")},
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
		faults.Answer("", 200, "", "Content-Length", "1", "X-Oss-Hash-Crc64ecma", a.Digests.CRC64Text()))
	if _, err := u.Put(t.Context(), "k", a, nil); err != nil {
		t.Error(err)
	}
}

// TestThrottled has a store that never relents: the tries end, and none comes
// earlier than it said.
func TestThrottled(t *testing.T) {
	busy := faults.Answer("busy", 503, "<Error><Code>QpsLimitExceeded</Code></Error>", "Content-Type", "application/xml", "Retry-After", "3")
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
	const least = 100 << 10
	tests := []struct {
		o  Options
		ok bool
	}{
		{Options{Bucket: "acme", Region: "r"}, true},
		{Options{Bucket: "acme"}, false},
		{Options{Region: "r"}, false},
		{Options{Region: "r", Bucket: "ab"}, false},
		{Options{Region: "r", Bucket: "Acme"}, false},
		{Options{Region: "r", Bucket: "acme-"}, false},
		{Options{Region: "r", Bucket: "acme.layers"}, false},
		{Options{Bucket: "acme", Region: "r", Single: least, PartSize: least}, true},
		{Options{Bucket: "acme", Region: "r", PartSize: least - 1}, false},
		{Options{Bucket: "acme", Region: "r", PartSize: 65 << 20}, false},
		{Options{Bucket: "acme", Region: "r", Single: least}, false},
		{Options{Bucket: "acme", Region: "r", Endpoint: "http://127.0.0.1:1"}, true},
		{Options{Bucket: "acme", Region: "r", Endpoint: "http://oss.example.com"}, false},
		{Options{Bucket: "acme", Region: "r", Endpoint: "https://oss.example.com/path"}, false},
	}
	for _, test := range tests {
		if u, err := New(test.o); (err == nil) != test.ok || (u != nil) != test.ok {
			t.Errorf("New(%+v) is %v, %v", test.o, u, err)
		}
	}
}

func TestAddresses(t *testing.T) {
	for endpoint, want := range map[string]string{
		"":                   "https://acme-layers.oss-cn-hangzhou.aliyuncs.com/k",
		"http://127.0.0.1:1": "http://127.0.0.1:1/acme-layers/k",
		"http://[::1]:1":     "http://[::1]:1/acme-layers/k",
		"http://localhost:1": "http://localhost:1/acme-layers/k",
		"https://oss-cn-hangzhou-internal.aliyuncs.com": "https://acme-layers.oss-cn-hangzhou-internal.aliyuncs.com/k",
	} {
		var got string
		u, err := New(Options{
			Credentials: alicloud.New(alicloud.Options{Static: &alicloud.Credentials{AccessKeyID: "a", AccessKeySecret: "b"}}),
			Region:      "cn-hangzhou", Bucket: "acme-layers", Endpoint: endpoint,
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
