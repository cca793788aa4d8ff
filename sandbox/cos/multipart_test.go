package cos_test

import (
	"bytes"
	"context"
	"crypto/md5"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	sdk "github.com/tencentyun/cos-go-sdk-v5"
)

const minPart = 1 << 20

// pattern is a body whose parts all differ.
func pattern(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i>>12) ^ byte(i*7)
	}
	return b
}

func begin(t *testing.T, c *sdk.Client, key string) string {
	t.Helper()
	out, _, err := c.Object.InitiateMultipartUpload(t.Context(), key, nil)
	if err != nil {
		t.Fatal(err)
	}
	if out.Bucket != bucket || out.Key != key || len(out.UploadID) != 32 {
		t.Errorf("begun: %+v", out)
	}
	return out.UploadID
}

func uploadPart(c *sdk.Client, key, id string, number int, body []byte) (*sdk.Response, error) {
	return c.Object.UploadPart(context.Background(), key, id, number, bytes.NewReader(body), nil)
}

func mustUploadPart(t *testing.T, c *sdk.Client, key, id string, number int, body []byte) sdk.Object {
	t.Helper()
	out, err := uploadPart(c, key, id, number, body)
	if err != nil {
		t.Fatal(err)
	}
	if got := out.Header.Get("X-Cos-Hash-Crc64ecma"); got != crc(body) {
		t.Errorf("CRC of part %d is %s", number, got)
	}
	return sdk.Object{PartNumber: number, ETag: out.Header.Get("ETag")}
}

func complete(c *sdk.Client, key, id string, header http.Header, parts ...sdk.Object) (*sdk.CompleteMultipartUploadResult, *sdk.Response, error) {
	return c.Object.CompleteMultipartUpload(context.Background(), key, id, &sdk.CompleteMultipartUploadOptions{Parts: parts, XOptionHeader: &header})
}

func TestMultipart(t *testing.T) {
	c := start(t).client(t, bucket, region)
	const key = "dir/a b+ü.zip"
	body := pattern(2*minPart + 17)
	id := begin(t, c, key)
	// In any order, one of them twice, and with a number left out.
	third := mustUploadPart(t, c, key, id, 9, body[2*minPart:])
	mustUploadPart(t, c, key, id, 1, []byte("to be replaced"))
	second := mustUploadPart(t, c, key, id, 2, body[minPart:2*minPart])
	first := mustUploadPart(t, c, key, id, 1, body[:minPart])
	mustUploadPart(t, c, key, id, 10, []byte("not in the list"))

	listed, _, err := c.Object.ListParts(t.Context(), key, id, &sdk.ObjectListPartsOptions{MaxParts: "3"})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range listed.Parts {
		got = append(got, fmt.Sprintf("%d %d %s", p.PartNumber, p.Size, p.ETag))
	}
	want := []string{
		fmt.Sprintf("1 %d %s", minPart, first.ETag), fmt.Sprintf("2 %d %s", minPart, second.ETag), "9 17 " + third.ETag,
	}
	if !slices.Equal(got, want) || !listed.IsTruncated || listed.NextPartNumberMarker != "9" || listed.Key != key {
		t.Errorf("parts are %q, want %q; %+v", got, want, listed)
	}
	rest, _, err := c.Object.ListParts(t.Context(), key, id, &sdk.ObjectListPartsOptions{PartNumberMarker: "9"})
	if err != nil || len(rest.Parts) != 1 || rest.Parts[0].PartNumber != 10 || rest.IsTruncated {
		t.Errorf("rest is %+v, %v", rest, err)
	}

	done, out, err := complete(c, key, id, nil, first, second, third)
	if err != nil {
		t.Fatal(err)
	}
	sums := md5.New()
	for _, part := range [][]byte{body[:minPart], body[minPart : 2*minPart], body[2*minPart:]} {
		sum := md5.Sum(part)
		sums.Write(sum[:])
	}
	if want := fmt.Sprintf(`"%x-3"`, sums.Sum(nil)); done.ETag != want || out.Header.Get("X-Cos-Hash-Crc64ecma") != crc(body) || done.Key != key ||
		done.Location != bucket+".cos."+region+".myqcloud.com/"+key {
		t.Errorf("completed: %+v, %v", done, out.Header)
	}
	read, back := get(t, c, key)
	if !bytes.Equal(back, body) || read.Header.Get("X-Cos-Hash-Crc64ecma") != crc(body) {
		t.Errorf("%d bytes, %v", len(back), read.Header)
	}
	_, _, err = complete(c, key, id, nil, first, second, third)
	wantError(t, err, 404, "NoSuchUpload")
	_, err = uploadPart(c, key, id, 1, nil)
	wantError(t, err, 404, "NoSuchUpload")
}

func TestMultipartRefused(t *testing.T) {
	c := start(t).client(t, bucket, region)
	id := begin(t, c, "k")
	small := mustUploadPart(t, c, "k", id, 1, pattern(minPart-1))
	large := mustUploadPart(t, c, "k", id, 2, pattern(minPart))
	last := mustUploadPart(t, c, "k", id, 3, nil)
	wrong := sdk.Object{PartNumber: 2, ETag: small.ETag}
	missing := sdk.Object{PartNumber: 4, ETag: small.ETag}
	for name, v := range map[string]struct {
		parts []sdk.Object
		code  string
	}{
		"small part first": {[]sdk.Object{small, large}, "EntityTooSmall"},
		"out of order":     {[]sdk.Object{large, small}, "InvalidPartOrder"},
		"twice":            {[]sdk.Object{large, large}, "InvalidPartOrder"},
		"another ETag":     {[]sdk.Object{wrong, last}, "InvalidPart"},
		"no such part":     {[]sdk.Object{large, missing}, "InvalidPart"},
		"no parts":         {nil, "MalformedXML"},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := complete(c, "k", id, nil, v.parts...)
			wantError(t, err, 400, v.code)
		})
	}
	for _, number := range []int{-1, 10001} {
		_, err := uploadPart(c, "k", id, number, nil)
		wantError(t, err, 400, "InvalidArgument")
	}
	_, err := uploadPart(c, "other", id, 1, nil)
	wantError(t, err, 404, "NoSuchUpload")
	// After all that it can still be completed, by a small part alone too.
	if _, out, err := complete(c, "k", id, nil, small); err != nil || out.Header.Get("X-Cos-Hash-Crc64ecma") != crc(pattern(minPart-1)) {
		t.Errorf("%+v, %v", out, err)
	}
}

