package fc

import (
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	openapi "github.com/alibabacloud-go/darabonba-openapi/v2/client"
	fc3 "github.com/alibabacloud-go/fc-20230330/v4/client"
	fc2 "github.com/alibabacloud-go/fc-open-20210406/v2/client"
	"github.com/alibabacloud-go/tea/tea"

	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/publisher"
)

// TestHostsOfTheSDKs: apart from their mistakes the SDKs know the addresses.
func TestHostsOfTheSDKs(t *testing.T) {
	const account = "1880770869020000"
	config := &openapi.Config{RegionId: tea.String("cn-hangzhou")}
	two, err := fc2.NewClient(config)
	if err != nil {
		t.Fatal(err)
	}
	three, err := fc3.NewClient(config)
	if err != nil {
		t.Fatal(err)
	}
	trailing := 0
	for api, hosts := range map[string]map[string]*string{V2: two.EndpointMap, V3: three.EndpointMap} {
		if len(hosts) < 20 {
			t.Errorf("the SDK for %s knows %d regions only", api, len(hosts))
		}
		for region, host := range hosts {
			want := strings.TrimSpace(strings.Replace(*host, "account-id", account, 1))
			if want != *host && api == V3 {
				trailing++
			}
			u, err := hostOf(Options{API: api, Region: region, Account: account})
			if err != nil || u.Scheme != "https" || u.Host != want {
				t.Errorf("%s %s is at %v, error %v, want https://%s", api, region, u, err, want)
			}
		}
	}
	if trailing != 1 {
		t.Errorf("%d addresses of the SDK for 3.0 end in white space, want 1", trailing)
	}
}

func TestHost(t *testing.T) {
	const account = "1880770869020000"
	tests := []struct {
		name    string
		options Options
		want    string
	}{
		{"usual", Options{Region: "cn-shanghai"}, "https://fcv3.cn-shanghai.aliyuncs.com"},
		{"usual by name", Options{API: V3, Region: "cn-shanghai"}, "https://fcv3.cn-shanghai.aliyuncs.com"},
		{"of the older form", Options{API: V3, Region: "me-central-1"}, "https://me-central-1.fc.aliyuncs.com"},
		{"2.0", Options{API: V2, Region: "cn-shanghai", Account: account}, "https://" + account + ".cn-shanghai.fc.aliyuncs.com"},
		{"2.0 elsewhere", Options{API: V2, Region: "r", Account: account, Endpoint: "http://127.0.0.1:81/"}, "http://127.0.0.1:81"},
		{"3.0 elsewhere", Options{Region: "r", Endpoint: "https://fc.example.com"}, "https://fc.example.com"},
		{"2.0 elsewhere without an account", Options{API: V2, Region: "r", Endpoint: "http://127.0.0.1:81"}, ""},
		{"2.0 without an account", Options{API: V2, Region: "cn-shanghai"}, ""},
		{"2.0 with a name", Options{API: V2, Region: "cn-shanghai", Account: "acme"}, ""},
		{"plain elsewhere", Options{Region: "r", Endpoint: "http://fc.example.com"}, ""},
		{"no region", Options{}, ""},
		{"a region that is none", Options{Region: "cn-shanghai.example.com/"}, ""},
		{"an API that is none", Options{API: "4.0", Region: "cn-shanghai"}, ""},
	}
	for _, test := range tests {
		u, err := hostOf(test.options)
		if (err == nil) != (test.want != "") || err == nil && u.String() != test.want {
			t.Errorf("%s: %v, error %v, want %q", test.name, u, err, test.want)
		}
	}
	var f *layer.Fault
	if _, err := hostOf(Options{API: V2, Region: "r"}); !errors.As(err, &f) || !strings.Contains(f.Hint, "target.account") {
		t.Errorf("error is %v, want one with a hint", err)
	}
}

// TestCPU: the vendor wants a ratio between 1:1 and 1:4 of vCPU and GiB, in
// steps of 0.05.
func TestCPU(t *testing.T) {
	for mib := int32(128); mib <= 32<<10; mib += 64 {
		got := float64(cpu(mib))
		gib := float64(mib) / 1024
		if steps := got * 20; got > gib+1e-6 || got < gib/4-1e-6 || steps-float64(int(steps+0.5)) > 1e-4 {
			t.Fatalf("%d MiB gets %v vCPU", mib, got)
		}
	}
	if got := cpu(128); got != 0.1 {
		t.Errorf("128 MiB gets %v vCPU, want 0.1", got)
	}
}

