package s3

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"

	"github.com/layerbuild/layerbuild/internal/awscloud"
	"github.com/layerbuild/layerbuild/internal/digest"
	"github.com/layerbuild/layerbuild/internal/faults"
	"github.com/layerbuild/layerbuild/layer"
)

// scripted returns an uploader to a store that answers with what is written
// down, and the requests that it got.
func scripted(t *testing.T, answers ...faults.Fault) (*Uploader, *[]string) {
	t.Helper()
	var asked []string
	script := &faults.Transport{Script: func(n int, r *http.Request) faults.Fault {
		asked = append(asked, r.Method+" "+r.URL.Path)
		if n > len(answers) {
			t.Fatalf("request %d was not expected: %s %s", n, r.Method, r.URL)
		}
		if r.Body != nil {
			_, _ = io.Copy(io.Discard, r.Body)
		}
		return answers[n-1]
	}}
	cfg, err := awscloud.Config(t.Context(), awscloud.Options{
		Region: "eu-central-1", Static: &awscloud.Credentials{AccessKeyID: "a", SecretAccessKey: "b"},
		Wrap: func(http.RoundTripper) http.RoundTripper { return script },
	})
	if err != nil {
		t.Fatal(err)
	}
	cfg.Retryer = func() aws.Retryer {
		return retry.NewStandard(func(o *retry.StandardOptions) { o.MaxBackoff = time.Millisecond })
	}
	u, err := New(Options{Config: cfg, Bucket: "acme-layers", Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	return u, &asked
}

func text(t *testing.T, content string) layer.Artifact {
	t.Helper()
	h := digest.New()
	_, _ = h.Write([]byte(content))
	a := layer.Artifact{Path: filepath.Join(t.TempDir(), "a.zip"), Digests: h.Digests()}
	if err := os.WriteFile(a.Path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return a
}

func refusal(status int, code, message string, header ...string) faults.Fault {
	body := fmt.Sprintf("<Error><Code>%s</Code><Message>%s</Message><RequestId>R1</RequestId></Error>", code, message)
	return faults.Answer(code, status, body, append(header, "X-Amz-Request-Id", "R1")...)
}

func TestPutRefused(t *testing.T) {
	tests := []struct {
		answer faults.Fault
		cause  error
		hint   string
	}{
		{refusal(404, "NoSuchBucket", "The specified bucket does not exist"), nil, `create bucket "acme-layers" in region eu-central-1`},
		{refusal(412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold"), fs.ErrExist, ""},
		{refusal(409, "ConditionalRequestConflict", "The conditional request cannot succeed"), fs.ErrExist, ""},
		{refusal(400, "BadDigest", "The SHA256 you specified did not match the calculated checksum."), layer.ErrDigest, "changed"},
		{refusal(403, "AccessDenied", "Access Denied"), fs.ErrPermission, "s3:PutObject"},
		{refusal(400, "ExpiredToken", "The provided token has expired."), fs.ErrPermission, "expired"},
		{refusal(301, "PermanentRedirect", "The bucket you are attempting to access must be addressed using the specified endpoint.", "X-Amz-Bucket-Region", "us-west-2"), nil, "is in region us-west-2"},
		{refusal(400, "AuthorizationHeaderMalformed", "The authorization header is malformed; the region 'eu-central-1' is wrong; expecting 'us-west-2'"), nil, "is in region us-west-2"},
	}
	for _, test := range tests {
		t.Run(test.answer.Name, func(t *testing.T) {
			u, asked := scripted(t, test.answer)
			_, err := u.Put(t.Context(), "a/b.zip", text(t, "a"), nil)
			var f *layer.Fault
			if !errors.As(err, &f) || f.Code != test.answer.Name || f.RequestID != "R1" || !strings.Contains(f.Hint, test.hint) {
				t.Fatalf("error is %v with fault %+v, want code %s and a hint with %q", err, f, test.answer.Name, test.hint)
			}
			for _, cause := range []error{fs.ErrExist, fs.ErrNotExist, fs.ErrPermission, layer.ErrDigest} {
				if got, want := errors.Is(err, cause), cause == test.cause; got != want {
					t.Errorf("errors.Is(err, %v) is %v", cause, got)
				}
			}
			if !strings.HasPrefix(err.Error(), `uploading "s3://acme-layers/a/b.zip": `) {
				t.Errorf("text is %q", err)
			}
			if len(*asked) != 1 {
				t.Errorf("%d requests were made, want 1", len(*asked))
			}
		})
	}
}

// A HEAD has no body that could say more than the status.
func TestStatRefused(t *testing.T) {
	tests := []struct {
		answer faults.Fault
		cause  error
		hint   string
	}{
		{faults.Answer("missing", 404, ""), fs.ErrNotExist, ""},
		{faults.Answer("forbidden", 403, ""), fs.ErrPermission, ""},
		{faults.Answer("bad", 400, ""), fs.ErrPermission, "session token"},
		{faults.Answer("elsewhere", 301, "", "X-Amz-Bucket-Region", "us-west-2"), nil, "is in region us-west-2"},
		{faults.Answer("elsewhere", 400, "", "X-Amz-Bucket-Region", "us-west-2"), nil, "is in region us-west-2"},
	}
	for _, test := range tests {
		t.Run(test.answer.Name, func(t *testing.T) {
			u, _ := scripted(t, test.answer)
			_, err := u.Stat(t.Context(), "a/b.zip")
			var f *layer.Fault
			if !errors.As(err, &f) || !strings.Contains(f.Hint, test.hint) {
				t.Fatalf("error is %v with fault %+v, want a hint with %q", err, f, test.hint)
			}
			for _, cause := range []error{fs.ErrNotExist, fs.ErrPermission} {
				if got, want := errors.Is(err, cause), cause == test.cause; got != want {
					t.Errorf("errors.Is(%v, %v) is %v", err, cause, got)
				}
			}
		})
	}
}

func TestStatReadsChecksums(t *testing.T) {
	a := text(t, "a")
	sum := base64.StdEncoding.EncodeToString(a.Digests.SHA256[:])
	tests := []struct {
		name, kind, sha, crc string
		want                 layer.Object
	}{
		{"sha256", "FULL_OBJECT", sum, "", layer.Object{SHA256: a.Digests.SHA256.String()}},
		{"crc64nvme", "FULL_OBJECT", "", "rosUhgp5mIg=", layer.Object{CRC64NVME: "12577168950296156296"}},
		{"composite", "COMPOSITE", sum, "", layer.Object{}},
		{"composite by its form", "", sum + "-2", "", layer.Object{}},
		{"nonsense", "FULL_OBJECT", "?", "AAAA", layer.Object{}},
	}
	for _, test := range tests {
		header := []string{"Content-Length", "1", "X-Amz-Version-Id", "null"}
		for name, value := range map[string]string{"Type": test.kind, "Sha256": test.sha, "Crc64nvme": test.crc} {
			if value != "" {
				header = append(header, "X-Amz-Checksum-"+name, value)
			}
		}
		u, _ := scripted(t, faults.Answer("", 200, "", header...))
		test.want.Bucket, test.want.Key, test.want.Size = "acme-layers", "k", 1
		if o, err := u.Stat(t.Context(), "k"); err != nil || o != test.want {
			t.Errorf("%s: object is %+v, error %v, want %+v", test.name, o, err, test.want)
		}
	}
}

// TestUnconfirmed has stores that do not prove to have the bytes: the object
// must go.
func TestUnconfirmed(t *testing.T) {
	deleted := faults.Answer("", 204, "")
	other := base64.StdEncoding.EncodeToString(make([]byte, 32))
	tests := []struct {
		name    string
		answers []faults.Fault
		asked   []string
		err     error
	}{
		{
			"other bytes",
			[]faults.Fault{faults.Answer("", 200, "", "X-Amz-Checksum-Sha256", other), deleted},
			[]string{"PUT /k", "DELETE /k"}, layer.ErrDigest,
		},
		{
			"no digest at all",
			[]faults.Fault{faults.Answer("", 200, ""), faults.Answer("", 200, "", "Content-Length", "1"), deleted},
			[]string{"PUT /k", "HEAD /k", "DELETE /k"}, layer.ErrDigest,
		},
		{
			"may not delete",
			[]faults.Fault{faults.Answer("", 200, "", "X-Amz-Checksum-Sha256", other), refusal(403, "AccessDenied", "Access Denied")},
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
			u, asked := scripted(t, test.answers...)
			if _, err := u.Put(context.Background(), "k", text(t, "a"), nil); !errors.Is(err, test.err) {
				t.Errorf("error is %v, want %v", err, test.err)
			}
			if !slices.Equal(*asked, test.asked) {
				t.Errorf("requests were %q, want %q", *asked, test.asked)
			}
		})
	}
}

func TestConfirmedLate(t *testing.T) {
	a := text(t, "a")
	sum := base64.StdEncoding.EncodeToString(a.Digests.SHA256[:])
	u, _ := scripted(t, faults.Answer("", 200, ""),
		faults.Answer("", 200, "", "Content-Length", "1", "X-Amz-Checksum-Sha256", sum))
	if _, err := u.Put(t.Context(), "k", a, nil); err != nil {
		t.Error(err)
	}
}

// TestThrottled has the two ways in which stores say "later".
func TestThrottled(t *testing.T) {
	a := text(t, "a")
	sum := base64.StdEncoding.EncodeToString(a.Digests.SHA256[:])
	for _, later := range []faults.Fault{refusal(503, "SlowDown", "no"), refusal(429, "TooManyRequests", "no")} {
		u, asked := scripted(t, later, faults.Answer("", 200, "", "X-Amz-Checksum-Sha256", sum))
		if _, err := u.Put(t.Context(), "k", a, nil); err != nil || len(*asked) != 2 {
			t.Errorf("after %s: error %v, requests %q", later.Name, err, *asked)
		}
	}
}

func TestNew(t *testing.T) {
	tests := []struct {
		o  Options
		ok bool
	}{
		{Options{}, true},
		{Options{Single: 5 << 20, PartSize: 5 << 20}, true},
		{Options{PartSize: 5<<20 - 1}, false},
		{Options{PartSize: 65 << 20}, false},
		{Options{Single: 5 << 20}, false},
		{Options{Endpoint: "http://127.0.0.1:1"}, true},
		{Options{Endpoint: "http://s3.example.com"}, false},
	}
	for _, test := range tests {
		if u, err := New(test.o); (err == nil) != test.ok || (u != nil) != test.ok {
			t.Errorf("New(%+v) is %v, %v", test.o, u, err)
		}
	}
}

func TestPathStyle(t *testing.T) {
	for endpoint, want := range map[string]string{
		"":                   "acme-layers.s3.eu-central-1.amazonaws.com/k",
		"http://127.0.0.1:1": "127.0.0.1:1/acme-layers/k",
	} {
		var got string
		cfg := aws.Config{
			Region: "eu-central-1",
			Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
				return aws.Credentials{AccessKeyID: "a", SecretAccessKey: "b"}, nil
			}),
			Retryer:    func() aws.Retryer { return aws.NopRetryer{} },
			HTTPClient: client(func(r *http.Request) { got = r.URL.Host + r.URL.Path }),
		}
		u, err := New(Options{Config: cfg, Bucket: "acme-layers", Endpoint: endpoint})
		if err != nil {
			t.Fatal(err)
		}
		_, _ = u.Stat(t.Context(), "k")
		if got != want {
			t.Errorf("with endpoint %q the object is at %q, want %q", endpoint, got, want)
		}
	}
}

type client func(*http.Request)

func (c client) Do(r *http.Request) (*http.Response, error) {
	c(r)
	return nil, io.ErrUnexpectedEOF
}
