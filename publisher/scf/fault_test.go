package scf_test

import (
	"context"
	"errors"
	"io/fs"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/layerbuild/layerbuild/internal/faults"
	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/publisher"
	"github.com/layerbuild/layerbuild/publisher/scf"
	sandboxscf "github.com/layerbuild/layerbuild/sandbox/scf"
)

// refused is a publisher whose every request comes to f.
func refused(t *testing.T, f faults.Fault) *scf.Publisher {
	t.Helper()
	return start(t, nil).open(t, secret, func(next http.RoundTripper) http.RoundTripper {
		return &faults.Transport{Next: next, Script: func(int, *http.Request) faults.Fault { return f }}
	})
}

// TestFaultOfPublish has every code that the page of PublishLayerVersion lists,
// and some of those common to all actions.
func TestFaultOfPublish(t *testing.T) {
	tests := []struct {
		code           string
		cause          error
		retry, unknown bool
		hint           string
	}{
		{"FailedOperation.PublishLayerVersion", nil, false, false, "500 MB"},
		{"InternalError", nil, false, true, ""},
		{"InternalError.Exception", nil, false, true, ""},
		{"InternalError.System", nil, false, true, ""},
		{"InvalidParameterValue.CompatibleRuntimes", nil, false, false, "runtimes"},
		{"InvalidParameterValue.Content", nil, false, false, "zip"},
		{"InvalidParameterValue.Cos", nil, false, false, "SCF_QcsRole"},
		{"InvalidParameterValue.CosBucketName", nil, false, false, "APPID"},
		{"InvalidParameterValue.CosBucketRegion", nil, false, false, "region of the layer"},
		{"InvalidParameterValue.CosObjectName", nil, false, false, "object"},
		{"InvalidParameterValue.Description", nil, false, false, "layer.description"},
		{"InvalidParameterValue.LayerName", nil, false, false, "letters"},
		{"InvalidParameterValue.Name", nil, false, false, "letters"},
		{"InvalidParameterValue.Runtime", nil, false, false, "runtimes"},
		{"InvalidParameterValue.Stamp", nil, false, false, "console"},
		{"InvalidParameterValue.TempCosObjectName", nil, false, false, "object"},
		{"InvalidParameterValue.ZipFileBase64BinasciiError", nil, false, false, "proxy"},
		{"LimitExceeded.LayerVersions", layer.ErrLimit, false, false, "remove"},
		{"ResourceInUse", nil, true, false, ""},
		{"UnauthorizedOperation.CAM", fs.ErrPermission, false, false, "scf:PublishLayerVersion"},
		{"UnauthorizedOperation.NotMC", fs.ErrPermission, false, false, "scf.intl"},
		{"UnsupportedOperation.Cos", nil, false, false, "SCF_QcsRole"},

		{"AuthFailure.SignatureFailure", fs.ErrPermission, false, false, "secret key"},
		{"AuthFailure.SignatureExpire", fs.ErrPermission, false, false, "clock"},
		{"AuthFailure.SecretIdNotFound", fs.ErrPermission, false, false, "TENCENTCLOUD_SECRET_ID"},
		{"LimitExceeded.Layers", layer.ErrLimit, false, false, "remove"},
		{"RequestLimitExceeded", nil, true, false, ""},
		{"RequestSizeLimitExceeded", layer.ErrLimit, false, false, "bucket"},
	}
	for _, test := range tests {
		t.Run(test.code, func(t *testing.T) {
			_, err := refused(t, answer(test.code)).Publish(t.Context(), request(zipped(t, "a")))
			var f *layer.Fault
			if !errors.As(err, &f) || f.Code != test.code || f.Message != "on purpose" || f.RequestID != "R1" {
				t.Fatalf("fault is %+v", f)
			}
			if f.Retry != test.retry || f.Unknown != test.unknown || f.Cause != test.cause {
				t.Errorf("retry %v, unknown %v, cause %v, want %v, %v, %v", f.Retry, f.Unknown, f.Cause, test.retry, test.unknown, test.cause)
			}
			if !strings.Contains(f.Hint, test.hint) || (f.Hint == "") != (test.hint == "") {
				t.Errorf("hint is %q, want one with %q", f.Hint, test.hint)
			}
		})
	}
}

