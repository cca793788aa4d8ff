package main

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"github.com/layerbuild/layerbuild/internal/awscloud"
	"github.com/layerbuild/layerbuild/pipeline"
	"github.com/layerbuild/layerbuild/publisher/lambda"
	registry "github.com/layerbuild/layerbuild/publisher/local"
	"github.com/layerbuild/layerbuild/sandbox"
	folder "github.com/layerbuild/layerbuild/uploader/local"
	"github.com/layerbuild/layerbuild/uploader/s3"
)

// A connector makes the clients of an item's region: the one list of clouds.
type connector struct {
	// dir is the manifest's folder.
	dir string
	// sandbox, when set, stands for every cloud but the local one.
	sandbox *sandbox.Sandbox
	now     func() time.Time
}

func (c connector) cloud(ctx context.Context, i pipeline.Item) (pipeline.Cloud, error) {
	switch i.Target.Cloud {
	case "aws":
		return c.aws(ctx, i)
	case pipeline.LocalRegion:
		return c.local(i), nil
	}
	return pipeline.Cloud{}, fmt.Errorf("cloud %q cannot be published to", i.Target.Cloud)
}

func (c connector) aws(ctx context.Context, i pipeline.Item) (pipeline.Cloud, error) {
	o := awscloud.Options{Region: i.Region, Profile: i.Target.Profile}
	storage, functions := i.Target.Endpoints["storage"], i.Target.Endpoints["functions"]
	if c.sandbox != nil {
		key := c.sandbox.Credential()
		o.Static = &awscloud.Credentials{AccessKeyID: key.Key, SecretAccessKey: key.Secret, SessionToken: key.Token}
		storage, functions = c.sandbox.URL(), c.sandbox.URL()
	}
	cfg, err := awscloud.Config(ctx, o)
	if err != nil {
		return pipeline.Cloud{}, err
	}
	var cloud pipeline.Cloud
	if cloud.Publisher, err = lambda.New(lambda.Options{Config: cfg, Endpoint: functions}); err != nil {
		return pipeline.Cloud{}, err
	}
	if i.Bucket == "" {
		return cloud, nil
	}
	cloud.Uploader, err = s3.New(s3.Options{Config: cfg, Bucket: i.Bucket, Endpoint: storage, Now: c.now})
	return cloud, err
}

// local is a folder that is bucket and registry at once.
func (c connector) local(i pipeline.Item) pipeline.Cloud {
	dir := filepath.Join(c.dir, filepath.FromSlash(i.Target.Path))
	if filepath.IsAbs(i.Target.Path) {
		dir = i.Target.Path
	}
	return pipeline.Cloud{
		Uploader:  folder.New(filepath.Join(dir, "objects")),
		Publisher: registry.New(dir),
	}
}
