package sandbox_test

import (
	"bytes"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"hash/crc32"
	"hash/crc64"
	"io"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/google/go-cmp/cmp"

	"github.com/layerbuild/layerbuild/sandbox"
	"github.com/layerbuild/layerbuild/sandbox/sandboxtest"
)

func base64Sum(h hash.Hash, body []byte) *string {
	h.Write(body)
	return aws.String(base64.StdEncoding.EncodeToString(h.Sum(nil)))
}

func nvme() hash.Hash { return crc64.New(crc64.MakeTable(0x9a6c9329ac4bc9b5)) }

func TestPutGetHeadDelete(t *testing.T) {
	sb := sandboxtest.Start(t, sandbox.Options{})
	c := s3Client(sb, "eu-west-1")
	for _, key := range []string{
		"k.zip", "a/b/c.zip", "with space", "plus+and%2Fpercent", "ünï/日本語.zip", "a//b", "/leading", "trailing/", "./..", "q?x=1&y=2#z", `"'<>&`,
		strings.Repeat("k", 1024),
	} {
		t.Run(key[:min(len(key), 20)], func(t *testing.T) {
			body := []byte("content of " + key)
			put := put(t, c, "my-bucket", key, body)
			sum := md5.Sum(body)
			if want := `"` + hex.EncodeToString(sum[:]) + `"`; *put.ETag != want {
				t.Errorf("ETag is %s, want %s", *put.ETag, want)
			}
			head, err := c.HeadObject(t.Context(), &awss3.HeadObjectInput{Bucket: aws.String("my-bucket"), Key: &key})
			if err != nil || *head.ContentLength != int64(len(body)) || *head.ETag != *put.ETag {
				t.Fatalf("%+v, %v", head, err)
			}
			get, err := c.GetObject(t.Context(), &awss3.GetObjectInput{Bucket: aws.String("my-bucket"), Key: &key})
			if err != nil {
				t.Fatal(err)
			}
			if got, err := io.ReadAll(get.Body); err != nil || !bytes.Equal(got, body) {
				t.Errorf("content is %q, %v", got, err)
			}
			for range 2 { // deleting what is not there is no error
				if _, err := c.DeleteObject(t.Context(), &awss3.DeleteObjectInput{Bucket: aws.String("my-bucket"), Key: &key}); err != nil {
					t.Fatal(err)
				}
			}
			_, err = c.GetObject(t.Context(), &awss3.GetObjectInput{Bucket: aws.String("my-bucket"), Key: &key})
			wantError(t, err, 404, "NoSuchKey")
			_, err = c.HeadObject(t.Context(), &awss3.HeadObjectInput{Bucket: aws.String("my-bucket"), Key: &key})
			wantError(t, err, 404, "NotFound")
		})
	}
	long := strings.Repeat("ü", 512) + "x" // bytes count, not characters
	_, err := c.PutObject(t.Context(), &awss3.PutObjectInput{Bucket: aws.String("my-bucket"), Key: &long, Body: strings.NewReader("x")})
	wantError(t, err, 400, "KeyTooLongError")
}

