// Package s3test runs the conformance suite of uploaders against any server
// that speaks S3.
package s3test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/layerbuild/layerbuild/internal/awscloud"
	"github.com/layerbuild/layerbuild/internal/faults"
	"github.com/layerbuild/layerbuild/uploader"
	"github.com/layerbuild/layerbuild/uploader/s3"
	"github.com/layerbuild/layerbuild/uploader/uploadertest"
)

// Part is the smallest size of a part that S3 and the SDK accept: 5 MiB.
const Part = 5 << 20

// A Server is where the tests go.
type Server struct {
	// Endpoint is the address of the server, Region the one it signs for.
	Endpoint, Region string
	// Key is an access key that may do everything.
	Key awscloud.Credentials
	// Now is the clock of uploaders.
	Now func() time.Time
	// Transport, when set, is one that trusts the server's certificate.
	Transport http.RoundTripper

	buckets atomic.Int64
}

// Config returns the SDK's configuration for a key, without pauses between
// tries.
func (s *Server) Config(t testing.TB, key awscloud.Credentials, wrap uploadertest.Wrap) aws.Config {
	t.Helper()
	trusted := func(next http.RoundTripper) http.RoundTripper {
		if s.Transport != nil {
			next = s.Transport
		}
		if wrap != nil {
			next = wrap(next)
		}
		return next
	}
	cfg, err := awscloud.Config(t.Context(), awscloud.Options{Region: s.Region, Static: &key, Wrap: trusted})
	if err != nil {
		t.Fatal(err)
	}
	cfg.Retryer = func() aws.Retryer {
		return retry.NewStandard(func(o *retry.StandardOptions) { o.MaxBackoff = time.Millisecond })
	}
	return cfg
}

// Client returns a client of the SDK's that may do everything.
func (s *Server) Client(t testing.TB) *awss3.Client {
	return awss3.NewFromConfig(s.Config(t, s.Key, nil), func(o *awss3.Options) {
		o.BaseEndpoint, o.UsePathStyle = &s.Endpoint, true
	})
}

// Bucket creates a bucket that no other test has.
func (s *Server) Bucket(t testing.TB) string {
	t.Helper()
	name := fmt.Sprintf("suite-%d", s.buckets.Add(1))
	if _, err := s.Client(t).CreateBucket(t.Context(), &awss3.CreateBucketInput{Bucket: &name}); err != nil {
		t.Fatal(err)
	}
	return name
}

// Open returns an uploader with sizes that tests can afford.
func (s *Server) Open(t testing.TB, bucket string, key awscloud.Credentials, wrap uploadertest.Wrap) *s3.Uploader {
	t.Helper()
	u, err := s3.New(s3.Options{
		Config: s.Config(t, key, wrap), Bucket: bucket, Endpoint: s.Endpoint,
		Single: Part, PartSize: Part, Now: s.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// Harness is a fresh bucket of the server.
func (s *Server) Harness(t testing.TB) uploadertest.Harness {
	t.Helper()
	bucket, client := s.Bucket(t), s.Client(t)
	wrong := s.Key
	wrong.SecretAccessKey += "x"
	return uploadertest.Harness{
		Open: func(t testing.TB, wrap uploadertest.Wrap) uploader.Uploader { return s.Open(t, bucket, s.Key, wrap) },
		Denied: func(t testing.TB, wrap uploadertest.Wrap) uploader.Uploader {
			return s.Open(t, bucket, wrong, wrap)
		},
		Keys:       func(t testing.TB) []string { return Keys(t, client, bucket) },
		Read:       func(t testing.TB, key string) []byte { return read(t, client, bucket, key) },
		Unfinished: func(t testing.TB) int { return len(Uploads(t, client, bucket)) },
		Edges:      []int64{Part, 2 * Part},
		Large:      Part + 1,
		Faults:     transient(),
	}
}

func transient() []faults.Fault {
	const body = "<Error><Code>InternalError</Code><Message>on purpose</Message><RequestId>R1</RequestId></Error>"
	internal := faults.Answer("InternalError", http.StatusInternalServerError, body)
	return []faults.Fault{internal, internal.After(), faults.Refused(), faults.Lost(), faults.Cut(20)}
}

// Keys returns the keys of a bucket's objects.
func Keys(t testing.TB, client *awss3.Client, bucket string) (keys []string) {
	t.Helper()
	list, err := client.ListObjectsV2(context.Background(), &awss3.ListObjectsV2Input{Bucket: &bucket})
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range list.Contents {
		keys = append(keys, *o.Key)
	}
	return keys
}

func read(t testing.TB, client *awss3.Client, bucket, key string) []byte {
	t.Helper()
	got, err := client.GetObject(context.Background(), &awss3.GetObjectInput{Bucket: &bucket, Key: &key})
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

// Uploads returns the ids of a bucket's unfinished uploads.
func Uploads(t testing.TB, client *awss3.Client, bucket string) []string {
	t.Helper()
	list, err := client.ListMultipartUploads(context.Background(), &awss3.ListMultipartUploadsInput{Bucket: &bucket})
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, up := range list.Uploads {
		ids = append(ids, *up.UploadId)
	}
	return ids
}
