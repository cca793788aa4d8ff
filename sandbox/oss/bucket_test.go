package oss_test

import (
	"fmt"
	"slices"
	"testing"

	sdk "github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss"
)

func putBucket(t *testing.T, c *sdk.Client, name string) error {
	t.Helper()
	_, err := c.PutBucket(t.Context(), &sdk.PutBucketRequest{Bucket: &name})
	return err
}

func TestBucket(t *testing.T) {
	f := start(t)
	c := f.client(region)
	for range 2 { // making it again changes nothing
		if err := putBucket(t, c, "bucket"); err != nil {
			t.Fatal(err)
		}
	}
	info, err := c.GetBucketInfo(t.Context(), &sdk.GetBucketInfoRequest{Bucket: sdk.Ptr("bucket")})
	if err != nil {
		t.Fatal(err)
	}
	if b := info.BucketInfo; *b.Name != "bucket" || *b.Location != "oss-cn-hangzhou" || *b.ExtranetEndpoint != "oss-cn-hangzhou.aliyuncs.com" ||
		*b.IntranetEndpoint != "oss-cn-hangzhou-internal.aliyuncs.com" || *b.StorageClass != "Standard" || *b.ACL != "private" ||
		*b.Owner.ID != mine().Account || b.CreationDate == nil {
		t.Errorf("info is %+v", b)
	}
	location, err := c.GetBucketLocation(t.Context(), &sdk.GetBucketLocationRequest{Bucket: sdk.Ptr("bucket")})
	if err != nil || *location.LocationConstraint != "oss-cn-hangzhou" {
		t.Errorf("location is %+v, %v", location, err)
	}
	put(t, c, "bucket", "k", nil)
	remove := func() error {
		_, err := c.DeleteBucket(t.Context(), &sdk.DeleteBucketRequest{Bucket: sdk.Ptr("bucket")})
		return err
	}
	wantError(t, remove(), 409, "BucketNotEmpty", "0015-00000301")
	if _, err := c.DeleteObject(t.Context(), &sdk.DeleteObjectRequest{Bucket: sdk.Ptr("bucket"), Key: sdk.Ptr("k")}); err != nil {
		t.Fatal(err)
	}
	if err := remove(); err != nil {
		t.Fatal(err)
	}
	wantError(t, remove(), 404, "NoSuchBucket", "0015-00000101")
}

// TestBucketRules: who may use which bucket where.
func TestBucketRules(t *testing.T) {
	f := start(t)
	c := f.client(region)
	head := func(c *sdk.Client, bucket string) error {
		_, err := c.HeadObject(t.Context(), &sdk.HeadObjectRequest{Bucket: &bucket, Key: sdk.Ptr("k")})
		return err
	}
	wantError(t, head(c, "fresh"), 404, "NoSuchKey", "0026-00000001") // it came into being
	wantError(t, head(c, "missing-x"), 404, "NoSuchBucket", "0015-00000101")
	wantError(t, head(c, "denied-x"), 403, "AccessDenied", "0003-00000001")
	wantError(t, head(f.clientAs(region, others()), "fresh"), 403, "AccessDenied", "0003-00000001")
	e := wantError(t, head(f.client("cn-beijing"), "fresh"), 403, "AccessDenied", "0003-00001403")
	if want := "The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint."; e.Message != want {
		t.Errorf("message is %q", e.Message)
	}
	_, err := f.clientAs(region, others()).GetBucketInfo(t.Context(), &sdk.GetBucketInfoRequest{Bucket: sdk.Ptr("fresh")})
	if e := wantError(t, err, 403, "AccessDenied", ""); e.Message != "The bucket you access does not belong to you." {
		t.Errorf("message is %q", e.Message)
	}
	wantError(t, putBucket(t, f.client("cn-beijing"), "fresh"), 409, "BucketAlreadyExists", "")
	wantError(t, putBucket(t, f.clientAs(region, others()), "fresh"), 409, "BucketAlreadyExists", "0015-00000104")
	wantError(t, putBucket(t, c, "missing-x"), 409, "BucketAlreadyExists", "0015-00000104")
	for _, name := range []string{"ab", "-abc", "abc-", "Abc", "a.bc", "a_bc"} {
		f.call(t, call{method: "PUT", target: "/" + name + "/"}).want(t, 400, "InvalidBucketName")
	}
}

func TestStrict(t *testing.T) {
	f := startIn(t, t.TempDir(), true)
	c := f.client(region)
	_, err := c.HeadObject(t.Context(), &sdk.HeadObjectRequest{Bucket: sdk.Ptr("bucket"), Key: sdk.Ptr("k")})
	wantError(t, err, 404, "NoSuchBucket", "0015-00000101")
	if err := putBucket(t, c, "bucket"); err != nil {
		t.Fatal(err)
	}
	put(t, c, "bucket", "k", nil)
}

func TestListObjects(t *testing.T) {
	c := start(t).client(region)
	keys := []string{"a b/z", "a b/ü+%2F.zip", "b/1", "b/2", "c", "日本"}
	for i, key := range keys {
		put(t, c, "bucket", key, pattern(i))
	}
	list := func(in sdk.ListObjectsV2Request) (names []string, pages int) {
		t.Helper()
		in.Bucket = sdk.Ptr("bucket")
		for p := c.NewListObjectsV2Paginator(&in); p.HasNext(); {
			page, err := p.NextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			pages++
			for _, o := range page.Contents {
				names = append(names, *o.Key)
				if i := slices.Index(keys, *o.Key); o.Size != int64(i) || *o.Type != "Normal" || o.LastModified == nil {
					t.Errorf("%+v", o)
				}
			}
			for _, common := range page.CommonPrefixes {
				names = append(names, *common.Prefix)
			}
		}
		return names, pages
	}
	if got, pages := list(sdk.ListObjectsV2Request{}); !slices.Equal(got, keys) || pages != 1 {
		t.Errorf("all: %q on %d pages", got, pages)
	}
	if got, pages := list(sdk.ListObjectsV2Request{MaxKeys: 2}); !slices.Equal(got, keys) || pages != 3 {
		t.Errorf("two by two: %q on %d pages", got, pages)
	}
	if got, _ := list(sdk.ListObjectsV2Request{Prefix: sdk.Ptr("a b/")}); !slices.Equal(got, keys[:2]) {
		t.Errorf("with prefix: %q", got)
	}
	if got, _ := list(sdk.ListObjectsV2Request{StartAfter: sdk.Ptr("b/1")}); !slices.Equal(got, keys[3:]) {
		t.Errorf("from the middle: %q", got)
	}
	got, pages := list(sdk.ListObjectsV2Request{Delimiter: sdk.Ptr("/"), MaxKeys: 1})
	if want := []string{"a b/", "b/", "c", "日本"}; !slices.Equal(got, want) || pages != 4 {
		t.Errorf("by folder: %q on %d pages", got, pages)
	}
}

func TestListingsRefused(t *testing.T) {
	f := start(t)
	for _, query := range []string{
		"list-type=1", "list-type=2&max-keys=x", "list-type=2&max-keys=1001", "list-type=2&encoding-type=base64",
		"list-type=2&continuation-token=%21", "uploads&max-uploads=0", "uploads&encoding-type=x",
	} {
		f.call(t, call{method: "GET", target: "/bucket/?" + query}).want(t, 400, "InvalidArgument")
	}
	id := begin(t, f.client(region), "k")
	for _, query := range []string{"max-parts=-1", "part-number-marker=x"} {
		f.call(t, call{method: "GET", target: fmt.Sprintf("/bucket/k?uploadId=%s&%s", id, query)}).want(t, 400, "InvalidArgument")
	}
}
