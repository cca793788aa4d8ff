package cos_test

import (
	"crypto/md5"
	"encoding/base64"
	"fmt"
	"hash/crc64"
	"io"
	"net/http"
	"strings"
	"testing"

	sdk "github.com/tencentyun/cos-go-sdk-v5"
)

// crc is what COS says of a body: decimal CRC-64/XZ.
func crc(body []byte) string {
	return fmt.Sprint(crc64.Checksum(body, crc64.MakeTable(crc64.ECMA)))
}

func TestPutGetHeadDelete(t *testing.T) {
	c := start(t).client(t, bucket, region)
	// The SDK escapes the slashes of keys.
	for _, key := range []string{"plain.zip", "a b/ü+%2F'(*)!~.zip", "日本/#?&=;,$", "dir/", "%"} {
		t.Run(key, func(t *testing.T) {
			body := []byte("123456789" + key)
			out, err := c.Object.Put(t.Context(), key, strings.NewReader(string(body)), &sdk.ObjectPutOptions{
				ObjectPutHeaderOptions: &sdk.ObjectPutHeaderOptions{ContentType: "application/zip", XCosMetaXXX: &http.Header{"X-Cos-Meta-Tree": {"abc"}}},
			})
			if err != nil {
				t.Fatal(err)
			}
			tag := fmt.Sprintf(`"%x"`, md5.Sum(body))
			if out.Header.Get("X-Cos-Hash-Crc64ecma") != crc(body) || out.Header.Get("ETag") != tag {
				t.Errorf("put: %v", out.Header)
			}
			head, err := c.Object.Head(t.Context(), key, nil)
			if err != nil {
				t.Fatal(err)
			}
			if h := head.Header; h.Get("X-Cos-Hash-Crc64ecma") != crc(body) || head.ContentLength != int64(len(body)) || h.Get("ETag") != tag ||
				h.Get("Content-Type") != "application/zip" || h.Get("X-Cos-Meta-Tree") != "abc" {
				t.Errorf("head: %v", h)
			}
			if _, back := get(t, c, key); string(back) != string(body) {
				t.Errorf("get: %q", back)
			}
			for range 2 { // that there is none is no error
				if _, err := c.Object.Delete(t.Context(), key); err != nil {
					t.Fatal(err)
				}
			}
			_, err = c.Object.Head(t.Context(), key, nil)
			wantError(t, err, 404, "") // a HEAD has no body to say more
			_, err = c.Object.Get(t.Context(), key, nil)
			if e := wantError(t, err, 404, "NoSuchKey"); e.Resource != bucket+".cos."+region+".myqcloud.com/"+key {
				t.Errorf("resource is %q", e.Resource)
			}
		})
	}
}

func TestEmptyObject(t *testing.T) {
	c := start(t).client(t, bucket, region)
	if out := put(t, c, "empty", nil); out.Header.Get("X-Cos-Hash-Crc64ecma") != "0" {
		t.Errorf("headers are %v", out.Header)
	}
	if out, body := get(t, c, "empty"); len(body) != 0 || out.Header.Get("X-Cos-Hash-Crc64ecma") != "0" {
		t.Errorf("%q, %v", body, out.Header)
	}
}

func TestRange(t *testing.T) {
	c := start(t).client(t, bucket, region)
	put(t, c, "k", []byte("0123456789"))
	for header, v := range map[string]struct{ want, span string }{
		"bytes=2-4":     {"234", "bytes 2-4/10"},
		"bytes=7-":      {"789", "bytes 7-9/10"},
		"bytes=-3":      {"789", "bytes 7-9/10"},
		"bytes=5-20":    {"56789", "bytes 5-9/10"},
		"bytes=4-2":     {"0123456789", ""},
		"bytes=1-2,4-5": {"0123456789", ""},
	} {
		out, err := c.Object.Get(t.Context(), "k", &sdk.ObjectGetOptions{Range: header})
		if err != nil {
			t.Errorf("%s: %v", header, err)
			continue
		}
		body, err := io.ReadAll(out.Body)
		if err != nil || string(body) != v.want || out.Header.Get("Content-Range") != v.span {
			t.Errorf("%s: %q, %q, %v", header, body, out.Header.Get("Content-Range"), err)
		}
		out.Body.Close()
	}
	for _, header := range []string{"bytes=10-20", "bytes=-0"} {
		_, err := c.Object.Get(t.Context(), "k", &sdk.ObjectGetOptions{Range: header})
		wantError(t, err, 416, "InvalidRange")
	}
}

func TestConditions(t *testing.T) {
	c := start(t).client(t, bucket, region)
	tag := put(t, c, "k", []byte("v")).Header.Get("ETag")
	read := func(o sdk.ObjectGetOptions) error {
		_, err := c.Object.Get(t.Context(), "k", &o)
		return err
	}
	if err := read(sdk.ObjectGetOptions{XOptionHeader: &http.Header{"If-Match": {tag}}}); err != nil {
		t.Error(err)
	}
	wantError(t, read(sdk.ObjectGetOptions{XOptionHeader: &http.Header{"If-Match": {`"x"`}}}), 412, "PreconditionFailed")
	wantError(t, read(sdk.ObjectGetOptions{XOptionHeader: &http.Header{"If-None-Match": {tag}}}), 304, "")
}

func TestForbidOverwrite(t *testing.T) {
	c := start(t).client(t, bucket, region)
	write := func(body string) error {
		_, err := c.Object.Put(t.Context(), "k", strings.NewReader(body), &sdk.ObjectPutOptions{
			ObjectPutHeaderOptions: &sdk.ObjectPutHeaderOptions{XOptionHeader: &http.Header{"X-Cos-Forbid-Overwrite": {"true"}}},
		})
		return err
	}
	if err := write("first"); err != nil {
		t.Fatal(err)
	}
	wantError(t, write("second"), 409, "FileAlreadyExists")
	if _, body := get(t, c, "k"); string(body) != "first" {
		t.Errorf("object is %q", body)
	}
	put(t, c, "k", []byte("third"))
	if _, body := get(t, c, "k"); string(body) != "third" {
		t.Errorf("object is %q", body)
	}
}

func TestContentMD5(t *testing.T) {
	c := start(t).client(t, bucket, region)
	write := func(sum string) error {
		_, err := c.Object.Put(t.Context(), "k", strings.NewReader("body"), &sdk.ObjectPutOptions{
			ObjectPutHeaderOptions: &sdk.ObjectPutHeaderOptions{ContentMD5: sum},
		})
		return err
	}
	good, other := md5.Sum([]byte("body")), md5.Sum([]byte("other"))
	if err := write(base64.StdEncoding.EncodeToString(good[:])); err != nil {
		t.Error(err)
	}
	wantError(t, write(base64.StdEncoding.EncodeToString(other[:])), 400, "BadDigest")
	wantError(t, write("nonsense"), 400, "InvalidDigest")
}

// TestNames: what COS would not take for a name.
func TestNames(t *testing.T) {
	c := start(t).client(t, bucket, region)
	write := func(key string) error {
		_, err := c.Object.Put(t.Context(), key, strings.NewReader("v"), nil)
		return err
	}
	wantError(t, write(`\leading`), 400, "InvalidObjectName")
	wantError(t, write("\xff"), 400, "InvalidObjectName")
	wantError(t, write(strings.Repeat("k", 851)), 400, "KeyTooLong")
	if err := write(strings.Repeat("k", 850)); err != nil {
		t.Error(err)
	}
}
