package fc_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	fc3 "github.com/alibabacloud-go/fc-20230330/v4/client"
	fc2 "github.com/alibabacloud-go/fc-open-20210406/v2/client"
	"github.com/alibabacloud-go/tea/tea"
)

// inline2 and inline3 are requests that publish a zip.
func inline2(zip []byte) *fc2.CreateLayerVersionRequest {
	return &fc2.CreateLayerVersionRequest{
		Code:              &fc2.Code{ZipFile: tea.String(base64.StdEncoding.EncodeToString(zip))},
		CompatibleRuntime: tea.StringSlice([]string{"python3.10"}), Description: tea.String("d"),
	}
}

func inline3(zip []byte) *fc3.CreateLayerVersionInput {
	return &fc3.CreateLayerVersionInput{
		Code:              &fc3.InputCodeLocation{ZipFile: tea.String(base64.StdEncoding.EncodeToString(zip))},
		CompatibleRuntime: tea.StringSlice([]string{"python3.10"}), Description: tea.String("d"), License: tea.String("MIT"),
	}
}

func create3(c *fc3.Client, name string, in *fc3.CreateLayerVersionInput) (*fc3.Layer, error) {
	out, err := c.CreateLayerVersion(&name, &fc3.CreateLayerVersionRequest{Body: in})
	if err != nil {
		return nil, err
	}
	return out.Body, nil
}

// publish publishes a zip by 3.0 and returns the version's number.
func publish(t *testing.T, c *fc3.Client, name string, zip []byte) int32 {
	t.Helper()
	out, err := create3(c, name, inline3(zip))
	if err != nil {
		t.Fatal(err)
	}
	return *out.Version
}

// object reads an answer's document. It is not the SDK's, which would hide how
// names are spelled and values typed.
func object(t *testing.T, text string) map[string]any {
	t.Helper()
	var doc map[string]any
	if err := json.Unmarshal([]byte(text), &doc); err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	return doc
}

// compare compares an answer with what is expected, but for the URL.
func compare(t *testing.T, what, text, want string) {
	t.Helper()
	got := object(t, text)
	code, ok := got["code"].(map[string]any)
	if !ok || code["repositoryType"] != "OSS" || !strings.HasPrefix(fmt.Sprint(code["location"]), "http://") {
		t.Errorf("%s: code is %v", what, got["code"])
	}
	delete(got, "code")
	if a, b := fmt.Sprint(got), fmt.Sprint(object(t, want)); a != b {
		t.Errorf("%s\n got %s\nwant %s", what, a, b)
	}
}

