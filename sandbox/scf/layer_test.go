package scf_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	tencent "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/scf/v20180416"

	"github.com/layerbuild/layerbuild/sandbox/scf"
)

func TestPublishAndGet(t *testing.T) {
	c := start(t, nil)
	api := c.client(t, "ap-guangzhou")
	zip := makeZip(t, "a.py", "print(1)")
	in := inline("my_Layer-1", zip)
	in.Description, in.LicenseInfo = common.StringPtr("d"), common.StringPtr("MIT")
	in.CompatibleRuntimes = common.StringPtrs([]string{"Python3.9", "Nodejs18.15"})
	in.Tags = []*tencent.Tag{{Key: common.StringPtr("k"), Value: common.StringPtr("v")}}
	if n := publish(t, api, in); n != 1 {
		t.Errorf("version is %d", n)
	}
	got := get(t, api, "my_Layer-1", 1)
	text := fmt.Sprint(*got.LayerName, *got.LayerVersion, *got.Description, *got.LicenseInfo, *got.Status, *got.CodeSha256, strings.Join(common.StringValues(got.CompatibleRuntimes), ","))
	if want := fmt.Sprint("my_Layer-1", 1, "d", "MIT", "Active", sum(zip), "Python3.9,Nodejs18.15"); text != want {
		t.Errorf("got %s\nwant %s", text, want)
	}
	if want := c.now.In(time.FixedZone("", 8*3600)).Format("2006-01-02 15:04:05"); *got.AddTime != want {
		t.Errorf("time is %q, want %q", *got.AddTime, want)
	}
	location := regexp.MustCompile(`^` + regexp.QuoteMeta(c.server.URL) + `/ap-guangzhou/scf-code-ap-guangzhou-1250000001/1250000000/layers/my_Layer-1/[0-9a-f]{32}\.zip$`)
	if !location.MatchString(*got.Location) {
		t.Errorf("location is %q", *got.Location)
	}
	list := tencent.NewListLayerVersionsRequest()
	list.LayerName = common.StringPtr("my_Layer-1")
	out, err := api.ListLayerVersions(list)
	if err != nil {
		t.Fatal(err)
	}
	if one := out.Response.LayerVersions; len(one) != 1 || *one[0].Tags[0].Key != "k" || *one[0].Status != "Active" {
		t.Errorf("%+v", one)
	}
}

func TestVersions(t *testing.T) {
	c := start(t, nil)
	api := c.client(t, "ap-guangzhou")
	zip := makeZip(t, "a", "1")
	for want := int64(1); want <= 3; want++ {
		if n := publish(t, api, inline("layer", zip)); n != want {
			t.Fatalf("version is %d, want %d", n, want)
		}
	}
	if n := publish(t, c.client(t, "ap-beijing"), inline("layer", zip)); n != 1 {
		t.Errorf("version in another region is %d", n)
	}
	for _, n := range []int64{2, 3} {
		if err := remove(api, "layer", n); err != nil {
			t.Fatal(err)
		}
	}
	if kept := c.store.kept(t); kept != 2 {
		t.Errorf("%d zips are kept, want 2", kept)
	}
	wantError(t, remove(api, "layer", 2), "ResourceNotFound.LayerVersion")
	_, err := api.GetLayerVersion(getRequest("layer", 3))
	wantError(t, err, "ResourceNotFound.LayerVersion")
	_, err = api.GetLayerVersion(getRequest("other", 1))
	wantError(t, err, "ResourceNotFound.Layer")
	if n := publish(t, api, inline("layer", zip)); n != 4 {
		t.Errorf("version after deleting the newest is %d, want 4", n)
	}
}

