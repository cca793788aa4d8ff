package oss_test

import (
	"bytes"
	"context"
	"crypto/md5"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	sdk "github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss"
)

const minPart = 100 << 10

// pattern is a body whose parts all differ.
func pattern(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i>>12) ^ byte(i*7)
	}
	return b
}

// begin starts a multipart upload of bucket/key.
func begin(t *testing.T, c *sdk.Client, key string) string {
	t.Helper()
	out, err := c.InitiateMultipartUpload(t.Context(), &sdk.InitiateMultipartUploadRequest{Bucket: sdk.Ptr("bucket"), Key: &key})
	if err != nil {
		t.Fatal(err)
	}
	if *out.Bucket != "bucket" || *out.Key != key || len(*out.UploadId) != 32 {
		t.Errorf("begun: %+v", out)
	}
	return *out.UploadId
}

func uploadPart(c *sdk.Client, key, id string, number int32, body []byte) (*sdk.UploadPartResult, error) {
	return c.UploadPart(context.Background(), &sdk.UploadPartRequest{Bucket: sdk.Ptr("bucket"), Key: &key, UploadId: &id, PartNumber: number, Body: bytes.NewReader(body)})
}

func mustUploadPart(t *testing.T, c *sdk.Client, key, id string, number int32, body []byte) sdk.UploadPart {
	t.Helper()
	out, err := uploadPart(c, key, id, number, body)
	if err != nil {
		t.Fatal(err)
	}
	if *out.HashCRC64 != crc(body) {
		t.Errorf("CRC of part %d is %s", number, *out.HashCRC64)
	}
	return sdk.UploadPart{PartNumber: number, ETag: out.ETag}
}

func complete(c *sdk.Client, key, id string, parts ...sdk.UploadPart) (*sdk.CompleteMultipartUploadResult, error) {
	return c.CompleteMultipartUpload(context.Background(), &sdk.CompleteMultipartUploadRequest{
		Bucket: sdk.Ptr("bucket"), Key: &key, UploadId: &id, CompleteMultipartUpload: &sdk.CompleteMultipartUpload{Parts: parts}})
}

func TestMultipart(t *testing.T) {
	c := start(t).client(region)
	const key = "dir/a b+ü.zip"
	body := pattern(2*minPart + 17)
	id := begin(t, c, key)
	// In any order, one of them twice, and with a number left out.
	third := mustUploadPart(t, c, key, id, 9, body[2*minPart:])
	mustUploadPart(t, c, key, id, 1, []byte("to be replaced"))
	second := mustUploadPart(t, c, key, id, 2, body[minPart:2*minPart])
	first := mustUploadPart(t, c, key, id, 1, body[:minPart])
	mustUploadPart(t, c, key, id, 10, []byte("not in the list"))

	listed, err := c.ListParts(t.Context(), &sdk.ListPartsRequest{Bucket: sdk.Ptr("bucket"), Key: sdk.Ptr(key), UploadId: &id, MaxParts: 3})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range listed.Parts {
		got = append(got, fmt.Sprintf("%d %d %s %s", p.PartNumber, p.Size, *p.ETag, *p.HashCRC64))
	}
	want := []string{
		fmt.Sprintf("1 %d %s %s", minPart, *first.ETag, crc(body[:minPart])),
		fmt.Sprintf("2 %d %s %s", minPart, *second.ETag, crc(body[minPart:2*minPart])),
		fmt.Sprintf("9 17 %s %s", *third.ETag, crc(body[2*minPart:])),
	}
	if !slices.Equal(got, want) || !listed.IsTruncated || listed.NextPartNumberMarker != 9 || *listed.Key != key {
		t.Errorf("parts are %q, want %q; %+v", got, want, listed)
	}
	rest, err := c.ListParts(t.Context(), &sdk.ListPartsRequest{Bucket: sdk.Ptr("bucket"), Key: sdk.Ptr(key), UploadId: &id, PartNumberMarker: 9})
	if err != nil || len(rest.Parts) != 1 || rest.Parts[0].PartNumber != 10 || rest.IsTruncated {
		t.Errorf("rest is %+v, %v", rest, err)
	}

	done, err := complete(c, key, id, first, second, third)
	if err != nil {
		t.Fatal(err)
	}
	sums := md5.New()
	for _, part := range [][]byte{body[:minPart], body[minPart : 2*minPart], body[2*minPart:]} {
		sum := md5.Sum(part)
		sums.Write(sum[:])
	}
	if want := fmt.Sprintf(`"%X-3"`, sums.Sum(nil)); *done.ETag != want || *done.HashCRC64 != crc(body) || *done.Key != key {
		t.Errorf("completed: ETag %s, CRC %s, want %s, %s", *done.ETag, *done.HashCRC64, want, crc(body))
	}
	out, back := get(t, c, "bucket", key)
	if !bytes.Equal(back, body) || *out.HashCRC64 != crc(body) || *out.ObjectType != "Multipart" || out.ContentMD5 != nil {
		t.Errorf("%d bytes, CRC %s, type %s", len(back), *out.HashCRC64, *out.ObjectType)
	}
	_, err = complete(c, key, id, first, second, third)
	wantError(t, err, 404, "NoSuchUpload", "")
	_, err = uploadPart(c, key, id, 1, nil)
	wantError(t, err, 404, "NoSuchUpload", "0042-00000104")
}