// TestDocuments: each API has words of its own for the same layer, and 2.0 has
// others for creating a version than for getting it.
func TestDocuments(t *testing.T) {
	c := start(t, nil)
	c.now = time.Date(2026, 11, 22, 12, 30, 15, 678e6, time.FixedZone("", 3600))
	zip := makeZip(t, "python/a.py", "print(1)")
	size, text := len(zip), base64.StdEncoding.EncodeToString(zip)
	a := request{method: "POST", path: "/2021-04-06/layers/my_Layer-1/versions", at: c.now,
		body: `{"Code":{"zipFile":"` + text + `"},"compatibleRuntime":["python3.10"],"description":"d"}`}.do(t, c)
	const arn = "1135a0a9c02dbdaf6e6f9877ed51e951#my_Layer-1#1"
	compare(t, "created by 2.0", a.body, fmt.Sprintf(`{"layerName":"my_Layer-1","version":1,"description":"d","codesize":%d,"codeChecksum":"%s",
		"createTime":"2026-11-22T11:30:15Z","acl":0,"compatibleRuntime":["python3.10"],"arn":"%s"}`, size, crc(zip), arn))
	if a.status != 200 || a.header.Get("ETag") == "" || !strings.HasPrefix(a.header.Get("X-Fc-Request-Id"), "1-") {
		t.Errorf("%d, %v", a.status, a.header)
	}
	a = request{method: "GET", path: "/2021-04-06/layers/my_Layer-1/versions/1", at: c.now}.do(t, c)
	compare(t, "got by 2.0", a.body, fmt.Sprintf(`{"layerName":"my_Layer-1","version":1,"description":"d","codeSize":%d,"codeChecksum":"%s",
		"createTime":"2026-11-22T11:30:15Z","acl":0,"compatibleRuntime":["python3.10"],"arn":"%s",
		"arnV2":"acs:fc:cn-hangzhou:1880770869020000:layers/my_Layer-1/versions/1"}`, size, crc(zip), arn))
	a = request{method: "POST", path: "/2023-03-30/layers/my_Layer-1/versions", at: c.now,
		body: `{"code":{"zipFile":"` + text + `","checksum":"` + crc(zip) + `"},"compatibleRuntime":["custom.debian12","nodejs20"],"license":"MIT"}`}.do(t, c)
	want := fmt.Sprintf(`{"layerName":"my_Layer-1","version":2,"description":"","codeSize":%d,"codeChecksum":"%s","createTime":"2026-11-22T11:30:15Z",
		"acl":"0","compatibleRuntime":["custom.debian12","nodejs20"],"license":"MIT",
		"layerVersionArn":"acs:fc:cn-hangzhou:1880770869020000:layers/my_Layer-1/versions/2"}`, size, crc(zip))
	compare(t, "created by 3.0", a.body, want)
	a = request{method: "GET", path: "/2023-03-30/layers/my_Layer-1/versions/2", at: c.now}.do(t, c)
	compare(t, "got by 3.0", a.body, want)
	a = request{method: "PUT", path: "/2023-03-30/layers/my_Layer-1/acl?acl=1", at: c.now}.do(t, c)
	if a.status != 200 {
		t.Fatalf("%d: %s", a.status, a.body)
	}
	a = request{method: "GET", path: "/2021-04-06/layers/my_Layer-1/versions/2", at: c.now}.do(t, c)
	if got := object(t, a.body); got["acl"] != 1.0 || got["license"] != "MIT" {
		t.Errorf("%v", got)
	}
}

// TestSpellingOfCode: the APIs do not take each other's name for the member.
func TestSpellingOfCode(t *testing.T) {
	c := start(t, nil)
	code := `{"zipFile":"` + base64.StdEncoding.EncodeToString(makeZip(t, "a", "1")) + `"}`
	for _, wrong := range []struct{ path, member string }{{"/2021-04-06/", "code"}, {"/2023-03-30/", "Code"}} {
		a := request{method: "POST", path: wrong.path + "layers/layer/versions", body: `{"` + wrong.member + `":` + code + `}`}.do(t, c)
		if got := object(t, a.body); a.status != 400 || got["Code"] != "InvalidArgument" {
			t.Errorf("%d %s", a.status, a.body)
		}
	}
}

// TestIgnoredIn2: 2.0 has neither licence nor checksum for a new version.
func TestIgnoredIn2(t *testing.T) {
	c := start(t, nil)
	code := base64.StdEncoding.EncodeToString(makeZip(t, "a", "1"))
	a := request{method: "POST", path: "/2021-04-06/layers/layer/versions", body: `{"Code":{"zipFile":"` + code + `","checksum":"1"},"license":"MIT"}`,
		header: map[string]string{"X-Fc-Code-Checksum": "1"}}.do(t, c)
	if got := object(t, a.body); a.status != 200 || got["license"] != nil {
		t.Errorf("%d %s", a.status, a.body)
	}
}