// TestMultipartForbidOverwrite: whoever comes second loses.
func TestMultipartForbidOverwrite(t *testing.T) {
	c := start(t).client(t, bucket, region)
	id := begin(t, c, "k")
	part := mustUploadPart(t, c, "k", id, 1, []byte("parts"))
	put(t, c, "k", []byte("put"))
	_, _, err := complete(c, "k", id, http.Header{"X-Cos-Forbid-Overwrite": {"true"}}, part)
	wantError(t, err, 409, "FileAlreadyExists")
	if _, body := get(t, c, "k"); string(body) != "put" {
		t.Errorf("object is %q", body)
	}
	if _, _, err := complete(c, "k", id, nil, part); err != nil {
		t.Error(err)
	}
	if _, body := get(t, c, "k"); string(body) != "parts" {
		t.Errorf("object is %q", body)
	}
}

func TestAbortAndListUploads(t *testing.T) {
	c := start(t).client(t, bucket, region)
	var ids []string
	for _, key := range []string{"a/1", "a/ü +", "b"} {
		ids = append(ids, begin(t, c, key))
	}
	list := func(o sdk.ListMultipartUploadsOptions) *sdk.ListMultipartUploadsResult {
		t.Helper()
		out, _, err := c.Bucket.ListMultipartUploads(t.Context(), &o)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	all := list(sdk.ListMultipartUploadsOptions{Prefix: "a/"})
	if len(all.Uploads) != 2 || all.Uploads[0].Key != "a/1" || all.Uploads[0].UploadID != ids[0] || all.Uploads[1].Key != "a/ü +" || all.Uploads[0].Initiated == "" {
		t.Errorf("uploads are %+v", all.Uploads)
	}
	escaped := list(sdk.ListMultipartUploadsOptions{Prefix: "a/", EncodingType: "url"})
	if escaped.Uploads[1].Key != "a%2F%C3%BC%20%2B" || escaped.EncodingType != "url" || escaped.Prefix != "a%2F" {
		t.Errorf("escaped: %+v", escaped)
	}
	first := list(sdk.ListMultipartUploadsOptions{MaxUploads: 1})
	if len(first.Uploads) != 1 || !first.IsTruncated {
		t.Fatalf("first page is %+v", first)
	}
	second := list(sdk.ListMultipartUploadsOptions{KeyMarker: first.NextKeyMarker, UploadIDMarker: first.NextUploadIDMarker})
	if len(second.Uploads) != 2 || second.Uploads[0].Key != "a/ü +" || second.IsTruncated {
		t.Errorf("second page is %+v", second)
	}
	if _, err := c.Object.AbortMultipartUpload(t.Context(), "b", ids[2]); err != nil {
		t.Fatal(err)
	}
	_, err := c.Object.AbortMultipartUpload(t.Context(), "b", ids[2])
	wantError(t, err, 404, "NoSuchUpload")
	if left := list(sdk.ListMultipartUploadsOptions{}); len(left.Uploads) != 2 {
		t.Errorf("uploads are %+v", left.Uploads)
	}
}

// TestUploadResumes: the SDK's own upload is cut off, and a second one uploads
// only what is missing.
func TestUploadResumes(t *testing.T) {
	f := start(t)
	body := pattern(4*minPart + 5)
	file := filepath.Join(t.TempDir(), "zip")
	if err := os.WriteFile(file, body, 0o600); err != nil {
		t.Fatal(err)
	}
	upload := func(ctx context.Context) (*sdk.Response, error) {
		_, out, err := f.client(t, bucket, region).Object.Upload(ctx, "dir/k", file, &sdk.MultiUploadOptions{PartSize: 1, ThreadPoolSize: 1, CheckPoint: true})
		return out, err
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
	if out.Header.Get("X-Cos-Hash-Crc64ecma") != crc(body) || f.count("ListMultipartUploads") == 0 || f.count("InitiateMultipartUpload") != 1 || f.count("UploadPart")-before > 2 {
		t.Errorf("%v, %d parts before and %d after, %d listings", out.Header, before, f.count("UploadPart")-before, f.count("ListMultipartUploads"))
	}
	if _, back := get(t, f.client(t, bucket, region), "dir/k"); !bytes.Equal(back, body) {
		t.Errorf("%d bytes", len(back))
	}
}

// TestSumsAreOfWhatArrived: a byte that changes on the way is noticed by the
// SDK, because the sum in the answer is not the one of the bytes it sent.
func TestSumsAreOfWhatArrived(t *testing.T) {
	f := start(t)
	c := f.clientThrough(t, mine(), flipper{f.transport()})
	_, err := c.Object.Put(t.Context(), "k", strings.NewReader("body"), nil)
	if err == nil || !strings.Contains(err.Error(), "verification failed") {
		t.Errorf("put: %v", err)
	}
	id := begin(t, c, "k")
	_, err = uploadPart(c, "k", id, 1, []byte("body"))
	if err == nil || !strings.Contains(err.Error(), "verification failed") {
		t.Errorf("part: %v", err)
	}
}
