package fc_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/crc64"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	openapi "github.com/alibabacloud-go/darabonba-openapi/v2/client"
	fc3 "github.com/alibabacloud-go/fc-20230330/v4/client"
	fc2 "github.com/alibabacloud-go/fc-open-20210406/v2/client"
	"github.com/alibabacloud-go/tea/dara"
	"github.com/alibabacloud-go/tea/tea"

	"github.com/layerbuild/layerbuild/runtimes"
	"github.com/layerbuild/layerbuild/sandbox/acs3"
	"github.com/layerbuild/layerbuild/sandbox/disk"
	"github.com/layerbuild/layerbuild/sandbox/fc"
	"github.com/layerbuild/layerbuild/sandbox/function"
	"github.com/layerbuild/layerbuild/sandbox/record"
)

const account = "1880770869020000"

// store is an OSS in a folder. Its errors are codes.
type store struct{ dir string }

type refusal string

func (r refusal) Error() string { return string(r) }

func (s store) path(bucket, key string) string {
	return filepath.Join(s.dir, bucket, url.PathEscape(key))
}

func (s store) Fetch(account, region, bucket, key string) (*os.File, error) {
	if strings.HasPrefix(bucket, "denied-") {
		return nil, refusal("AccessDenied")
	}
	file, err := os.Open(s.path(bucket, key))
	if errors.Is(err, os.ErrNotExist) {
		return nil, refusal("NoSuchKey")
	}
	return file, err
}

func (s store) Deposit(account, region, bucket, key string, from io.Reader) error {
	data, err := io.ReadAll(from)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(s.dir, bucket), 0o700); err != nil {
		return err
	}
	return os.WriteFile(s.path(bucket, key), data, 0o600)
}

func (s store) Discard(bucket, key string) error { return os.Remove(s.path(bucket, key)) }

// kept is the number of zips that the service has.
func (s store) kept(t *testing.T) int {
	t.Helper()
	list, err := filepath.Glob(filepath.Join(s.dir, "fc-code-*", "*"))
	if err != nil {
		t.Fatal(err)
	}
	return len(list)
}

// cloud is a Function Compute with what it needs around it.
type cloud struct {
	*fc.Service
	store                  store
	folder                 string
	server                 *httptest.Server
	secret, token, account string
	now                    time.Time

	mu      sync.Mutex
	records []record.Record
	runs    []function.Function
	// result is what every function comes to.
	result function.Result
	err    error
}

// start starts a cloud; change alters its options.
func start(t *testing.T, change func(*fc.Options)) *cloud {
	t.Helper()
	c := &cloud{store: store{t.TempDir()}, folder: t.TempDir(), secret: "sandbox-secret", account: account, now: time.Now()}
	c.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { c.ServeHTTP(w, r) }))
	t.Cleanup(c.server.Close)
	c.restart(t, change)
	return c
}

func (c *cloud) restart(t *testing.T, change func(*fc.Options)) {
	t.Helper()
	folder, err := disk.Open(c.folder)
	if err != nil {
		t.Fatal(err)
	}
	o := fc.Options{
		Folder: folder, Objects: c.store, Clock: func() time.Time { return c.now }, Account: "200", Catalogue: catalogue(t),
		Refusal: func(err error) (string, string, bool) {
			r, ok := errors.AsType[refusal](err)
			return string(r), "in words", ok
		},
		Link: func(base url.URL, region, bucket, key string) string {
			return base.String() + "/" + bucket + "/" + url.PathEscape(key)
		},
		Find: func(key string) (acs3.Credential, bool) {
			return acs3.Credential{Key: key, Secret: c.secret, Token: c.token, Account: c.account}, key == "LTAIsandbox"
		},
		Log: func(r record.Record) {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.records = append(c.records, r)
		},
		Run: func(_ context.Context, f function.Function, event []byte) (function.Result, error) {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.runs = append(c.runs, f)
			result := c.result
			result.Output = append(result.Output, event...)
			return result, c.err
		},
	}
	if change != nil {
		change(&o)
	}
	if c.Service, err = fc.New(o); err != nil {
		t.Fatal(err)
	}
}

func catalogue(t *testing.T) *runtimes.Catalogue {
	t.Helper()
	c, err := runtimes.Load()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (c *cloud) config() *openapi.Config {
	return &openapi.Config{
		AccessKeyId: tea.String("LTAIsandbox"), AccessKeySecret: tea.String("sandbox-secret"), SecurityToken: str(c.token),
		Endpoint: tea.String(strings.TrimPrefix(c.server.URL, "http://")), Protocol: tea.String("http"),
	}
}

// str is nil for "".
func str(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func (c *cloud) v2(t *testing.T) *fc2.Client {
	t.Helper()
	client, err := fc2.NewClient(c.config())
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func (c *cloud) v3(t *testing.T) *fc3.Client {
	t.Helper()
	client, err := fc3.NewClient(c.config())
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// wantError checks status and code of an error, and returns its message.
func wantError(t *testing.T, err error, status int, code string) string {
	t.Helper()
	// The two SDKs have error types of their own.
	if e, ok := errors.AsType[*tea.SDKError](err); ok {
		if tea.IntValue(e.StatusCode) != status || tea.StringValue(e.Code) != code {
			t.Fatalf("error is %v, want %d %s", err, status, code)
		}
		return tea.StringValue(e.Message)
	}
	var e interface {
		error
		GetStatusCode() *int
		GetCode() *string
	}
	if !errors.As(err, &e) || dara.IntValue(e.GetStatusCode()) != status || dara.StringValue(e.GetCode()) != code {
		t.Fatalf("error is %T %v, want %d %s", err, err, status, code)
	}
	return e.Error()
}

// makeZip packs files, given as pairs of name and content.
func makeZip(t testing.TB, pairs ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(pairs); i += 2 {
		f, err := w.Create(pairs[i])
		if err == nil {
			_, err = io.WriteString(f, pairs[i+1])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func crc(data []byte) string {
	return strconv.FormatUint(crc64.Checksum(data, crc64.MakeTable(crc64.ECMA)), 10)
}

func arn(name string, version int) string {
	return fmt.Sprintf("acs:fc:cn-hangzhou:%s:layers/%s/versions/%d", account, name, version)
}
