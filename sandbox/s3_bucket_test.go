package sandbox_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/layerbuild/layerbuild/sandbox"
	"github.com/layerbuild/layerbuild/sandbox/sandboxtest"
)

func create(t *testing.T, c *awss3.Client, name, region string) error {
	t.Helper()
	in := &awss3.CreateBucketInput{Bucket: &name}
	if region != "" {
		in.CreateBucketConfiguration = &types.CreateBucketConfiguration{LocationConstraint: types.BucketLocationConstraint(region)}
	}
	_, err := c.CreateBucket(t.Context(), in)
	return err
}

func TestCreateBucket(t *testing.T) {
	sb := sandboxtest.Start(t, sandbox.Options{Strict: true})
	east, west := s3Client(sb, "us-east-1"), s3Client(sb, "eu-west-1")
	for _, step := range []struct {
		what   string
		err    error
		status int
		code   string
	}{
		{"in us-east-1", create(t, east, "one", ""), 0, ""},
		{"again", create(t, east, "one", ""), 0, ""}, // an oddity of us-east-1
		{"elsewhere from us-east-1", create(t, east, "two", "ap-south-1"), 0, ""},
		{"in eu-west-1", create(t, west, "three", "eu-west-1"), 0, ""},
		{"again in eu-west-1", create(t, west, "three", "eu-west-1"), 409, "BucketAlreadyOwnedByYou"},
		{"no region in eu-west-1", create(t, west, "four", ""), 400, "IllegalLocationConstraintException"},
		{"other region in eu-west-1", create(t, west, "four", "us-west-2"), 400, "IllegalLocationConstraintException"},
		{"us-east-1 by name", create(t, east, "four", "us-east-1"), 400, "InvalidLocationConstraint"},
		{"taken", create(t, east, "denied-bucket", ""), 409, "BucketAlreadyExists"},
		{"reserved", create(t, east, "missing-bucket", ""), 409, "BucketAlreadyExists"},
	} {
		t.Run(step.what, func(t *testing.T) {
			if step.status == 0 {
				if step.err != nil {
					t.Error(step.err)
				}
				return
			}
			wantError(t, step.err, step.status, step.code)
		})
	}
	list, err := east.ListBuckets(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, b := range list.Buckets {
		names = append(names, *b.Name+" "+*b.BucketRegion)
	}
	if want := []string{"one us-east-1", "three eu-west-1", "two ap-south-1"}; !slices.Equal(names, want) {
		t.Errorf("buckets are %q, want %q", names, want)
	}
	for name, want := range map[string]string{"one": "", "two": "ap-south-1", "three": "eu-west-1"} {
		out, err := west.GetBucketLocation(t.Context(), &awss3.GetBucketLocationInput{Bucket: &name})
		if err != nil || string(out.LocationConstraint) != want {
			t.Errorf("%s: %v, %v", name, out, err)
		}
	}
}

func TestBucketNames(t *testing.T) {
	c := s3Client(sandboxtest.Start(t, sandbox.Options{}), "us-east-1")
	for _, name := range []string{"abc", "my-bucket", "a.b.c", "2018-10-31", strings.Repeat("a", 63)} {
		if err := create(t, c, name, ""); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
	for _, name := range []string{"ab", "Capital", "under_score", "-dash", "dash-", "a..b", "192.168.0.1", "xn--punycode", "a-s3alias", strings.Repeat("a", 64)} {
		wantError(t, create(t, c, name, ""), 400, "InvalidBucketName")
	}
}

// TestFirstUse: buckets come into being where they are first used, unless
// their names say otherwise, or the sandbox is strict.
func TestFirstUse(t *testing.T) {
	sb := sandboxtest.Start(t, sandbox.Options{})
	c := s3Client(sb, "eu-west-1")
	put(t, c, "fresh", "k", nil)
	head := func(c *awss3.Client, name string) (*awss3.HeadBucketOutput, error) {
		return c.HeadBucket(t.Context(), &awss3.HeadBucketInput{Bucket: &name})
	}
	if out, err := head(c, "fresh"); err != nil || *out.BucketRegion != "eu-west-1" {
		t.Errorf("%v, %v", out, err)
	}
	write := func(c *awss3.Client, bucket string) error {
		_, err := c.PutObject(t.Context(), &awss3.PutObjectInput{Bucket: &bucket, Key: aws.String("k"), Body: strings.NewReader("")})
		return err
	}
	wantError(t, write(c, "missing-bucket"), 404, "NoSuchBucket")
	wantError(t, write(c, "denied-bucket"), 403, "AccessDenied")
	_, err := head(c, "missing-bucket")
	wantError(t, err, 404, "NotFound")
	strict := s3Client(sandboxtest.Start(t, sandbox.Options{Strict: true}), "eu-west-1")
	wantError(t, write(strict, "fresh"), 404, "NoSuchBucket")
	if err := create(t, strict, "fresh", "eu-west-1"); err != nil {
		t.Fatal(err)
	}
	if err := write(strict, "fresh"); err != nil {
		t.Error(err)
	}
}

// TestWrongRegion: a bucket is only where it was made.
func TestWrongRegion(t *testing.T) {
	sb := sandboxtest.Start(t, sandbox.Options{})
	put(t, s3Client(sb, "eu-west-1"), "bucket", "k", []byte("v"))
	get := &awss3.GetObjectInput{Bucket: aws.String("bucket"), Key: aws.String("k")}
	_, err := s3Client(sb, "us-west-2").GetObject(t.Context(), get)
	wantError(t, err, 301, "PermanentRedirect")
	_, err = s3Client(sb, "us-east-1").GetObject(t.Context(), get)
	api := wantError(t, err, 400, "AuthorizationHeaderMalformed")
	if want := "The authorization header is malformed; the region 'us-east-1' is wrong; expecting 'eu-west-1'"; api.ErrorMessage() != want {
		t.Errorf("message is %q, want %q", api.ErrorMessage(), want)
	}
	for _, region := range []string{"us-west-2", "us-east-1"} {
		a := call{method: "HEAD", path: "/bucket", region: region}.do(t, sb)
		if got := a.header.Get("X-Amz-Bucket-Region"); a.status < 300 || got != "eu-west-1" {
			t.Errorf("from %s: %d, bucket region %q", region, a.status, got)
		}
	}
}

func TestExpectedOwner(t *testing.T) {
	c := s3Client(sandboxtest.Start(t, sandbox.Options{}), "us-east-1")
	in := &awss3.PutObjectInput{Bucket: aws.String("bucket"), Key: aws.String("k"), ExpectedBucketOwner: aws.String(sandbox.Account)}
	if _, err := c.PutObject(t.Context(), in); err != nil {
		t.Error(err)
	}
	in.ExpectedBucketOwner = aws.String("000000000000")
	_, err := c.PutObject(t.Context(), in)
	wantError(t, err, 403, "AccessDenied")
}

func TestDeleteBucket(t *testing.T) {
	c := s3Client(sandboxtest.Start(t, sandbox.Options{}), "us-east-1")
	put(t, c, "bucket", "k", nil)
	remove := func() error {
		_, err := c.DeleteBucket(t.Context(), &awss3.DeleteBucketInput{Bucket: aws.String("bucket")})
		return err
	}
	wantError(t, remove(), 409, "BucketNotEmpty")
	if _, err := c.DeleteObject(t.Context(), &awss3.DeleteObjectInput{Bucket: aws.String("bucket"), Key: aws.String("k")}); err != nil {
		t.Fatal(err)
	}
	begin(t, c, "upload", "", "")
	if err := remove(); err != nil {
		t.Fatal(err)
	}
	wantError(t, remove(), 404, "NoSuchBucket")
}

func TestListObjects(t *testing.T) {
	c := s3Client(sandboxtest.Start(t, sandbox.Options{}), "us-east-1")
	var all []string
	for i := range 7 {
		all = append(all, fmt.Sprintf("a/%d.zip", i), fmt.Sprintf("b/c%d/x", i/3))
	}
	all = append(all, "ü +&<.zip", "z")
	for _, key := range all {
		put(t, c, "bucket", key, []byte(key))
	}
	slices.Sort(all)
	all = slices.Compact(all)
	list := func(in awss3.ListObjectsV2Input) (keys, prefixes []string) {
		in.Bucket = aws.String("bucket")
		pager := awss3.NewListObjectsV2Paginator(c, &in)
		for pager.HasMorePages() {
			page, err := pager.NextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if *page.KeyCount != int32(len(page.Contents)+len(page.CommonPrefixes)) || *page.KeyCount > aws.ToInt32(in.MaxKeys) && in.MaxKeys != nil {
				t.Errorf("page counts %d, has %d and %d", *page.KeyCount, len(page.Contents), len(page.CommonPrefixes))
			}
			for _, o := range page.Contents {
				if *o.Size != int64(len(*o.Key)) {
					t.Errorf("%s has %d bytes", *o.Key, *o.Size)
				}
				keys = append(keys, *o.Key)
			}
			for _, p := range page.CommonPrefixes {
				prefixes = append(prefixes, *p.Prefix)
			}
		}
		return keys, prefixes
	}
	for most := range int32(5) {
		if keys, _ := list(awss3.ListObjectsV2Input{MaxKeys: aws.Int32(most + 1)}); !slices.Equal(keys, all) {
			t.Errorf("in pages of %d: %q", most+1, keys)
		}
	}
	keys, prefixes := list(awss3.ListObjectsV2Input{Delimiter: aws.String("/"), MaxKeys: aws.Int32(1)})
	if !slices.Equal(keys, []string{"z", "ü +&<.zip"}) || !slices.Equal(prefixes, []string{"a/", "b/"}) {
		t.Errorf("%q, %q", keys, prefixes)
	}
	keys, prefixes = list(awss3.ListObjectsV2Input{Prefix: aws.String("b/"), Delimiter: aws.String("/")})
	if len(keys) != 0 || !slices.Equal(prefixes, []string{"b/c0/", "b/c1/", "b/c2/"}) {
		t.Errorf("%q, %q", keys, prefixes)
	}
	if keys, _ = list(awss3.ListObjectsV2Input{StartAfter: aws.String("a/5.zip"), Prefix: aws.String("a/")}); !slices.Equal(keys, []string{"a/6.zip"}) {
		t.Errorf("%q", keys)
	}
	out, err := c.ListObjectsV2(t.Context(), &awss3.ListObjectsV2Input{Bucket: aws.String("bucket"), EncodingType: types.EncodingTypeUrl, StartAfter: aws.String("z"), FetchOwner: aws.Bool(true)})
	if err != nil || *out.Contents[0].Key != "%C3%BC+%2B%26%3C.zip" || len(*out.Contents[0].Owner.ID) != 64 {
		t.Errorf("%+v, %v", out.Contents, err)
	}
	_, err = c.ListObjectsV2(t.Context(), &awss3.ListObjectsV2Input{Bucket: aws.String("bucket"), ContinuationToken: aws.String("?")})
	wantError(t, err, 400, "InvalidArgument")
}
