package cos_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	sdk "github.com/tencentyun/cos-go-sdk-v5"

	"github.com/layerbuild/layerbuild/internal/faults"
	emulated "github.com/layerbuild/layerbuild/sandbox/cos"
	"github.com/layerbuild/layerbuild/sandbox/cossig"
	"github.com/layerbuild/layerbuild/sandbox/disk"
	"github.com/layerbuild/layerbuild/sandbox/record"
	"github.com/layerbuild/layerbuild/uploader"
	"github.com/layerbuild/layerbuild/uploader/cos"
	"github.com/layerbuild/layerbuild/uploader/uploadertest"
)

const (
	region = "ap-guangzhou"
	// part is the smallest size of a part that COS accepts.
	part = 1 << 20
)

func TestConformance(t *testing.T) {
	s := start(t)
	uploadertest.Run(t, s.harness)
}

// A server is an emulated COS.
type server struct {
	url     string
	key     cossig.Credential
	buckets atomic.Int64
	// ahead is how far the server's clock is before the machine's.
	ahead atomic.Int64
}

func (s *server) clock() time.Time { return time.Now().Add(time.Duration(s.ahead.Load())) }

func start(t testing.TB) *server {
	t.Helper()
	s := &server{key: cossig.Credential{Key: "AKIDexample", Secret: "secret", Account: "100000000001"}}
	folder, err := disk.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	service, err := emulated.New(emulated.Options{
		Folder: folder, Clock: s.clock, Log: func(record.Record) {},
		Find: func(key string) (cossig.Credential, bool) { return s.key, key == s.key.Key },
	})
	if err != nil {
		t.Fatal(err)
	}
	listener := httptest.NewServer(service)
	t.Cleanup(listener.Close)
	s.url = listener.URL
	return s
}

// options have sizes and pauses that tests can afford.
func (s *server) options(bucket string, wrap uploadertest.Wrap) cos.Options {
	return cos.Options{
		Credentials: common.NewCredential(s.key.Key, s.key.Secret),
		Region:      region, Bucket: bucket, Endpoint: s.url,
		Single: part, PartSize: part, Now: time.Now, Wrap: wrap,
		Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
	}
}

func open(t testing.TB, o cos.Options) *cos.Uploader {
	t.Helper()
	u, err := cos.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// bucket makes up a name that no other test has.
func (s *server) bucket() string { return fmt.Sprintf("suite-%d-1250000000", s.buckets.Add(1)) }

// last is the name that bucket made up last.
func (s *server) last() string { return fmt.Sprintf("suite-%d-1250000000", s.buckets.Load()) }

// client is the vendor's SDK.
func (s *server) client(t testing.TB, bucket string) *sdk.Client {
	t.Helper()
	at, err := sdk.NewBucketURL(bucket, region, false)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, strings.TrimPrefix(s.url, "http://"))
	}}
	t.Cleanup(transport.CloseIdleConnections)
	return sdk.NewClient(&sdk.BaseURL{BucketURL: at}, &http.Client{Transport: &sdk.AuthorizationTransport{
		SecretID: s.key.Key, SecretKey: s.key.Secret, Transport: transport,
	}})
}

func (s *server) harness(t testing.TB) uploadertest.Harness {
	t.Helper()
	bucket := s.bucket()
	client := s.client(t, bucket)
	if _, err := client.Bucket.Put(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	return uploadertest.Harness{
		Open: func(t testing.TB, wrap uploadertest.Wrap) uploader.Uploader { return open(t, s.options(bucket, wrap)) },
		Denied: func(t testing.TB, wrap uploadertest.Wrap) uploader.Uploader {
			o := s.options(bucket, wrap)
			o.Credentials = common.NewCredential(s.key.Key, "wrong")
			return open(t, o)
		},
		Keys:       func(t testing.TB) []string { return keys(t, client) },
		Read:       func(t testing.TB, key string) []byte { return read(t, client, key) },
		Unfinished: func(t testing.TB) int { return len(unfinished(t, client)) },
		Edges:      []int64{part, 2 * part},
		Large:      part + 1,
		Resumes:    true,
		Faults:     transient(),
	}
}

func transient() []faults.Fault {
	answer := func(status int, code string, header ...string) faults.Fault {
		body := "<Error><Code>" + code + "</Code><Message>on purpose</Message><RequestId>R1</RequestId></Error>"
		return faults.Answer(code, status, body, append(header, "Content-Type", "application/xml")...)
	}
	internal := answer(http.StatusInternalServerError, "InternalError")
	return []faults.Fault{
		internal,
		internal.After(),
		answer(http.StatusServiceUnavailable, "SlowDown", "Retry-After", "1"),
		faults.Answer("html", http.StatusBadGateway, "<html>bad gateway"),
		faults.Refused(),
		faults.Lost(),
		faults.Cut(20),
	}
}

func keys(t testing.TB, client *sdk.Client) (keys []string) {
	t.Helper()
	list, _, err := client.Bucket.Get(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range list.Contents {
		keys = append(keys, o.Key)
	}
	return keys
}

func read(t testing.TB, client *sdk.Client, key string) []byte {
	t.Helper()
	got, err := client.Object.Get(context.Background(), key, nil)
	if err != nil {
		t.Error(err)
		return nil
	}
	defer got.Body.Close()
	content, err := io.ReadAll(got.Body)
	if err != nil {
		t.Error(err)
	}
	return content
}

func unfinished(t testing.TB, client *sdk.Client) (ids []string) {
	t.Helper()
	list, _, err := client.Object.ListUploads(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, u := range list.Upload {
		ids = append(ids, u.UploadID)
	}
	return ids
}
