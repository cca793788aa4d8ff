package cos_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	sdk "github.com/tencentyun/cos-go-sdk-v5"

	"github.com/layerbuild/layerbuild/sandbox/cos"
	"github.com/layerbuild/layerbuild/sandbox/cossig"
	"github.com/layerbuild/layerbuild/sandbox/record"
)

// TestRestart: another process goes on where the first one ended.
func TestRestart(t *testing.T) {
	dir := t.TempDir()
	c := startIn(t, dir, cos.Options{}).client(t, bucket, region)
	put(t, c, "ü", []byte("v"))
	id := begin(t, c, "k")
	first := mustUploadPart(t, c, "k", id, 1, pattern(minPart))

	f := startIn(t, dir, cos.Options{Strict: true}) // the bucket must be there
	c = f.client(t, bucket, region)
	if out, body := get(t, c, "ü"); string(body) != "v" || out.Header.Get("X-Cos-Hash-Crc64ecma") != crc(body) {
		t.Errorf("object is %q", body)
	}
	second := mustUploadPart(t, c, "k", id, 2, []byte("tail"))
	_, out, err := complete(c, "k", id, nil, first, second)
	if err != nil || out.Header.Get("X-Cos-Hash-Crc64ecma") != crc(append(pattern(minPart), "tail"...)) {
		t.Errorf("%+v, %v", out, err)
	}
}

// TestRace: of many who create the same object one wins, and nobody sees
// anything but its bytes.
func TestRace(t *testing.T) {
	f := start(t)
	c := f.client(t, bucket, region)
	var wg sync.WaitGroup
	var mu sync.Mutex
	var won []byte
	for i := range 16 {
		wg.Go(func() {
			body := bytes.Repeat([]byte{byte(i)}, 10_000)
			_, err := c.Object.Put(t.Context(), "k", bytes.NewReader(body), &sdk.ObjectPutOptions{
				ObjectPutHeaderOptions: &sdk.ObjectPutHeaderOptions{XOptionHeader: &http.Header{"X-Cos-Forbid-Overwrite": {"true"}}},
			})
			mu.Lock()
			defer mu.Unlock()
			var e *sdk.ErrorResponse
			switch {
			case err == nil && won == nil:
				won = body
			case !errors.As(err, &e) || e.Code != "FileAlreadyExists":
				t.Errorf("error is %v", err)
			}
		})
	}
	wg.Wait()
	if _, body := get(t, c, "k"); won == nil || !bytes.Equal(body, won) {
		t.Error("the object is not the winner's")
	}
}

// TestInside: what the function service of the same cloud does.
func TestInside(t *testing.T) {
	f := start(t)
	put(t, f.client(t, bucket, region), "k", []byte("v"))
	file, err := f.Fetch(mine().Account, region, bucket, "k")
	if err != nil {
		t.Fatal(err)
	}
	if body, err := io.ReadAll(file); err != nil || string(body) != "v" {
		t.Errorf("object is %q, %v", body, err)
	}
	file.Close()
	for name, v := range map[string]struct{ account, region, bucket, key, code, elsewhere string }{
		"no such key":       {mine().Account, region, bucket, "x", "NoSuchKey", ""},
		"no such bucket":    {mine().Account, region, "fresh-1250000000", "k", "NoSuchBucket", ""},
		"missing":           {mine().Account, region, "missing-1250000000", "k", "NoSuchBucket", ""},
		"denied":            {mine().Account, region, "denied-1250000000", "k", "AccessDenied", ""},
		"another account's": {others().Account, region, bucket, "k", "AccessDenied", ""},
		"another region":    {mine().Account, "ap-beijing", bucket, "k", "NoSuchBucket", region},
	} {
		_, err := f.Fetch(v.account, v.region, v.bucket, v.key)
		if failure, ok := errors.AsType[*cos.Failure](err); !ok || failure.Code != v.code || failure.Region != v.elsewhere {
			t.Errorf("%s: %v", name, err)
		}
	}

	// The service keeps its own bucket, and hands out URLs.
	if err := f.Deposit(others().Account, region, "kept-1250000000", "a b+ü", strings.NewReader("zip")); err != nil {
		t.Fatal(err)
	}
	base, err := url.Parse(f.url)
	if err != nil {
		t.Fatal(err)
	}
	link := cossig.Presign(*base, "/kept-1250000000/a b+ü", others(), time.Now(), time.Minute)
	if status, body := download(t, http.DefaultClient, link); status != 200 || string(body) != "zip" {
		t.Errorf("%d %s", status, body)
	}
	if status, body := download(t, http.DefaultClient, strings.Replace(link, "a%20b", "a%20c", 1)); status != 403 || !strings.Contains(string(body), "SignatureDoesNotMatch") {
		t.Errorf("%d %s", status, body)
	}
	f.set(time.Now().Add(2 * time.Minute))
	if status, body := download(t, http.DefaultClient, link); status != 403 || !strings.Contains(string(body), "<Message>Request has expired</Message>") {
		t.Errorf("%d %s", status, body)
	}
	for range 2 {
		if err := f.Discard("kept-1250000000", "a b+ü"); err != nil {
			t.Error(err)
		}
	}
	if _, err := f.Fetch(others().Account, region, "kept-1250000000", "a b+ü"); err == nil {
		t.Error("it is still there")
	}
}

