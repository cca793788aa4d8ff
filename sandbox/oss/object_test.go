package oss_test

import (
	"crypto/md5"
	"encoding/base64"
	"fmt"
	"hash/crc64"
	"io"
	"strings"
	"testing"

	sdk "github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss"
)

// crc is what OSS says of a body: decimal CRC-64/XZ.
func crc(body []byte) string {
	return fmt.Sprint(crc64.Checksum(body, crc64.MakeTable(crc64.ECMA)))
}

func TestPutGetHeadDelete(t *testing.T) {
	f := start(t)
	c := f.client(region)
	for _, key := range []string{"plain.zip", "a b/ü+%2F'(*)!~.zip", "日本/#?&=;,$", "dir/", "x//y", " ", "..", "%"} {
		t.Run(key, func(t *testing.T) {
			body := []byte("123456789" + key)
			out, err := c.PutObject(t.Context(), &sdk.PutObjectRequest{
				Bucket: sdk.Ptr("bucket"), Key: &key, Body: strings.NewReader(string(body)),
				ContentType: sdk.Ptr("application/zip"), Metadata: map[string]string{"tree": "abc"},
			})
			if err != nil {
				t.Fatal(err)
			}
			sum := md5.Sum(body)
			tag := fmt.Sprintf(`"%X"`, sum)
			if *out.HashCRC64 != crc(body) || *out.ETag != tag || *out.ContentMD5 != base64.StdEncoding.EncodeToString(sum[:]) {
				t.Errorf("put: CRC %s, ETag %s, MD5 %s", *out.HashCRC64, *out.ETag, *out.ContentMD5)
			}
			head, err := c.HeadObject(t.Context(), &sdk.HeadObjectRequest{Bucket: sdk.Ptr("bucket"), Key: &key})
			if err != nil {
				t.Fatal(err)
			}
			if *head.HashCRC64 != crc(body) || head.ContentLength != int64(len(body)) || *head.ETag != tag || *head.ObjectType != "Normal" ||
				*head.ContentType != "application/zip" || head.Metadata["tree"] != "abc" || *head.StorageClass != "Standard" {
				t.Errorf("head: %+v", head)
			}
			if _, back := get(t, c, "bucket", key); string(back) != string(body) {
				t.Errorf("get: %q", back)
			}
			for range 2 { // that there is none is no error
				if _, err := c.DeleteObject(t.Context(), &sdk.DeleteObjectRequest{Bucket: sdk.Ptr("bucket"), Key: &key}); err != nil {
					t.Fatal(err)
				}
			}
			_, err = c.HeadObject(t.Context(), &sdk.HeadObjectRequest{Bucket: sdk.Ptr("bucket"), Key: &key})
			if e := wantError(t, err, 404, "NoSuchKey", "0026-00000001"); e.Headers.Get("X-Oss-Ec") != e.EC {
				t.Errorf("x-oss-ec is %q", e.Headers.Get("X-Oss-Ec"))
			}
			_, err = c.GetObject(t.Context(), &sdk.GetObjectRequest{Bucket: sdk.Ptr("bucket"), Key: &key})
			if e := wantError(t, err, 404, "NoSuchKey", "0026-00000001"); !strings.Contains(string(e.Snapshot), "<HostId>"+strings.TrimPrefix(f.url, "http://")+"</HostId>") {
				t.Errorf("body is %s", e.Snapshot)
			}
		})
	}
}

func TestEmptyObject(t *testing.T) {
	c := start(t).client(region)
	if out := put(t, c, "bucket", "empty", nil); *out.HashCRC64 != "0" {
		t.Errorf("CRC is %s", *out.HashCRC64)
	}
	if out, body := get(t, c, "bucket", "empty"); len(body) != 0 || *out.HashCRC64 != "0" {
		t.Errorf("%q, CRC %s", body, *out.HashCRC64)
	}
}

