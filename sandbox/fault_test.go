package sandbox_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptrace"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awslambda "github.com/aws/aws-sdk-go-v2/service/lambda"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"

	"github.com/layerbuild/layerbuild/sandbox"
	"github.com/layerbuild/layerbuild/sandbox/sandboxtest"
)

func TestFaultStatus(t *testing.T) {
	faults, log := &sandboxtest.Faults{}, &sandboxtest.Log{}
	sb := sandboxtest.Start(t, sandbox.Options{Fault: faults.Next, Log: log.Add})
	c, l := s3Client(sb, "us-east-1"), lambdaClient(sb, "us-east-1")
	write := func() error {
		_, err := c.PutObject(t.Context(), &awss3.PutObjectInput{Bucket: aws.String("bucket"), Key: aws.String("k"), Body: strings.NewReader("v")})
		return err
	}
	list := func() error {
		_, err := l.ListLayers(t.Context(), nil)
		return err
	}
	faults.Add(sandbox.Fault{Status: 503})
	wantError(t, write(), 503, "SlowDown")
	faults.Add(sandbox.Fault{Status: 500})
	wantError(t, write(), 500, "InternalError")
	faults.Add(sandbox.Fault{Status: 403, Code: "AccountProblem", Message: "m"})
	if api := wantError(t, write(), 403, "AccountProblem"); api.ErrorMessage() != "m" {
		t.Errorf("message is %q", api.ErrorMessage())
	}
	faults.Add(sandbox.Fault{Status: 500})
	wantError(t, list(), 500, "ServiceException")
	faults.Add(sandbox.Fault{Status: 403})
	wantError(t, list(), 403, "AccessDeniedException")
	faults.Add(sandbox.Fault{Status: 429, RetryAfter: 1500 * time.Millisecond})
	a := call{method: "GET", path: "/2018-10-31/layers", service: "lambda"}.do(t, sb)
	if want := `{"Reason":"CallerRateLimitExceeded","Type":"User","message":"Rate exceeded"}`; a.status != 429 || a.body != want || a.header.Get("Retry-After") != "2" {
		t.Errorf("%d, %v, %s", a.status, a.header, a.body)
	}
	if err := write(); err != nil {
		t.Error(err)
	}
	for i, r := range log.Records() {
		if r.Faulty != (i < 6) || r.RequestID == "" || r.Time.IsZero() {
			t.Errorf("record %d is %+v", i, r)
		}
	}
}

// TestFaultCut: a connection that breaks before, amid and after the work.
func TestFaultCut(t *testing.T) {
	faults := &sandboxtest.Faults{}
	sb := sandboxtest.Start(t, sandbox.Options{Fault: faults.Next})
	c := s3Client(sb, "us-east-1")
	for _, f := range []struct {
		cut   sandbox.Cut
		there bool
	}{{sandbox.CutBefore, false}, {sandbox.CutMidway, false}, {sandbox.CutAfter, true}} {
		key := aws.String(string(rune('a' + f.cut)))
		faults.Add(sandbox.Fault{Cut: f.cut})
		_, err := c.PutObject(t.Context(), &awss3.PutObjectInput{Bucket: aws.String("bucket"), Key: key, Body: strings.NewReader(strings.Repeat("v", 1<<20))})
		var api smithy.APIError
		if err == nil || errors.As(err, &api) {
			t.Errorf("cut %d: error is %v", f.cut, err)
		}
		_, err = c.HeadObject(t.Context(), &awss3.HeadObjectInput{Bucket: aws.String("bucket"), Key: key})
		if (err == nil) != f.there {
			t.Errorf("cut %d: afterwards %v", f.cut, err)
		}
	}
}

// TestFaultLostPublish: the answer is lost, the version is there, and a
// client that repeats the call makes a second one.
func TestFaultLostPublish(t *testing.T) {
	faults := &sandboxtest.Faults{Match: func(r *http.Request) bool { return r.Method == http.MethodPost }}
	sb := sandboxtest.Start(t, sandbox.Options{Fault: faults.Next})
	faults.Add(sandbox.Fault{Cut: sandbox.CutAfter})
	conf := config(sb, "us-east-1")
	conf.Retryer = func() aws.Retryer { return retry.NewStandard() }
	c := awslambda.NewFromConfig(conf)
	if got := publish(t, c, inline("layer", makeZip(t, "a", "1"))).Version; got != 2 {
		t.Errorf("version is %d, want 2", got)
	}
}

