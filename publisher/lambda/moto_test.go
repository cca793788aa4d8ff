package lambda_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/layerbuild/layerbuild/internal/awscloud"
	"github.com/layerbuild/layerbuild/internal/digest"
	"github.com/layerbuild/layerbuild/internal/testenv"
	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/publisher"
	"github.com/layerbuild/layerbuild/publisher/lambda"
)

// TestMoto publishes to moto, a Lambda that was written without looking at
// ours. It knows neither limits nor throttling, and its zips cannot be
// fetched, so it is no place for the whole suite.
func TestMoto(t *testing.T) {
	s := moto(t)
	storage := awss3.NewFromConfig(s.config(t, s.key, nil), func(o *awss3.Options) {
		o.BaseEndpoint, o.UsePathStyle = &s.endpoint, true
	})
	if _, err := storage.CreateBucket(t.Context(), &awss3.CreateBucketInput{
		Bucket:                    aws.String(bucket),
		CreateBucketConfiguration: &s3types.CreateBucketConfiguration{LocationConstraint: region},
	}); err != nil {
		t.Fatal(err)
	}
	motoRole(t, s)
	p, h := s.open(t, s.key, nil), s.harness(t)
	for _, from := range []string{"inline", "s3"} {
		t.Run(from, func(t *testing.T) {
			a := zipped(t, from)
			r := publisher.Request{
				Name: "moto-" + from, Description: publisher.Describe("of moto", a.Digests), License: "MIT",
				Runtimes: h.Runtimes, Architectures: h.Architectures, Artifact: a,
			}
			if from == "s3" {
				var err error
				if r.Object, err = s.upload(t)(t.Context(), a); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := p.Find(t.Context(), r.Name, a.Digests); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("before: error is %v, want one that wraps fs.ErrNotExist", err)
			}
			for _, want := range []publisher.Status{publisher.Created, publisher.Unchanged} {
				out, err := publisher.Publish(t.Context(), p, r, nil, publisher.Options{})
				if err != nil || out.Status != want || out.Version.SHA256 != a.Digests.SHA256.String() {
					t.Fatalf("outcome is %+v, error %v, want %s with sha256 %s", out, err, want, a.Digests.SHA256)
				}
			}
			v, err := p.Find(t.Context(), r.Name, a.Digests)
			if err != nil {
				t.Fatal(err)
			}
			if changed, err := p.Share(t.Context(), v, publisher.Sharing{Accounts: []string{"111111111111"}}); err != nil || !changed {
				t.Errorf("sharing: changed %v, error %v", changed, err)
			}
			if got := granted(t, s.client(t), v); !slices.Equal(got, []string{"111111111111"}) {
				t.Errorf("grants are %q", got)
			}
			grants, err := p.Grants(t.Context(), v)
			if want := []publisher.Grant{{To: "account:111111111111", Ours: true}}; err != nil || !slices.Equal(grants, want) {
				t.Errorf("grants are %+v, error %v, want %+v", grants, err, want)
			}
			list, err := p.Versions(t.Context(), r.Name)
			if err != nil || len(list) != 1 || list[0].Number != v.Number || len(publisher.Outdated(list[0], r)) > 0 {
				t.Errorf("listed are %+v, error %v, want version %d", list, err, v.Number)
			}
			used(t, s, p, r, v)
			if err := p.Delete(t.Context(), v); err != nil {
				t.Error(err)
			}
			if n := count(t, s.client(t), r.Name); n != 0 {
				t.Errorf("there are %d versions after deleting", n)
			}
		})
	}
}

// used has a function use a version, and then another one.
func used(t *testing.T, s server, p *lambda.Publisher, r publisher.Request, v layer.Version) {
	t.Helper()
	check := func(want map[int64][]string) {
		t.Helper()
		if usage, err := p.Usage(t.Context(), r.Name); err != nil || !reflect.DeepEqual(usage, want) {
			t.Errorf("usage is %v, error %v, want %v", usage, err, want)
		}
	}
	check(map[int64][]string{})
	function := "uses-" + r.Name
	use(t, s.client(t), function, v)
	check(map[int64][]string{1: {function + ":$LATEST"}})
	next, err := p.Publish(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	use(t, s.client(t), function, next)
	check(map[int64][]string{1: {function + ":1"}, 2: {function + ":$LATEST"}})
	if err := p.Delete(t.Context(), next); err != nil {
		t.Error(err)
	}
}

// motoRole makes the role of the functions, which moto wants to be there.
func motoRole(t *testing.T, s server) {
	t.Helper()
	form := url.Values{
		"Action": {"CreateRole"}, "Version": {"2010-05-08"}, "RoleName": {path.Base(role)},
		"AssumeRolePolicyDocument": {`{"Version":"2012-10-17","Statement":[]}`},
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.endpoint, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=testkey/20260101/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=0")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		t.Fatalf("making a role: %s", answer.Status)
	}
}

// moto starts the server.
func moto(t *testing.T) server {
	t.Helper()
	program := testenv.Need(t, "moto_server")[0]
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	host, port, _ := net.SplitHostPort(listener.Addr().String())
	listener.Close() // the program cannot be handed an open one
	var output bytes.Buffer
	cmd := exec.CommandContext(t.Context(), program, "-H", host, "-p", port)
	cmd.Stdout, cmd.Stderr = &output, &output
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 10 * time.Second
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Wait() }) // ends with an error: it was stopped
	for range 300 {
		if conn, err := net.Dial("tcp", net.JoinHostPort(host, port)); err == nil {
			conn.Close()
			return server{
				endpoint: "http://" + net.JoinHostPort(host, port),
				key:      awscloud.Credentials{AccessKeyID: "testkey", SecretAccessKey: "testsecret"},
			}
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatalf("moto_server did not start: %s", &output)
	return server{}
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
