package main

import (
	"testing"

	"github.com/layerbuild/layerbuild/pipeline"
	"github.com/layerbuild/layerbuild/runtimes"
)

// What a target of the manifest says about its region counts, the flags before
// all; the target that publishes the layer before another one there.
func TestLookupItem(t *testing.T) {
	dir := t.TempDir()
	write(t, dir+"/layer.toml", `schema = 1
[layer]
name     = "web-{arch}"
runtimes = ["python3.10"]
[[source]]
files = "src"
[[target]]
cloud         = "aliyun"
regions       = ["cn-hangzhou"]
architectures = ["x86_64"]
profile       = "first"
account       = "1111111111111111"
api           = "2.0"
[[target]]
cloud    = "aws"
regions  = ["us-east-1", "eu-west-1"]
profile  = "work"
endpoints = { functions = "https://lambda.example.com" }
`)
	c, err := runtimes.Load()
	if err != nil {
		t.Fatal(err)
	}
	p, err := loadProject(dir+"/layer.toml", c, &options{})
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name      string
		project   *project
		flags     lookupFlags
		text      string
		want      [4]string // profile, account, api, endpoint
		service   string
		misplaced bool
	}{
		{"no manifest", nil, lookupFlags{}, "aliyun/cn-hangzhou/web:1", [4]string{}, "fc3", false},
		{"flags", nil, lookupFlags{profile: "p", account: "1", api: "2.0"}, "aliyun/cn-hangzhou/web:1", [4]string{"p", "1", "2.0"}, "fc2", false},
		{"target", p, lookupFlags{}, "aliyun/cn-hangzhou/web:1", [4]string{"first", "1111111111111111", "2.0"}, "fc2", false},
		{"target and ARN", p, lookupFlags{}, "acs:fc:cn-hangzhou:2222222222222222:layers/web/versions/1", [4]string{"first", "2222222222222222", "2.0"}, "fc2", false},
		{"target and flags", p, lookupFlags{profile: "p", account: "1", api: "3.0"}, "aliyun/cn-hangzhou/web:1", [4]string{"p", "1", "3.0"}, "fc3", false},
		{"another region", p, lookupFlags{}, "aliyun/cn-shanghai/web:1", [4]string{}, "fc3", false},
		{"endpoint", p, lookupFlags{}, "aws/eu-west-1/other:1", [4]string{"work", "", "", "https://lambda.example.com"}, "lambda", false},
		{"region of another cloud", p, lookupFlags{}, "aws/cn-shanghai/web:1", [4]string{}, "lambda", true},
		{"unknown api", nil, lookupFlags{api: "4.0"}, "aliyun/cn-hangzhou/web:1", [4]string{}, "", true},
		{"local", nil, lookupFlags{}, "local/web:1", [4]string{}, "lambda", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r, ok, err := parseReference(test.text)
			if !ok || err != nil {
				t.Fatal(ok, err)
			}
			i, err := (&lookup{catalogue: c, flags: test.flags, project: test.project}).item(r)
			if (err != nil) != test.misplaced {
				t.Fatalf("error is %v", err)
			}
			if err != nil {
				if exitCode(err) != exitUsage {
					t.Errorf("exit code %d", exitCode(err))
				}
				return
			}
			got := [4]string{i.Target.Profile, i.Target.Account, i.Target.API, i.Target.Endpoints["functions"]}
			if got != test.want || i.Region != r.region || i.Service.ID != test.service {
				t.Errorf("item is %q in %q of %q, want %q of %q", got, i.Region, i.Service.ID, test.want, test.service)
			}
			if i.Target.Cloud == pipeline.LocalRegion && i.Target.Path != ".layerbuild/registry" {
				t.Errorf("registry is %q", i.Target.Path)
			}
		})
	}
}
