package sandbox_test

import (
	"net/url"
	"strings"
	"sync"
	"testing"

	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/layerbuild/layerbuild/sandbox"
	"github.com/layerbuild/layerbuild/sandbox/sandboxtest"
)

// TestServiceBucket: the bucket in which Lambda keeps zips is not the user's.
// Only the presigned URL leads into it.
func TestServiceBucket(t *testing.T) {
	sb := sandboxtest.Start(t, sandbox.Options{})
	l, c := lambdaClient(sb, "eu-west-1"), s3Client(sb, "eu-west-1")
	out := publish(t, l, inline("layer", makeZip(t, "a", "1")))
	u, err := url.Parse(*out.Content.Location)
	if err != nil {
		t.Fatal(err)
	}
	bucket, key, _ := strings.Cut(strings.TrimPrefix(u.Path, "/"), "/")
	_, err = c.GetObject(t.Context(), &awss3.GetObjectInput{Bucket: &bucket, Key: &key})
	wantError(t, err, 403, "AccessDenied")
	_, err = l.PublishLayerVersion(t.Context(), fromS3("layer", bucket, key))
	wantError(t, err, 403, "AccessDeniedException")
	list, err := c.ListBuckets(t.Context(), nil)
	if err != nil || len(list.Buckets) != 0 {
		t.Errorf("%+v, %v", list, err)
	}
}

// TestCompleteAtOnce: of many that complete an upload at once, one does.
func TestCompleteAtOnce(t *testing.T) {
	c := s3Client(sandboxtest.Start(t, sandbox.Options{}), "us-east-1")
	p := begin(t, c, "k", "", "")
	if err := p.upload(1, noise(4<<20)); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	errs := make(chan error, 8)
	for range cap(errs) {
		wg.Go(func() {
			_, err := p.complete()
			errs <- err
		})
	}
	wg.Wait()
	close(errs)
	won := 0
	for err := range errs {
		if err == nil {
			won++
			continue
		}
		wantError(t, err, 404, "NoSuchUpload")
	}
	if won != 1 {
		t.Errorf("%d completed it", won)
	}
}
