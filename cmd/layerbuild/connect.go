package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/spf13/pflag"

	"github.com/layerbuild/layerbuild/internal/alicloud"
	"github.com/layerbuild/layerbuild/internal/awscloud"
	"github.com/layerbuild/layerbuild/internal/rate"
	"github.com/layerbuild/layerbuild/internal/tencentcloud"
	"github.com/layerbuild/layerbuild/pipeline"
	"github.com/layerbuild/layerbuild/publisher/fc"
	"github.com/layerbuild/layerbuild/publisher/lambda"
	registry "github.com/layerbuild/layerbuild/publisher/local"
	"github.com/layerbuild/layerbuild/publisher/scf"
	"github.com/layerbuild/layerbuild/sandbox"
	"github.com/layerbuild/layerbuild/uploader/cos"
	folder "github.com/layerbuild/layerbuild/uploader/local"
	"github.com/layerbuild/layerbuild/uploader/oss"
	"github.com/layerbuild/layerbuild/uploader/s3"
)

// A sandboxChoice is the flags of the verbs that talk to clouds.
type sandboxChoice struct {
	sandbox bool
	state   string
	strict  bool
}

func (f *sandboxChoice) flags(fs *pflag.FlagSet) {
	fs.BoolVar(&f.sandbox, "sandbox", false, "use the embedded clouds instead of the real ones, whatever is configured")
	fs.StringVar(&f.state, "state", "", "with --sandbox: keep its content in this folder (default: start empty)")
	fs.BoolVar(&f.strict, "strict", false, "with --sandbox: buckets have to be created first")
}

func (f *sandboxChoice) check() error {
	if !f.sandbox && (f.state != "" || f.strict) {
		return errors.New("--state and --strict go with --sandbox")
	}
	return nil
}

// connector returns what connects to the real clouds or to a sandbox, which
// the returned function ends.
func (f *sandboxChoice) connector(ctx context.Context, w world) (connector, func() error, error) {
	c := connector{now: w.now, environ: w.environ, buckets: new(rate.Buckets)}
	if !f.sandbox {
		return c, func() error { return nil }, nil
	}
	box, err := startSandbox(ctx, w, sandboxFlags{state: f.state, strict: f.strict})
	if err != nil {
		return c, nil, err
	}
	c.sandbox, c.state = box, f.state
	return c, box.Close, nil
}

// A connector makes the clients of an item's region: the one list of clouds.
type connector struct {
	// dir is the manifest's folder.
	dir string
	// sandbox, when set, stands for every cloud but the local one.
	sandbox *sandbox.Sandbox
	// state is the folder that keeps the sandbox's content, "" if nothing
	// does.
	state   string
	environ []string
	now     func() time.Time
	// buckets are shared by everything that goes on at once.
	buckets *rate.Buckets
}

// forgets reports whether what is published is gone when the run ends.
func (c connector) forgets() bool { return c.sandbox != nil && c.state == "" }

// functionsAt names the address of an item's function service, "" for the
// vendor's.
func (c connector) functionsAt(i pipeline.Item) string {
	if i.Target.Cloud == pipeline.LocalRegion {
		return ""
	}
	if c.sandbox != nil {
		dir, err := filepath.Abs(c.state)
		if err != nil {
			dir = c.state
		}
		return "sandbox:" + dir
	}
	variables := map[string][]string{
		"aws":     {"AWS_ENDPOINT_URL_LAMBDA", "AWS_ENDPOINT_URL"},
		"aliyun":  {"LAYERBUILD_FC_ENDPOINT"},
		"tencent": {"LAYERBUILD_SCF_ENDPOINT"},
	}
	for _, name := range variables[i.Target.Cloud] {
		if at := getenv(c.environ, name); at != "" {
			return at
		}
	}
	return i.Target.Endpoints["functions"]
}

// pace returns what lets requests to an item's function service go out. The
// account is known by the profile: what a target names none for has the same
// credentials.
func (c connector) pace(i pipeline.Item) func(context.Context) error {
	key := rate.Key{Service: i.Service.ID, Account: cmp.Or(i.Target.Profile, i.Target.Account), Region: i.Region}
	return c.buckets.Of(key, i.Service.Limits.Pace, i.Service.Limits.RequestRate).Wait
}

func (c connector) cloud(ctx context.Context, i pipeline.Item) (pipeline.Cloud, error) {
	switch i.Target.Cloud {
	case "aws":
		return c.aws(ctx, i)
	case "aliyun":
		return c.aliyun(i)
	case "tencent":
		return c.tencent(ctx, i)
	case pipeline.LocalRegion:
		return c.local(i), nil
	}
	return pipeline.Cloud{}, fmt.Errorf("cloud %q cannot be published to", i.Target.Cloud)
}

