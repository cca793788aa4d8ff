package parameters_test

import (
	"context"
	"errors"
	"io/fs"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/google/go-cmp/cmp"

	"github.com/layerbuild/layerbuild/internal/awscloud"
	"github.com/layerbuild/layerbuild/internal/outputs"
	"github.com/layerbuild/layerbuild/internal/parameters"
	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/sandbox"
	"github.com/layerbuild/layerbuild/sandbox/sandboxtest"
)

// A cloud is a sandbox and how it is written to, without real pauses.
type cloud struct {
	*sandbox.Sandbox
	log    sandboxtest.Log
	faults sandboxtest.Faults
}

func start(t *testing.T) *cloud {
	t.Helper()
	c := &cloud{}
	c.Sandbox = sandboxtest.Start(t, sandbox.Options{Log: c.log.Add, Fault: c.faults.Next})
	return c
}

func (c *cloud) config(ctx context.Context, region, _ string) (aws.Config, error) {
	key := c.Credential()
	return awscloud.Config(ctx, awscloud.Options{
		Region: region, Static: &awscloud.Credentials{AccessKeyID: key.Key, SecretAccessKey: key.Secret},
	})
}

func (c *cloud) options() parameters.Options {
	return parameters.Options{
		Config: c.config, Endpoint: c.URL(), Prefix: "/layerbuild",
		Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
	}
}

// there returns all parameters of a region: "value (version)" by name.
func (c *cloud) there(t *testing.T, region string) map[string]string {
	t.Helper()
	list := map[string]string{}
	for pages := ssm.NewGetParametersByPathPaginator(c.client(t, region), &ssm.GetParametersByPathInput{
		Path: aws.String("/"), Recursive: aws.Bool(true),
	}); pages.HasMorePages(); {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range page.Parameters {
			list[*p.Name] = *p.Value + " (" + string(rune('0'+p.Version)) + ")"
		}
	}
	return list
}

func (c *cloud) client(t *testing.T, region string) *ssm.Client {
	t.Helper()
	cfg, err := c.config(t.Context(), region, "")
	if err != nil {
		t.Fatal(err)
	}
	return ssm.NewFromConfig(cfg, func(o *ssm.Options) { o.BaseEndpoint = aws.String(c.URL()) })
}

func item(region, name string, version int64) outputs.Item {
	number := string(rune('0' + version))
	return outputs.Item{
		Cloud: "aws", Region: region, Name: name, Version: version, SHA256: "sum" + number,
		ARN: "arn:aws:lambda:" + region + ":123456789012:layer:" + name + ":" + number, Status: "created",
	}
}

func TestWrite(t *testing.T) {
	c := start(t)
	items := []outputs.Item{
		item("us-east-1", "web", 1), item("eu-west-1", "web", 2),
		{Cloud: "aliyun", Region: "cn-hangzhou", Name: "web", Version: 1, Status: "created"},
		{Cloud: "aws", Region: "eu-west-2", Name: "web", Status: "planned"},
		{Cloud: "aws", Region: "eu-west-3", Name: "web", Version: 3, ARN: "arn", Status: "failed"},
	}
	written, err := parameters.Write(t.Context(), c.options(), items)
	if err != nil {
		t.Fatal(err)
	}
	want := []parameters.Parameter{
		{Region: "eu-west-1", Name: "/layerbuild/web/version", Value: "2"},
		{Region: "eu-west-1", Name: "/layerbuild/web/sha256", Value: "sum2"},
		{Region: "eu-west-1", Name: "/layerbuild/web/arn", Value: items[1].ARN},
		{Region: "us-east-1", Name: "/layerbuild/web/version", Value: "1"},
		{Region: "us-east-1", Name: "/layerbuild/web/sha256", Value: "sum1"},
		{Region: "us-east-1", Name: "/layerbuild/web/arn", Value: items[0].ARN},
	}
	if d := cmp.Diff(want, written); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(map[string]string{
		"/layerbuild/web/arn": items[0].ARN + " (1)", "/layerbuild/web/version": "1 (1)", "/layerbuild/web/sha256": "sum1 (1)",
	}, c.there(t, "us-east-1")); d != "" {
		t.Error(d)
	}
	for _, region := range []string{"cn-hangzhou", "eu-west-2", "eu-west-3"} {
		if got := c.there(t, region); len(got) > 0 {
			t.Errorf("%s has %q", region, got)
		}
	}

	// Again: nothing is written. With one new version: only what is new.
	puts := count(c.log.Actions(), "PutParameter")
	if written, err := parameters.Write(t.Context(), c.options(), items); err != nil || len(written) > 0 {
		t.Errorf("written again is %v, %v", written, err)
	}
	if now := count(c.log.Actions(), "PutParameter"); now != puts {
		t.Errorf("%d writes", now-puts)
	}
	items[0] = item("us-east-1", "web", 2)
	if written, err := parameters.Write(t.Context(), c.options(), items); err != nil || len(written) != 3 || written[0].Region != "us-east-1" {
		t.Errorf("written is %v, %v", written, err)
	}
}

