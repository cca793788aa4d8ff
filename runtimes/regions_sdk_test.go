package runtimes_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	openapi "github.com/alibabacloud-go/darabonba-openapi/v2/client"
	fc3 "github.com/alibabacloud-go/fc-20230330/v4/client"
	fc2 "github.com/alibabacloud-go/fc-open-20210406/v2/client"
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/regions"

	"github.com/layerbuild/layerbuild/runtimes"
)

// The SDK's partitions are the judge of Lambda's regions, both ways: a new SDK
// with a new region fails here until the list has it.
func TestLambdaRegionsMatchTheSDK(t *testing.T) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/aws/aws-sdk-go-v2").Output()
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(out)), "internal/endpoints/awsrulesfn/partitions.json"))
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Partitions []struct {
			ID      string
			Regions map[string]struct{ Description string }
		}
	}
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	var want, got []string
	for _, p := range file.Partitions {
		for name, r := range p.Regions {
			apart := "partition " + p.ID
			if p.ID == "aws" {
				apart = ""
			}
			if !strings.HasSuffix(name, "-global") {
				want = append(want, name+": "+r.Description+", "+apart)
			}
		}
	}
	for _, r := range service(t, "lambda").Regions {
		got = append(got, r.Name+": "+r.Title+", "+r.Apart)
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("list:\n%q\nSDK:\n%q", got, want)
	}
}

// endpointRegions returns the regions of an SDK's map of endpoints.
func endpointRegions(endpoints map[string]*string) []string {
	var list []string
	for name := range endpoints {
		list = append(list, name)
	}
	slices.Sort(list)
	return list
}

func TestFunctionComputeRegionsMatchTheSDKs(t *testing.T) {
	key, region, host := "k", "cn-hangzhou", "127.0.0.1"
	config := &openapi.Config{AccessKeyId: &key, AccessKeySecret: &key, RegionId: &region, Endpoint: &host}
	new3, err := fc3.NewClient(config)
	if err != nil {
		t.Fatal(err)
	}
	new2, err := fc2.NewClient(config)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		service string
		sdk     []string
		beyond  string // on the vendor's pages, but not in the SDK
	}{
		{"fc3", endpointRegions(new3.EndpointMap), ""},
		{"fc2", endpointRegions(new2.EndpointMap), "ap-southeast-7 cn-wulanchabu"},
	} {
		if len(test.sdk) < 20 {
			t.Fatalf("%s: the SDK knows the regions %q only", test.service, test.sdk)
		}
		want := append(slices.Clone(test.sdk), strings.Fields(test.beyond)...)
		slices.Sort(want)
		if got := names(service(t, test.service).Regions); got != strings.Join(want, " ") {
			t.Errorf("%s: list:\n%s\nSDK:\n%s", test.service, got, strings.Join(want, " "))
		}
	}
}

// The SDK's constants are of all of Tencent's services: these are the ones that
// SCF's pages name, spelled by the SDK.
func TestSCFRegionsAreInTheSDK(t *testing.T) {
	known := []string{
		regions.Bangkok, regions.Beijing, regions.Chengdu, regions.Chongqing, regions.Guangzhou, regions.HongKong,
		regions.Jakarta, regions.Mumbai, regions.Seoul, regions.Shanghai, regions.Nanjing, regions.ShanghaiFSI,
		regions.ShenzhenFSI, regions.Singapore, regions.Tokyo, regions.Frankfurt, regions.Ashburn,
		regions.SiliconValley, regions.Toronto, regions.SaoPaulo,
	}
	slices.Sort(known)
	if got := names(service(t, "scf").Regions); got != strings.Join(known, " ") {
		t.Errorf("list:\n%s\nSDK:\n%s", got, strings.Join(known, " "))
	}
}

// Load has checked the lines one by one; this is what it cannot know.
func TestRegionsData(t *testing.T) {
	for _, s := range load(t).Services {
		if !slices.IsSortedFunc(s.Regions, func(a, b runtimes.Region) int { return strings.Compare(a.Name, b.Name) }) {
			t.Errorf("%s: regions are not sorted", s.ID)
		}
		finance := regexp.MustCompile(`-(finance|fsi)(-|$)`)
		for _, r := range s.Regions {
			if finance.MatchString(r.Name) != (r.Apart == "finance cloud") {
				t.Errorf("%s: %s is apart as %q", s.ID, r.Name, r.Apart)
			}
			if r.Explicit != (r.Apart != "") || r.Explicit && r.OptIn {
				t.Errorf("%s: %+v", s.ID, r)
			}
			if r.OptIn && s.ID != "lambda" {
				t.Errorf("%s: %s is to be opted in to, which only AWS knows", s.ID, r.Name)
			}
		}
	}
}
