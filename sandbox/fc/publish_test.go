package fc_test

import (
	"slices"
	"strings"
	"testing"

	fc3 "github.com/alibabacloud-go/fc-20230330/v4/client"
	fc2 "github.com/alibabacloud-go/fc-open-20210406/v2/client"
	"github.com/alibabacloud-go/tea/tea"

	"github.com/layerbuild/layerbuild/sandbox/fc"
)

func TestPublishFromOSS(t *testing.T) {
	c := start(t, nil)
	v2, v3 := c.v2(t), c.v3(t)
	zip := makeZip(t, "a", "1")
	for key, data := range map[string]string{"dir/a b+ü.zip": string(zip), "text": "no zip"} {
		if err := c.store.Deposit(account, "cn-hangzhou", "bucket", key, strings.NewReader(data)); err != nil {
			t.Fatal(err)
		}
	}
	object := func(bucket, key, checksum string) *fc3.CreateLayerVersionInput {
		in := inline3(nil)
		in.Code = &fc3.InputCodeLocation{OssBucketName: str(bucket), OssObjectName: str(key), Checksum: str(checksum)}
		return in
	}
	out, err := create3(v3, "layer", object("bucket", "dir/a b+ü.zip", crc(zip)))
	if err != nil || *out.CodeChecksum != crc(zip) || *out.CodeSize != int64(len(zip)) {
		t.Errorf("%v, %v", out, err)
	}
	in2 := inline2(nil)
	in2.Code = &fc2.Code{OssBucketName: tea.String("bucket"), OssObjectName: tea.String("dir/a b+ü.zip")}
	if out, err := v2.CreateLayerVersion(tea.String("layer"), in2); err != nil || *out.Body.CodeChecksum != crc(zip) {
		t.Errorf("%v, %v", out, err)
	}
	wins := inline3(zip) // over an object that is not there
	wins.Code.OssBucketName, wins.Code.OssObjectName = tea.String("bucket"), tea.String("nothing")
	if _, err := create3(v3, "layer", wins); err != nil {
		t.Error(err)
	}
	for name, bad := range map[string]struct {
		in     *fc3.CreateLayerVersionInput
		status int
		code   string
	}{
		"no such key":    {object("bucket", "nothing", ""), 400, "InvalidArgument"},
		"denied":         {object("denied-bucket", "k", ""), 403, "AccessDenied"},
		"no zip":         {object("bucket", "text", ""), 400, "InvalidArgument"},
		"no bucket":      {object("", "text", ""), 400, "InvalidArgument"},
		"no key":         {object("bucket", "", ""), 400, "InvalidArgument"},
		"wrong checksum": {object("bucket", "dir/a b+ü.zip", "1"), 400, "InvalidArgument"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := create3(v3, "layer", bad.in)
			wantError(t, err, bad.status, bad.code)
		})
	}
}

func TestPublishRefused(t *testing.T) {
	c := start(t, func(o *fc.Options) {
		catalogue := *o.Catalogue
		catalogue.Services = slices.Clone(catalogue.Services)
		for i := range catalogue.Services {
			catalogue.Services[i].Limits.Inline, catalogue.Services[i].Limits.Zip = 1000, 2000
		}
		o.Catalogue = &catalogue
	})
	v2, v3 := c.v2(t), c.v3(t)
	zip := makeZip(t, "a", "1")
	if err := c.store.Deposit(account, "cn-hangzhou", "bucket", "large", strings.NewReader(string(makeZip(t, "a", noise(2000))))); err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string]struct {
		layer  string
		change func(*fc3.CreateLayerVersionInput)
		status int
		code   string
	}{
		"bad base64":       {"layer", func(in *fc3.CreateLayerVersionInput) { *in.Code.ZipFile = "UEsDB" }, 400, "InvalidArgument"},
		"no zip":           {"layer", func(in *fc3.CreateLayerVersionInput) { *in.Code.ZipFile = "AAAA" }, 400, "InvalidArgument"},
		"wrong checksum":   {"layer", func(in *fc3.CreateLayerVersionInput) { in.Code.Checksum = tea.String("1") }, 400, "InvalidArgument"},
		"no code":          {"layer", func(in *fc3.CreateLayerVersionInput) { in.Code = nil }, 400, "InvalidArgument"},
		"unknown runtime":  {"layer", func(in *fc3.CreateLayerVersionInput) { *in.CompatibleRuntime[0] = "Python3.10" }, 400, "InvalidArgument"},
		"21 runtimes":      {"layer", func(in *fc3.CreateLayerVersionInput) { in.CompatibleRuntime = slices.Repeat(in.CompatibleRuntime, 21) }, 400, "InvalidArgument"},
		"long description": {"layer", func(in *fc3.CreateLayerVersionInput) { *in.Description = strings.Repeat("ü", 257) }, 400, "InvalidArgument"},
		"name of a digit":  {"1a", func(*fc3.CreateLayerVersionInput) {}, 400, "InvalidArgument"},
		"long name":        {strings.Repeat("a", 65), func(*fc3.CreateLayerVersionInput) {}, 400, "InvalidArgument"},
		"too large":        {"layer", func(in *fc3.CreateLayerVersionInput) { *in.Code = *inline3(makeZip(t, "a", noise(1000))).Code }, 400, "InvalidArgument"},
		"too large by far": {"layer", func(in *fc3.CreateLayerVersionInput) { *in.Code.ZipFile = strings.Repeat("A", 100000) }, 400, "EntityTooLarge"},
		"too large in OSS": {"layer", func(in *fc3.CreateLayerVersionInput) {
			*in.Code = fc3.InputCodeLocation{OssBucketName: tea.String("bucket"), OssObjectName: tea.String("large")}
		}, 400, "InvalidArgument"},
		"denied":            {"denied-layer", func(*fc3.CreateLayerVersionInput) {}, 403, "AccessDenied"},
		"damaged in a file": {"layer", func(in *fc3.CreateLayerVersionInput) { *in.Code = *inline3(damaged(t)).Code }, 400, "InvalidArgument"},
	} {
		t.Run(name, func(t *testing.T) {
			in := inline3(zip)
			bad.change(in)
			_, err := create3(v3, bad.layer, in)
			wantError(t, err, bad.status, bad.code)
		})
	}
	in2 := inline2([]byte("text"))
	_, err := v2.CreateLayerVersion(tea.String("layer"), in2)
	wantError(t, err, 400, "InvalidArgument")
	if n := c.store.kept(t); n != 0 {
		t.Errorf("%d zips were kept", n)
	}
	limit := inline3(zip)
	limit.Description = tea.String(strings.Repeat("ü", 256))
	if _, err := create3(v3, strings.Repeat("a", 64), limit); err != nil {
		t.Error(err)
	}
}

// noise is text that does not compress.
func noise(n int) string {
	b := make([]byte, n)
	state := uint32(1)
	for i := range b {
		state = state*1664525 + 1013904223
		b[i] = byte(state >> 24)
	}
	return string(b)
}

// damaged is a zip whose table is good.
func damaged(t *testing.T) []byte {
	zip := makeZip(t, "a", noise(200))
	zip[100] ^= 1
	return zip
}
