package cos_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	sdk "github.com/tencentyun/cos-go-sdk-v5"

	"github.com/layerbuild/layerbuild/sandbox/cos"
	"github.com/layerbuild/layerbuild/sandbox/cossig"
	"github.com/layerbuild/layerbuild/sandbox/disk"
	"github.com/layerbuild/layerbuild/sandbox/record"
)

const (
	region = "ap-guangzhou"
	bucket = "layers-1250000000"
)

// mine and others are two accounts' keys.
func mine() cossig.Credential {
	return cossig.Credential{Key: "AKIDexample", Secret: "secret", Account: "100000000001"}
}

func others() cossig.Credential {
	return cossig.Credential{Key: "AKIDother", Secret: "other", Token: "token", Account: "100000000002"}
}

// A fixture is a served COS.
type fixture struct {
	*cos.Service
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

func start(t *testing.T) *fixture { return startIn(t, t.TempDir(), cos.Options{PathStyle: true}) }

func startIn(t *testing.T, dir string, o cos.Options) *fixture {
	t.Helper()
	f := &fixture{}
	var err error
	if o.Folder, err = disk.Open(dir); err != nil {
		t.Fatal(err)
	}
	o.Clock, o.Log = f.clock, f.log
	o.Find = func(key string) (cossig.Credential, bool) {
		for _, c := range []cossig.Credential{mine(), others()} {
			if c.Key == key {
				return c, true
			}
		}
		return cossig.Credential{}, false
	}
	if f.Service, err = cos.New(o); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	f.url = server.URL
	return f
}

// transport leads every request to the fixture, whatever its host. It keeps no
// connections, so that nothing is left of it.
func (f *fixture) transport() *http.Transport {
	return &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, strings.TrimPrefix(f.url, "http://"))
	}}
}

// client is the vendor's SDK, without retries.
func (f *fixture) client(t *testing.T, bucket, region string) *sdk.Client {
	return f.clientAs(t, bucket, region, mine())
}

func (f *fixture) clientAs(t *testing.T, bucket, region string, c cossig.Credential) *sdk.Client {
	t.Helper()
	client := f.clientThrough(t, c, f.transport())
	client.BaseURL.BucketURL = bucketURL(t, bucket, region)
	return client
}

func bucketURL(t *testing.T, bucket, region string) *url.URL {
	t.Helper()
	u, err := sdk.NewBucketURL(bucket, region, false)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// clientThrough is a client with another way to the fixture.
func (f *fixture) clientThrough(t *testing.T, c cossig.Credential, way http.RoundTripper) *sdk.Client {
	t.Helper()
	client := sdk.NewClient(&sdk.BaseURL{BucketURL: bucketURL(t, bucket, region)}, &http.Client{Transport: &sdk.AuthorizationTransport{
		SecretID: c.Key, SecretKey: c.Secret, SessionToken: c.Token, Transport: way,
	}})
	client.Conf.RetryOpt.Count = 1
	return client
}

// A flipper changes the first byte of every body on its way.
type flipper struct{ way http.RoundTripper }

func (f flipper) RoundTrip(r *http.Request) (*http.Response, error) {
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
	return f.way.RoundTrip(r)
}

// wantError checks status and code of an error that COS answered, and that it
// can be traced.
func wantError(t *testing.T, err error, status int, code string) *sdk.ErrorResponse {
	t.Helper()
	e := &sdk.ErrorResponse{}
	if !errors.As(err, &e) {
		t.Fatalf("error is %v, want %d %s", err, status, code)
	}
	if e.Response.StatusCode != status || e.Code != code {
		t.Fatalf("error is %d %s: %s, want %d %s", e.Response.StatusCode, e.Code, e.Message, status, code)
	}
	h := e.Response.Header
	if h.Get("X-Cos-Request-Id") == "" || h.Get("X-Cos-Trace-Id") == "" ||
		code != "" && (e.RequestID != h.Get("X-Cos-Request-Id") || e.TraceID != h.Get("X-Cos-Trace-Id")) {
		t.Errorf("ids are %q and %q in the body, headers %v", e.RequestID, e.TraceID, h)
	}
	return e
}

// put puts an object and fails the test if that fails.
func put(t *testing.T, c *sdk.Client, key string, body []byte) *sdk.Response {
	t.Helper()
	out, err := c.Object.Put(t.Context(), key, bytes.NewReader(body), nil)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// get reads an object and fails the test if that fails.
func get(t *testing.T, c *sdk.Client, key string) (*sdk.Response, []byte) {
	t.Helper()
	out, err := c.Object.Get(t.Context(), key, nil)
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
func download(t *testing.T, c *http.Client, url string) (int, []byte) {
	t.Helper()
	resp, err := c.Get(url)
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
