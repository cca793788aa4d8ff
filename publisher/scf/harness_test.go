package scf_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/base64"
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

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	sdkerrors "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/errors"
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/profile"
	sdk "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/scf/v20180416"

	"github.com/layerbuild/layerbuild/internal/digest"
	"github.com/layerbuild/layerbuild/internal/faults"
	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/publisher"
	"github.com/layerbuild/layerbuild/publisher/publishertest"
	"github.com/layerbuild/layerbuild/publisher/scf"
	"github.com/layerbuild/layerbuild/runtimes"
	"github.com/layerbuild/layerbuild/sandbox/disk"
	"github.com/layerbuild/layerbuild/sandbox/record"
	sandboxscf "github.com/layerbuild/layerbuild/sandbox/scf"
	"github.com/layerbuild/layerbuild/sandbox/tc3"
)

const (
	appID  = "1250000000"
	region = "ap-guangzhou"
	bucket = "layers-" + appID
	id     = "AKIDconformance"
	secret = "sandbox-secret"
)

// A cloud is the sandbox's SCF beside a store in a folder.
type cloud struct {
	*httptest.Server
	store store
	// late is how far its clock is behind.
	late time.Duration

	mu sync.Mutex
	// requests are those that reached the service.
	requests []string
}

func start(t testing.TB, change func(*sandboxscf.Options)) *cloud {
	t.Helper()
	folder, err := disk.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	c := &cloud{store: store(t.TempDir())}
	o := sandboxscf.Options{
		Folder: folder, Objects: c.store, Account: "1250000001", Catalogue: catalogue(t), Run: play,
		Clock: func() time.Time { return time.Now().Add(-c.late) },
		Refusal: func(err error) (string, string, bool) {
			return "NoSuchKey", "The specified key does not exist.", errors.Is(err, fs.ErrNotExist)
		},
		Link: func(base url.URL, _, bucket, key string) string {
			return base.String() + "/store/" + bucket + "/" + url.PathEscape(key) + "?sign=secret"
		},
		Find: func(k string) (tc3.Credential, bool) {
			return tc3.Credential{Key: id, Secret: secret, Account: appID}, k == id
		},
		Log: func(r record.Record) {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.requests = append(c.requests, r.Action)
		},
	}
	if change != nil {
		change(&o)
	}
	service, err := sandboxscf.New(o)
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

func (c *cloud) open(t testing.TB, secret string, wrap publishertest.Wrap) *scf.Publisher {
	t.Helper()
	o := c.options()
	o.Credential = common.NewCredential(id, secret)
	if wrap != nil {
		o.Transport = wrap(http.DefaultTransport)
	}
	return opened(t, o)
}

func (c *cloud) options() scf.Options {
	return scf.Options{
		Region: region, Credential: common.NewCredential(id, secret), Endpoint: c.URL, Transport: http.DefaultTransport,
		Now:   func() time.Time { return time.Now().Add(-c.late) },
		Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
	}
}

func opened(t testing.TB, o scf.Options) *scf.Publisher {
	t.Helper()
	p, err := scf.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// client is the SDK's, to look behind the publisher's back.
func (c *cloud) client(t testing.TB) *sdk.Client {
	t.Helper()
	p := profile.NewClientProfile()
	p.HttpProfile.Endpoint, p.HttpProfile.Scheme = strings.TrimPrefix(c.URL, "http://"), "HTTP"
	client, err := sdk.NewClient(common.NewCredential(id, secret), region, p)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func (c *cloud) count(t testing.TB, name string) int {
	t.Helper()
	request := sdk.NewListLayerVersionsRequest()
	request.LayerName = &name
	out, err := c.client(t).ListLayerVersions(request)
	var e *sdkerrors.TencentCloudSDKError
	if errors.As(err, &e) && e.Code == "ResourceNotFound.Layer" {
		return 0
	}
	if err != nil {
		t.Fatal(err)
	}
	return len(out.Response.LayerVersions)
}

func (c *cloud) harness() publishertest.Harness {
	return publishertest.Harness{
		Open:   func(t testing.TB, wrap publishertest.Wrap) publisher.Publisher { return c.open(t, secret, wrap) },
		Denied: func(t testing.TB, wrap publishertest.Wrap) publisher.Publisher { return c.open(t, secret+"x", wrap) },
		Count:  c.count,
		Use:    c.use,
		// A function takes a request or more: what goes over a page
		// is TestUsageEverywhere's.
		FunctionPage: 20,
		Faults:       transient(),
		Throttled:    answer("RequestLimitExceeded", "Retry-After", "7"),
		Publishes:    func(r *http.Request) bool { return action(r) == "PublishLayerVersion" },
		Runtimes:     []string{"Python3.10", "Python3.9"},
	}
}

// use makes a function that uses a layer version, or has one go on with it
// after a version of the function was published.
func (c *cloud) use(t testing.TB, name string, v layer.Version) {
	t.Helper()
	client, layers := c.client(t), []*sdk.LayerVersionSimple{{LayerName: &v.Name, LayerVersion: &v.Number}}
	create := sdk.NewCreateFunctionRequest()
	create.FunctionName, create.Runtime, create.Handler = &name, common.StringPtr("Python3.10"), common.StringPtr("index.handler")
	create.Code, create.Layers = &sdk.Code{ZipFile: common.StringPtr(base64.StdEncoding.EncodeToString(code(t)))}, layers
	_, err := client.CreateFunction(create)
	var e *sdkerrors.TencentCloudSDKError
	if errors.As(err, &e) && e.Code == "ResourceInUse.FunctionName" {
		publish := sdk.NewPublishVersionRequest()
		publish.FunctionName = &name
		_, err = client.PublishVersion(publish)
		if err == nil {
			update := sdk.NewUpdateFunctionConfigurationRequest()
			update.FunctionName, update.Layers = &name, layers
			_, err = client.UpdateFunctionConfiguration(update)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	c.ready(t, name)
}

// ready waits for a function. The sandbox counts how often it is asked.
func (c *cloud) ready(t testing.TB, name string) {
	t.Helper()
	get := sdk.NewGetFunctionRequest()
	get.FunctionName = &name
	for range 3 {
		out, err := c.client(t).GetFunction(get)
		if err != nil {
			t.Fatal(err)
		}
		if *out.Response.Status == "Active" {
			return
		}
	}
	t.Fatalf("function %q does not become active", name)
}

func action(r *http.Request) string { return r.Header.Get("X-TC-Action") }

func (c *cloud) upload(_ context.Context, a layer.Artifact) (layer.Object, error) {
	o := layer.Object{Bucket: bucket, Key: "a b/" + a.Digests.SHA256.String() + ".zip"}
	zip, err := os.Open(a.Path)
	if err != nil {
		return o, err
	}
	defer zip.Close()
	return o, c.store.Deposit(appID, region, o.Bucket, o.Key, zip)
}

// answer is an error as the service has it: with the status of a success.
func answer(code string, header ...string) faults.Fault {
	header = append(header, "Content-Type", "application/json")
	return faults.Answer(code, http.StatusOK, `{"Response":{"Error":{"Code":"`+code+`","Message":"on purpose"},"RequestId":"R1"}}`, header...)
}

func transient() []faults.Fault {
	internal := answer("InternalError.System")
	return []faults.Fault{
		internal,
		internal.After(),
		answer("RequestLimitExceeded"),
		faults.Answer("bad-gateway", http.StatusBadGateway, "<html>", "Content-Type", "text/html"),
		faults.Answer("empty", http.StatusOK, "").After(),
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

// asked returns what reached the service since it was last asked.
func (c *cloud) asked() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	list := slices.Clone(c.requests)
	c.requests = nil
	return list
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
