package scf_test

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	tcerrors "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/errors"
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/profile"
	tencent "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/scf/v20180416"

	"github.com/layerbuild/layerbuild/runtimes"
	"github.com/layerbuild/layerbuild/sandbox/disk"
	"github.com/layerbuild/layerbuild/sandbox/function"
	"github.com/layerbuild/layerbuild/sandbox/record"
	"github.com/layerbuild/layerbuild/sandbox/scf"
	"github.com/layerbuild/layerbuild/sandbox/tc3"
)

const appid = "1250000000"

// store is a COS in a folder, with a folder for each region. Its errors are
// codes.
type store struct{ dir string }

type refusal string

func (r refusal) Error() string { return string(r) }

func (s store) path(region, bucket, key string) string {
	return filepath.Join(s.dir, region, bucket, url.PathEscape(key))
}

func (s store) Fetch(account, region, bucket, key string) (*os.File, error) {
	if strings.HasPrefix(bucket, "denied-") {
		return nil, refusal("AccessDenied")
	}
	if _, err := os.Stat(filepath.Join(s.dir, region, bucket)); errors.Is(err, os.ErrNotExist) {
		return nil, refusal("NoSuchBucket")
	}
	file, err := os.Open(s.path(region, bucket, key))
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
	if err := os.MkdirAll(filepath.Join(s.dir, region, bucket), 0o700); err != nil {
		return err
	}
	return os.WriteFile(s.path(region, bucket, key), data, 0o600)
}

func (s store) Discard(bucket, key string) error {
	found, err := filepath.Glob(s.path("*", bucket, key))
	if err != nil || len(found) != 1 {
		return errors.Join(err, errors.New("not there"))
	}
	return os.Remove(found[0])
}

// kept is the number of zips that the service has.
func (s store) kept(t *testing.T) int {
	t.Helper()
	list, err := filepath.Glob(filepath.Join(s.dir, "*", "scf-code-*", "*"))
	if err != nil {
		t.Fatal(err)
	}
	return len(list)
}

// cloud is an SCF with what it needs around it.
type cloud struct {
	*scf.Service
	store         store
	folder        string
	server        *httptest.Server
	secret, token string
	now           time.Time

	mu      sync.Mutex
	records []record.Record
	runs    []function.Function
	// result is what every function comes to.
	result function.Result
	err    error
}

// start starts a cloud; change alters its options.
func start(t *testing.T, change func(*scf.Options)) *cloud {
	t.Helper()
	c := &cloud{store: store{t.TempDir()}, folder: t.TempDir(), secret: "sandbox-secret", now: time.Now()}
	c.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { c.ServeHTTP(w, r) }))
	t.Cleanup(c.server.Close)
	c.restart(t, change)
	return c
}

func (c *cloud) restart(t *testing.T, change func(*scf.Options)) {
	t.Helper()
	folder, err := disk.Open(c.folder)
	if err != nil {
		t.Fatal(err)
	}
	o := scf.Options{
		Folder: folder, Objects: c.store, Account: "1250000001", Catalogue: catalogue(t), Wait: scf.Wait{Polls: -1},
		Clock: func() time.Time { return c.now },
		Refusal: func(err error) (string, string, bool) {
			r, ok := errors.AsType[refusal](err)
			return string(r), "in words", ok
		},
		Link: func(base url.URL, region, bucket, key string) string {
			return base.String() + "/" + region + "/" + bucket + "/" + key
		},
		Find: func(key string) (tc3.Credential, bool) {
			return tc3.Credential{Key: key, Secret: c.secret, Token: c.token, Account: appid}, key == "AKIDsandbox"
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
	if c.Service, err = scf.New(o); err != nil {
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

// client is the vendor's SDK, in English.
func (c *cloud) client(t *testing.T, region string) *tencent.Client {
	t.Helper()
	return c.clientFor(t, region, common.NewTokenCredential("AKIDsandbox", "sandbox-secret", c.token), "en-US")
}

func (c *cloud) clientFor(t *testing.T, region string, credential *common.Credential, language string) *tencent.Client {
	t.Helper()
	p := profile.NewClientProfile()
	p.HttpProfile.Endpoint, p.HttpProfile.Scheme = strings.TrimPrefix(c.server.URL, "http://"), "HTTP"
	p.Language = language
	client, err := tencent.NewClient(credential, region, p)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// wantError checks the code of an error, and returns its message.
func wantError(t *testing.T, err error, code string) string {
	t.Helper()
	e, ok := errors.AsType[*tcerrors.TencentCloudSDKError](err)
	if !ok || e.Code != code || len(e.RequestId) != 36 {
		t.Fatalf("error is %v, want %s", err, code)
	}
	return e.Message
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

func sum(data []byte) string {
	s := sha256.Sum256(data)
	return hex.EncodeToString(s[:])
}

// inline is a request that publishes a zip.
func inline(name string, zip []byte) *tencent.PublishLayerVersionRequest {
	r := tencent.NewPublishLayerVersionRequest()
	r.LayerName, r.CompatibleRuntimes = &name, common.StringPtrs([]string{"Python3.9"})
	r.Content = &tencent.Code{ZipFile: common.StringPtr(base64.StdEncoding.EncodeToString(zip))}
	return r
}

func fromCOS(name, bucket, key, region string) *tencent.PublishLayerVersionRequest {
	r := inline(name, nil)
	r.Content = &tencent.Code{CosBucketName: &bucket, CosObjectName: &key, CosBucketRegion: &region}
	return r
}

func publish(t *testing.T, c *tencent.Client, r *tencent.PublishLayerVersionRequest) int64 {
	t.Helper()
	out, err := c.PublishLayerVersion(r)
	if err != nil {
		t.Fatal(err)
	}
	return *out.Response.LayerVersion
}

func getRequest(name string, version int64) *tencent.GetLayerVersionRequest {
	r := tencent.NewGetLayerVersionRequest()
	r.LayerName, r.LayerVersion = &name, &version
	return r
}

func get(t *testing.T, c *tencent.Client, name string, version int64) *tencent.GetLayerVersionResponseParams {
	t.Helper()
	out, err := c.GetLayerVersion(getRequest(name, version))
	if err != nil {
		t.Fatal(err)
	}
	return out.Response
}

func remove(c *tencent.Client, name string, version int64) error {
	r := tencent.NewDeleteLayerVersionRequest()
	r.LayerName, r.LayerVersion = &name, &version
	_, err := c.DeleteLayerVersion(r)
	return err
}
