//lint:file-ignore SA1019 feature/s3/manager is what layerbuild uploads with.

package sandbox_test

import (
	"bytes"
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/s3/manager"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/layerbuild/layerbuild/sandbox"
	"github.com/layerbuild/layerbuild/sandbox/sandboxtest"
)

// noise returns bytes that are the same in every run.
func noise(n int) []byte {
	b := make([]byte, n)
	rand.NewChaCha8([32]byte{1}).Read(b)
	return b
}

// TestManagerFullObject is how layerbuild uploads large zips: 16 MiB parts,
// CRC64NVME of the whole, create only.
func TestManagerFullObject(t *testing.T) {
	sb := sandboxtest.Start(t, sandbox.Options{})
	c := s3Client(sb, "eu-west-1")
	body := noise(16<<20 + 1)
	up := manager.NewUploader(c, func(u *manager.Uploader) { u.PartSize = 16 << 20 })
	in := &awss3.PutObjectInput{Bucket: aws.String("bucket"), Key: aws.String("big.zip"), Body: bytes.NewReader(body),
		ChecksumAlgorithm: types.ChecksumAlgorithmCrc64nvme, IfNoneMatch: aws.String("*")}
	out, err := up.Upload(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	want := base64Sum(nvme(), body)
	if *out.ChecksumCRC64NVME != *want || out.ChecksumType != types.ChecksumTypeFullObject {
		t.Errorf("sum is %s (%s), want %s", *out.ChecksumCRC64NVME, out.ChecksumType, *want)
	}
	var tags []byte
	for part := range slices.Chunk(body, 16<<20) {
		tag := md5.Sum(part)
		tags = append(tags, tag[:]...)
	}
	tag := md5.Sum(tags)
	if want := `"` + hex.EncodeToString(tag[:]) + `-2"`; *out.ETag != want {
		t.Errorf("ETag is %s, want %s", *out.ETag, want)
	}
	get, err := c.GetObject(t.Context(), &awss3.GetObjectInput{Bucket: in.Bucket, Key: in.Key, ChecksumMode: types.ChecksumModeEnabled})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(get.Body); err != nil || !bytes.Equal(got, body) || *get.ChecksumCRC64NVME != *want {
		t.Errorf("read %d bytes, %v", len(got), err)
	}
}

// TestManagerRefused: neither a taken key nor a wrong sum leaves an upload
// behind.
func TestManagerRefused(t *testing.T) {
	c := s3Client(sandboxtest.Start(t, sandbox.Options{}), "eu-west-1")
	put(t, c, "bucket", "taken.zip", nil)
	up := manager.NewUploader(c, func(u *manager.Uploader) { u.PartSize = 5 << 20 })
	body := noise(5<<20 + 1)
	in := &awss3.PutObjectInput{Bucket: aws.String("bucket"), Key: aws.String("taken.zip"), Body: bytes.NewReader(body),
		ChecksumAlgorithm: types.ChecksumAlgorithmCrc64nvme, IfNoneMatch: aws.String("*")}
	_, err := up.Upload(t.Context(), in)
	wantError(t, err, 412, "PreconditionFailed")
	in.Key, in.ChecksumCRC64NVME, in.Body = aws.String("wrong.zip"), base64Sum(nvme(), []byte("other")), bytes.NewReader(body)
	_, err = up.Upload(t.Context(), in)
	wantError(t, err, 400, "BadDigest")
	list, err := c.ListMultipartUploads(t.Context(), &awss3.ListMultipartUploadsInput{Bucket: in.Bucket})
	if err != nil || len(list.Uploads) != 0 {
		t.Errorf("uploads left over: %v, %v", list.Uploads, err)
	}
}

// parts is a multipart upload in the hands of a test.
type parts struct {
	t      *testing.T
	c      *awss3.Client
	create *awss3.CreateMultipartUploadOutput
	done   []types.CompletedPart
}

func begin(t *testing.T, c *awss3.Client, key string, algorithm types.ChecksumAlgorithm, kind types.ChecksumType) *parts {
	t.Helper()
	out, err := c.CreateMultipartUpload(t.Context(), &awss3.CreateMultipartUploadInput{
		Bucket: aws.String("bucket"), Key: &key, ChecksumAlgorithm: algorithm, ChecksumType: kind, ContentType: aws.String("application/zip")})
	if err != nil {
		t.Fatal(err)
	}
	return &parts{t: t, c: c, create: out}
}

func (p *parts) upload(number int32, body []byte, change ...func(*awss3.UploadPartInput)) error {
	in := &awss3.UploadPartInput{Bucket: p.create.Bucket, Key: p.create.Key, UploadId: p.create.UploadId,
		PartNumber: &number, Body: bytes.NewReader(body), ChecksumAlgorithm: p.create.ChecksumAlgorithm}
	for _, f := range change {
		f(in)
	}
	out, err := p.c.UploadPart(p.t.Context(), in)
	if err == nil {
		p.done = append(p.done, types.CompletedPart{PartNumber: &number, ETag: out.ETag, ChecksumSHA256: out.ChecksumSHA256, ChecksumCRC64NVME: out.ChecksumCRC64NVME})
	}
	return err
}

func (p *parts) complete(change ...func(*awss3.CompleteMultipartUploadInput)) (*awss3.CompleteMultipartUploadOutput, error) {
	in := &awss3.CompleteMultipartUploadInput{Bucket: p.create.Bucket, Key: p.create.Key, UploadId: p.create.UploadId,
		MultipartUpload: &types.CompletedMultipartUpload{Parts: slices.Clone(p.done)}}
	for _, f := range change {
		f(in)
	}
	return p.c.CompleteMultipartUpload(p.t.Context(), in)
}

func TestMultipartComposite(t *testing.T) {
	c := s3Client(sandboxtest.Start(t, sandbox.Options{}), "us-east-1")
	p := begin(t, c, "k", types.ChecksumAlgorithmSha256, "")
	if p.create.ChecksumType != types.ChecksumTypeComposite {
		t.Errorf("type is %s", p.create.ChecksumType)
	}
	// The same parts as in LocalStack's recording of the real S3,
	// test_complete_multipart_parts_checksum_composite[SHA256].
	five := bytes.Repeat([]byte("a"), 5<<20+1)
	for i, body := range [][]byte{five, five, bytes.Repeat([]byte("a"), 10)} {
		if err := p.upload(int32(i+1), body); err != nil {
			t.Fatal(err)
		}
	}
	_, err := p.complete(func(in *awss3.CompleteMultipartUploadInput) { in.MultipartUpload.Parts[0].ChecksumSHA256 = nil })
	wantError(t, err, 400, "InvalidRequest")
	_, err = p.complete(func(in *awss3.CompleteMultipartUploadInput) {
		in.MultipartUpload.Parts[2].ChecksumSHA256 = in.MultipartUpload.Parts[0].ChecksumSHA256
	})
	wantError(t, err, 400, "InvalidPart")
	out, err := p.complete()
	if err != nil || *out.ChecksumSHA256 != "9o++y6AejqboiJ7MZCx0fahK2Vu5YC/qnNhhYsCLciI=-3" || *out.ETag != `"4d45984fc3feb2ac9b22683c49674b56-3"` {
		t.Errorf("%v, %v", out, err)
	}
	head, err := c.HeadObject(t.Context(), &awss3.HeadObjectInput{Bucket: aws.String("bucket"), Key: aws.String("k"), ChecksumMode: types.ChecksumModeEnabled})
	if err != nil || *head.ChecksumSHA256 != *out.ChecksumSHA256 || head.ChecksumType != types.ChecksumTypeComposite || *head.ContentType != "application/zip" {
		t.Errorf("%v, %v", head, err)
	}
}

// TestMultipartRecorded is LocalStack's recording of CRC64NVME over the same
// parts, completed without sums of the parts.
func TestMultipartRecorded(t *testing.T) {
	c := s3Client(sandboxtest.Start(t, sandbox.Options{}), "us-east-1")
	p := begin(t, c, "k", types.ChecksumAlgorithmCrc64nvme, "")
	five := bytes.Repeat([]byte("a"), 5<<20+1)
	for i, body := range [][]byte{five, five, bytes.Repeat([]byte("a"), 10)} {
		if err := p.upload(int32(i+1), body); err != nil {
			t.Fatal(err)
		}
	}
	if got := *p.done[0].ChecksumCRC64NVME + *p.done[2].ChecksumCRC64NVME; got != "Kg7TOs6algM=DBqAA21lxVU=" {
		t.Errorf("part sums are %s", got)
	}
	out, err := p.complete(func(in *awss3.CompleteMultipartUploadInput) {
		for i := range in.MultipartUpload.Parts {
			in.MultipartUpload.Parts[i].ChecksumCRC64NVME = nil
		}
	})
	if err != nil || *out.ChecksumCRC64NVME != "ZMNX55lZurA=" || out.ChecksumType != types.ChecksumTypeFullObject {
		t.Errorf("%v, %v", out, err)
	}
}

func TestMultipartRefused(t *testing.T) {
	c := s3Client(sandboxtest.Start(t, sandbox.Options{}), "us-east-1")
	big, small := noise(5<<20), []byte("small")

	t.Run("types", func(t *testing.T) {
		for _, bad := range []struct {
			algorithm types.ChecksumAlgorithm
			kind      types.ChecksumType
		}{{"SHA256", "FULL_OBJECT"}, {"SHA1", "FULL_OBJECT"}, {"CRC64NVME", "COMPOSITE"}, {"MD2", ""}, {"CRC32", "HALF_OBJECT"}} {
			_, err := c.CreateMultipartUpload(t.Context(), &awss3.CreateMultipartUploadInput{
				Bucket: aws.String("bucket"), Key: aws.String("k"), ChecksumAlgorithm: bad.algorithm, ChecksumType: bad.kind})
			wantError(t, err, 400, "InvalidRequest")
		}
	})
	t.Run("part", func(t *testing.T) {
		p := begin(t, c, "part", types.ChecksumAlgorithmCrc64nvme, "")
		wantError(t, p.upload(0, small), 400, "InvalidArgument")
		wantError(t, p.upload(10001, small), 400, "InvalidArgument")
		wantError(t, p.upload(1, small, func(in *awss3.UploadPartInput) { in.ChecksumCRC64NVME = base64Sum(nvme(), big) }), 400, "BadDigest")
		wantError(t, p.upload(1, small, func(in *awss3.UploadPartInput) { in.ChecksumAlgorithm = types.ChecksumAlgorithmSha256 }), 400, "InvalidRequest")
		wantError(t, p.upload(1, small, func(in *awss3.UploadPartInput) { in.UploadId = aws.String("nobody") }), 404, "NoSuchUpload")
		wantError(t, p.upload(1, small, func(in *awss3.UploadPartInput) { in.Key = aws.String("other") }), 404, "NoSuchUpload")
	})
	t.Run("list", func(t *testing.T) {
		p := begin(t, c, "list", "", "")
		_, err := p.complete()
		wantError(t, err, 400, "InvalidRequest")
		for i, body := range [][]byte{small, big, small} {
			if err := p.upload(int32(i+1), body); err != nil {
				t.Fatal(err)
			}
		}
		_, err = p.complete()
		wantError(t, err, 400, "EntityTooSmall")
		_, err = p.complete(func(in *awss3.CompleteMultipartUploadInput) { slices.Reverse(in.MultipartUpload.Parts) })
		wantError(t, err, 400, "InvalidPartOrder")
		_, err = p.complete(func(in *awss3.CompleteMultipartUploadInput) { in.MultipartUpload.Parts[1].PartNumber = aws.Int32(7) })
		wantError(t, err, 400, "InvalidPartOrder")
		_, err = p.complete(func(in *awss3.CompleteMultipartUploadInput) { in.MultipartUpload.Parts[2].PartNumber = aws.Int32(7) })
		wantError(t, err, 400, "InvalidPart")
		_, err = p.complete(func(in *awss3.CompleteMultipartUploadInput) {
			in.MultipartUpload.Parts[2].ETag = in.MultipartUpload.Parts[1].ETag
		})
		wantError(t, err, 400, "InvalidPart")
		fromSecond := func(in *awss3.CompleteMultipartUploadInput) { in.MultipartUpload.Parts = in.MultipartUpload.Parts[1:] }
		_, err = p.complete(fromSecond, func(in *awss3.CompleteMultipartUploadInput) { in.MpuObjectSize = aws.Int64(5) })
		wantError(t, err, 400, "InvalidRequest")
		_, err = p.complete(fromSecond, func(in *awss3.CompleteMultipartUploadInput) { in.ChecksumType = types.ChecksumTypeFullObject })
		wantError(t, err, 400, "InvalidRequest")
		_, err = p.complete(fromSecond, func(in *awss3.CompleteMultipartUploadInput) { in.ChecksumCRC64NVME = base64Sum(nvme(), small) })
		wantError(t, err, 400, "BadDigest")
		out, err := p.complete(fromSecond) // parts may be left out
		if err != nil || *out.ChecksumCRC64NVME != *base64Sum(nvme(), slices.Concat(big, small)) {
			t.Fatalf("%v, %v", out, err)
		}
		_, err = p.complete(fromSecond)
		wantError(t, err, 404, "NoSuchUpload")
	})
	t.Run("abort", func(t *testing.T) {
		p := begin(t, c, "abort", "", "")
		in := &awss3.AbortMultipartUploadInput{Bucket: p.create.Bucket, Key: p.create.Key, UploadId: p.create.UploadId}
		if _, err := c.AbortMultipartUpload(t.Context(), in); err != nil {
			t.Fatal(err)
		}
		_, err := c.AbortMultipartUpload(t.Context(), in)
		wantError(t, err, 404, "NoSuchUpload")
		wantError(t, p.upload(1, small), 404, "NoSuchUpload")
	})
	t.Run("condition", func(t *testing.T) {
		p := begin(t, c, "condition", "", "")
		if err := p.upload(1, small); err != nil {
			t.Fatal(err)
		}
		put(t, c, "bucket", "condition", small)
		_, err := p.complete(func(in *awss3.CompleteMultipartUploadInput) { in.IfNoneMatch = aws.String("*") })
		wantError(t, err, 412, "PreconditionFailed")
		if _, err := p.complete(); err != nil { // the upload is still there
			t.Error(err)
		}
	})
}

func TestListPartsAndUploads(t *testing.T) {
	c := s3Client(sandboxtest.Start(t, sandbox.Options{}), "us-east-1")
	p := begin(t, c, "dir/a b+c", types.ChecksumAlgorithmSha256, "")
	for i := range 5 {
		if err := p.upload(int32(2*i+1), fmt.Appendf(nil, "part %d", i)); err != nil {
			t.Fatal(err)
		}
	}
	var numbers []int32
	pager := awss3.NewListPartsPaginator(c, &awss3.ListPartsInput{Bucket: p.create.Bucket, Key: p.create.Key, UploadId: p.create.UploadId, MaxParts: aws.Int32(2)})
	for pager.HasMorePages() {
		page, err := pager.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if len(page.Parts) > 2 || page.ChecksumAlgorithm != types.ChecksumAlgorithmSha256 {
			t.Errorf("page has %d parts of %s", len(page.Parts), page.ChecksumAlgorithm)
		}
		for _, one := range page.Parts {
			sum := sha256.Sum256(fmt.Appendf(nil, "part %d", len(numbers)))
			if *one.ChecksumSHA256 != base64.StdEncoding.EncodeToString(sum[:]) || *one.Size != 6 {
				t.Errorf("part %d is %d bytes, %s", *one.PartNumber, *one.Size, *one.ChecksumSHA256)
			}
			numbers = append(numbers, *one.PartNumber)
		}
	}
	if !slices.Equal(numbers, []int32{1, 3, 5, 7, 9}) {
		t.Errorf("parts are %v", numbers)
	}
	for _, key := range []string{"dir/a b+c", "dir/b", "other"} {
		begin(t, c, key, "", "")
	}
	var keys []string
	uploads := awss3.NewListMultipartUploadsPaginator(c, &awss3.ListMultipartUploadsInput{Bucket: p.create.Bucket, Prefix: aws.String("dir/"), MaxUploads: aws.Int32(1)})
	for uploads.HasMorePages() {
		page, err := uploads.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, one := range page.Uploads {
			keys = append(keys, *one.Key)
		}
	}
	if !slices.Equal(keys, []string{"dir/a b+c", "dir/a b+c", "dir/b"}) {
		t.Errorf("uploads are %v", keys)
	}
}
