package fc_test

import (
	"fmt"
	"strings"
	"testing"

	fc3 "github.com/alibabacloud-go/fc-20230330/v4/client"
	fc2 "github.com/alibabacloud-go/fc-open-20210406/v2/client"
	"github.com/alibabacloud-go/tea/tea"

	"github.com/layerbuild/layerbuild/sandbox/function"
)

// layers3 names the layers of a function, by the last digit of their ARNs.
func layers3(t *testing.T, c *fc3.Client, name, qualifier string) string {
	t.Helper()
	out, err := c.GetFunction(&name, &fc3.GetFunctionRequest{Qualifier: str(qualifier)})
	if err != nil {
		t.Fatal(err)
	}
	var text string
	for _, l := range out.Body.Layers {
		text += (*l.Arn)[len(*l.Arn)-1:]
	}
	return text
}

// layers2 names the functions of a service, each with its layers.
func layers2(t *testing.T, c *fc2.Client, service, qualifier string) string {
	t.Helper()
	out, err := c.ListFunctions(&service, &fc2.ListFunctionsRequest{Qualifier: str(qualifier)})
	if err != nil {
		t.Fatal(err)
	}
	var text string
	for _, f := range out.Body.Functions {
		text += *f.FunctionName
		for i, l := range f.LayersArnV2 {
			text += (*l)[len(*l)-1:]
			if old := *f.Layers[i]; old[len(old)-1] != (*l)[len(*l)-1] {
				t.Errorf("layers are %q and %q", old, *l)
			}
		}
	}
	return text
}

// update3 gives a function other layers.
func update3(t *testing.T, c *fc3.Client, name string, layers ...string) *fc3.Function {
	t.Helper()
	out, err := c.UpdateFunction(&name, &fc3.UpdateFunctionRequest{Body: &fc3.UpdateFunctionInput{Layers: tea.StringSlice(layers)}})
	if err != nil {
		t.Fatal(err)
	}
	return out.Body
}

// release3 publishes a version, and returns its number and description.
func release3(c *fc3.Client, name string) (string, error) {
	out, err := c.PublishFunctionVersion(&name, &fc3.PublishFunctionVersionRequest{Body: &fc3.PublishVersionInput{Description: tea.String("of " + name)}})
	if err != nil {
		return "", err
	}
	return *out.Body.VersionId + *out.Body.Description, nil
}

// TestFunctionVersions: a version stays as it was, and goes on when the layer
// that only it uses is deleted.
func TestFunctionVersions(t *testing.T) {
	c := start(t, nil)
	c.result = function.Result{Output: []byte("got ")}
	api := c.v3(t)
	first := makeZip(t, "a", "first")
	publish(t, api, "layer", first)
	publish(t, api, "layer", makeZip(t, "a", "second"))
	if _, err := createFunction3(api, newFunction3("fn", makeZip(t, "index.py", ""), arn("layer", 1))); err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"1of fn", "2of fn", "3of fn"} {
		if got, err := release3(api, "fn"); err != nil || got != want {
			t.Errorf("version is %q, %v, want %q", got, err, want)
		}
		_, err := release3(api, "fn")
		if m := wantError(t, err, 400, "VersionPublishError"); !strings.Contains(m, "'No changes were made since last publish'") {
			t.Errorf("message is %q", m)
		}
		update3(t, api, "fn", [][]string{{arn("layer", 2)}, {}, {arn("layer", 2), arn("layer", 2)}}[i]...)
	}
	for qualifier, want := range map[string]string{"1": "1", "2": "2", "3": "", "LATEST": "22", "": "22"} {
		if got := layers3(t, api, "fn", qualifier); got != want {
			t.Errorf("layers of %q are %q, want %q", qualifier, got, want)
		}
	}
	for qualifier, code := range map[string]string{"4": "VersionNotFound", "prod": "AliasNotFound"} {
		_, err := api.GetFunction(tea.String("fn"), &fc3.GetFunctionRequest{Qualifier: &qualifier})
		wantError(t, err, 404, code)
	}

	kept := c.store.kept(t)
	if _, err := api.DeleteLayerVersion(tea.String("layer"), tea.String("1")); err != nil {
		t.Fatal(err)
	}
	if _, err := api.InvokeFunction(tea.String("fn"), &fc3.InvokeFunctionRequest{Qualifier: tea.String("1"), Body: strings.NewReader("{}")}); err != nil {
		t.Fatal(err)
	}
	if run := c.runs[len(c.runs)-1]; len(run.Layers) != 1 || c.store.kept(t) != kept {
		t.Errorf("run %+v with %d zips, %d before", run, c.store.kept(t), kept)
	}
	if _, err := api.DeleteFunctionVersion(tea.String("fn"), tea.String("1")); err != nil {
		t.Fatal(err)
	}
	if n := c.store.kept(t); n != kept-1 {
		t.Errorf("%d zips are kept, %d before", n, kept)
	}
	_, err := api.DeleteFunctionVersion(tea.String("fn"), tea.String("1"))
	wantError(t, err, 404, "VersionNotFound")
	if got, err := release3(api, "fn"); err != nil || got != "4of fn" {
		t.Errorf("version is %q, %v, want one that was never used", got, err)
	}
	if _, err := api.DeleteFunction(tea.String("fn")); err != nil {
		t.Fatal(err)
	}
	if n := c.store.kept(t); n != 1 {
		t.Errorf("%d zips are kept, want that of the layer", n)
	}
	_, err = release3(api, "fn")
	wantError(t, err, 404, "FunctionNotFound")
}