func TestFunctionOf(t *testing.T) {
	tests := []struct {
		memory, timeout int64 // bytes, milliseconds
		mib, seconds    int32
	}{
		{0, 0, 512, 60},
		{1, 1, 128, 1},
		{128 << 20, 1000, 128, 1},
		{128<<20 + 1, 1001, 192, 2},
		{512 << 20, 60_000, 512, 60},
		{1000 << 20, 900_000, 1024, 900},
	}
	for _, test := range tests {
		f := functionOf(publisher.Trial{Memory: test.memory, Timeout: time.Duration(test.timeout) * time.Millisecond})
		if f.memory != test.mib || f.timeout != test.seconds {
			t.Errorf("%d bytes and %d ms are %d MiB and %d s, want %d and %d", test.memory, test.timeout, f.memory, f.timeout, test.mib, test.seconds)
		}
	}
}

func TestTimeOf(t *testing.T) {
	want := time.Date(2016, 8, 15, 17, 0, 1, 0, time.UTC)
	for _, text := range []string{"2016-08-15T17:00:01.000+0000", "2016-08-15T17:00:01Z", "2016-08-16T01:00:01.000+0800", "2016-08-16T01:00:01+08:00"} {
		if got := timeOf(text); !got.Equal(want) {
			t.Errorf("%q is %s, want %s", text, got, want)
		}
	}
	if got := timeOf("yesterday"); !got.IsZero() {
		t.Errorf("what is no time is %s", got)
	}
}

func TestNumber(t *testing.T) {
	const mine = "acs:fc:cn-hangzhou:188:layers/web/versions/"
	f, err := familyOf(layer.Version{Name: "web", Number: 12, ARN: mine + "12"})
	if err != nil || f != (family{"web", "188", mine}) {
		t.Fatalf("family is %+v, error %v", f, err)
	}
	sum := strings.Repeat("0a", 16)
	tests := []struct {
		arn  string
		want int64 // -1 for an error
	}{
		{mine + "1", 1},
		{mine + "120", 120},
		{strings.Replace(mine, "188", "42", 1) + "1", 0},
		{strings.Replace(mine, "web", "web-2", 1) + "1", 0},
		{strings.Replace(mine, "web", "my-web", 1) + "1", 0},
		{"acs:fc:cn-hangzhou:official:layers/Nodejs20/versions/1", 0},
		{"acs:fc:cn-beijing:188:layers/web/versions/1", 0},
		{sum + "#web#3", 3},
		{sum + "#web-2#3", 0},
		{sum + "#my-web#3", 0},
		{mine, -1},
		{mine + "0", -1},
		{mine + "x", -1},
		{mine + "99999999999999999999", -1},
		{sum + "#web#0", -1},
		{"", -1},
		{"web", -1},
		{"1", -1},
		{mine + "+1", -1},
	}
	for _, test := range tests {
		got, err := f.number(test.arn)
		if (err != nil) != (test.want < 0) || err == nil && got != test.want {
			t.Errorf("%q is version %d, error %v, want %d", test.arn, got, err, test.want)
		}
	}
	for _, arn := range []string{"", "web", sum + "#web#3", mine} {
		if _, err := familyOf(layer.Version{Name: "web", Number: 1, ARN: arn}); err == nil {
			t.Errorf("%q: no error", arn)
		}
	}
}

// FuzzNumber: what is taken for a version of the layer ends in its number.
func FuzzNumber(f *testing.F) {
	const mine = "acs:fc:cn-hangzhou:188:layers/web/versions/"
	for _, arn := range []string{mine + "1", "0a#web#3", "acs:fc:cn-hangzhou:official:layers/Nodejs20/versions/1", "1", ""} {
		f.Add(arn)
	}
	web := family{"web", "188", mine}
	f.Fuzz(func(t *testing.T, arn string) {
		n, err := web.number(arn)
		if text := strconv.FormatInt(n, 10); n < 0 || n > 0 && (err != nil || !strings.HasSuffix(arn, text) || !strings.Contains(arn, "web")) {
			t.Fatalf("%q is version %d, error %v", arn, n, err)
		}
	})
}

func TestPaged(t *testing.T) {
	next := map[string]string{"": "b", "b": "c", "c": "a", "a": "b"}
	var seen []string
	ask := func(at *string) (page[string], error) {
		here := value(at)
		return page[string]{[]*string{&here}, given(next[here])}, nil
	}
	note := func(item *string) error { seen = append(seen, *item); return nil }
	if err := paged(ask, note); err == nil || len(seen) != 4 {
		t.Errorf("in circles: error %v after %q", err, seen)
	}
	next["a"], seen = "", nil
	if err := paged(ask, note); err != nil || strings.Join(seen, ",") != ",b,c,a" {
		t.Errorf("error %v after %q", err, seen)
	}
}
