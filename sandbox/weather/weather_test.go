package weather_test

import (
	"math"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/layerbuild/layerbuild/sandbox"
	"github.com/layerbuild/layerbuild/sandbox/weather"
)

func request(method, target string, header ...string) *http.Request {
	r := httptest.NewRequest(method, target, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return r
}

// amazon is a signed request, as far as the signature says where it goes.
func amazon(method, path, service, region string) *http.Request {
	return request(method, path, "X-Amz-Date", "20260301T120000Z", "Authorization", "AWS4-HMAC-SHA256 Credential=AKIA/20260301/"+region+"/"+service+
		"/aws4_request, SignedHeaders=host, Signature=0000000000000000000000000000000000000000000000000000000000000000")
}

func list(region string) *http.Request {
	return amazon("GET", "/2018-10-31/layers/web/versions", "lambda", region)
}

func TestRegion(t *testing.T) {
	for _, c := range []struct {
		r    *http.Request
		want string
	}{
		{list("eu-west-1"), "eu-west-1"},
		{amazon("PUT", "/bucket/k", "s3", "us-gov-west-1"), "us-gov-west-1"},
		{request("GET", "/bucket/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date=20260301T120000Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host"+
			"&X-Amz-Credential=AKIA%2F20260301%2Fap-south-1%2Fs3%2Faws4_request&X-Amz-Signature=0000000000000000000000000000000000000000000000000000000000000000"), "ap-south-1"},
		{request("PUT", "/bucket/k", "X-Oss-Date", "20260301T120000Z", "X-Oss-Content-Sha256", "UNSIGNED-PAYLOAD", "Authorization",
			"OSS4-HMAC-SHA256 Credential=LTAI/20260301/cn-beijing/oss/aliyun_v4_request,Signature=0000000000000000000000000000000000000000000000000000000000000000"), "cn-beijing"},
		{request("POST", "/", "X-TC-Region", "ap-guangzhou", "X-TC-Action", "ListLayers"), "ap-guangzhou"},
		{request("GET", "/2023-03-30/layers", "x-acs-region-id", "cn-shanghai"), "cn-shanghai"},
		{request("GET", "http://fcv3.cn-hangzhou.aliyuncs.com/2023-03-30/layers"), "cn-hangzhou"},
		{request("GET", "http://1234.cn-hangzhou-internal.fc.aliyuncs.com:80/2021-04-06/layers"), "cn-hangzhou"},
		{request("GET", "http://b-1250000000.cos.ap-singapore.myqcloud.com/k"), "ap-singapore"},
		{request("GET", "http://b-1250000000.cos.eu-frankfurt.tencentcos.cn/k"), "eu-frankfurt"},
		{request("GET", "http://127.0.0.1:80/b-1250000000/k"), ""},
		{request("GET", "/bucket/k", "Authorization", "AWS4-HMAC-SHA256 nonsense"), ""},
	} {
		if got := weather.Region(c.r); got != c.want {
			t.Errorf("%s %s: %q, want %q", c.r.Host, c.r.URL, got, c.want)
		}
	}
}

func TestFair(t *testing.T) {
	if got := (weather.Forecast{}).Fault()(list("eu-west-1")); got != (sandbox.Fault{}) {
		t.Errorf("got %+v", got)
	}
}

func TestHangAndLatency(t *testing.T) {
	fault := weather.Forecast{Latency: time.Second, Hang: []string{"eu-west-1", "ap-guangzhou"}, Late: time.Minute}.Fault()
	const versions = "/layers/web/versions"
	hangs, slow := sandbox.Fault{Delay: time.Second, Hang: true}, sandbox.Fault{Delay: time.Second}
	late := sandbox.Fault{Delay: time.Second, Late: time.Minute}
	for _, c := range []struct {
		r    *http.Request
		want sandbox.Fault
	}{
		{list("eu-west-1"), hangs},
		{amazon("PUT", "/bucket/k", "s3", "eu-west-1"), hangs},
		{request("POST", "/", "X-TC-Region", "ap-guangzhou", "X-TC-Action", "PublishLayerVersion"), hangs},
		{list("eu-west-2"), slow},
		{request("GET", "/"), slow},
		{amazon("POST", "/2018-10-31"+versions, "lambda", "eu-west-2"), late},
		{request("POST", "/2021-04-06"+versions), late},
		{request("POST", "/2023-03-30"+versions), late},
		{request("POST", "/", "X-TC-Region", "ap-beijing", "X-TC-Action", "PublishLayerVersion"), late},
		{request("POST", "/", "X-TC-Region", "ap-beijing", "X-TC-Action", "GetLayerVersion"), slow},
		{amazon("POST", "/2018-10-31"+versions+"/1/policy", "lambda", "eu-west-2"), slow},
		{amazon("POST", "/bucket/key?uploads", "s3", "eu-west-2"), slow},
	} {
		if got := fault(c.r); got != c.want {
			t.Errorf("%s %s: %+v, want %+v", c.r.Method, c.r.URL, got, c.want)
		}
	}
}

// TestFail: the share is met, and each way to go wrong has its part of it.
func TestFail(t *testing.T) {
	const n = 20000
	fault := weather.Forecast{Fail: 0.05, Seed: 1}.Fault()
	count := map[sandbox.Fault]int{}
	for i := range n {
		count[fault(list("region-"+strconv.Itoa(i%30)))]++
	}
	if len(count) != 6 {
		t.Fatalf("there are %d sorts: %v", len(count), count)
	}
	// Five standard deviations of a binomial distribution.
	for f, got := range count {
		p := 0.01
		if f == (sandbox.Fault{}) {
			p = 0.95
		}
		if off := math.Abs(float64(got) - p*n); off > 5*math.Sqrt(n*p*(1-p)) {
			t.Errorf("%+v: %d of %d", f, got, n)
		}
	}
	for range 100 {
		if f := (weather.Forecast{Fail: 1}).Fault()(list("eu-west-1")); f == (sandbox.Fault{}) {
			t.Fatal("a request succeeded")
		}
	}
}

// TestSeed: the same seed means the same faults for each region's requests, in
// whatever order the regions come; another seed means others.
func TestSeed(t *testing.T) {
	regions := []string{"eu-west-1", "eu-west-2", "us-east-1"}
	forecast := func(seed uint64, interleaved bool) map[string][]sandbox.Fault {
		fault := weather.Forecast{Fail: 0.3, Seed: seed}.Fault()
		got := map[string][]sandbox.Fault{}
		const n = 100
		for i := range n * len(regions) {
			region := regions[i/n]
			if interleaved {
				region = regions[i%len(regions)]
			}
			got[region] = append(got[region], fault(list(region)))
		}
		return got
	}
	if d := cmp.Diff(forecast(7, false), forecast(7, true)); d != "" {
		t.Error(d)
	}
	if cmp.Equal(forecast(7, false), forecast(8, false)) {
		t.Error("another seed makes no difference")
	}
	one := forecast(7, false)
	if cmp.Equal(one["eu-west-1"], one["eu-west-2"]) {
		t.Error("two regions have the same faults")
	}
}

func TestCheck(t *testing.T) {
	for _, f := range []weather.Forecast{{}, {Fail: 1}, {Latency: 1, Late: 1, Fail: 0.5, Hang: []string{"x"}}} {
		if err := f.Check(); err != nil {
			t.Errorf("%+v: %v", f, err)
		}
	}
	for _, f := range []weather.Forecast{{Latency: -1}, {Late: -1}, {Fail: -0.1}, {Fail: 1.1}, {Fail: math.NaN()}, {Hang: []string{""}}} {
		if f.Check() == nil {
			t.Errorf("%+v passes", f)
		}
	}
}