func TestListFunctionVersions(t *testing.T) {
	c := start(t, nil)
	api := c.v3(t)
	publish(t, api, "layer", makeZip(t, "a", "1"))
	if _, err := createFunction3(api, newFunction3("fn", makeZip(t, "index.py", ""))); err != nil {
		t.Fatal(err)
	}
	list := func(request fc3.ListFunctionVersionsRequest) (string, error) {
		out, err := api.ListFunctionVersions(tea.String("fn"), &request)
		if err != nil {
			return "", err
		}
		text := *out.Body.Direction
		for _, v := range out.Body.Versions {
			text += " " + *v.VersionId
		}
		return text + " " + tea.StringValue(out.Body.NextToken), nil
	}
	if got, err := list(fc3.ListFunctionVersionsRequest{}); err != nil || got != "BACKWARD " {
		t.Errorf("of a new function: %q, %v", got, err)
	}
	for i := range 5 {
		update3(t, api, "fn", []string{arn("layer", 1)}[:i%2]...)
		if _, err := release3(api, "fn"); err != nil {
			t.Fatal(err)
		}
	}
	forward := tea.String("FORWARD")
	for _, test := range []struct {
		request fc3.ListFunctionVersionsRequest
		want    string
	}{
		{fc3.ListFunctionVersionsRequest{}, "BACKWARD 5 4 3 2 1 "},
		{fc3.ListFunctionVersionsRequest{Limit: tea.Int32(2)}, "BACKWARD 5 4 3"},
		{fc3.ListFunctionVersionsRequest{Limit: tea.Int32(2), NextToken: tea.String("3")}, "BACKWARD 3 2 1"},
		{fc3.ListFunctionVersionsRequest{Limit: tea.Int32(2), NextToken: tea.String("1")}, "BACKWARD 1 "},
		{fc3.ListFunctionVersionsRequest{Direction: forward}, "FORWARD 1 2 3 4 5 "},
		{fc3.ListFunctionVersionsRequest{Direction: forward, Limit: tea.Int32(3), NextToken: tea.String("2")}, "FORWARD 2 3 4 5"},
	} {
		if got, err := list(test.request); err != nil || got != test.want {
			t.Errorf("%+v: %q, %v, want %q", test.request, got, err, test.want)
		}
	}
	for _, bad := range []fc3.ListFunctionVersionsRequest{
		{Limit: tea.Int32(101)}, {NextToken: tea.String("x")}, {NextToken: tea.String("0")}, {Direction: tea.String("UP")},
	} {
		_, err := list(bad)
		wantError(t, err, 400, "InvalidArgument")
	}
	_, err := api.ListFunctionVersions(tea.String("none"), &fc3.ListFunctionVersionsRequest{})
	wantError(t, err, 404, "FunctionNotFound")
}

