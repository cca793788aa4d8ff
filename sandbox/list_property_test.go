package sandbox_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"pgregory.net/rapid"

	"github.com/layerbuild/layerbuild/sandbox"
	"github.com/layerbuild/layerbuild/sandbox/sandboxtest"
)

// TestListPages: whatever the page size, prefix and delimiter, the pages
// together have each key once, or the prefix that stands for it.
func TestListPages(t *testing.T) {
	sb := sandboxtest.Start(t, sandbox.Options{})
	c := s3Client(sb, "us-east-1")
	keys := []string{"a", "a/", "a/b", "a/b/c", "a/b/d", "a-b", "a0", "b//c", "b//d", "b/c", "ü/x", "ü/y", "z"}
	for _, key := range keys {
		put(t, c, "bucket", key, nil)
	}
	rapid.Check(t, func(t *rapid.T) {
		prefix := rapid.SampledFrom([]string{"", "a", "a/", "a/b", "b/", "b//", "ü/", "nothing"}).Draw(t, "prefix")
		delimiter := rapid.SampledFrom([]string{"", "/", "//", "b", "ü"}).Draw(t, "delimiter")
		most := rapid.Int32Range(1, 14).Draw(t, "most")
		want := map[string]bool{}
		for _, key := range keys {
			rest, ok := strings.CutPrefix(key, prefix)
			if !ok {
				continue
			}
			if at := strings.Index(rest, delimiter); delimiter != "" && at >= 0 {
				key = prefix + rest[:at] + delimiter
			}
			want[key] = true
		}
		var got []string
		pager := awss3.NewListObjectsV2Paginator(c, &awss3.ListObjectsV2Input{
			Bucket: aws.String("bucket"), Prefix: &prefix, Delimiter: &delimiter, MaxKeys: &most})
		for pager.HasMorePages() {
			page, err := pager.NextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if n := int32(len(page.Contents) + len(page.CommonPrefixes)); n > most || n != *page.KeyCount || n == 0 && len(want) > 0 {
				t.Fatalf("page of %d items, %d counted, at most %d wanted", n, *page.KeyCount, most)
			}
			for _, o := range page.Contents {
				got = append(got, *o.Key)
			}
			for _, p := range page.CommonPrefixes {
				got = append(got, *p.Prefix)
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, slices.Sorted(maps.Keys(want))) {
			t.Fatalf("got %q, want %q", got, slices.Sorted(maps.Keys(want)))
		}
	})
}