func count(list []string, name string) int {
	n := 0
	for _, s := range list {
		if s == name {
			n++
		}
	}
	return n
}

// TestMany needs more than one request to look.
func TestMany(t *testing.T) {
	c := start(t)
	var items []outputs.Item
	for n := range 7 {
		items = append(items, item("us-east-1", "web"+string(rune('a'+n)), 1))
	}
	for _, wanted := range []int{21, 0} {
		written, err := parameters.Write(t.Context(), c.options(), items)
		if err != nil || len(written) != wanted {
			t.Errorf("written are %d, want %d, %v", len(written), wanted, err)
		}
	}
	if got := c.there(t, "us-east-1"); len(got) != 21 {
		t.Errorf("%d are there", len(got))
	}
}

// TestFaults: whatever passes is waited for, and nothing is written twice, not
// even when the answer to a write was lost.
func TestFaults(t *testing.T) {
	lost := sandbox.Fault{Cut: sandbox.CutAfter}
	for _, action := range []string{"PutParameter", "GetParameters"} {
		for name, fault := range map[string]sandbox.Fault{
			"throttled": {Status: 400, Code: "ThrottlingException", Message: "Rate exceeded"},
			"updates":   {Status: 400, Code: "TooManyUpdates"},
			"inside":    {Status: 500},
			"cut":       {Cut: sandbox.CutBefore},
			"lost":      lost,
		} {
			t.Run(action+" "+name, func(t *testing.T) {
				c := start(t)
				c.faults.Match = func(r *http.Request) bool { return r.Header.Get("X-Amz-Target") == "AmazonSSM."+action }
				c.faults.Add(fault, sandbox.Fault{}, fault)
				written, err := parameters.Write(t.Context(), c.options(), []outputs.Item{item("us-east-1", "web", 1)})
				if err != nil || len(written) != 3 {
					t.Errorf("written are %v, %v", written, err)
				}
				for name, value := range c.there(t, "us-east-1") {
					if !strings.HasSuffix(value, " (1)") {
						t.Errorf("%s was written twice: %s", name, value)
					}
				}
			})
		}
	}
}

// TestFailingRegion: one that refuses and one that hangs do not keep the third
// from being written.
func TestFailingRegion(t *testing.T) {
	c := &cloud{}
	in := func(r *http.Request, region string) bool {
		return strings.Contains(r.Header.Get("Authorization"), "/"+region+"/")
	}
	c.Sandbox = sandboxtest.Start(t, sandbox.Options{Fault: func(r *http.Request) sandbox.Fault {
		switch {
		case in(r, "eu-west-1"):
			return sandbox.Fault{Status: 400, Code: "AccessDeniedException", Message: "User is not authorized"}
		case in(r, "eu-west-2"):
			return sandbox.Fault{Hang: true}
		}
		return sandbox.Fault{}
	}})
	o := c.options()
	o.Timeout = 4 * time.Second
	written, err := parameters.Write(t.Context(), o, []outputs.Item{
		item("eu-west-1", "web", 1), item("eu-west-2", "web", 1), item("us-east-1", "web", 1),
	})
	if len(written) != 3 || written[0].Region != "us-east-1" {
		t.Errorf("written are %v", written)
	}
	var errs parameters.RegionErrors
	if !errors.As(err, &errs) || len(errs) != 2 {
		t.Fatalf("error is %v", err)
	}
	var f *layer.Fault
	if !errors.Is(errs[0], fs.ErrPermission) || !errors.As(errs[0], &f) || f.Hint == "" || !strings.HasPrefix(errs[0].Error(), `aws/eu-west-1: reading the parameters below "/layerbuild": 400 AccessDeniedException: `) {
		t.Errorf("error is %v", errs[0])
	}
	if !strings.HasPrefix(errs[1].Error(), "aws/eu-west-2: not done after 4s (") {
		t.Errorf("error is %v", errs[1])
	}
}

