package main

import (
	"testing"
	"time"

	"github.com/layerbuild/layerbuild/internal/rate"
	"github.com/layerbuild/layerbuild/manifest"
	"github.com/layerbuild/layerbuild/pipeline"
	"github.com/layerbuild/layerbuild/runtimes"
)

// Every region of the catalogue has clients: none of them has an idea of its
// own of what a region is. Nothing is sent.
func TestClientsTakeEveryRegion(t *testing.T) {
	for name, value := range map[string]string{
		"HOME": t.TempDir(), "AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s", "AWS_EC2_METADATA_DISABLED": "true",
		"ALIBABA_CLOUD_ACCESS_KEY_ID": "k", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "s", "ALIBABA_CLOUD_ECS_METADATA_DISABLED": "true",
	} {
		t.Setenv(name, value)
	}
	c := connector{
		now: time.Now, buckets: new(rate.Buckets),
		environ: []string{"TENCENTCLOUD_SECRET_ID=k", "TENCENTCLOUD_SECRET_KEY=s"},
	}
	catalogue, err := runtimes.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range catalogue.Services {
		for _, r := range s.Regions {
			item := pipeline.Item{
				Target:  manifest.Target{Cloud: s.Cloud, API: s.API, Account: "123456789012"},
				Service: s, Region: r.Name, Bucket: "layers-1250000000",
			}
			cloud, err := c.cloud(t.Context(), item)
			if err != nil || cloud.Publisher == nil || cloud.Uploader == nil {
				t.Errorf("%s %s: %+v, %v", s.ID, r.Name, cloud, err)
			}
		}
	}
}