func (c connector) aws(ctx context.Context, i pipeline.Item) (pipeline.Cloud, error) {
	storage, functions := i.Target.Endpoints["storage"], i.Target.Endpoints["functions"]
	if c.sandbox != nil {
		storage, functions = c.sandbox.URL(), c.sandbox.URL()
	}
	cfg, err := c.awsConfig(ctx, i.Region, i.Target.Profile)
	if err != nil {
		return pipeline.Cloud{}, err
	}
	var cloud pipeline.Cloud
	if cloud.Publisher, err = lambda.New(lambda.Options{Config: cfg, Endpoint: functions, Pace: c.pace(i)}); err != nil {
		return pipeline.Cloud{}, err
	}
	if i.Bucket == "" {
		return cloud, nil
	}
	cloud.Uploader, err = s3.New(s3.Options{Config: cfg, Bucket: i.Bucket, Endpoint: storage, Now: c.now})
	return cloud, err
}

// awsConfig reaches a region of AWS, or of the sandbox.
func (c connector) awsConfig(ctx context.Context, region, profile string) (aws.Config, error) {
	o := awscloud.Options{Region: region, Profile: profile}
	if c.sandbox != nil {
		key := c.sandbox.Credential()
		o.Static = &awscloud.Credentials{AccessKeyID: key.Key, SecretAccessKey: key.Secret, SessionToken: key.Token}
	}
	return awscloud.Config(ctx, o)
}

// endpoints returns where the target's services are: the embedded cloud, else
// what our variables say, else the target's own setting. "" is the cloud's.
func (c connector) endpoints(i pipeline.Item, storage, functions string) (string, string) {
	if c.sandbox != nil {
		return c.sandbox.URL(), c.sandbox.URL()
	}
	return cmp.Or(getenv(c.environ, storage), i.Target.Endpoints["storage"]),
		cmp.Or(getenv(c.environ, functions), i.Target.Endpoints["functions"])
}

func (c connector) aliyun(i pipeline.Item) (pipeline.Cloud, error) {
	o := alicloud.Options{Profile: i.Target.Profile}
	account := i.Target.Account
	if c.sandbox != nil {
		key := c.sandbox.Credential()
		o = alicloud.Options{Static: &alicloud.Credentials{AccessKeyID: key.Key, AccessKeySecret: key.Secret, SecurityToken: key.Token}}
		account = sandbox.AlibabaAccount
	}
	provider := alicloud.New(o)
	storage, functions := c.endpoints(i, "LAYERBUILD_OSS_ENDPOINT", "LAYERBUILD_FC_ENDPOINT")
	var cloud pipeline.Cloud
	var err error
	cloud.Publisher, err = fc.New(fc.Options{API: i.Target.API, Region: i.Region, Account: account, Credential: provider.Credential(), Endpoint: functions, Pace: c.pace(i)})
	if err != nil || i.Bucket == "" {
		return cloud, err
	}
	cloud.Uploader, err = oss.New(oss.Options{Credentials: provider, Region: i.Region, Bucket: i.Bucket, Endpoint: storage, Now: c.now})
	return cloud, err
}

func (c connector) tencent(ctx context.Context, i pipeline.Item) (pipeline.Cloud, error) {
	o := tencentcloud.Options{Profile: i.Target.Profile, Now: c.now, Getenv: func(name string) string { return getenv(c.environ, name) }}
	if c.sandbox != nil {
		key := c.sandbox.Credential()
		o = tencentcloud.Options{Static: &tencentcloud.Credentials{SecretID: key.Key, SecretKey: key.Secret, Token: key.Token}}
	}
	credential, err := tencentcloud.New(ctx, o)
	if err != nil {
		return pipeline.Cloud{}, err
	}
	storage, functions := c.endpoints(i, "LAYERBUILD_COS_ENDPOINT", "LAYERBUILD_SCF_ENDPOINT")
	var cloud pipeline.Cloud
	cloud.Publisher, err = scf.New(scf.Options{
		Region: i.Region, Credential: credential, Endpoint: functions, Now: c.now, Pace: c.pace(i),
		ShortBucket: getenv(c.environ, "LAYERBUILD_SCF_SHORT_BUCKET") != "",
	})
	if err != nil || i.Bucket == "" {
		return cloud, err
	}
	cloud.Uploader, err = cos.New(cos.Options{Credentials: credential, Region: i.Region, Bucket: i.Bucket, Endpoint: storage, Now: c.now})
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
