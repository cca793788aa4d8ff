package pipeline

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// onClouds is a manifest with these targets; the first stands on line 8.
func onClouds(targets ...string) string {
	return "schema = 1\n[layer]\nname = \"web\"\nruntimes = [\"python3.10\"]\n[[source]]\nfiles = \"src\"\n\n" +
		strings.Join(targets, "")
}

// target is a target of four lines.
func target(cloud, regions, exclude, rest string) string {
	return fmt.Sprintf("[[target]]\ncloud = %q\nregions = [%s]\nexclude = [%s]\n%s", cloud, regions, exclude, rest)
}

func TestRegionsOfItems(t *testing.T) {
	for _, tt := range []struct {
		name string
		text string
		want []string
	}{
		{"in the order of the list, each once", onClouds(target("aws", `"eu-west-2", "eu-west-*", "us-east-1"`, `"eu-west-1"`, "bucket = \"b-{region}\"\n")), []string{
			"aws/eu-west-2 b-eu-west-2", "aws/eu-west-3 b-eu-west-3", "aws/us-east-1 b-us-east-1",
		}},
		{"those to opt in to, unless they are named", onClouds(target("aws", `"eu-south-*", "eu-central-2", "eu-central-?"`, `"us-east-1"`, "")), []string{
			"aws/eu-south-1  opt-in", "aws/eu-south-2  opt-in", "aws/eu-central-2 ", "aws/eu-central-1 ",
		}},
		{"named after the pattern", onClouds(target("aws", `"eu-south-*", "eu-south-1"`, `"us-*"`, "")), []string{
			"aws/eu-south-1 ", "aws/eu-south-2  opt-in",
		}},
		{"one region is left for one bucket", onClouds(target("tencent", `"ap-sh*", "ap-tokyo"`, `"ap-tokyo"`, "bucket = \"b-125\"\n")), []string{
			"tencent/ap-shanghai b-125",
		}},
		{"each API has its own", onClouds(target("aliyun", `"ap-northeast-*"`, `"us-*"`, "api = \"2.0\"\naccount = \"1\"\n")), []string{
			"aliyun/ap-northeast-1 ",
		}},
		{"the newest API", onClouds(target("aliyun", `"ap-northeast-*"`, `"us-*"`, "")), []string{
			"aliyun/ap-northeast-1 ", "aliyun/ap-northeast-2 ",
		}},
		{"a local target has none", onClouds(), []string{"local "}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, i := range plan(t, tt.text).Items {
				line := i.Where() + " " + i.Bucket
				if i.OptIn {
					line += " opt-in"
				}
				got = append(got, line)
			}
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestOnlyOfPatterns(t *testing.T) {
	whole := plan(t, onClouds(target("aws", `"*"`, `"eu-south-*"`, "")))
	p, err := whole.Only(Filter{Targets: []string{"aws/eu-*"}}, catalogue(t))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, i := range p.Items {
		got = append(got, i.Region)
	}
	want := "eu-central-1 eu-central-2 eu-north-1 eu-west-1 eu-west-2 eu-west-3"
	if strings.Join(got, " ") != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if n := len(whole.Items); n != 32 {
		t.Errorf("the whole plan has %d regions, want 32", n)
	}
}

func TestCheckRegions(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"unknown", onClouds(target("aws", `"us-east-1", "eu-wst-1"`, `"us-*"`, "")), `
layer.toml:10: target.regions: AWS Lambda has no region "eu-wst-1"; did you mean "eu-west-1"? (regions as of 2026-11-22)`},
		{"each on its own line", onClouds(target("aws", "\n\"eu-*\",\n\"mars-1\",\n\"mars-*\",\n\"us-gov-*\"\n", `"venus-1", "eu-*"`, "")), `
layer.toml:12: target.regions: AWS Lambda has no region "mars-1" (regions as of 2026-11-22)
layer.toml:13: target.regions: pattern "mars-*" matches no region of AWS Lambda (regions as of 2026-11-22)
layer.toml:14: target.regions: pattern "us-gov-*" matches only regions of AWS Lambda that have to be named: us-gov-east-1, us-gov-west-1
layer.toml:16: target.exclude: AWS Lambda has no region "venus-1" (regions as of 2026-11-22)`},
		{"another cloud's", onClouds(target("tencent", `"cn-shanghai"`, `"ap-*"`, "")), `
layer.toml:10: target.regions: Tencent SCF has no region "cn-shanghai"; did you mean "ap-shanghai"? (regions as of 2026-11-22)`},
		{"nothing is left", onClouds(target("aws", `"eu-west-1", "eu-west-2"`, `"eu-*"`, "")), `
layer.toml:11: target.exclude: no region of AWS Lambda is left`},
		{"one bucket", onClouds(target("aws", `"eu-west-*"`, `"eu-west-1"`, "bucket = \"b\"\n")), `
layer.toml:12: target.bucket: "b" is one bucket for 2 regions, and functions take layers from a bucket in their own region only: put {region} into it`},
		{"what is no region is reported once", onClouds(target("aws", `"EU", 7`, `"us-*"`, "")), `
layer.toml:10: target.regions: "EU" is not a region's name such as "us-east-1", or a pattern such as "eu-*"
layer.toml:10: target.regions: want a string, got an integer; write a region's name such as "us-east-1", or a pattern such as "eu-*"`},
		{"two targets in one region", onClouds(target("aws", `"eu-west-1", "us-*"`, `"us-east-*"`, ""), target("aws", `"eu-west-*"`, `"us-*"`, "")), `
layer.toml:14: target.regions: target 1 publishes the same in eu-west-1: exclude what is common in one of the two`},
		{"two patterns", onClouds(target("aws", `"eu-*"`, `"eu-central-*"`, ""), target("aws", `"*-1"`, `"ap-*"`, "")), `
layer.toml:14: target.regions: target 1 publishes the same in eu-north-1, eu-south-1, eu-west-1: exclude what is common in one of the two`},
		{"two names", onClouds(target("aws", `"eu-west-1"`, `"us-*"`, ""), target("aws", `"eu-west-1"`, `"us-*"`, "")), `
layer.toml:14: target.regions: the target on line 8 publishes the same there`},
		{"the same pattern of other accounts", onClouds(target("aws", `"eu-*"`, `"us-*"`, ""), target("aws", `"eu-*"`, `"us-*"`, "profile = \"b\"\n")), ``},
		{"complements", onClouds(target("aws", `"*"`, `"eu-*"`, ""), target("aws", `"eu-*"`, `"us-*"`, "")), ``},
		{"all of everything", onClouds(
			target("aws", `"*"`, `"us-gov-*"`, "bucket = \"b-{region}\"\n"), target("aliyun", `"*"`, `"us-*"`, ""), target("tencent", `"*"`, `"na-*"`, "")), ``},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := parse(t, tt.text)
			got := ""
			if err != nil {
				got = "\n" + err.Error()
			}
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}
