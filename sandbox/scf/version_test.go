package scf_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	tencent "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/scf/v20180416"

	"github.com/layerbuild/layerbuild/sandbox/scf"
)

func publishVersion(c *tencent.Client, name, space string) (string, error) {
	r := tencent.NewPublishVersionRequest()
	r.FunctionName, r.Namespace = &name, &space
	out, err := c.PublishVersion(r)
	if err != nil {
		return "", err
	}
	return *out.Response.FunctionVersion, nil
}

// configure changes a function's layers, given as pairs of name and version.
func configure(c *tencent.Client, name string, layers ...any) error {
	r := tencent.NewUpdateFunctionConfigurationRequest()
	r.FunctionName, r.Layers = &name, newFunction("", "", nil, layers...).Layers
	_, err := c.UpdateFunctionConfiguration(r)
	return err
}

func getVersion(c *tencent.Client, name, qualifier string) (*tencent.GetFunctionResponseParams, error) {
	r := tencent.NewGetFunctionRequest()
	r.FunctionName, r.Qualifier = &name, &qualifier
	out, err := c.GetFunction(r)
	if err != nil {
		return nil, err
	}
	return out.Response, nil
}

// layersOf spells the layers of a function version.
func layersOf(t *testing.T, c *tencent.Client, name, qualifier string) string {
	t.Helper()
	got, err := getVersion(c, name, qualifier)
	if err != nil {
		t.Fatal(err)
	}
	if *got.FunctionVersion != qualifier || *got.Qualifier != qualifier {
		t.Errorf("version %s is %s, %s", qualifier, *got.FunctionVersion, *got.Qualifier)
	}
	var list []string
	for _, l := range got.Layers {
		list = append(list, fmt.Sprint(*l.LayerName, ":", *l.LayerVersion))
	}
	return strings.Join(list, " ")
}

func versionsOf(t *testing.T, c *tencent.Client, change func(*tencent.ListVersionByFunctionRequest)) string {
	t.Helper()
	r := tencent.NewListVersionByFunctionRequest()
	r.FunctionName = common.StringPtr("fn")
	change(r)
	out, err := c.ListVersionByFunction(r)
	if err != nil {
		t.Fatal(err)
	}
	list := []string{fmt.Sprint(*out.Response.TotalCount)}
	for i, v := range out.Response.Versions {
		if *v.Version != *out.Response.FunctionVersion[i] {
			t.Errorf("version %d is %s and %s", i, *v.Version, *out.Response.FunctionVersion[i])
		}
		list = append(list, *v.Version+"="+*v.Status)
	}
	return strings.Join(list, " ")
}