func TestVersions(t *testing.T) {
	c := start(t, nil)
	v2, v3 := c.v2(t), c.v3(t)
	zip := makeZip(t, "a", "1")
	for want := int32(1); want <= 3; want++ {
		if n := publish(t, v3, "layer", zip); n != want {
			t.Fatalf("version is %d, want %d", n, want)
		}
	}
	out, err := v2.CreateLayerVersion(tea.String("layer"), inline2(zip))
	if err != nil || *out.Body.Version != 4 || *out.Body.CodeChecksum != crc(zip) || *out.Body.Codesize != int64(len(zip)) {
		t.Errorf("%v, %v", out, err)
	}
	byArn, err := v3.GetLayerVersionByArn(tea.String(arn("layer", 4)))
	if err != nil || *byArn.Body.Version != 4 || *byArn.Body.LayerVersionArn != arn("layer", 4) {
		t.Errorf("%v, %v", byArn, err)
	}
	if _, err := v3.DeleteLayerVersion(tea.String("layer"), tea.String("4")); err != nil {
		t.Fatal(err)
	}
	if _, err := v2.DeleteLayerVersion(tea.String("layer"), tea.String("2")); err != nil {
		t.Fatal(err)
	}
	if n := c.store.kept(t); n != 2 {
		t.Errorf("%d zips are kept, want 2", n)
	}
	_, err = v3.DeleteLayerVersion(tea.String("layer"), tea.String("2"))
	wantError(t, err, 404, "LayerVersionNotFound")
	_, err = v2.GetLayerVersion(tea.String("layer"), tea.String("4"))
	wantError(t, err, 404, "LayerVersionNotFound")
	_, err = v2.GetLayerVersion(tea.String("other"), tea.String("1"))
	wantError(t, err, 404, "LayerNotFound")
	_, err = v3.GetLayerVersionByArn(tea.String(arn("other", 1)))
	wantError(t, err, 404, "LayerNotFound")
	_, err = v3.GetLayerVersionByArn(tea.String("acs:fc:cn-shanghai:" + account + ":layers/layer/versions/1"))
	wantError(t, err, 400, "InvalidArgument")
	_, err = v3.GetLayerVersionByArn(tea.String("nonsense"))
	wantError(t, err, 400, "InvalidArgument")
	_, err = v3.DeleteLayerVersion(tea.String("layer"), tea.String("0"))
	wantError(t, err, 400, "InvalidArgument")
	if n := publish(t, v3, "layer", zip); n != 5 {
		t.Errorf("version after deleting the newest is %d, want 5", n)
	}
}

func TestListVersions(t *testing.T) {
	c := start(t, nil)
	v2, v3 := c.v2(t), c.v3(t)
	zip := makeZip(t, "a", "1")
	for range 25 {
		publish(t, v3, "layer", zip)
	}
	if _, err := v3.DeleteLayerVersion(tea.String("layer"), tea.String("3")); err != nil {
		t.Fatal(err)
	}
	list := func(limit int32, from string) (numbers []int32, next int32) {
		t.Helper()
		in := &fc3.ListLayerVersionsRequest{StartVersion: str(from)}
		if limit > 0 {
			in.Limit = &limit
		}
		out, err := v3.ListLayerVersions(tea.String("layer"), in)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range out.Body.Layers {
			if *l.CodeChecksum != crc(zip) {
				t.Errorf("checksum is %s", *l.CodeChecksum)
			}
			numbers = append(numbers, *l.Version)
		}
		return numbers, tea.Int32Value(out.Body.NextVersion)
	}
	if got, next := list(0, ""); len(got) != 20 || got[0] != 1 || got[2] != 4 || next != 22 {
		t.Errorf("%v, then %d", got, next)
	}
	if got, next := list(2, "2"); !slices.Equal(got, []int32{2, 4}) || next != 5 {
		t.Errorf("%v, then %d", got, next)
	}
	if got, next := list(100, "22"); !slices.Equal(got, []int32{22, 23, 24, 25}) || next != 0 {
		t.Errorf("%v, then %d", got, next)
	}
	out, err := v2.ListLayerVersions(tea.String("layer"), &fc2.ListLayerVersionsRequest{Limit: tea.Int32(1), StartVersion: tea.Int32(2)})
	if err != nil || len(out.Body.Layers) != 1 || *out.Body.Layers[0].CodeSize != int64(len(zip)) || *out.Body.Layers[0].ArnV2 != arn("layer", 2) || *out.Body.NextVersion != 4 {
		t.Errorf("%v, %v", out, err)
	}
	for _, bad := range []*fc3.ListLayerVersionsRequest{{Limit: tea.Int32(101)}, {Limit: tea.Int32(0)}, {StartVersion: tea.String("x")}} {
		_, err := v3.ListLayerVersions(tea.String("layer"), bad)
		wantError(t, err, 400, "InvalidArgument")
	}
	_, err = v2.ListLayerVersions(tea.String("other"), &fc2.ListLayerVersionsRequest{})
	wantError(t, err, 404, "LayerNotFound")
}

