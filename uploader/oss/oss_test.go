package oss_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	sdk "github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss"

	"github.com/layerbuild/layerbuild/internal/alicloud"
	"github.com/layerbuild/layerbuild/internal/faults"
	"github.com/layerbuild/layerbuild/sandbox/disk"
	emulated "github.com/layerbuild/layerbuild/sandbox/oss"
	"github.com/layerbuild/layerbuild/sandbox/osssig"
	"github.com/layerbuild/layerbuild/sandbox/record"
	"github.com/layerbuild/layerbuild/uploader"
	"github.com/layerbuild/layerbuild/uploader/oss"
	"github.com/layerbuild/layerbuild/uploader/uploadertest"
)

const (
	region = "cn-hangzhou"
	// part is the smallest size of a part that OSS accepts.
	part = 100 << 10
)

func TestConformance(t *testing.T) {
	s := start(t)
	uploadertest.Run(t, s.harness)
}

// A server is an emulated OSS.
type server struct {
	url     string
	service http.Handler
	key     osssig.Credential
	buckets atomic.Int64
}

func start(t testing.TB) *server {
	t.Helper()
	s := &server{key: osssig.Credential{Key: "LTAIexample", Secret: "secret", Account: "1234567890123456"}}
	folder, err := disk.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	service, err := emulated.New(emulated.Options{
		Folder: folder, Clock: time.Now, Log: func(record.Record) {},
		Find: func(key string) (osssig.Credential, bool) { return s.key, key == s.key.Key },
	})
	if err != nil {
		t.Fatal(err)
	}
	s.service = service
	listener := httptest.NewServer(service)
	t.Cleanup(listener.Close)
	s.url = listener.URL
	return s
}

// account is the credentials of the server, secret aside.
func (s *server) account(secret string) *alicloud.Provider {
	return alicloud.New(alicloud.Options{Static: &alicloud.Credentials{AccessKeyID: s.key.Key, AccessKeySecret: secret}})
}

// options have sizes and pauses that tests can afford.
func (s *server) options(bucket string, wrap uploadertest.Wrap) oss.Options {
	return oss.Options{
		Credentials: s.account(s.key.Secret), Region: region, Bucket: bucket, Endpoint: s.url,
		Single: part, PartSize: part, Now: time.Now, Wrap: wrap,
		Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
	}
}

func open(t testing.TB, o oss.Options) *oss.Uploader {
	t.Helper()
	u, err := oss.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// bucket makes up a name that no other test has.
func (s *server) bucket() string { return fmt.Sprintf("suite-%d", s.buckets.Add(1)) }

// last is the name that bucket made up last.
func (s *server) last() string { return fmt.Sprintf("suite-%d", s.buckets.Load()) }

// client is the vendor's SDK.
func (s *server) client() *sdk.Client {
	return sdk.NewClient(new(sdk.Config).WithRegion(region).WithEndpoint(s.url).WithCredentialsProvider(s.account(s.key.Secret)))
}

func (s *server) harness(t testing.TB) uploadertest.Harness {
	t.Helper()
	bucket, client := s.bucket(), s.client()
	if _, err := client.PutBucket(t.Context(), &sdk.PutBucketRequest{Bucket: &bucket}); err != nil {
		t.Fatal(err)
	}
	return uploadertest.Harness{
		Open: func(t testing.TB, wrap uploadertest.Wrap) uploader.Uploader { return open(t, s.options(bucket, wrap)) },
		Denied: func(t testing.TB, wrap uploadertest.Wrap) uploader.Uploader {
			o := s.options(bucket, wrap)
			o.Credentials = s.account("wrong")
			return open(t, o)
		},
		Keys:       func(t testing.TB) []string { return keys(t, client, bucket) },
		Read:       func(t testing.TB, key string) []byte { return read(t, client, bucket, key) },
		Unfinished: func(t testing.TB) int { return len(unfinished(t, client, bucket)) },
		Edges:      []int64{part, 2 * part},
		Large:      2*part + 1,
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
		answer(http.StatusServiceUnavailable, "QpsLimitExceeded", "Retry-After", "1"),
		faults.Answer("html", http.StatusBadGateway, "<html>bad gateway"),
		faults.Refused(),
		faults.Lost(),
		faults.Cut(20),
	}
}

func keys(t testing.TB, client *sdk.Client, bucket string) (keys []string) {
	t.Helper()
	list, err := client.ListObjectsV2(context.Background(), &sdk.ListObjectsV2Request{Bucket: &bucket})
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range list.Contents {
		keys = append(keys, *o.Key)
	}
	return keys
}

func read(t testing.TB, client *sdk.Client, bucket, key string) []byte {
	t.Helper()
	got, err := client.GetObject(context.Background(), &sdk.GetObjectRequest{Bucket: &bucket, Key: &key})
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

func unfinished(t testing.TB, client *sdk.Client, bucket string) (ids []string) {
	t.Helper()
	list, err := client.ListMultipartUploads(context.Background(), &sdk.ListMultipartUploadsRequest{Bucket: &bucket})
	if err != nil {
		t.Fatal(err)
	}
	for _, u := range list.Uploads {
		ids = append(ids, *u.UploadId)
	}
	return ids
}
