package fc_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	openapi "github.com/alibabacloud-go/darabonba-openapi/v2/client"
	fc3 "github.com/alibabacloud-go/fc-20230330/v4/client"
	"github.com/alibabacloud-go/tea/tea"
	"github.com/aliyun/credentials-go/credentials"

	"github.com/layerbuild/layerbuild/internal/alicloud"
	"github.com/layerbuild/layerbuild/internal/digest"
	"github.com/layerbuild/layerbuild/internal/faults"
	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/publisher"
	"github.com/layerbuild/layerbuild/publisher/fc"
	"github.com/layerbuild/layerbuild/publisher/publishertest"
	"github.com/layerbuild/layerbuild/runtimes"
	"github.com/layerbuild/layerbuild/sandbox/acs3"
	"github.com/layerbuild/layerbuild/sandbox/disk"
	sandboxfc "github.com/layerbuild/layerbuild/sandbox/fc"
	"github.com/layerbuild/layerbuild/sandbox/record"
)

const (
	account = "1880770869020000"
	region  = "cn-hangzhou"
	bucket  = "layers"
	key     = "LTAIconformance"
	secret  = "sandbox-secret"
)

// A cloud is the sandbox's Function Compute beside a store in a folder.
type cloud struct {
	*httptest.Server
	api   string
	store store
	// late is how far its clock is behind.
	late time.Duration

	mu sync.Mutex
	// requests are those that reached the service.
	requests []string
}

func start(t testing.TB, api string, change func(*sandboxfc.Options)) *cloud {
	t.Helper()
	folder, err := disk.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	c := &cloud{api: api, store: store(t.TempDir())}
	o := sandboxfc.Options{
		Folder: folder, Objects: c.store, Clock: func() time.Time { return time.Now().Add(-c.late) }, Account: "200", Catalogue: catalogue(t),
		Refusal: func(err error) (string, string, bool) {
			return "NoSuchKey", "The specified key does not exist.", errors.Is(err, fs.ErrNotExist)
		},
		Link: func(base url.URL, _, bucket, key string) string {
			return base.String() + "/store/" + bucket + "/" + url.PathEscape(key) + "?signature=secret"
		},
		Find: func(k string) (acs3.Credential, bool) {
			return acs3.Credential{Key: key, Secret: secret, Account: account}, k == key
		},
		Log: func(r record.Record) {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.requests = append(c.requests, r.Action)
		},
		Run: play,
	}
	if change != nil {
		change(&o)
	}
	service, err := sandboxfc.New(o)
	if err != nil {
		t.Fatal(err)
	}
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if path, ok := strings.CutPrefix(r.URL.EscapedPath(), "/store/"); ok {
			http.ServeFile(w, r, filepath.Join(string(c.store), path))
			return
		}
		service.ServeHTTP(w, r)
	}))
	t.Cleanup(c.Close)
	return c
}

// A store is a folder of buckets, whose objects are named as in an address.
type store string

func (s store) path(bucket, key string) string {
	return filepath.Join(string(s), bucket, url.PathEscape(key))
}

func (s store) Fetch(_, _, bucket, key string) (*os.File, error) { return os.Open(s.path(bucket, key)) }

func (s store) Deposit(_, _, bucket, key string, from io.Reader) error {
	content, err := io.ReadAll(from)
	if err == nil {
		err = os.MkdirAll(filepath.Join(string(s), bucket), 0o700)
	}
	if err == nil {
		err = os.WriteFile(s.path(bucket, key), content, 0o600)
	}
	return err
}

func (s store) Discard(bucket, key string) error { return os.Remove(s.path(bucket, key)) }

func (c *cloud) open(t testing.TB, secret string, wrap publishertest.Wrap) *fc.Publisher {
	t.Helper()
	return c.openAPI(t, c.api, secret, wrap)
}

func otherThan(api string) string {
	return map[string]string{fc.V2: fc.V3, fc.V3: fc.V2}[api]
}