// TestServiceVersions: in 2.0 a version is of a service with all its functions,
// also with those that were deleted since.
func TestServiceVersions(t *testing.T) {
	c := start(t, nil)
	api, svc := c.v2(t), tea.String("svc")
	publish(t, c.v3(t), "layer", makeZip(t, "a", "1"))
	publish(t, c.v3(t), "layer", makeZip(t, "a", "2"))
	newService(t, api, "svc")
	for i, name := range []string{"f", "g"} {
		if _, err := api.CreateFunction(svc, newFunction2(name, makeZip(t, "index.py", ""), arn("layer", i+1))); err != nil {
			t.Fatal(err)
		}
	}
	release := func(want string) {
		t.Helper()
		out, err := api.PublishServiceVersion(svc, &fc2.PublishServiceVersionRequest{Description: tea.String("d")})
		if err != nil || *out.Body.VersionId != want || *out.Body.Description != "d" || *out.Body.CreatedTime == "" || *out.Body.LastModifiedTime == "" {
			t.Fatalf("%v, %v, want version %s", out, err, want)
		}
	}
	release("1")
	_, err := api.PublishServiceVersion(svc, &fc2.PublishServiceVersionRequest{})
	wantError(t, err, 400, "VersionPublishError")
	updated, err := api.UpdateFunction(svc, tea.String("f"), &fc2.UpdateFunctionRequest{Layers: []*string{}, Timeout: tea.Int32(9)})
	if err != nil || len(updated.Body.LayersArnV2) != 0 || *updated.Body.Timeout != 9 || *updated.Body.Handler != "index.handler" {
		t.Fatalf("%v, %v", updated, err)
	}
	release("2")
	if _, err := api.DeleteFunction(svc, tea.String("g")); err != nil {
		t.Fatal(err)
	}
	for qualifier, want := range map[string]string{"": "f", "LATEST": "f", "1": "f1g2", "2": "fg2"} {
		if got := layers2(t, api, "svc", qualifier); got != want {
			t.Errorf("functions of %q are %q, want %q", qualifier, got, want)
		}
	}
	got, err := api.GetFunction(svc, tea.String("g"), &fc2.GetFunctionRequest{Qualifier: tea.String("1")})
	if err != nil || *got.Body.LayersArnV2[0] != arn("layer", 2) {
		t.Errorf("%v, %v", got, err)
	}
	_, err = api.GetFunction(svc, tea.String("g"), &fc2.GetFunctionRequest{})
	wantError(t, err, 404, "FunctionNotFound")
	_, err = api.ListFunctions(svc, &fc2.ListFunctionsRequest{Qualifier: tea.String("3")})
	if m := wantError(t, err, 404, "VersionNotFound"); !strings.Contains(m, "version '3' of service 'svc' does not exist") {
		t.Errorf("message is %q", m)
	}

	list, err := api.ListServiceVersions(svc, &fc2.ListServiceVersionsRequest{Limit: tea.Int32(1)})
	if err != nil || *list.Body.Direction != "BACKWARD" || len(list.Body.Versions) != 1 || *list.Body.Versions[0].VersionId != "2" || *list.Body.NextToken != "1" {
		t.Errorf("%v, %v", list, err)
	}
	list, err = api.ListServiceVersions(svc, &fc2.ListServiceVersionsRequest{Direction: tea.String("FORWARD"), StartKey: tea.String("2")})
	if err != nil || len(list.Body.Versions) != 1 || *list.Body.Versions[0].VersionId != "2" || list.Body.NextToken != nil {
		t.Errorf("%v, %v", list, err)
	}
	if _, err := api.DeleteServiceVersion(svc, tea.String("1")); err != nil {
		t.Fatal(err)
	}
	_, err = api.DeleteServiceVersion(svc, tea.String("1"))
	wantError(t, err, 404, "VersionNotFound")
	if _, err := api.DeleteFunction(svc, tea.String("f")); err != nil {
		t.Fatal(err)
	}
	if n := c.store.kept(t); n != 4 { // two layers, and the code of two functions of version 2
		t.Errorf("%d zips are kept, want 4", n)
	}
	if _, err := api.DeleteService(svc); err != nil {
		t.Fatal(err)
	}
	if n := c.store.kept(t); n != 2 {
		t.Errorf("%d zips are kept, want 2", n)
	}
}