func TestMultipartRefused(t *testing.T) {
	f := start(t)
	c := f.client(region)
	id := begin(t, c, "k")
	small := mustUploadPart(t, c, "k", id, 1, pattern(minPart-1))
	large := mustUploadPart(t, c, "k", id, 2, pattern(minPart))
	last := mustUploadPart(t, c, "k", id, 3, nil)
	wrong := sdk.UploadPart{PartNumber: 2, ETag: small.ETag}
	missing := sdk.UploadPart{PartNumber: 4, ETag: small.ETag}
	for name, v := range map[string]struct {
		parts    []sdk.UploadPart
		code, ec string
	}{
		"small part first": {[]sdk.UploadPart{small, large}, "EntityTooSmall", "0042-00000213"},
		"twice":            {[]sdk.UploadPart{large, large}, "InvalidPartOrder", "0042-00000209"},
		"another ETag":     {[]sdk.UploadPart{wrong, last}, "InvalidPart", ""},
		"no such part":     {[]sdk.UploadPart{large, missing}, "InvalidPart", ""},
		"no parts":         {nil, "MalformedXML", "0042-00000205"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := complete(c, "k", id, v.parts...)
			wantError(t, err, 400, v.code, v.ec)
		})
	}
	for _, number := range []int32{-1, 10001} {
		_, err := uploadPart(c, "k", id, number, nil)
		wantError(t, err, 400, "InvalidArgument", "0017-00000220")
	}
	// The SDK sorts the list, so this one is written by hand.
	a := f.call(t, call{method: "POST", target: "/bucket/k?uploadId=" + id, body: "<CompleteMultipartUpload><Part><PartNumber>2</PartNumber><ETag>" + *large.ETag +
		"</ETag></Part><Part><PartNumber>1</PartNumber><ETag>" + *small.ETag + "</ETag></Part></CompleteMultipartUpload>"})
	a.want(t, 400, "InvalidPartOrder")
	_, err := uploadPart(c, "other", id, 1, nil)
	wantError(t, err, 404, "NoSuchUpload", "0042-00000104")
	// After all that it can still be completed, by a small part alone too.
	if out, err := complete(c, "k", id, small); err != nil || *out.HashCRC64 != crc(pattern(minPart-1)) {
		t.Errorf("%+v, %v", out, err)
	}
}

// TestMultipartForbidOverwrite: whoever comes second loses, at the beginning
// or at the end.
func TestMultipartForbidOverwrite(t *testing.T) {
	c := start(t).client(region)
	id := begin(t, c, "k")
	part := mustUploadPart(t, c, "k", id, 1, []byte("parts"))
	put(t, c, "bucket", "k", []byte("put"))
	in := &sdk.CompleteMultipartUploadRequest{Bucket: sdk.Ptr("bucket"), Key: sdk.Ptr("k"), UploadId: &id, ForbidOverwrite: sdk.Ptr("true"),
		CompleteMultipartUpload: &sdk.CompleteMultipartUpload{Parts: []sdk.UploadPart{part}}}
	_, err := c.CompleteMultipartUpload(t.Context(), in)
	wantError(t, err, 409, "FileAlreadyExists", "0042-00000214")
	_, err = c.InitiateMultipartUpload(t.Context(), &sdk.InitiateMultipartUploadRequest{Bucket: sdk.Ptr("bucket"), Key: sdk.Ptr("k"), ForbidOverwrite: sdk.Ptr("true")})
	wantError(t, err, 409, "FileAlreadyExists", "0026-00000002")
	if _, body := get(t, c, "bucket", "k"); string(body) != "put" {
		t.Errorf("object is %q", body)
	}
	in.ForbidOverwrite = nil
	if _, err := c.CompleteMultipartUpload(t.Context(), in); err != nil {
		t.Error(err)
	}
	if _, body := get(t, c, "bucket", "k"); string(body) != "parts" {
		t.Errorf("object is %q", body)
	}
}