// TestFunctionVersions: a version stays as the function was, over restarts,
// too, and its number is never used again.
func TestFunctionVersions(t *testing.T) {
	c := start(t, nil)
	api := c.client(t, "ap-guangzhou")
	zip := makeZip(t, "index.py", "")
	for range 3 {
		publish(t, api, inline("layer", zip))
	}
	publish(t, api, inline("other", zip))
	create(t, api, newFunction("fn", "", zip, "layer", 1))
	for i, layers := range [][]any{{"layer", 2, "other", 1}, {"layer", 3}, {"", 0}} {
		if n, err := publishVersion(api, "fn", "default"); err != nil || n != fmt.Sprint(i+1) {
			t.Fatalf("version %s, %v", n, err)
		}
		if err := configure(api, "fn", layers...); err != nil {
			t.Fatal(err)
		}
	}
	c.restart(t, nil)
	for qualifier, want := range map[string]string{"1": "layer:1", "2": "layer:2 other:1", "3": "layer:3", "$LATEST": ""} {
		if got := layersOf(t, api, "fn", qualifier); got != want {
			t.Errorf("version %s has %q, want %q", qualifier, got, want)
		}
	}
	_, err := getVersion(api, "fn", "4")
	wantError(t, err, "ResourceNotFound.Version")
	if got := versionsOf(t, api, func(*tencent.ListVersionByFunctionRequest) {}); got != "4 $LATEST=Active 3=Active 2=Active 1=Active" {
		t.Errorf("versions are %q", got)
	}
	if got := versionsOf(t, api, func(r *tencent.ListVersionByFunctionRequest) {
		r.Offset, r.Limit = common.Uint64Ptr(1), common.Uint64Ptr(2)
	}); got != "4 3=Active 2=Active" {
		t.Errorf("the second page is %q", got)
	}
	wantError(t, remove(api, "layer", 2), "ResourceInUse.LayerVersion") // an old version uses it

	deleting := tencent.NewDeleteFunctionRequest()
	deleting.FunctionName = common.StringPtr("fn")
	for qualifier, code := range map[string]string{"2": "", "9": "ResourceNotFound.Version", "$LATEST": "InvalidParameterValue.Qualifier"} {
		deleting.Qualifier = &qualifier
		_, err := api.DeleteFunction(deleting)
		if code != "" {
			wantError(t, err, code)
		} else if err != nil {
			t.Error(err)
		}
	}
	if err := remove(api, "layer", 2); err != nil {
		t.Error(err)
	}
	if n, err := publishVersion(api, "fn", "default"); err != nil || n != "4" {
		t.Errorf("the next version is %s, %v", n, err)
	}
	if err := deleteFunction(api, "fn", ""); err != nil {
		t.Fatal(err)
	}
	_, err = publishVersion(api, "fn", "default")
	wantError(t, err, "ResourceNotFound.Function")
	if n := c.store.kept(t); n != 3 {
		t.Errorf("%d zips are kept, want 3: the layers'", n)
	}
}

// TestPublishVersionFixes: the answer and the version have what the function
// had, and the description of the version.
func TestPublishVersionFixes(t *testing.T) {
	c := start(t, nil)
	api := c.client(t, "ap-guangzhou")
	zip := makeZip(t, "index.py", "")
	create(t, api, newFunction("fn", "", zip))
	r := tencent.NewPublishVersionRequest()
	r.FunctionName, r.Description = common.StringPtr("fn"), common.StringPtr("first")
	out, err := api.PublishVersion(r)
	if err != nil {
		t.Fatal(err)
	}
	got := out.Response
	text := fmt.Sprint(*got.FunctionVersion, *got.CodeSize, *got.MemorySize, *got.Description, *got.Handler, *got.Timeout, *got.Runtime, *got.Namespace)
	if want := fmt.Sprint("1", len(zip), 128, "first", "index.main", 3, "Python3.9", "default"); text != want {
		t.Errorf("got %s\nwant %s", text, want)
	}
	update := tencent.NewUpdateFunctionConfigurationRequest()
	update.FunctionName, update.MemorySize, update.Timeout = r.FunctionName, common.Int64Ptr(256), common.Int64Ptr(9)
	update.Description, update.Environment = common.StringPtr("later"), &tencent.Environment{
		Variables: []*tencent.Variable{{Key: common.StringPtr("A"), Value: common.StringPtr("1")}}}
	if _, err := api.UpdateFunctionConfiguration(update); err != nil {
		t.Fatal(err)
	}
	for qualifier, want := range map[string]string{"1": "first 128 3 0", "$LATEST": "later 256 9 1"} {
		got, err := getVersion(api, "fn", qualifier)
		if err != nil {
			t.Fatal(err)
		}
		if text := fmt.Sprint(*got.Description, " ", *got.MemorySize, " ", *got.Timeout, " ", len(got.Environment.Variables)); text != want {
			t.Errorf("version %s has %q, want %q", qualifier, text, want)
		}
	}
	invoking := tencent.NewInvokeRequest()
	invoking.FunctionName, invoking.Qualifier = r.FunctionName, common.StringPtr("1")
	if _, err := api.Invoke(invoking); err != nil || c.runs[0].Memory != 128<<20 {
		t.Errorf("run %+v, %v", c.runs, err)
	}
}

