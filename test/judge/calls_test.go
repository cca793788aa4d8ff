package judge

import (
	"testing"
	"time"

	"github.com/layerbuild/layerbuild/internal/alicloud"
	"github.com/layerbuild/layerbuild/internal/awscloud"
	"github.com/layerbuild/layerbuild/internal/tencentcloud"
	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/publisher"
	"github.com/layerbuild/layerbuild/publisher/fc"
	"github.com/layerbuild/layerbuild/publisher/lambda"
	"github.com/layerbuild/layerbuild/publisher/scf"
	"github.com/layerbuild/layerbuild/sandbox"
	"github.com/layerbuild/layerbuild/uploader"
	"github.com/layerbuild/layerbuild/uploader/cos"
	"github.com/layerbuild/layerbuild/uploader/oss"
	"github.com/layerbuild/layerbuild/uploader/s3"
)

// The arguments of all calls. The key has what is spelled differently in URLs.
const (
	layerName   = "compare"
	objectKey   = "dir/a b+ü.zip"
	description = "of the comparison"
	license     = "MIT"
)

// A place is where calls go, and what they name differently in each cloud.
type place struct {
	Region        string   `json:"region"`
	Bucket        string   `json:"bucket"`
	Runtimes      []string `json:"runtimes"`
	Architectures []string `json:"architectures,omitempty"`
}

var (
	amazon  = place{"us-east-1", "compare", []string{"python3.13", "nodejs22.x"}, []string{"x86_64"}}
	alibaba = place{"cn-hangzhou", "compare", []string{"python3.10", "nodejs20"}, nil}
	tencent = place{"ap-guangzhou", "compare-" + sandbox.TencentAppID, []string{"Python3.10", "Nodejs20.19"}, nil}
)

// A cloud is a store, and the function services that take layers from it.
type cloud struct {
	place      place
	store      uploader.Uploader
	publishers []functions
}

// functions is what layers are called with here.
type functions interface {
	publisher.Publisher
	publisher.Deleter
}

// clouds connects our code to the recorder.
func clouds(t *testing.T, rec *recorder) []cloud {
	t.Helper()
	key := rec.Credential()
	var failed error
	note := func(err error) {
		if failed == nil {
			failed = err
		}
	}
	cfg, err := awscloud.Config(t.Context(), awscloud.Options{
		Region: amazon.Region, Static: &awscloud.Credentials{AccessKeyID: key.Key, SecretAccessKey: key.Secret},
	})
	note(err)
	objects, err := s3.New(s3.Options{Config: cfg, Bucket: amazon.Bucket, Endpoint: rec.at, Now: time.Now})
	note(err)
	layers, err := lambda.New(lambda.Options{Config: cfg, Endpoint: rec.at})
	note(err)

	provider := alicloud.New(alicloud.Options{Static: &alicloud.Credentials{AccessKeyID: key.Key, AccessKeySecret: key.Secret}})
	bucket, err := oss.New(oss.Options{Credentials: provider, Region: alibaba.Region, Bucket: alibaba.Bucket, Endpoint: rec.at, Now: time.Now})
	note(err)
	function := fc.Options{API: fc.V2, Region: alibaba.Region, Account: sandbox.AlibabaAccount, Credential: provider.Credential(), Endpoint: rec.at}
	two, err := fc.New(function)
	note(err)
	function.API = fc.V3
	three, err := fc.New(function)
	note(err)

	credential, err := tencentcloud.New(t.Context(), tencentcloud.Options{
		Static: &tencentcloud.Credentials{SecretID: key.Key, SecretKey: key.Secret}, Now: time.Now,
	})
	note(err)
	shelf, err := cos.New(cos.Options{Credentials: credential, Region: tencent.Region, Bucket: tencent.Bucket, Endpoint: rec.at, Now: time.Now})
	note(err)
	cloudFunctions, err := scf.New(scf.Options{Region: tencent.Region, Credential: credential, Endpoint: rec.at, Now: time.Now})
	note(err)
	if failed != nil {
		t.Fatal(failed)
	}
	return []cloud{
		{amazon, objects, []functions{layers}},
		{alibaba, bucket, []functions{two, three}},
		{tencent, shelf, []functions{cloudFunctions}},
	}
}

// call makes every call that a build makes: it brings the zip into the store
// and publishes it, from there and inline, finds it and deletes it again.
func (c cloud) call(t *testing.T, a layer.Artifact) {
	t.Helper()
	o, err := c.store.Put(t.Context(), objectKey, a, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.store.Stat(t.Context(), objectKey); err != nil {
		t.Fatal(err)
	}
	for _, p := range c.publishers {
		r := publisher.Request{
			Name: layerName, Description: description, License: license, Artifact: a,
			Runtimes: c.place.Runtimes, Architectures: c.place.Architectures,
		}
		for _, r.Object = range []layer.Object{o, {}} {
			if _, err := p.Publish(t.Context(), r); err != nil {
				t.Fatal(err)
			}
		}
		v, err := p.Find(t.Context(), layerName, a.Digests)
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Delete(t.Context(), v); err != nil {
			t.Fatal(err)
		}
	}
}