func TestRefusals(t *testing.T) {
	c := start(t)
	o := c.options()
	_, err := c.client(t, "us-east-1").PutParameter(t.Context(), &ssm.PutParameterInput{
		Name: aws.String("/layerbuild/web/sha256"), Value: aws.String("a,b"), Type: types.ParameterTypeStringList,
	})
	if err != nil {
		t.Fatal(err)
	}
	written, err := parameters.Write(t.Context(), o, []outputs.Item{item("us-east-1", "web", 1)})
	var f *layer.Fault
	if !errors.As(err, &f) || f.Code != "HierarchyTypeMismatchException" || f.Hint == "" || len(written) != 1 {
		t.Errorf("error is %v, after %v", err, written)
	}

	before := len(c.log.Records())
	for _, items := range [][]outputs.Item{{item("us-east-1", "web", 1), item("us-east-1", "web", 2)}} {
		if _, err := parameters.Write(t.Context(), o, items); err == nil || !strings.Contains(err.Error(), "two versions") {
			t.Errorf("error is %v", err)
		}
	}
	o.Prefix = "layerbuild"
	if _, err := parameters.Write(t.Context(), o, []outputs.Item{item("us-east-1", "web", 1)}); err == nil {
		t.Error("a prefix without a slash is taken")
	}
	o = c.options()
	o.Endpoint = "http://192.0.2.1"
	if _, err := parameters.Write(t.Context(), o, []outputs.Item{item("us-east-1", "web", 1)}); err == nil || !strings.Contains(err.Error(), "plain http") {
		t.Errorf("error is %v", err)
	}
	if now := len(c.log.Records()); now != before {
		t.Errorf("%d requests were made", now-before)
	}
}

// TestWrongKey: this service answers with status 400 to keys it does not know.
func TestWrongKey(t *testing.T) {
	c := start(t)
	o := c.options()
	o.Config = func(ctx context.Context, region, _ string) (aws.Config, error) {
		return awscloud.Config(ctx, awscloud.Options{Region: region, Static: &awscloud.Credentials{AccessKeyID: "AKIAIOSFODNN7EXAMPLE", SecretAccessKey: "x"}})
	}
	_, err := parameters.Write(t.Context(), o, []outputs.Item{item("us-east-1", "web", 1)})
	var f *layer.Fault
	if !errors.Is(err, fs.ErrPermission) || !errors.As(err, &f) || f.Hint == "" {
		t.Errorf("error is %v", err)
	}
}

// TestProfiles: two accounts have the same layer in one region.
func TestProfiles(t *testing.T) {
	c := start(t)
	var mu sync.Mutex
	var asked []string
	o := c.options()
	o.Config = func(ctx context.Context, region, profile string) (aws.Config, error) {
		mu.Lock()
		asked = append(asked, region+" "+profile)
		mu.Unlock()
		if profile == "b" {
			return aws.Config{}, errors.New("no such profile")
		}
		return c.config(ctx, region, profile)
	}
	a, b := item("us-east-1", "web", 1), item("us-east-1", "web", 2)
	b.Profile = "b"
	written, err := parameters.Write(t.Context(), o, []outputs.Item{b, a})
	if err == nil || len(written) != 3 || written[2].Value != a.ARN {
		t.Errorf("written are %v, %v", written, err)
	}
	slices.Sort(asked)
	if d := cmp.Diff([]string{"us-east-1 ", "us-east-1 b"}, asked); d != "" {
		t.Error(d)
	}
}