// TestFunctionChanging: while a function changes it cannot be changed again.
func TestFunctionChanging(t *testing.T) {
	c := start(t, func(o *scf.Options) { o.Wait = scf.Wait{Polls: 1} })
	api := c.client(t, "ap-guangzhou")
	status := func(qualifier string) string {
		got, err := getVersion(api, "fn", qualifier)
		if err != nil {
			t.Fatal(err)
		}
		return *got.Status
	}
	create(t, api, newFunction("fn", "", makeZip(t, "index.py", "")))
	_, err := publishVersion(api, "fn", "default")
	wantError(t, err, "FailedOperation.PublishVersion")
	wantError(t, configure(api, "fn", "", 0), "FailedOperation.UpdateFunctionConfiguration")
	if first, second := status("$LATEST"), status("$LATEST"); first != "Creating" || second != "Active" {
		t.Errorf("%s, then %s", first, second)
	}
	if _, err := publishVersion(api, "fn", "default"); err != nil {
		t.Fatal(err)
	}
	if err := configure(api, "fn", "", 0); err != nil {
		t.Fatal(err)
	}
	c.restart(t, func(o *scf.Options) { o.Wait = scf.Wait{Polls: 1} })
	if got := versionsOf(t, api, func(*tencent.ListVersionByFunctionRequest) {}); got != "2 $LATEST=Updating 1=Publishing" {
		t.Errorf("versions are %q", got)
	}
	if first, second := status("1"), status("1"); first != "Publishing" || second != "Active" {
		t.Errorf("%s, then %s", first, second)
	}
	if first, second := status("$LATEST"), status("$LATEST"); first != "Updating" || second != "Active" {
		t.Errorf("%s, then %s", first, second)
	}
}

func TestUpdateFunctionRefused(t *testing.T) {
	c := start(t, nil)
	api := c.client(t, "ap-guangzhou")
	zip := makeZip(t, "index.py", "")
	publish(t, api, inline("layer", zip))
	publish(t, api, inline("broken", []byte("no zip")))
	create(t, api, newFunction("fn", "", zip, "layer", 1))
	many := []any{"layer", 1, "layer", 1, "layer", 1, "layer", 1, "layer", 1, "layer", 1}
	for name, bad := range map[string]struct {
		change func(*tencent.UpdateFunctionConfigurationRequest)
		layers []any
		code   string
	}{
		"six layers":      {nil, many, "InvalidParameterValue.Layers"},
		"no such layer":   {nil, []any{"none", 1}, "ResourceNotFound.Layer"},
		"no such version": {nil, []any{"layer", 2}, "ResourceNotFound.LayerVersion"},
		"broken layer":    {nil, []any{"broken", 1}, "InvalidParameterValue.Layers"},
		"memory":          {func(r *tencent.UpdateFunctionConfigurationRequest) { r.MemorySize = common.Int64Ptr(1) }, nil, "InvalidParameterValue.MemorySize"},
		"timeout":         {func(r *tencent.UpdateFunctionConfigurationRequest) { r.Timeout = common.Int64Ptr(901) }, nil, "LimitExceeded.Timeout"},
		"runtime":         {func(r *tencent.UpdateFunctionConfigurationRequest) { r.Runtime = common.StringPtr("Python3.10") }, nil, "InvalidParameterValue.Runtime"},
		"no function":     {func(r *tencent.UpdateFunctionConfigurationRequest) { r.FunctionName = common.StringPtr("other") }, nil, "ResourceNotFound.Function"},
		"no namespace":    {func(r *tencent.UpdateFunctionConfigurationRequest) { r.Namespace = common.StringPtr("nowhere") }, nil, "ResourceNotFound.Namespace"},
	} {
		t.Run(name, func(t *testing.T) {
			r := tencent.NewUpdateFunctionConfigurationRequest()
			r.FunctionName, r.Layers = common.StringPtr("fn"), newFunction("", "", nil, bad.layers...).Layers
			if bad.change != nil {
				bad.change(r)
			}
			_, err := api.UpdateFunctionConfiguration(r)
			wantError(t, err, bad.code)
		})
	}
	if got := layersOf(t, api, "fn", "$LATEST"); got != "layer:1" {
		t.Errorf("the function has %q, want what it had", got)
	}
}