func TestList(t *testing.T) {
	c := start(t, nil)
	api := c.client(t, "ap-guangzhou")
	zip := makeZip(t, "a", "1")
	for _, name := range []string{"b", "a", "ab"} {
		publish(t, api, inline(name, zip))
	}
	node := inline("a", zip)
	node.CompatibleRuntimes = common.StringPtrs([]string{"Nodejs18.15"})
	publish(t, api, node)
	versions := func(runtime ...string) string {
		r := tencent.NewListLayerVersionsRequest()
		r.LayerName, r.CompatibleRuntime = common.StringPtr("a"), common.StringPtrs(runtime)
		out, err := api.ListLayerVersions(r)
		if err != nil {
			t.Fatal(err)
		}
		var numbers []string
		for _, v := range out.Response.LayerVersions {
			numbers = append(numbers, fmt.Sprint(*v.LayerVersion))
		}
		return strings.Join(numbers, ",")
	}
	if all, python, none := versions(), versions("Python3.9", "Php7"), versions("Php7"); all != "2,1" || python != "1" || none != "" {
		t.Errorf("versions are %q, %q, %q", all, python, none)
	}
	layers := func(change func(*tencent.ListLayersRequest)) string {
		r := tencent.NewListLayersRequest()
		change(r)
		out, err := api.ListLayers(r)
		if err != nil {
			t.Fatal(err)
		}
		names := []string{fmt.Sprint(*out.Response.TotalCount)}
		for _, l := range out.Response.Layers {
			names = append(names, fmt.Sprintf("%s:%d", *l.LayerName, *l.LayerVersion))
		}
		return strings.Join(names, " ")
	}
	for want, change := range map[string]func(*tencent.ListLayersRequest){
		"3 a:2 ab:1 b:1": func(*tencent.ListLayersRequest) {},
		"3 ab:1":         func(r *tencent.ListLayersRequest) { r.Offset, r.Limit = common.Int64Ptr(1), common.Int64Ptr(1) },
		"3":              func(r *tencent.ListLayersRequest) { r.Offset = common.Int64Ptr(7) },
		"2 ab:1 b:1":     func(r *tencent.ListLayersRequest) { r.SearchKey = common.StringPtr("b") },
		"1 a:2":          func(r *tencent.ListLayersRequest) { r.CompatibleRuntime = common.StringPtr("Nodejs18.15") },
	} {
		if got := layers(change); got != want {
			t.Errorf("layers are %q, want %q", got, want)
		}
	}
	r := tencent.NewListLayersRequest()
	r.Limit = common.Int64Ptr(-1)
	_, err := api.ListLayers(r)
	wantError(t, err, "InvalidParameterValue.Limit")
	missing := tencent.NewListLayerVersionsRequest()
	missing.LayerName = common.StringPtr("none")
	_, err = api.ListLayerVersions(missing)
	wantError(t, err, "ResourceNotFound.Layer")
}

func TestPublishFromCOS(t *testing.T) {
	c := start(t, nil)
	api := c.client(t, "ap-beijing")
	zip := makeZip(t, "a", "1")
	for _, region := range []string{"ap-beijing", "ap-beijing-1", "ap-shanghai"} {
		for _, key := range []string{"dir/a b+ü.zip", "text"} {
			data := zip
			if key == "text" {
				data = []byte("no zip")
			}
			if err := c.store.Deposit(appid, region, "layers-"+appid, key, strings.NewReader(string(data))); err != nil {
				t.Fatal(err)
			}
		}
	}
	const key = "dir/a b+ü.zip"
	for _, in := range []*tencent.PublishLayerVersionRequest{
		fromCOS("layer", "layers", "/"+key, "ap-beijing"), fromCOS("layer", "layers-"+appid, key, "ap-beijing"),
		fromCOS("layer", "layers", key, ""), fromCOS("layer", "layers", key, "ap-beijing-1"),
	} {
		if got := get(t, api, "layer", publish(t, api, in)); *got.CodeSha256 != sum(zip) || *got.Status != "Active" {
			t.Errorf("%s", in.ToJsonString())
		}
	}
	if got := get(t, api, "layer", publish(t, api, fromCOS("layer", "layers", "text", ""))); *got.Status != "PublishFailed" || *got.CodeSha256 != sum([]byte("no zip")) {
		t.Errorf("status is %q", *got.Status)
	}
	both := inline("layer", zip)
	both.Content.CosBucketName, both.Content.CosObjectName = common.StringPtr("layers"), common.StringPtr(key)
	empty := inline("layer", zip)
	empty.Content = &tencent.Code{}
	for name, bad := range map[string]struct {
		in   *tencent.PublishLayerVersionRequest
		code string
	}{
		"no such key":    {fromCOS("layer", "layers", "nothing", "ap-beijing"), "InvalidParameterValue.CosObjectName"},
		"no such bucket": {fromCOS("layer", "others", key, "ap-beijing"), "InvalidParameterValue.CosBucketName"},
		"another region": {fromCOS("layer", "layers", key, "ap-shanghai"), "InvalidParameterValue.CosBucketRegion"},
		"no such region": {fromCOS("layer", "layers", key, "ap-beijing-2"), "InvalidParameterValue.CosBucketName"},
		"denied":         {fromCOS("layer", "denied-bucket", key, "ap-beijing"), "UnauthorizedOperation.CAM"},
		"no key":         {fromCOS("layer", "layers", "", "ap-beijing"), "InvalidParameterValue.CosObjectName"},
		"no bucket":      {fromCOS("layer", "", key, "ap-beijing"), "InvalidParameterValue.CosBucketName"},
		"both sources":   {both, "InvalidParameterValue.Content"},
		"neither":        {empty, "InvalidParameterValue.Content"},
		"denied layer":   {fromCOS("denied-layer", "layers", key, ""), "UnauthorizedOperation.CAM"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := api.PublishLayerVersion(bad.in)
			wantError(t, err, bad.code)
		})
	}
}

