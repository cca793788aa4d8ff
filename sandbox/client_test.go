package sandbox_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awslambda "github.com/aws/aws-sdk-go-v2/service/lambda"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/layerbuild/layerbuild/sandbox"
	"github.com/layerbuild/layerbuild/sandbox/awssig"
)

// config is an SDK configuration for a sandbox, without retries.
func config(s *sandbox.Sandbox, region string) aws.Config {
	return configAs(s, region, s.Credential())
}

func configAs(s *sandbox.Sandbox, region string, c awssig.Credential) aws.Config {
	return aws.Config{
		Region:       region,
		BaseEndpoint: aws.String(s.URL()),
		Credentials:  credentials.NewStaticCredentialsProvider(c.Key, c.Secret, c.Token),
		Retryer:      func() aws.Retryer { return aws.NopRetryer{} },
	}
}

func s3Client(s *sandbox.Sandbox, region string) *awss3.Client {
	return awss3.NewFromConfig(config(s, region))
}

func lambdaClient(s *sandbox.Sandbox, region string) *awslambda.Client {
	return awslambda.NewFromConfig(config(s, region))
}

// wantError checks status and code of an error that a service answered.
func wantError(t *testing.T, err error, status int, code string) smithy.APIError {
	t.Helper()
	var api smithy.APIError
	var response *smithyhttp.ResponseError
	switch {
	case !errors.As(err, &api) || !errors.As(err, &response):
		t.Fatalf("error is %v, want %d %s", err, status, code)
	case api.ErrorCode() != code || response.HTTPStatusCode() != status:
		t.Fatalf("error is %d %s: %s, want %d %s", response.HTTPStatusCode(), api.ErrorCode(), api.ErrorMessage(), status, code)
	}
	return api
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

// put puts an object and fails the test if that fails.
func put(t *testing.T, c *awss3.Client, bucket, key string, body []byte) *awss3.PutObjectOutput {
	t.Helper()
	out, err := c.PutObject(context.Background(), &awss3.PutObjectInput{Bucket: &bucket, Key: &key, Body: bytes.NewReader(body)})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// download fetches a URL without any credentials.
func download(t *testing.T, url string) (int, []byte) {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, b
}
