package judge

import (
	"archive/zip"
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"regexp"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/layerbuild/layerbuild/internal/testenv"
	"github.com/layerbuild/layerbuild/sandbox"
	"github.com/layerbuild/layerbuild/sandbox/sandboxtest"
)

// TestMoto does the same to the sandbox and to moto, an emulator of AWS by
// others, and compares what comes of it, as far as moto goes: it checks no
// signatures, hands out no zips, publishes objects that are not there, finds
// nothing by ARN and words some errors in its own way.
func TestMoto(t *testing.T) {
	sb := sandboxtest.Start(t, sandbox.Options{})
	c := sb.Credential()
	ours := story(t, sb.URL(), credentials.NewStaticCredentialsProvider(c.Key, c.Secret, ""))
	theirs := story(t, startMoto(t), credentials.NewStaticCredentialsProvider("testing", "testing", ""))
	if d := cmp.Diff(theirs, ours); d != "" {
		t.Errorf("the sandbox (+) differs from moto (-):\n%s", d)
	}
}

// startMoto starts moto's server and returns its URL.
func startMoto(t *testing.T) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), testenv.Need(t, "moto_server")[0], "-H", "127.0.0.1", "-p", "0")
	cmd.WaitDelay = 10 * time.Second
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Wait() }) // ended by the test's context, which is not its fault
	running := regexp.MustCompile(`Running on (http://127\.0\.0\.1:\d+)`)
	lines := bufio.NewScanner(stderr)
	for lines.Scan() {
		if m := running.FindStringSubmatch(lines.Text()); m != nil {
			go io.Copy(io.Discard, stderr)
			return m[1]
		}
	}
	t.Fatal("moto_server ended without saying where it listens")
	return ""
}

// story does what a publisher does and returns what came of each step.
func story(t *testing.T, endpoint string, keys aws.CredentialsProvider) []string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	conf := aws.Config{Region: "eu-west-1", BaseEndpoint: &endpoint, Credentials: keys, HTTPClient: &http.Client{},
		Retryer: func() aws.Retryer { return aws.NopRetryer{} }}
	objects, layers := s3.NewFromConfig(conf), lambda.NewFromConfig(conf)
	var told []string
	tell := func(what string, err error, facts func() string) {
		var api smithy.APIError
		switch {
		case errors.As(err, &api):
			told = append(told, what+": "+api.ErrorCode())
		case err != nil:
			t.Fatalf("%s: %s: %v", endpoint, what, err)
		case facts == nil:
			told = append(told, what+": done")
		default:
			told = append(told, what+": "+facts())
		}
	}
	data := zipOf(t, "python/a.py", "print(1)")
	bucket, key, name := aws.String("story"), aws.String("dir/a b.zip"), aws.String("story")

	_, err := objects.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: bucket, CreateBucketConfiguration: &s3types.CreateBucketConfiguration{LocationConstraint: "eu-west-1"}})
	tell("create bucket", err, nil)
	put, err := objects.PutObject(ctx, &s3.PutObjectInput{Bucket: bucket, Key: key, Body: bytes.NewReader(data), ChecksumAlgorithm: s3types.ChecksumAlgorithmSha256})
	tell("put", err, func() string { return fmt.Sprint(aws.ToString(put.ETag), aws.ToString(put.ChecksumSHA256)) })
	_, err = objects.PutObject(ctx, &s3.PutObjectInput{Bucket: bucket, Key: key, Body: bytes.NewReader(data), IfNoneMatch: aws.String("*")})
	tell("put what is there", err, nil)
	head, err := objects.HeadObject(ctx, &s3.HeadObjectInput{Bucket: bucket, Key: key, ChecksumMode: s3types.ChecksumModeEnabled})
	tell("head", err, func() string {
		return fmt.Sprint(aws.ToInt64(head.ContentLength), aws.ToString(head.ETag), aws.ToString(head.ChecksumSHA256))
	})
	_, err = objects.HeadObject(ctx, &s3.HeadObjectInput{Bucket: bucket, Key: aws.String("nothing")})
	tell("head of nothing", err, nil)
	_, err = objects.GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String("missing-bucket"), Key: key})
	tell("get from no bucket", err, nil)

	publish := func(what string, content *types.LayerVersionContentInput) {
		out, err := layers.PublishLayerVersion(ctx, &lambda.PublishLayerVersionInput{LayerName: name, Content: content, Description: &what,
			LicenseInfo: aws.String("MIT"), CompatibleRuntimes: []types.Runtime{"python3.12"}, CompatibleArchitectures: []types.Architecture{"x86_64"}})
		if err != nil {
			tell("publish "+what, err, nil)
			return
		}
		tell("publish "+what, nil, func() string {
			return fmt.Sprint(out.Version, *out.Content.CodeSha256, out.Content.CodeSize, *out.LayerArn, *out.LayerVersionArn, *out.Description)
		})
	}
	publish("inline", &types.LayerVersionContentInput{ZipFile: data})
	publish("from S3", &types.LayerVersionContentInput{S3Bucket: bucket, S3Key: key})
	publish("from no bucket", &types.LayerVersionContentInput{S3Bucket: aws.String("missing-bucket"), S3Key: key})
	get := func(number int64) {
		_, err := layers.GetLayerVersion(ctx, &lambda.GetLayerVersionInput{LayerName: name, VersionNumber: &number})
		tell(fmt.Sprint("get ", number), err, nil)
	}
	get(2)
	get(9)
	list, err := layers.ListLayerVersions(ctx, &lambda.ListLayerVersionsInput{LayerName: name})
	tell("list", err, func() string { return fmt.Sprint(len(list.LayerVersions)) })
	granted := &lambda.AddLayerVersionPermissionInput{LayerName: name, VersionNumber: aws.Int64(1), StatementId: aws.String("s"),
		Action: aws.String("lambda:GetLayerVersion"), Principal: aws.String("123456789012")}
	_, err = layers.AddLayerVersionPermission(ctx, granted)
	tell("share", err, nil)
	_, err = layers.DeleteLayerVersion(ctx, &lambda.DeleteLayerVersionInput{LayerName: name, VersionNumber: aws.Int64(1)})
	tell("delete", err, nil)
	get(1)
	get(2)
	return told
}

func zipOf(t *testing.T, name, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	f, err := w.Create(name)
	if err == nil {
		_, err = io.WriteString(f, text)
	}
	if err = errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