func TestPublishRefused(t *testing.T) {
	c := start(t, nil)
	api := c.client(t, "ap-guangzhou")
	zip := makeZip(t, "a", "1")
	for name, bad := range map[string]struct {
		change func(*tencent.PublishLayerVersionRequest)
		code   string
	}{
		"bad base64":       {func(r *tencent.PublishLayerVersionRequest) { r.Content.ZipFile = common.StringPtr("UEsDB") }, "InvalidParameterValue.ZipFileBase64BinasciiError"},
		"no name":          {func(r *tencent.PublishLayerVersionRequest) { r.LayerName = nil }, "MissingParameter"},
		"no runtimes":      {func(r *tencent.PublishLayerVersionRequest) { r.CompatibleRuntimes = nil }, "MissingParameter"},
		"no content":       {func(r *tencent.PublishLayerVersionRequest) { r.Content = nil }, "MissingParameter"},
		"name of a digit":  {func(r *tencent.PublishLayerVersionRequest) { *r.LayerName = "1a" }, "InvalidParameterValue.LayerName"},
		"name with a dash": {func(r *tencent.PublishLayerVersionRequest) { *r.LayerName = "a-" }, "InvalidParameterValue.LayerName"},
		"name too long":    {func(r *tencent.PublishLayerVersionRequest) { *r.LayerName = strings.Repeat("a", 65) }, "InvalidParameterValue.LayerName"},
		"unknown runtime":  {func(r *tencent.PublishLayerVersionRequest) { *r.CompatibleRuntimes[0] = "python3.9" }, "InvalidParameterValue.CompatibleRuntimes"},
		"six runtimes": {func(r *tencent.PublishLayerVersionRequest) {
			r.CompatibleRuntimes = common.StringPtrs([]string{"Php5.6", "Php7", "Php7.4", "Php8.0", "Go1", "Java8"})
		}, "InvalidParameterValue.CompatibleRuntimes"},
		"more than 10 MB": {func(r *tencent.PublishLayerVersionRequest) {
			r.Content.ZipFile = common.StringPtr(strings.Repeat("A", 10<<20))
		}, "RequestSizeLimitExceeded"},
		"denied": {func(r *tencent.PublishLayerVersionRequest) { *r.LayerName = "denied-layer" }, "UnauthorizedOperation.CAM"},
	} {
		t.Run(name, func(t *testing.T) {
			in := inline("layer", zip)
			bad.change(in)
			_, err := api.PublishLayerVersion(in)
			if message := wantError(t, err, bad.code); message == "" {
				t.Error("no message")
			}
		})
	}
	if n := c.store.kept(t); n != 0 {
		t.Errorf("%d zips were kept", n)
	}
	longest := inline(strings.Repeat("a", 64), zip)
	publish(t, api, longest)
}

func TestQuotas(t *testing.T) {
	c := start(t, func(o *scf.Options) {
		catalogue := *o.Catalogue
		catalogue.Services = slices.Clone(catalogue.Services)
		for i := range catalogue.Services {
			catalogue.Services[i].Limits.LayersPerRegion = 3
			catalogue.Services[i].Limits.VersionsPerLayer = 2
			catalogue.Services[i].Limits.Unzipped = 10
		}
		o.Catalogue = &catalogue
	})
	api := c.client(t, "ap-guangzhou")
	zip := makeZip(t, "a", "1234567890")
	for _, name := range []string{"a", "b", "c", "a"} {
		publish(t, api, inline(name, zip))
	}
	_, err := api.PublishLayerVersion(inline("d", zip))
	wantError(t, err, "LimitExceeded.Layers")
	_, err = api.PublishLayerVersion(inline("a", zip))
	wantError(t, err, "LimitExceeded.LayerVersions")
	publish(t, c.client(t, "ap-beijing"), inline("d", zip)) // another region has its own
	if err := remove(api, "b", 1); err != nil {
		t.Fatal(err)
	}
	publish(t, api, inline("d", zip))
	if err := remove(api, "a", 1); err != nil {
		t.Fatal(err)
	}
	n := publish(t, api, inline("a", makeZip(t, "a", "12345678901")))
	if got := get(t, api, "a", n); *got.Status != "PublishFailed" {
		t.Errorf("one byte too much: status is %q", *got.Status)
	}
}

// TestRealQuotas holds the catalogue's numbers against the documented ones.
func TestRealQuotas(t *testing.T) {
	c := start(t, nil)
	api := c.client(t, "ap-guangzhou")
	zip := makeZip(t, "a", "1")
	for i := range 20 {
		publish(t, api, inline(fmt.Sprintf("l%d", i), zip))
	}
	_, err := api.PublishLayerVersion(inline("l20", zip))
	wantError(t, err, "LimitExceeded.Layers")
	for range 199 {
		publish(t, api, inline("l0", zip))
	}
	_, err = api.PublishLayerVersion(inline("l0", zip))
	wantError(t, err, "LimitExceeded.LayerVersions")
}