func TestPutKeepsHeaders(t *testing.T) {
	c := s3Client(sandboxtest.Start(t, sandbox.Options{}), "us-east-1")
	in := &awss3.PutObjectInput{Bucket: aws.String("bucket"), Key: aws.String("k"), Body: strings.NewReader("{}"),
		ContentType: aws.String("application/json"), CacheControl: aws.String("no-store"), ContentDisposition: aws.String("attachment"),
		ContentEncoding: aws.String("gzip"), ContentLanguage: aws.String("de"), Metadata: map[string]string{"tree": "abc", "by": "a b"}}
	if _, err := c.PutObject(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	out, err := c.HeadObject(t.Context(), &awss3.HeadObjectInput{Bucket: aws.String("bucket"), Key: aws.String("k")})
	if err != nil {
		t.Fatal(err)
	}
	got := []string{*out.ContentType, *out.CacheControl, *out.ContentDisposition, *out.ContentEncoding, *out.ContentLanguage, string(out.ServerSideEncryption)}
	want := []string{"application/json", "no-store", "attachment", "gzip", "de", "AES256"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(in.Metadata, out.Metadata); d != "" {
		t.Error(d)
	}
}

// TestChecksums puts an object with each checksum, right and wrong.
func TestChecksums(t *testing.T) {
	c := s3Client(sandboxtest.Start(t, sandbox.Options{}), "us-east-1")
	body := []byte("layerbuild")
	for _, a := range []struct {
		name  string
		make  func() hash.Hash
		given func(*awss3.PutObjectInput) **string
		kept  func(*awss3.HeadObjectOutput) *string
	}{
		{"CRC32", func() hash.Hash { return crc32.NewIEEE() }, func(i *awss3.PutObjectInput) **string { return &i.ChecksumCRC32 }, func(o *awss3.HeadObjectOutput) *string { return o.ChecksumCRC32 }},
		{"CRC32C", func() hash.Hash { return crc32.New(crc32.MakeTable(crc32.Castagnoli)) }, func(i *awss3.PutObjectInput) **string { return &i.ChecksumCRC32C }, func(o *awss3.HeadObjectOutput) *string { return o.ChecksumCRC32C }},
		{"CRC64NVME", nvme, func(i *awss3.PutObjectInput) **string { return &i.ChecksumCRC64NVME }, func(o *awss3.HeadObjectOutput) *string { return o.ChecksumCRC64NVME }},
		{"SHA1", sha1.New, func(i *awss3.PutObjectInput) **string { return &i.ChecksumSHA1 }, func(o *awss3.HeadObjectOutput) *string { return o.ChecksumSHA1 }},
		{"SHA256", sha256.New, func(i *awss3.PutObjectInput) **string { return &i.ChecksumSHA256 }, func(o *awss3.HeadObjectOutput) *string { return o.ChecksumSHA256 }},
	} {
		t.Run(a.name, func(t *testing.T) {
			in := &awss3.PutObjectInput{Bucket: aws.String("bucket"), Key: &a.name}
			attempt := func(sum *string) error {
				*a.given(in), in.Body = sum, bytes.NewReader(body)
				_, err := c.PutObject(t.Context(), in)
				return err
			}
			api := wantError(t, attempt(base64Sum(a.make(), []byte("other"))), 400, "BadDigest")
			if want := "The " + a.name + " you specified did not match the calculated checksum."; api.ErrorMessage() != want {
				t.Errorf("message is %q, want %q", api.ErrorMessage(), want)
			}
			api = wantError(t, attempt(aws.String("AAAA")), 400, "InvalidRequest")
			if want := "Value for x-amz-checksum-" + strings.ToLower(a.name) + " header is invalid."; api.ErrorMessage() != want {
				t.Errorf("message is %q, want %q", api.ErrorMessage(), want)
			}
			_, err := c.HeadObject(t.Context(), &awss3.HeadObjectInput{Bucket: aws.String("bucket"), Key: &a.name})
			wantError(t, err, 404, "NotFound") // nothing came of it
			want := base64Sum(a.make(), body)
			if err := attempt(want); err != nil {
				t.Fatal(err)
			}
			head := &awss3.HeadObjectInput{Bucket: aws.String("bucket"), Key: &a.name, ChecksumMode: types.ChecksumModeEnabled}
			out, err := c.HeadObject(t.Context(), head)
			if err != nil || a.kept(out) == nil || *a.kept(out) != *want || out.ChecksumType != types.ChecksumTypeFullObject {
				t.Errorf("checksum is %v (%s), %v, want %s", a.kept(out), out.ChecksumType, err, *want)
			}
			head.ChecksumMode = ""
			if out, err := c.HeadObject(t.Context(), head); err != nil || a.kept(out) != nil {
				t.Errorf("checksum without being asked: %v, %v", a.kept(out), err)
			}
		})
	}
}

// TestChecksumVectors compares with sums that the real S3 answered for "aaa",
// as LocalStack recorded them (test_complete_multipart_parts_checksum_default).
func TestChecksumVectors(t *testing.T) {
	c := s3Client(sandboxtest.Start(t, sandbox.Options{}), "us-east-1")
	in := &awss3.PutObjectInput{Bucket: aws.String("bucket"), Key: aws.String("k"), Body: strings.NewReader("aaa"), ChecksumAlgorithm: types.ChecksumAlgorithmCrc64nvme}
	out, err := c.PutObject(t.Context(), in)
	if err != nil || *out.ChecksumCRC64NVME != "Rnr2/5P7Gsk=" || *out.ETag != `"47bce5c74f589f4867dbd57e9ca9f808"` {
		t.Errorf("%v, %v", out, err)
	}
	in.Body, in.ChecksumAlgorithm = strings.NewReader("aaa"), types.ChecksumAlgorithmCrc32c
	if out, err := c.PutObject(t.Context(), in); err != nil || *out.ChecksumCRC32C != "45fn2Q==" {
		t.Errorf("%v, %v", out, err)
	}
}

func TestContentMD5(t *testing.T) {
	c := s3Client(sandboxtest.Start(t, sandbox.Options{}), "us-east-1")
	in := func(sum *string) *awss3.PutObjectInput {
		return &awss3.PutObjectInput{Bucket: aws.String("bucket"), Key: aws.String("k"), Body: strings.NewReader("body"), ContentMD5: sum}
	}
	if _, err := c.PutObject(t.Context(), in(base64Sum(md5.New(), []byte("body")))); err != nil {
		t.Error(err)
	}
	_, err := c.PutObject(t.Context(), in(base64Sum(md5.New(), []byte("other"))))
	wantError(t, err, 400, "BadDigest")
	_, err = c.PutObject(t.Context(), in(aws.String("MTIz")))
	wantError(t, err, 400, "InvalidDigest")
}

func TestConditions(t *testing.T) {
	c := s3Client(sandboxtest.Start(t, sandbox.Options{}), "us-east-1")
	bucket, key := aws.String("bucket"), aws.String("k")
	write := func(noneMatch, match *string) error {
		_, err := c.PutObject(t.Context(), &awss3.PutObjectInput{Bucket: bucket, Key: key, Body: strings.NewReader("v"), IfNoneMatch: noneMatch, IfMatch: match})
		return err
	}
	wantError(t, write(nil, aws.String("*")), 404, "NoSuchKey")
	if err := write(aws.String("*"), nil); err != nil {
		t.Fatal(err)
	}
	api := wantError(t, write(aws.String("*"), nil), 412, "PreconditionFailed")
	if want := "At least one of the pre-conditions you specified did not hold"; api.ErrorMessage() != want {
		t.Errorf("message is %q", api.ErrorMessage())
	}
	wantError(t, write(nil, aws.String(`"0123"`)), 412, "PreconditionFailed")
	wantError(t, write(aws.String(`"0123"`), nil), 501, "NotImplemented")
	etag := put(t, c, "bucket", "k", []byte("v")).ETag
	if err := write(nil, etag); err != nil {
		t.Error(err)
	}
	read := func(noneMatch, match *string) error {
		_, err := c.GetObject(t.Context(), &awss3.GetObjectInput{Bucket: bucket, Key: key, IfNoneMatch: noneMatch, IfMatch: match})
		return err
	}
	if err := read(aws.String(`"other"`), etag); err != nil {
		t.Error(err)
	}
	wantError(t, read(nil, aws.String(`"other"`)), 412, "PreconditionFailed")
	wantError(t, read(etag, nil), 304, "NotModified")
}

func TestRange(t *testing.T) {
	c := s3Client(sandboxtest.Start(t, sandbox.Options{}), "us-east-1")
	put(t, c, "bucket", "k", []byte("0123456789"))
	put(t, c, "bucket", "empty", nil)
	for _, r := range []struct{ spec, want, contentRange string }{
		{"bytes=0-3", "0123", "bytes 0-3/10"}, {"bytes=8-100", "89", "bytes 8-9/10"}, {"bytes=5-", "56789", "bytes 5-9/10"},
		{"bytes=-3", "789", "bytes 7-9/10"}, {"bytes=-99", "0123456789", "bytes 0-9/10"}, {"bytes=3-2", "0123456789", ""},
		{"bytes=0-1,4-5", "0123456789", ""}, {"lines=1-2", "0123456789", ""}, {"bytes=x-y", "0123456789", ""},
	} {
		out, err := c.GetObject(t.Context(), &awss3.GetObjectInput{Bucket: aws.String("bucket"), Key: aws.String("k"), Range: &r.spec})
		if err != nil {
			t.Errorf("%s: %v", r.spec, err)
			continue
		}
		if got, _ := io.ReadAll(out.Body); string(got) != r.want || aws.ToString(out.ContentRange) != r.contentRange {
			t.Errorf("%s: %q, %q", r.spec, got, aws.ToString(out.ContentRange))
		}
	}
	part, err := c.GetObject(t.Context(), &awss3.GetObjectInput{Bucket: aws.String("bucket"), Key: aws.String("k"),
		Range: aws.String("bytes=1-2"), ChecksumMode: types.ChecksumModeEnabled})
	if err != nil || part.ChecksumCRC32 != nil || part.ChecksumType != "" {
		t.Errorf("a part has the checksum of the whole: %v, %v", part, err)
	}
	for _, r := range []struct{ key, spec string }{{"k", "bytes=10-"}, {"k", "bytes=99-100"}, {"k", "bytes=-0"}, {"empty", "bytes=0-0"}} {
		_, err := c.GetObject(t.Context(), &awss3.GetObjectInput{Bucket: aws.String("bucket"), Key: &r.key, Range: &r.spec})
		wantError(t, err, 416, "InvalidRange")
	}
}

// TestNotEmulated: what the sandbox cannot do it must not pretend to do.
func TestNotEmulated(t *testing.T) {
	c := s3Client(sandboxtest.Start(t, sandbox.Options{}), "us-east-1")
	put(t, c, "bucket", "k", []byte("v"))
	_, err := c.CopyObject(t.Context(), &awss3.CopyObjectInput{Bucket: aws.String("bucket"), Key: aws.String("copy"), CopySource: aws.String("bucket/k")})
	wantError(t, err, 501, "NotImplemented")
	_, err = c.PutObjectTagging(t.Context(), &awss3.PutObjectTaggingInput{Bucket: aws.String("bucket"), Key: aws.String("k"), Tagging: &types.Tagging{TagSet: []types.Tag{}}})
	wantError(t, err, 501, "NotImplemented")
	_, err = c.GetBucketPolicy(t.Context(), &awss3.GetBucketPolicyInput{Bucket: aws.String("bucket")})
	wantError(t, err, 501, "NotImplemented")
}
