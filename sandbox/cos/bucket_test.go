package cos_test

import (
	"slices"
	"strings"
	"testing"

	sdk "github.com/tencentyun/cos-go-sdk-v5"

	"github.com/layerbuild/layerbuild/sandbox/cos"
)

func TestBucket(t *testing.T) {
	c := start(t).client(t, bucket, region)
	if _, err := c.Bucket.Put(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	_, err := c.Bucket.Put(t.Context(), nil)
	wantError(t, err, 409, "BucketAlreadyOwnedByYou")
	head, err := c.Bucket.Head(t.Context())
	if err != nil || head.Header.Get("X-Cos-Bucket-Region") != region {
		t.Errorf("%v, %v", head, err)
	}
	put(t, c, "k", nil)
	_, err = c.Bucket.Delete(t.Context())
	wantError(t, err, 409, "BucketNotEmpty")
	if _, err := c.Object.Delete(t.Context(), "k"); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Bucket.Delete(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, err = c.Bucket.Delete(t.Context())
	wantError(t, err, 404, "NoSuchBucket")
}

// TestBucketRules: who may use which bucket where.
func TestBucketRules(t *testing.T) {
	f := start(t)
	read := func(c *sdk.Client) error {
		_, err := c.Object.Get(t.Context(), "k", nil)
		return err
	}
	wantError(t, read(f.client(t, bucket, region)), 404, "NoSuchKey") // it came into being
	wantError(t, read(f.client(t, "missing-1250000000", region)), 404, "NoSuchBucket")
	wantError(t, read(f.client(t, "denied-x-1250000000", region)), 403, "AccessDenied")
	wantError(t, read(f.clientAs(t, bucket, region, others())), 403, "AccessDenied")
	wantError(t, read(f.client(t, bucket, "ap-beijing")), 404, "NoSuchBucket")
	_, err := f.client(t, bucket, "ap-beijing").Bucket.Head(t.Context())
	wantError(t, err, 404, "")
	_, err = f.clientAs(t, bucket, region, others()).Bucket.Put(t.Context(), nil)
	wantError(t, err, 409, "BucketAlreadyExists")
	_, err = f.client(t, "missing-1250000000", region).Bucket.Put(t.Context(), nil)
	wantError(t, err, 409, "BucketAlreadyExists")
	for _, name := range []string{"layers", "layers-", "layers-x", "-1250000000", "Layers-1250000000", "la_yers-1250000000", "la.yers-1250000000"} {
		f.call(t, call{method: "PUT", host: name + ".cos." + region + ".myqcloud.com", target: "/"}).want(t, 400, "InvalidBucketName")
	}
	long := strings.Repeat("x", 60-len("-1250000000.cos."+region+".myqcloud.com"))
	f.call(t, call{method: "PUT", host: long + "-1250000000.cos." + region + ".myqcloud.com", target: "/"}).want(t, 200, "")
	f.call(t, call{method: "PUT", host: long + "x-1250000000.cos." + region + ".myqcloud.com", target: "/"}).want(t, 400, "BucketNameTooLong")
}

func TestStrict(t *testing.T) {
	c := startIn(t, t.TempDir(), cos.Options{Strict: true}).client(t, bucket, region)
	_, err := c.Object.Get(t.Context(), "k", nil)
	wantError(t, err, 404, "NoSuchBucket")
	if _, err := c.Bucket.Put(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	put(t, c, "k", nil)
}

func TestGetBucket(t *testing.T) {
	f := start(t)
	c := f.client(t, bucket, region)
	keys := []string{"a b/z", "a b/ü+%2F.zip", "b/1", "b/2", "c", "日本"}
	for i, key := range keys {
		put(t, c, key, pattern(i))
	}
	list := func(o sdk.BucketGetOptions) (names []string, pages int) {
		t.Helper()
		for {
			page, _, err := c.Bucket.Get(t.Context(), &o)
			if err != nil {
				t.Fatal(err)
			}
			pages++
			for _, v := range page.Contents {
				names = append(names, v.Key)
				if i := slices.Index(keys, v.Key); v.Size != int64(i) || v.LastModified == "" || v.StorageClass != "STANDARD" {
					t.Errorf("%+v", v)
				}
			}
			names = append(names, page.CommonPrefixes...)
			if !page.IsTruncated {
				return names, pages
			}
			o.Marker = page.NextMarker
		}
	}
	if got, pages := list(sdk.BucketGetOptions{}); !slices.Equal(got, keys) || pages != 1 {
		t.Errorf("all: %q on %d pages", got, pages)
	}
	if got, pages := list(sdk.BucketGetOptions{MaxKeys: 2}); !slices.Equal(got, keys) || pages != 3 {
		t.Errorf("two by two: %q on %d pages", got, pages)
	}
	if got, _ := list(sdk.BucketGetOptions{Prefix: "a b/"}); !slices.Equal(got, keys[:2]) {
		t.Errorf("with prefix: %q", got)
	}
	got, pages := list(sdk.BucketGetOptions{Delimiter: "/", MaxKeys: 1})
	if want := []string{"a b/", "b/", "c", "日本"}; !slices.Equal(got, want) || pages != 4 {
		t.Errorf("by folder: %q on %d pages", got, pages)
	}
	escaped, _, err := c.Bucket.Get(t.Context(), &sdk.BucketGetOptions{EncodingType: "url", Prefix: "a b/ü"})
	if err != nil || len(escaped.Contents) != 1 || escaped.Contents[0].Key != "a%20b%2F%C3%BC%2B%252F.zip" || escaped.EncodingType != "url" {
		t.Errorf("escaped: %+v, %v", escaped, err)
	}
	for _, query := range []string{"max-keys=x", "max-keys=1001", "encoding-type=base64", "uploads&max-uploads=0", "uploads&encoding-type=x"} {
		f.call(t, call{method: "GET", target: "/?" + query}).want(t, 400, "InvalidArgument")
	}
	id := begin(t, c, "k")
	for _, query := range []string{"max-parts=-1", "part-number-marker=x"} {
		f.call(t, call{method: "GET", target: "/k?uploadId=" + id + "&" + query}).want(t, 400, "InvalidArgument")
	}
}