func TestListLayers(t *testing.T) {
	c := start(t, nil)
	v2, v3 := c.v2(t), c.v3(t)
	zip := makeZip(t, "a", "1")
	for _, name := range []string{"b", "a1", "a2", "a1"} {
		publish(t, v3, name, zip)
	}
	if _, err := v3.PutLayerACL(tea.String("b"), &fc3.PutLayerACLRequest{Acl: tea.String("1")}); err != nil {
		t.Fatal(err)
	}
	list := func(in *fc3.ListLayersRequest) string {
		t.Helper()
		out, err := v3.ListLayers(in)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, l := range out.Body.Layers {
			names = append(names, fmt.Sprintf("%s:%d", *l.LayerName, *l.Version))
		}
		return strings.Join(append(names, tea.StringValue(out.Body.NextToken)), " ")
	}
	for want, in := range map[string]*fc3.ListLayersRequest{
		"a1:2 a2:1 b:1 ": {},
		"a1:2 a2":        {Limit: tea.Int32(1)},
		"a2:1 b":         {Limit: tea.Int32(1), NextToken: tea.String("a2")},
		"a1:2 a2:1 ":     {Prefix: tea.String("a")},
		"b:1 ":           {Public: tea.String("true")},
		"":               {Official: tea.String("true")},
	} {
		if got := list(in); got != want {
			t.Errorf("layers are %q, want %q", got, want)
		}
	}
	out, err := v2.ListLayers(&fc2.ListLayersRequest{StartKey: tea.String("b")})
	if err != nil || len(out.Body.Layers) != 1 || *out.Body.Layers[0].Acl != 1 {
		t.Errorf("%v, %v", out, err)
	}
}

func TestShare(t *testing.T) {
	c := start(t, nil)
	v2, v3 := c.v2(t), c.v3(t)
	publish(t, v3, "layer", makeZip(t, "a", "1"))
	acl := func() string {
		t.Helper()
		out, err := v3.GetLayerVersion(tea.String("layer"), tea.String("1"))
		if err != nil {
			t.Fatal(err)
		}
		return *out.Body.Acl
	}
	for _, step := range []struct {
		do   func() error
		want string
	}{
		{func() error {
			_, err := v2.PutLayerACL(tea.String("layer"), &fc2.PutLayerACLRequest{Public: tea.Bool(true)})
			return err
		}, "1"},
		{func() error {
			_, err := v2.PutLayerACL(tea.String("layer"), &fc2.PutLayerACLRequest{Public: tea.Bool(false)})
			return err
		}, "0"},
		{func() error {
			_, err := v3.PutLayerACL(tea.String("layer"), &fc3.PutLayerACLRequest{Public: tea.String("true")})
			return err
		}, "1"},
		{func() error {
			_, err := v3.PutLayerACL(tea.String("layer"), &fc3.PutLayerACLRequest{Acl: tea.String("0")})
			return err
		}, "0"},
	} {
		if err := step.do(); err != nil {
			t.Fatal(err)
		}
		if got := acl(); got != step.want {
			t.Errorf("acl is %s, want %s", got, step.want)
		}
	}
	_, err := v3.PutLayerACL(tea.String("other"), &fc3.PutLayerACLRequest{Acl: tea.String("1")})
	wantError(t, err, 404, "LayerNotFound")
	_, err = v3.PutLayerACL(tea.String("layer"), &fc3.PutLayerACLRequest{Acl: tea.String("2")})
	wantError(t, err, 400, "InvalidArgument")
	_, err = v3.PutLayerACL(tea.String("layer"), &fc3.PutLayerACLRequest{})
	wantError(t, err, 400, "InvalidArgument")
	_, err = v2.PutLayerACL(tea.String("layer"), &fc2.PutLayerACLRequest{})
	wantError(t, err, 400, "InvalidArgument")
}
