package sandbox_test

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awslambda "github.com/aws/aws-sdk-go-v2/service/lambda"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/layerbuild/layerbuild/sandbox"
	"github.com/layerbuild/layerbuild/sandbox/awssig"
	"github.com/layerbuild/layerbuild/sandbox/sandboxtest"
)

// TestRestart: with a state folder everything is there again, with other
// credentials, and an upload can be finished.
func TestRestart(t *testing.T) {
	dir := t.TempDir()
	zip := makeZip(t, "a", "1")
	first := sandboxtest.Start(t, sandbox.Options{Dir: dir})
	c := s3Client(first, "eu-west-1")
	etag := put(t, c, "bucket", "dir/ü.zip", zip).ETag
	put(t, c, "bucket", "gone", nil)
	if _, err := c.DeleteObject(t.Context(), &awss3.DeleteObjectInput{Bucket: aws.String("bucket"), Key: aws.String("gone")}); err != nil {
		t.Fatal(err)
	}
	p := begin(t, c, "big", types.ChecksumAlgorithmCrc64nvme, "")
	if err := p.upload(1, noise(5<<20)); err != nil {
		t.Fatal(err)
	}
	l := lambdaClient(first, "eu-west-1")
	publish(t, l, inline("layer", zip))
	publish(t, l, inline("layer", zip))
	if _, err := l.AddLayerVersionPermission(t.Context(), grant("s", "*")); err != nil {
		t.Fatal(err)
	}
	if _, err := l.DeleteLayerVersion(t.Context(), &awslambda.DeleteLayerVersionInput{LayerName: aws.String("layer"), VersionNumber: aws.Int64(2)}); err != nil {
		t.Fatal(err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}

	second := sandboxtest.Start(t, sandbox.Options{Dir: dir, Strict: true})
	if second.Credential() == first.Credential() {
		t.Error("the credentials are the same")
	}
	c, l = s3Client(second, "eu-west-1"), lambdaClient(second, "eu-west-1")
	get, err := c.GetObject(t.Context(), &awss3.GetObjectInput{Bucket: aws.String("bucket"), Key: aws.String("dir/ü.zip")})
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := io.ReadAll(get.Body); !bytes.Equal(got, zip) || *get.ETag != *etag {
		t.Errorf("%d bytes, %s", len(got), *get.ETag)
	}
	if list, err := c.ListObjectsV2(t.Context(), &awss3.ListObjectsV2Input{Bucket: aws.String("bucket")}); err != nil || len(list.Contents) != 1 {
		t.Errorf("%v, %v", list, err)
	}
	p.c = c
	if err := p.upload(2, []byte("end")); err != nil {
		t.Fatal(err)
	}
	if out, err := p.complete(); err != nil || *out.ChecksumCRC64NVME != *base64Sum(nvme(), append(noise(5<<20), "end"...)) {
		t.Errorf("%v, %v", out, err)
	}
	version, err := l.GetLayerVersion(t.Context(), &awslambda.GetLayerVersionInput{LayerName: aws.String("layer"), VersionNumber: aws.Int64(1)})
	if err != nil {
		t.Fatal(err)
	}
	if status, body := download(t, *version.Content.Location); status != 200 || !bytes.Equal(body, zip) {
		t.Errorf("location: %d, %d bytes", status, len(body))
	}
	if _, err := l.GetLayerVersionPolicy(t.Context(), &awslambda.GetLayerVersionPolicyInput{LayerName: aws.String("layer"), VersionNumber: aws.Int64(1)}); err != nil {
		t.Error(err)
	}
	if got := publish(t, l, inline("layer", zip)).Version; got != 3 {
		t.Errorf("version is %d, want 3", got)
	}
}

// TestNothingLeftOver: what was deleted, replaced, refused or cut takes no
// room on disk.
func TestNothingLeftOver(t *testing.T) {
	dir := t.TempDir()
	faults := &sandboxtest.Faults{}
	sb := sandboxtest.Start(t, sandbox.Options{Dir: dir, Fault: faults.Next})
	c := s3Client(sb, "us-east-1")
	put(t, c, "bucket", "k", []byte("old"))
	put(t, c, "bucket", "k", []byte("new"))
	in := func() *awss3.PutObjectInput {
		return &awss3.PutObjectInput{Bucket: aws.String("bucket"), Key: aws.String("x"), Body: strings.NewReader("body")}
	}
	bad := in()
	bad.ContentMD5 = base64Sum(nvme(), nil)
	if _, err := c.PutObject(t.Context(), bad); err == nil {
		t.Error("a wrong sum was taken")
	}
	faults.Add(sandbox.Fault{Cut: sandbox.CutMidway})
	if _, err := c.PutObject(t.Context(), in()); err == nil {
		t.Error("no error from a cut connection")
	}
	p := begin(t, c, "upload", "", "")
	for range 2 {
		if err := p.upload(1, []byte("part")); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := c.AbortMultipartUpload(t.Context(), &awss3.AbortMultipartUploadInput{Bucket: p.create.Bucket, Key: p.create.Key, UploadId: p.create.UploadId}); err != nil {
		t.Fatal(err)
	}
	p = begin(t, c, "upload", "", "")
	if err := p.upload(1, []byte("part")); err != nil {
		t.Fatal(err)
	}
	if _, err := p.complete(); err != nil {
		t.Fatal(err)
	}
	blobs, err := os.ReadDir(filepath.Join(dir, "s3", "blobs"))
	if err != nil || len(blobs) != 2 {
		t.Errorf("%d blobs for two objects, %v", len(blobs), err)
	}
	if scratch, err := os.ReadDir(filepath.Join(dir, "s3", "tmp")); err != nil || len(scratch) != 0 {
		t.Errorf("%d files in the scratch space, %v", len(scratch), err)
	}
}

// TestAfterKill: files that a killed process left half-written are swept away.
func TestAfterKill(t *testing.T) {
	dir := t.TempDir()
	first := sandboxtest.Start(t, sandbox.Options{Dir: dir})
	put(t, s3Client(first, "us-east-1"), "bucket", "k", []byte("v"))
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"s3/blobs/orphan", "s3/tmp/half", "lambda/tmp/half"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	second := sandboxtest.Start(t, sandbox.Options{Dir: dir})
	for _, name := range []string{"s3/blobs/orphan", "s3/tmp/half", "lambda/tmp/half"} {
		if _, err := os.Stat(filepath.Join(dir, name)); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s is still there", name)
		}
	}
	if status := (call{method: "GET", path: "/bucket/k"}).do(t, second).status; status != 200 {
		t.Errorf("status is %d", status)
	}
}

func TestStateOfNoUse(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "s3", "buckets", "b"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "s3", "buckets", "b", "bucket.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := sandbox.New(sandbox.Options{Dir: dir, Clock: time.Now, Catalogue: catalogue(t)})
	if err == nil || !strings.Contains(err.Error(), `reading state "buckets/b/bucket.json"`) {
		t.Errorf("error is %v", err)
	}
	if _, err := sandbox.New(sandbox.Options{}); err == nil {
		t.Error("no error without a clock")
	}
}

func TestTemporaryState(t *testing.T) {
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	t.Setenv("TMP", tmp)
	sb, err := sandbox.New(sandbox.Options{Clock: time.Now, Catalogue: catalogue(t)})
	if err != nil {
		t.Fatal(err)
	}
	if entries, _ := os.ReadDir(tmp); len(entries) != 1 {
		t.Errorf("%d entries", len(entries))
	}
	for range 2 {
		if err := sb.Close(); err != nil {
			t.Error(err)
		}
	}
	if entries, _ := os.ReadDir(tmp); len(entries) != 0 {
		t.Errorf("%d entries after Close", len(entries))
	}
}

// TestOneWinner: of many that create the same key at once, one does.
func TestOneWinner(t *testing.T) {
	c := s3Client(sandboxtest.Start(t, sandbox.Options{}), "us-east-1")
	var mu sync.Mutex
	won := 0
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			_, err := c.PutObject(t.Context(), &awss3.PutObjectInput{Bucket: aws.String("bucket"), Key: aws.String("k"),
				Body: bytes.NewReader(noise(100000)), IfNoneMatch: aws.String("*")})
			if err == nil {
				mu.Lock()
				won++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if won != 1 {
		t.Errorf("%d of 16 created the object", won)
	}
}

// TestTakenMeanwhile: the condition holds for the moment when the object
// arrived, not only for the one when it was announced.
func TestTakenMeanwhile(t *testing.T) {
	sb := sandboxtest.Start(t, sandbox.Options{})
	r := call{method: "PUT", path: "/bucket/k", payload: awssig.UnsignedPayload, header: map[string]string{"If-None-Match": "*"}}.request(t, sb)
	body, slow := io.Pipe()
	r.Body, r.ContentLength = body, 4
	status := make(chan int)
	go func() {
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			status <- 0
			return
		}
		resp.Body.Close()
		status <- resp.StatusCode
	}()
	if _, err := slow.Write([]byte("sl")); err != nil {
		t.Fatal(err)
	}
	put(t, s3Client(sb, "us-east-1"), "bucket", "k", []byte("fast"))
	if _, err := slow.Write([]byte("ow")); err != nil {
		t.Fatal(err)
	}
	slow.Close()
	if got := <-status; got != http.StatusPreconditionFailed {
		t.Errorf("status is %d", got)
	}
	if a := (call{method: "GET", path: "/bucket/k"}).do(t, sb); a.body != "fast" {
		t.Errorf("object is %q", a.body)
	}
}