// TestFaultDelay: a client that does not wait does not keep the service from
// acting, and a sandbox that is closed does not wait either.
func TestFaultDelay(t *testing.T) {
	t.Parallel()
	came, log := make(chan bool), &sandboxtest.Log{}
	faults := &sandboxtest.Faults{Match: func(*http.Request) bool { came <- true; return true }}
	sb := sandboxtest.Start(t, sandbox.Options{Fault: faults.Next, Log: log.Add})
	attempt := func(delay time.Duration) {
		t.Helper()
		faults.Add(sandbox.Fault{Delay: delay})
		ctx, cancel := context.WithCancel(t.Context())
		wrote := make(chan bool, 1)
		ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteRequest: func(httptrace.WroteRequestInfo) { wrote <- true }})
		// A request that breaks off amid its body is another thing.
		go func() { <-came; <-wrote; cancel() }()
		_, err := lambdaClient(sb, "us-east-1").PublishLayerVersion(ctx, inline("layer", makeZip(t, "a", "1")))
		if !errors.Is(err, context.Canceled) {
			t.Errorf("error is %v", err)
		}
	}
	attempt(patience)
	wait(t, log, 1)
	attempt(time.Hour)
	if err := sb.Close(); err != nil {
		t.Error(err)
	}
	list := log.Records()
	if len(list) != 2 || list[0].Faulty || list[0].Version != 1 || !list[1].Faulty || list[1].Status != 0 || list[1].Code != "" {
		t.Errorf("records are %+v", list)
	}
}

// TestThrottle: a strict sandbox lets 15 requests through at once, and 15
// more for each second that passes, in each region.
func TestThrottle(t *testing.T) {
	now := time.Now()
	sb := sandboxtest.Start(t, sandbox.Options{Strict: true, Clock: func() time.Time { return now }})
	list := func(region string) error {
		_, err := lambdaClient(sb, region).ListLayers(t.Context(), nil)
		return err
	}
	for range 15 {
		if err := list("eu-west-1"); err != nil {
			t.Fatal(err)
		}
	}
	wantError(t, list("eu-west-1"), 429, "TooManyRequestsException")
	if err := list("us-east-1"); err != nil {
		t.Error(err)
	}
	now = now.Add(140 * time.Millisecond) // two tokens
	for range 2 {
		if err := list("eu-west-1"); err != nil {
			t.Error(err)
		}
	}
	wantError(t, list("eu-west-1"), 429, "TooManyRequestsException")
}

func TestRecords(t *testing.T) {
	log := &sandboxtest.Log{}
	sb := sandboxtest.Start(t, sandbox.Options{Log: log.Add})
	put(t, s3Client(sb, "eu-west-1"), "bucket", "k", nil)
	publish(t, lambdaClient(sb, "us-east-1"), inline("layer", makeZip(t, "a", "1")))
	call{method: "GET", path: "/bucket/x", unsigned: true}.do(t, sb)
	call{method: "DELETE", path: "/2018-10-31/layers/layer/versions/7", service: "lambda"}.do(t, sb)
	if got := log.Actions(); !slices.Equal(got, []string{"PutObject", "PublishLayerVersion", "GetObject", "DeleteLayerVersion"}) {
		t.Fatalf("actions are %v", got)
	}
	list := log.Records()
	for i := range list {
		list[i].Time, list[i].RequestID = time.Time{}, ""
	}
	want := []sandbox.Record{
		{Service: "s3", Action: "PutObject", Region: "eu-west-1", Bucket: "bucket", Key: "k", Status: 200},
		{Service: "lambda", Action: "PublishLayerVersion", Region: "us-east-1", Layer: "layer", Version: 1, Status: 201},
		{Service: "s3", Action: "GetObject", Bucket: "bucket", Key: "x", Status: 403, Code: "AccessDenied"},
		{Service: "lambda", Action: "DeleteLayerVersion", Region: "us-east-1", Layer: "layer", Version: 7, Status: 204},
	}
	if !slices.Equal(list, want) {
		t.Errorf("records are\n%+v, want\n%+v", list, want)
	}
}