// TestUpdateFunction: what is not named stays as it is.
func TestUpdateFunction(t *testing.T) {
	c := start(t, nil)
	api := c.v3(t)
	publish(t, api, "layer", makeZip(t, "a", "1"))
	in := newFunction3("fn", makeZip(t, "index.py", ""), arn("layer", 1))
	in.EnvironmentVariables, in.Description = map[string]*string{"A": tea.String("1")}, tea.String("d")
	made, err := createFunction3(api, in)
	if err != nil {
		t.Fatal(err)
	}
	change := func(in *fc3.UpdateFunctionInput) (string, error) {
		out, err := api.UpdateFunction(tea.String("fn"), &fc3.UpdateFunctionRequest{Body: in})
		if err != nil {
			return "", err
		}
		b := out.Body
		return fmt.Sprint(*b.Description, *b.MemorySize, len(b.Layers), tea.StringSliceValue([]*string{b.EnvironmentVariables["A"], b.EnvironmentVariables["B"]}),
			*b.CodeChecksum == *made.CodeChecksum, *b.CreatedTime == *made.CreatedTime), nil
	}
	for _, step := range []struct {
		in   fc3.UpdateFunctionInput
		want string
	}{
		{fc3.UpdateFunctionInput{MemorySize: tea.Int32(256)}, "d256 1 [1 ] true true"},
		{fc3.UpdateFunctionInput{EnvironmentVariables: map[string]*string{"B": tea.String("2")}}, "d256 1 [ 2] true true"},
		{fc3.UpdateFunctionInput{Layers: []*string{}}, "d256 0 [ 2] true true"},
		{fc3.UpdateFunctionInput{Description: tea.String("")}, "256 0 [ 2] true true"},
	} {
		if got, err := change(&step.in); err != nil || got != step.want {
			t.Errorf("%v: %q, %v, want %q", step.in, got, err, step.want)
		}
	}
	for name, bad := range map[string]struct {
		in     fc3.UpdateFunctionInput
		status int
		code   string
	}{
		"no such layer": {fc3.UpdateFunctionInput{Layers: tea.StringSlice([]string{arn("none", 1)})}, 404, "LayerNotFound"},
		"memory":        {fc3.UpdateFunctionInput{MemorySize: tea.Int32(1)}, 400, "InvalidArgument"},
		"code":          {fc3.UpdateFunctionInput{Code: in.Code}, 400, "InvalidArgument"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := change(&bad.in)
			wantError(t, err, bad.status, bad.code)
		})
	}
}

// TestFunctionsOfBoth: 3.0 lists the functions of 2.0 as well, under names of
// its own, unless it is asked not to.
func TestFunctionsOfBoth(t *testing.T) {
	c := start(t, nil)
	v2, v3 := c.v2(t), c.v3(t)
	newService(t, v2, "svc")
	if _, err := v2.CreateFunction(tea.String("svc"), newFunction2("fn", makeZip(t, "index.py", ""))); err != nil {
		t.Fatal(err)
	}
	if _, err := createFunction3(v3, newFunction3("fn", makeZip(t, "index.py", ""))); err != nil {
		t.Fatal(err)
	}
	for version, want := range map[string]string{"": " fn svc$fn", "v2": " svc$fn", "v3": " fn"} {
		out, err := v3.ListFunctions(&fc3.ListFunctionsRequest{FcVersion: str(version)})
		if err != nil {
			t.Fatal(err)
		}
		var got string
		for _, f := range out.Body.Functions {
			got += " " + *f.FunctionName
		}
		if got != want {
			t.Errorf("%q lists%s, want%s", version, got, want)
		}
	}
	_, err := v3.ListFunctions(&fc3.ListFunctionsRequest{FcVersion: tea.String("v1")})
	wantError(t, err, 400, "InvalidArgument")
	got, err := v3.GetFunction(tea.String("svc$fn"), &fc3.GetFunctionRequest{})
	if err != nil || *got.Body.FunctionName != "svc$fn" || !strings.HasSuffix(*got.Body.FunctionArn, ":functions/svc$fn") {
		t.Errorf("%v, %v", got, err)
	}
}
