package oss_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	sdk "github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss"
	"github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss/credentials"
	"github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss/retry"

	"github.com/layerbuild/layerbuild/sandbox/disk"
	"github.com/layerbuild/layerbuild/sandbox/oss"
	"github.com/layerbuild/layerbuild/sandbox/osssig"
	"github.com/layerbuild/layerbuild/sandbox/record"
)

const region = "cn-hangzhou"

// mine and others are two accounts' keys.
func mine() osssig.Credential {
	return osssig.Credential{Key: "LTAIexample", Secret: "secret", Account: "1234567890123456"}
}

func others() osssig.Credential {
	return osssig.Credential{Key: "LTAIother", Secret: "other", Token: "token", Account: "6543210987654321"}
}

// A fixture is a served OSS.
type fixture struct {
	*oss.Service
	url string

	mu     sync.Mutex
	now    time.Time
	list   []record.Record
	listen func(action string, count int)
}

func (f *fixture) clock() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.now.IsZero() {
		return time.Now()
	}
	return f.now
}

// set stops the clock.
func (f *fixture) set(now time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.now = now
}

func (f *fixture) log(r record.Record) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.list = append(f.list, r)
	if f.listen != nil {
		f.listen(r.Action, f.countLocked(r.Action))
	}
}

// onLog has the function told of every request, with how many of its kind
// there were.
func (f *fixture) onLog(listen func(action string, count int)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.listen = listen
}

func (f *fixture) count(action string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.countLocked(action)
}

func (f *fixture) countLocked(action string) int {
	n := 0
	for _, r := range f.list {
		if r.Action == action {
			n++
		}
	}
	return n
}

func (f *fixture) records() []record.Record {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]record.Record(nil), f.list...)
}

func start(t *testing.T) *fixture { return startIn(t, t.TempDir(), false) }

func startIn(t *testing.T, dir string, strict bool) *fixture {
	t.Helper()
	f := &fixture{}
	folder, err := disk.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	f.Service, err = oss.New(oss.Options{
		Folder: folder, Clock: f.clock, Strict: strict, Log: f.log,
		Find: func(key string) (osssig.Credential, bool) {
			for _, c := range []osssig.Credential{mine(), others()} {
				if c.Key == key {
					return c, true
				}
			}
			return osssig.Credential{}, false
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	f.url = server.URL
	return f
}

// client is the vendor's SDK, without retries.
func (f *fixture) client(region string) *sdk.Client { return f.clientAs(region, mine()) }

func (f *fixture) clientAs(region string, c osssig.Credential) *sdk.Client {
	return sdk.NewClient(sdk.LoadDefaultConfig().WithRegion(region).WithEndpoint(f.url).
		WithCredentialsProvider(credentials.NewStaticCredentialsProvider(c.Key, c.Secret, c.Token)).
		WithRetryer(retry.NopRetryer{}))
}

// clientThrough is a client with another way to the fixture.
func (f *fixture) clientThrough(way http.RoundTripper) *sdk.Client {
	return sdk.NewClient(sdk.LoadDefaultConfig().WithRegion(region).WithEndpoint(f.url).
		WithCredentialsProvider(credentials.NewStaticCredentialsProvider(mine().Key, mine().Secret)).
		WithRetryer(retry.NopRetryer{}).WithHttpClient(&http.Client{Transport: way}))
}

// A flipper changes the first byte of every body on its way.
type flipper struct{}

func (flipper) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil && r.Method == http.MethodPut {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		if len(body) > 0 {
			body[0] ^= 1
		}
		r = r.Clone(r.Context())
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	return http.DefaultTransport.RoundTrip(r)
}

// wantError checks status, code and EC of an error that OSS answered.
func wantError(t *testing.T, err error, status int, code, ec string) *sdk.ServiceError {
	t.Helper()
	e := &sdk.ServiceError{}
	if !errors.As(err, &e) {
		t.Fatalf("error is %v, want %d %s", err, status, code)
	}
	if e.StatusCode != status || e.Code != code || e.EC != ec {
		t.Fatalf("error is %d %s (EC %q): %s, want %d %s (EC %q)", e.StatusCode, e.Code, e.EC, e.Message, status, code, ec)
	}
	if e.RequestID == "" || e.RequestID != e.Headers.Get("X-Oss-Request-Id") {
		t.Errorf("request id is %q in the body and %q in the header", e.RequestID, e.Headers.Get("X-Oss-Request-Id"))
	}
	return e
}

// put puts an object and fails the test if that fails.
func put(t *testing.T, c *sdk.Client, bucket, key string, body []byte) *sdk.PutObjectResult {
	t.Helper()
	out, err := c.PutObject(t.Context(), &sdk.PutObjectRequest{Bucket: &bucket, Key: &key, Body: bytes.NewReader(body)})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// get reads an object and fails the test if that fails.
func get(t *testing.T, c *sdk.Client, bucket, key string) (*sdk.GetObjectResult, []byte) {
	t.Helper()
	out, err := c.GetObject(t.Context(), &sdk.GetObjectRequest{Bucket: &bucket, Key: &key})
	if err != nil {
		t.Fatal(err)
	}
	defer out.Body.Close()
	body, err := io.ReadAll(out.Body)
	if err != nil {
		t.Fatal(err)
	}
	return out, body
}

// download fetches a URL without any credentials.
func download(t *testing.T, url string) (int, []byte) {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, body
}