// TestSDKPresign: the URLs that the vendor's SDK signs.
func TestSDKPresign(t *testing.T) {
	f := start(t)
	for _, who := range []struct {
		bucket string
		cossig.Credential
	}{{bucket, mine()}, {"other-1250000001", others()}} {
		c := f.clientAs(t, who.bucket, region, who.Credential)
		put(t, c, "dir/a b+ü", []byte("v"))
		u, err := c.Object.GetPresignedURL2(t.Context(), http.MethodGet, "dir/a b+ü", time.Minute, nil)
		if err != nil {
			t.Fatal(err)
		}
		if status, body := download(t, &http.Client{Transport: f.transport()}, u.String()); status != 200 || string(body) != "v" {
			t.Errorf("%d %s", status, body)
		}
	}
}

func TestRecordsAndFail(t *testing.T) {
	f := start(t)
	put(t, f.client(t, bucket, region), "k", nil)
	f.call(t, call{method: "GET", target: "/x", unsigned: true})
	request := func(body string) *http.Request {
		return httptest.NewRequest("PUT", "http://"+host+"/k", strings.NewReader(body))
	}
	for status, code := range map[int]string{403: "AccessDenied", 429: "SlowDown", 500: "InternalError", 503: "SlowDown"} {
		w := httptest.NewRecorder()
		w.Header().Set("Retry-After", "2")
		f.Fail(w, request("body"), status, "", "")
		answer{w.Code, w.Header(), w.Body.String()}.want(t, status, code)
		if w.Header().Get("Retry-After") != "2" {
			t.Errorf("headers are %v", w.Header())
		}
	}
	w := httptest.NewRecorder()
	f.Fail(w, request(""), 400, "Special", "m")
	answer{w.Code, w.Header(), w.Body.String()}.want(t, 400, "Special")
	list := f.records()
	for i := range list {
		if list[i].Time.IsZero() || list[i].RequestID == "" || list[i].Faulty != (i > 1) {
			t.Errorf("record %d is %+v", i, list[i])
		}
		list[i].Time, list[i].RequestID = time.Time{}, ""
	}
	want := []record.Record{
		{Service: "cos", Action: "PutObject", Region: region, Bucket: bucket, Key: "k", Status: 200},
		{Service: "cos", Action: "GetObject", Region: region, Bucket: bucket, Key: "x", Status: 403, Code: "AccessDenied"},
	}
	if len(list) != 7 || list[0] != want[0] || list[1] != want[1] {
		t.Errorf("records are\n%+v, want\n%+v", list, want)
	}
}