func (c *cloud) openAPI(t testing.TB, api, secret string, wrap publishertest.Wrap) *fc.Publisher {
	t.Helper()
	if wrap == nil {
		wrap = func(next http.RoundTripper) http.RoundTripper { return next }
	}
	p, err := fc.New(fc.Options{
		API: api, Region: region, Account: account, Endpoint: c.URL, Transport: wrap(http.DefaultTransport),
		Credential: credential(secret),
		Sleep:      noSleep,
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func noSleep(ctx context.Context, _ time.Duration) error { return ctx.Err() }

// credential has the key of the tests.
func credential(secret string) credentials.Credential {
	return alicloud.New(alicloud.Options{Static: &alicloud.Credentials{AccessKeyID: key, AccessKeySecret: secret}}).Credential()
}

func (c *cloud) config() *openapi.Config {
	return &openapi.Config{
		AccessKeyId: tea.String(key), AccessKeySecret: tea.String(secret),
		Endpoint: tea.String(strings.TrimPrefix(c.URL, "http://")), Protocol: tea.String("http"),
	}
}

// client is the SDK's, to look behind the publisher's back.
func (c *cloud) client(t testing.TB) *fc3.Client {
	t.Helper()
	client, err := fc3.NewClient(c.config())
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func (c *cloud) versions(t testing.TB, name string) []*fc3.Layer {
	t.Helper()
	out, err := c.client(t).ListLayerVersions(&name, &fc3.ListLayerVersionsRequest{Limit: tea.Int32(100)})
	if err != nil {
		var e *tea.SDKError
		if errors.As(err, &e) && tea.StringValue(e.Code) == "LayerNotFound" {
			return nil
		}
		t.Fatal(err)
	}
	return out.Body.Layers
}

func (c *cloud) harness(t testing.TB) publishertest.Harness {
	return publishertest.Harness{
		Open:   func(t testing.TB, wrap publishertest.Wrap) publisher.Publisher { return c.open(t, secret, wrap) },
		Denied: func(t testing.TB, wrap publishertest.Wrap) publisher.Publisher { return c.open(t, secret+"x", wrap) },
		Count:  func(t testing.TB, name string) int { return len(c.versions(t, name)) },
		Grants: func(t testing.TB, v layer.Version) []string {
			for _, l := range c.versions(t, v.Name) {
				if tea.StringValue(l.Acl) == "1" {
					return []string{"*"}
				}
			}
			return nil
		},
		PublicOnly: true,
		Use:        c.uses(c.api),
		Unlicensed: c.api == fc.V2,
		Faults:     append(transient(), faults.Answer("empty", http.StatusOK, "").After()),
		Throttled:  answer(http.StatusTooManyRequests, "Throttling.User", "Retry-After", "7"),
		Publishes: func(r *http.Request) bool {
			return r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/versions")
		},
		Runtimes: []string{"python3.10", "python3.9"},
	}
}

func (c *cloud) upload(_ context.Context, a layer.Artifact) (layer.Object, error) {
	o := layer.Object{Bucket: bucket, Key: "a b/" + a.Digests.SHA256.String() + ".zip"}
	zip, err := os.Open(a.Path)
	if err != nil {
		return o, err
	}
	defer zip.Close()
	return o, c.store.Deposit(account, region, o.Bucket, o.Key, zip)
}

func answer(status int, code string, header ...string) faults.Fault {
	header = append(header, "Content-Type", "application/json", "X-Fc-Request-Id", "R1")
	return faults.Answer(code, status, `{"Code":"`+code+`","Message":"on purpose","RequestId":"R1"}`, header...)
}

func transient() []faults.Fault {
	internal := answer(http.StatusInternalServerError, "InternalServerError")
	return []faults.Fault{
		internal,
		internal.After(),
		answer(http.StatusServiceUnavailable, "ServiceUnavailable"),
		answer(http.StatusTooManyRequests, "Throttling.User", "Retry-After", "1"),
		answer(http.StatusConflict, "ConcurrentUpdateError"),
		faults.Answer("bad-gateway", http.StatusBadGateway, "<html>", "Content-Type", "text/html"),
		faults.Refused(),
		faults.Lost(),
		faults.Cut(0),
		faults.Cut(20),
	}
}

// zipped packs one file of the content.
func zipped(t testing.TB, content string) layer.Artifact {
	t.Helper()
	var buf bytes.Buffer
	w := zip.NewWriter(&buf)
	f, err := w.Create("python/a.txt")
	if err == nil {
		_, err = f.Write([]byte(content))
	}
	if err == nil {
		err = w.Close()
	}
	a := layer.Artifact{Path: filepath.Join(t.TempDir(), "layer.zip")}
	if err == nil {
		err = os.WriteFile(a.Path, buf.Bytes(), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	h := digest.New()
	_, _ = h.Write(buf.Bytes())
	a.Digests = h.Digests()
	a.Digests.Tree[0] = 1
	return a
}

// load reads the catalogue once for all tests.
var load = sync.OnceValues(runtimes.Load)

// catalogue returns a copy whose limits can be changed.
func catalogue(t testing.TB) *runtimes.Catalogue {
	t.Helper()
	c, err := load()
	if err != nil {
		t.Fatal(err)
	}
	own := *c
	own.Services = slices.Clone(c.Services)
	return &own
}