func TestAbortAndListUploads(t *testing.T) {
	c := start(t).client(region)
	var ids []string
	for _, key := range []string{"a/1", "a/ü +", "b"} {
		ids = append(ids, begin(t, c, key))
	}
	list := func(in sdk.ListMultipartUploadsRequest) *sdk.ListMultipartUploadsResult {
		t.Helper()
		in.Bucket = sdk.Ptr("bucket")
		out, err := c.ListMultipartUploads(t.Context(), &in)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	all := list(sdk.ListMultipartUploadsRequest{Prefix: sdk.Ptr("a/")})
	if len(all.Uploads) != 2 || *all.Uploads[0].Key != "a/1" || *all.Uploads[0].UploadId != ids[0] || *all.Uploads[1].Key != "a/ü +" || all.Uploads[0].Initiated == nil {
		t.Errorf("uploads are %+v", all.Uploads)
	}
	first := list(sdk.ListMultipartUploadsRequest{MaxUploads: 1})
	if len(first.Uploads) != 1 || !first.IsTruncated {
		t.Fatalf("first page is %+v", first)
	}
	second := list(sdk.ListMultipartUploadsRequest{KeyMarker: first.NextKeyMarker, UploadIdMarker: first.NextUploadIdMarker})
	if len(second.Uploads) != 2 || *second.Uploads[0].Key != "a/ü +" || second.IsTruncated {
		t.Errorf("second page is %+v", second)
	}
	abort := func() error {
		_, err := c.AbortMultipartUpload(t.Context(), &sdk.AbortMultipartUploadRequest{Bucket: sdk.Ptr("bucket"), Key: sdk.Ptr("b"), UploadId: &ids[2]})
		return err
	}
	if err := abort(); err != nil {
		t.Fatal(err)
	}
	wantError(t, abort(), 404, "NoSuchUpload", "")
	if left := list(sdk.ListMultipartUploadsRequest{}); len(left.Uploads) != 2 {
		t.Errorf("uploads are %+v", left.Uploads)
	}
}

// TestUploaderResumes: the SDK's own uploader is cut off, and a second one
// uploads only what is missing.
func TestUploaderResumes(t *testing.T) {
	f := start(t)
	body := pattern(6*minPart + 5)
	file := filepath.Join(t.TempDir(), "zip")
	if err := os.WriteFile(file, body, 0o600); err != nil {
		t.Fatal(err)
	}
	checkpoints := t.TempDir()
	upload := func(ctx context.Context) (*sdk.UploadResult, error) {
		u := sdk.NewUploader(f.client(region), func(o *sdk.UploaderOptions) {
			o.PartSize, o.ParallelNum, o.EnableCheckpoint, o.CheckpointDir = minPart, 1, true, checkpoints
		})
		return u.UploadFile(ctx, &sdk.PutObjectRequest{Bucket: sdk.Ptr("bucket"), Key: sdk.Ptr("k")}, file)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	f.onLog(func(action string, count int) {
		if action == "UploadPart" && count == 3 {
			cancel()
		}
	})
	if _, err := upload(ctx); err == nil {
		t.Fatal("the first upload went through")
	}
	before := f.count("UploadPart")
	out, err := upload(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if *out.HashCRC64 != crc(body) || f.count("ListParts") == 0 || f.count("InitiateMultipartUpload") != 1 || f.count("UploadPart")-before > 4 {
		t.Errorf("CRC %s, %d parts before and %d after, %d listings", *out.HashCRC64, before, f.count("UploadPart")-before, f.count("ListParts"))
	}
	if _, back := get(t, f.client(region), "bucket", "k"); !bytes.Equal(back, body) {
		t.Errorf("%d bytes", len(back))
	}
}

// TestSumsAreOfWhatArrived: a byte that changes on the way is noticed by the
// SDK, because the sum in the answer is not the one of the bytes it sent.
func TestSumsAreOfWhatArrived(t *testing.T) {
	f := start(t)
	c := f.clientThrough(&flipper{})
	_, err := c.PutObject(t.Context(), &sdk.PutObjectRequest{Bucket: sdk.Ptr("bucket"), Key: sdk.Ptr("k"), Body: strings.NewReader("body")})
	if err == nil || !strings.Contains(err.Error(), "crc is inconsistent") {
		t.Errorf("put: %v", err)
	}
	id := begin(t, c, "k")
	_, err = uploadPart(c, "k", id, 1, []byte("body"))
	if err == nil || !strings.Contains(err.Error(), "crc is inconsistent") {
		t.Errorf("part: %v", err)
	}
}