// TestFaultWithoutADocument is of what stands before the service.
func TestFaultWithoutADocument(t *testing.T) {
	tests := []struct {
		fault          faults.Fault
		status         int
		cause          error
		retry, unknown bool
	}{
		{faults.Answer("", 404, "<html>"), 404, nil, false, false},
		{faults.Answer("", 403, "<html>"), 403, fs.ErrPermission, false, false},
		{faults.Answer("", 413, "<html>"), 413, layer.ErrLimit, false, false},
		{faults.Answer("", 429, "<html>"), 429, nil, true, false},
		{faults.Answer("", 502, "<html>"), 502, nil, false, true},
		{faults.Answer("", 200, "<html>"), 200, nil, false, true},
		{faults.Answer("", 200, ""), 200, nil, false, true},
		{faults.Answer("", 200, "{}"), 200, nil, false, true},
		{faults.Answer("", 200, `{"Response": {"RequestId": "R1"}}`), 200, nil, false, true},
		{faults.Refused(), 0, nil, true, false},
		{faults.Lost(), 0, nil, false, true},
	}
	for _, test := range tests {
		_, err := refused(t, test.fault).Publish(t.Context(), request(zipped(t, "a")))
		var f *layer.Fault
		if !errors.As(err, &f) || f.Status != test.status || f.Retry != test.retry || f.Unknown != test.unknown || f.Cause != test.cause {
			t.Errorf("%d: fault is %+v", test.status, f)
		}
		if err != nil && strings.Contains(err.Error(), "<html>") {
			t.Errorf("%d: the whole answer is in the error: %v", test.status, err)
		}
	}
}

// TestPublishFailed: what was not made properly is removed.
func TestPublishFailed(t *testing.T) {
	c := start(t, nil)
	a := zipped(t, "a")
	broken := layer.Object{Bucket: bucket, Key: "broken.zip"}
	if err := c.store.Deposit(appID, region, broken.Bucket, broken.Key, strings.NewReader("no zip")); err != nil {
		t.Fatal(err)
	}
	upload := func(context.Context) (layer.Object, error) { return broken, nil }
	out, err := publisher.Publish(t.Context(), c.open(t, secret, nil), request(a), upload, publisher.Options{})
	var f *layer.Fault
	if !errors.As(err, &f) || f.Code != "PublishFailed" || f.Retry || f.Unknown || f.Hint == "" || out.Version.Number != 0 {
		t.Errorf("outcome is %+v, error %v, want PublishFailed", out, err)
	}
	if n := c.count(t, "web"); n != 0 {
		t.Errorf("there are %d versions, want none", n)
	}
}

// TestNeverActive: a version that is still being published is not published
// again, neither by this run nor by the next.
func TestNeverActive(t *testing.T) {
	c := start(t, func(o *sandboxscf.Options) { o.Wait.Polls = 1 << 30 })
	p := c.open(t, secret, nil)
	for range 2 {
		out, err := publisher.Publish(t.Context(), p, request(zipped(t, "a")), nil, publisher.Options{
			Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
		})
		if err == nil || !strings.Contains(err.Error(), "still being published") {
			t.Errorf("outcome is %+v, error %v", out, err)
		}
		if n := c.count(t, "web"); n != 1 {
			t.Errorf("there are %d versions, want 1", n)
		}
	}
}

// TestBecomesActive: how long it takes does not matter.
func TestBecomesActive(t *testing.T) {
	c := start(t, func(o *sandboxscf.Options) { o.Wait.Polls = 20 })
	p, a := c.open(t, secret, nil), zipped(t, "a")
	v, err := p.Publish(t.Context(), request(a))
	if err != nil || v.SHA256 != a.Digests.SHA256.String() || v.Location == "" || v.Size != a.Digests.Size {
		t.Errorf("version is %+v, error %v", v, err)
	}
	c.asked()
	// One that another run just makes is waited for.
	r := request(zipped(t, "b"))
	interrupted, cancel := context.WithCancel(t.Context())
	half := c.open(t, secret, func(next http.RoundTripper) http.RoundTripper {
		return roundTripper(func(r *http.Request) (*http.Response, error) {
			answer, err := next.RoundTrip(r)
			cancel()
			return answer, err
		})
	})
	_, err = half.Publish(interrupted, r)
	var f *layer.Fault
	if !errors.As(err, &f) || !f.Unknown || !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v, want a fault that leaves it open", err)
	}
	found, err := p.Find(t.Context(), "web", r.Artifact.Digests)
	if err != nil || found.Number != 2 {
		t.Errorf("found %+v, error %v, want version 2", found, err)
	}
	if gets := c.asked(); len(gets) < 20 || slices.Contains(gets[2:], "PublishLayerVersion") {
		t.Errorf("asked for %q", gets)
	}
}