func TestRange(t *testing.T) {
	c := start(t).client(region)
	put(t, c, "bucket", "k", []byte("0123456789"))
	for _, v := range []struct{ header, behavior, want, span string }{
		{"bytes=2-4", "", "234", "bytes 2-4/10"},
		{"bytes=7-", "", "789", "bytes 7-9/10"},
		{"bytes=-3", "", "789", "bytes 7-9/10"},
		{"bytes=-30", "", "0123456789", "bytes 0-9/10"},
		{"bytes=0-0", "", "0", "bytes 0-0/10"},
		// Not wholly within the object: counts for nothing, unless asked for.
		{"bytes=5-20", "", "0123456789", ""},
		{"bytes=5-20", "standard", "56789", "bytes 5-9/10"},
		{"bytes=10-20", "", "0123456789", ""},
		{"bytes=4-2", "", "0123456789", ""},
		{"bytes=1-2,4-5", "", "0123456789", ""},
		{"lines=1-2", "", "0123456789", ""},
	} {
		in := &sdk.GetObjectRequest{Bucket: sdk.Ptr("bucket"), Key: sdk.Ptr("k"), Range: &v.header}
		if v.behavior != "" {
			in.RangeBehavior = &v.behavior
		}
		out, err := c.GetObject(t.Context(), in)
		if err != nil {
			t.Errorf("%s: %v", v.header, err)
			continue
		}
		body, err := io.ReadAll(out.Body)
		if err != nil || string(body) != v.want || sdk.ToString(out.ContentRange) != v.span {
			t.Errorf("%s: %q, %q, %v", v.header, body, sdk.ToString(out.ContentRange), err)
		}
	}
	_, err := c.GetObject(t.Context(), &sdk.GetObjectRequest{Bucket: sdk.Ptr("bucket"), Key: sdk.Ptr("k"), Range: sdk.Ptr("bytes=10-20"), RangeBehavior: sdk.Ptr("standard")})
	wantError(t, err, 416, "InvalidRange", "")
}

func TestConditions(t *testing.T) {
	c := start(t).client(region)
	tag := *put(t, c, "bucket", "k", []byte("v")).ETag
	head := func(change func(*sdk.HeadObjectRequest)) error {
		in := &sdk.HeadObjectRequest{Bucket: sdk.Ptr("bucket"), Key: sdk.Ptr("k")}
		change(in)
		_, err := c.HeadObject(t.Context(), in)
		return err
	}
	if err := head(func(in *sdk.HeadObjectRequest) { in.IfMatch = &tag }); err != nil {
		t.Error(err)
	}
	wantError(t, head(func(in *sdk.HeadObjectRequest) { in.IfMatch = sdk.Ptr(`"x"`) }), 412, "PreconditionFailed", "")
	if err := head(func(in *sdk.HeadObjectRequest) { in.IfNoneMatch = &tag }); err == nil || !strings.Contains(err.Error(), "304") {
		t.Errorf("error is %v", err)
	}
	wantError(t, head(func(in *sdk.HeadObjectRequest) { in.IfUnmodifiedSince = sdk.Ptr("Sat, 01 Jan 2000 00:00:00 GMT") }), 412, "PreconditionFailed", "")
}

func TestForbidOverwrite(t *testing.T) {
	c := start(t).client(region)
	write := func(body string) error {
		_, err := c.PutObject(t.Context(), &sdk.PutObjectRequest{Bucket: sdk.Ptr("bucket"), Key: sdk.Ptr("k"), Body: strings.NewReader(body), ForbidOverwrite: sdk.Ptr("true")})
		return err
	}
	if err := write("first"); err != nil {
		t.Fatal(err)
	}
	wantError(t, write("second"), 409, "FileAlreadyExists", "0026-00000002")
	if _, body := get(t, c, "bucket", "k"); string(body) != "first" {
		t.Errorf("object is %q", body)
	}
	put(t, c, "bucket", "k", []byte("third"))
	if _, body := get(t, c, "bucket", "k"); string(body) != "third" {
		t.Errorf("object is %q", body)
	}
}

func TestContentMD5(t *testing.T) {
	c := start(t).client(region)
	write := func(sum string) error {
		_, err := c.PutObject(t.Context(), &sdk.PutObjectRequest{Bucket: sdk.Ptr("bucket"), Key: sdk.Ptr("k"), Body: strings.NewReader("body"), ContentMD5: &sum})
		return err
	}
	good := md5.Sum([]byte("body"))
	if err := write(base64.StdEncoding.EncodeToString(good[:])); err != nil {
		t.Error(err)
	}
	other := md5.Sum([]byte("other"))
	wantError(t, write(base64.StdEncoding.EncodeToString(other[:])), 400, "InvalidDigest", "")
	wantError(t, write("nonsense"), 400, "InvalidDigest", "")
}

// TestNames: what OSS would not take for a name.
func TestNames(t *testing.T) {
	c := start(t).client(region)
	write := func(bucket, key string) error {
		_, err := c.PutObject(t.Context(), &sdk.PutObjectRequest{Bucket: &bucket, Key: &key, Body: strings.NewReader("v")})
		return err
	}
	wantError(t, write("bucket", "/leading"), 400, "InvalidObjectName", "")
	wantError(t, write("bucket", `\leading`), 400, "InvalidObjectName", "")
	wantError(t, write("bucket", "\xff"), 400, "InvalidObjectName", "")
	wantError(t, write("bucket", strings.Repeat("k", 1024)), 400, "InvalidObjectName", "")
	if err := write("bucket", strings.Repeat("k", 1023)); err != nil {
		t.Error(err)
	}
}
