package oss_test

import (
	"bytes"
	"errors"
	"io"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	sdk "github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss"

	"github.com/layerbuild/layerbuild/sandbox/oss"
	"github.com/layerbuild/layerbuild/sandbox/osssig"
	"github.com/layerbuild/layerbuild/sandbox/record"
)

// TestRestart: another process goes on where the first one ended.
func TestRestart(t *testing.T) {
	dir := t.TempDir()
	c := startIn(t, dir, false).client(region)
	put(t, c, "bucket", "ü", []byte("v"))
	id := begin(t, c, "k")
	first := mustUploadPart(t, c, "k", id, 1, pattern(minPart))

	f := startIn(t, dir, true) // strict: the bucket must be there
	c = f.client(region)
	if out, body := get(t, c, "bucket", "ü"); string(body) != "v" || *out.HashCRC64 != crc(body) {
		t.Errorf("object is %q", body)
	}
	second := mustUploadPart(t, c, "k", id, 2, []byte("tail"))
	out, err := complete(c, "k", id, first, second)
	if err != nil || *out.HashCRC64 != crc(append(pattern(minPart), "tail"...)) {
		t.Errorf("%+v, %v", out, err)
	}
	_, err = f.client("cn-beijing").HeadObject(t.Context(), &sdk.HeadObjectRequest{Bucket: sdk.Ptr("bucket"), Key: sdk.Ptr("k")})
	wantError(t, err, 403, "AccessDenied", "0003-00001403")
}

// TestRace: of many who create the same object one wins, and nobody sees
// anything but its bytes.
func TestRace(t *testing.T) {
	f := start(t)
	c := f.client(region)
	var wg sync.WaitGroup
	var mu sync.Mutex
	var won []byte
	for i := range 16 {
		wg.Go(func() {
			body := bytes.Repeat([]byte{byte(i)}, 10_000)
			_, err := c.PutObject(t.Context(), &sdk.PutObjectRequest{Bucket: sdk.Ptr("bucket"), Key: sdk.Ptr("k"), Body: bytes.NewReader(body), ForbidOverwrite: sdk.Ptr("true")})
			mu.Lock()
			defer mu.Unlock()
			var e *sdk.ServiceError
			switch {
			case err == nil && won == nil:
				won = body
			case !errors.As(err, &e) || e.Code != "FileAlreadyExists":
				t.Errorf("error is %v", err)
			}
		})
	}
	wg.Wait()
	if _, body := get(t, c, "bucket", "k"); won == nil || !bytes.Equal(body, won) {
		t.Error("the object is not the winner's")
	}
}

// TestInside: what the function service of the same cloud does.
func TestInside(t *testing.T) {
	f := start(t)
	put(t, f.client(region), "bucket", "k", []byte("v"))
	file, err := f.Fetch(mine().Account, region, "bucket", "k")
	if err != nil {
		t.Fatal(err)
	}
	if body, err := io.ReadAll(file); err != nil || string(body) != "v" {
		t.Errorf("object is %q, %v", body, err)
	}
	file.Close()
	for name, v := range map[string]struct{ account, region, bucket, key, code, elsewhere string }{
		"no such key":       {mine().Account, region, "bucket", "x", "NoSuchKey", ""},
		"no such bucket":    {mine().Account, region, "fresh", "k", "NoSuchBucket", ""},
		"missing":           {mine().Account, region, "missing-x", "k", "NoSuchBucket", ""},
		"denied":            {mine().Account, region, "denied-x", "k", "AccessDenied", ""},
		"another account's": {others().Account, region, "bucket", "k", "AccessDenied", ""},
		"another region":    {mine().Account, "cn-beijing", "bucket", "k", "AccessDenied", region},
	} {
		_, err := f.Fetch(v.account, v.region, v.bucket, v.key)
		if failure, ok := errors.AsType[*oss.Failure](err); !ok || failure.Code != v.code || failure.Region != v.elsewhere {
			t.Errorf("%s: %v", name, err)
		}
	}

	// The service keeps its own bucket, and hands out URLs.
	if err := f.Deposit(others().Account, region, "kept", "zip", strings.NewReader("zip")); err != nil {
		t.Fatal(err)
	}
	base, err := url.Parse(f.url)
	if err != nil {
		t.Fatal(err)
	}
	link := osssig.Presign(*base, osssig.Resource{Bucket: "kept", Key: "zip"}, region, others(), time.Now(), time.Minute)
	if status, body := download(t, link); status != 200 || string(body) != "zip" {
		t.Errorf("%d %s", status, body)
	}
	if status, body := download(t, strings.Replace(link, "x-oss-expires=60", "x-oss-expires=61", 1)); status != 403 || !strings.Contains(string(body), "SignatureDoesNotMatch") {
		t.Errorf("%d %s", status, body)
	}
	f.set(time.Now().Add(2 * time.Minute))
	if status, body := download(t, link); status != 403 || !strings.Contains(string(body), "<Message>Request has expired.</Message>") {
		t.Errorf("%d %s", status, body)
	}
	for range 2 {
		if err := f.Discard("kept", "zip"); err != nil {
			t.Error(err)
		}
	}
	if _, err := f.Fetch(others().Account, region, "kept", "zip"); err == nil {
		t.Error("it is still there")
	}
}

// TestSDKPresign: the URLs that the vendor's SDK signs.
func TestSDKPresign(t *testing.T) {
	f := start(t)
	c := f.client(region)
	put(t, c, "bucket", "a b+ü", []byte("v"))
	out, err := c.Presign(t.Context(), &sdk.GetObjectRequest{Bucket: sdk.Ptr("bucket"), Key: sdk.Ptr("a b+ü")})
	if err != nil {
		t.Fatal(err)
	}
	if status, body := download(t, out.URL); status != 200 || string(body) != "v" {
		t.Errorf("%d %s", status, body)
	}
}

func TestRecordsAndFail(t *testing.T) {
	f := start(t)
	put(t, f.client(region), "bucket", "k", nil)
	f.call(t, call{method: "GET", target: "/bucket/x", unsigned: true})
	for status, code := range map[int]string{403: "AccessDenied", 429: "QpsLimitExceeded", 500: "InternalError", 503: "QpsLimitExceeded"} {
		w := httptest.NewRecorder()
		w.Header().Set("Retry-After", "2")
		f.Fail(w, httptest.NewRequest("PUT", "/bucket/k", strings.NewReader("body")), status, "", "")
		answer{w.Code, w.Header(), w.Body.String()}.want(t, status, code)
		if w.Header().Get("Retry-After") != "2" {
			t.Errorf("headers are %v", w.Header())
		}
	}
	w := httptest.NewRecorder()
	f.Fail(w, httptest.NewRequest("PUT", "/bucket/k", nil), 400, "Special", "m")
	answer{w.Code, w.Header(), w.Body.String()}.want(t, 400, "Special")
	list := f.records()
	for i := range list {
		if list[i].Time.IsZero() || list[i].RequestID == "" || list[i].Faulty != (i > 1) {
			t.Errorf("record %d is %+v", i, list[i])
		}
		list[i].Time, list[i].RequestID = time.Time{}, ""
	}
	want := []record.Record{
		{Service: "oss", Action: "PutObject", Region: region, Bucket: "bucket", Key: "k", Status: 200},
		{Service: "oss", Action: "GetObject", Bucket: "bucket", Key: "x", Status: 403, Code: "AccessDenied"},
	}
	if len(list) != 7 || list[0] != want[0] || list[1] != want[1] {
		t.Errorf("records are\n%+v, want\n%+v", list, want)
	}
}
