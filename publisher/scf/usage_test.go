package scf_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	sdk "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/scf/v20180416"

	"github.com/layerbuild/layerbuild/internal/faults"
	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/publisher/publishertest"
	sandboxscf "github.com/layerbuild/layerbuild/sandbox/scf"
)

// inUse is a cloud where everything is ready at once, with two versions of a
// layer and a function that has used both.
func inUse(t *testing.T) (*cloud, layer.Version, layer.Version) {
	t.Helper()
	c := start(t, func(o *sandboxscf.Options) { o.Wait.Polls = -1 })
	var versions []layer.Version
	for _, content := range []string{"a", "b"} {
		v, err := c.open(t, secret, nil).Publish(t.Context(), request(zipped(t, content)))
		if err != nil {
			t.Fatal(err)
		}
		c.use(t, "web", v)
		versions = append(versions, v)
	}
	return c, versions[0], versions[1]
}

// space makes a namespace.
func (c *cloud) space(t *testing.T, namespace string) {
	t.Helper()
	space := sdk.NewCreateNamespaceRequest()
	space.Namespace = &namespace
	if _, err := c.client(t).CreateNamespace(space); err != nil {
		t.Fatal(err)
	}
}

// useIn makes a function in a namespace.
func (c *cloud) useIn(t *testing.T, namespace, name string, v layer.Version) {
	t.Helper()
	create := sdk.NewCreateFunctionRequest()
	create.Namespace, create.FunctionName, create.Runtime = &namespace, &name, common.StringPtr("Python3.10")
	create.Handler, create.Code = common.StringPtr("index.handler"), &sdk.Code{ZipFile: common.StringPtr("UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA==")}
	create.Layers = []*sdk.LayerVersionSimple{{LayerName: &v.Name, LayerVersion: &v.Number}}
	if _, err := c.client(t).CreateFunction(create); err != nil {
		t.Fatal(err)
	}
}

// TestUsageEverywhere has more than a page of namespaces, of functions, and of
// versions of a function.
func TestUsageEverywhere(t *testing.T) {
	t.Parallel()
	c, first, second := inUse(t)
	want := map[int64][]string{1: {"default/web:1"}, 2: {"default/web:$LATEST"}}
	const more = 105
	for i := range more {
		space, function := fmt.Sprint("space-", i), fmt.Sprint("function-", i)
		c.space(t, space)
		c.useIn(t, "space-0", function, first)
		want[1] = append(want[1], "space-0/"+function+":$LATEST")
		publish := sdk.NewPublishVersionRequest()
		publish.FunctionName = common.StringPtr("web")
		if _, err := c.client(t).PublishVersion(publish); err != nil {
			t.Fatal(err)
		}
		want[2] = append(want[2], fmt.Sprint("default/web:", i+2))
	}
	last := fmt.Sprint("space-", more-1)
	c.useIn(t, last, "web", second)
	want[2] = append(want[2], last+"/web:$LATEST")
	for _, list := range want {
		slices.Sort(list)
	}
	got, err := c.open(t, secret, nil).Usage(t.Context(), "web")
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("error %v, usage (-want +got):\n%s", err, diff)
	}
}

// TestUsageOfWhatIsDeleted: a function that goes while it is asked for uses
// nothing, everything else does.
func TestUsageOfWhatIsDeleted(t *testing.T) {
	t.Parallel()
	deletes := func(t *testing.T, c *cloud, name, qualifier string) {
		r := sdk.NewDeleteFunctionRequest()
		r.FunctionName = &name
		if qualifier != "" {
			r.Qualifier = &qualifier
		}
		if _, err := c.client(t).DeleteFunction(r); err != nil {
			t.Error(err)
		}
	}
	all := map[int64][]string{1: {"default/web:1"}, 2: {"default/web:$LATEST", "default/zoo:$LATEST"}}
	without := map[int64][]string{2: {"default/zoo:$LATEST"}}
	for _, test := range []struct {
		after, qualifier string
		want             map[int64][]string
	}{
		{"ListNamespaces", "", without},
		{"ListFunctions", "", without},
		{"ListVersionByFunction", "", without},
		{"ListVersionByFunction", "1", map[int64][]string{2: all[2]}},
		{"GetFunction", "", map[int64][]string{2: all[2]}},
		{"", "", all},
	} {
		c, _, second := inUse(t)
		c.use(t, "zoo", second)
		done := false
		wrap := func(next http.RoundTripper) http.RoundTripper {
			return roundTripper(func(r *http.Request) (*http.Response, error) {
				answer, err := next.RoundTrip(r)
				if action(r) == test.after && !done {
					done = true
					deletes(t, c, "web", test.qualifier)
				}
				return answer, err
			})
		}
		got, err := c.open(t, secret, wrap).Usage(t.Context(), "web")
		if diff := cmp.Diff(test.want, got); diff != "" || err != nil {
			t.Errorf("after %s: error %v, usage (-want +got):\n%s", test.after, err, diff)
		}
	}
}

// TestUsageFaults puts each fault at each request, one at a time: those that
// may pass do not show.
func TestUsageFaults(t *testing.T) {
	t.Parallel()
	c, first, _ := inUse(t)
	c.space(t, "other")
	c.useIn(t, "other", "web", first)
	smooth := &faults.Transport{Next: http.DefaultTransport}
	over := func(rough http.RoundTripper) publishertest.Wrap {
		return func(http.RoundTripper) http.RoundTripper { return rough }
	}
	want, err := c.open(t, secret, over(smooth)).Usage(t.Context(), "web")
	if err != nil || len(want[1]) != 2 || len(want[2]) != 1 {
		t.Fatalf("usage is %v, error %v", want, err)
	}
	for _, fault := range transient() {
		for k := 1; k <= smooth.Count(); k++ {
			rough := &faults.Transport{Next: http.DefaultTransport, Script: faults.At(k, fault)}
			got, err := c.open(t, secret, over(rough)).Usage(t.Context(), "web")
			if diff := cmp.Diff(want, got); diff != "" || err != nil {
				t.Errorf("%s at %d of %d: error %v, usage (-want +got):\n%s", fault.Name, k, smooth.Count(), err, diff)
			}
		}
	}
}

// TestUsageThatIsUnknown: whatever cannot be asked or understood is an error
// that says where.
func TestUsageThatIsUnknown(t *testing.T) {
	t.Parallel()
	document := func(text string) faults.Fault {
		return faults.Answer(text, http.StatusOK, `{"Response": {"RequestId": "R1"`+text+`}}`)
	}
	tests := []struct {
		action string
		fault  faults.Fault
		text   string
	}{
		{"ListNamespaces", answer("UnauthorizedOperation.CAM"), "listing namespaces"},
		{"ListNamespaces", faults.Answer("", http.StatusOK, "{}"), "listing namespaces"},
		{"ListNamespaces", document(`, "Namespaces": [{}]`), "listing namespaces"},
		{"ListNamespaces", document(`, "Namespaces": [null]`), "listing namespaces"},
		{"ListNamespaces", document(`, "Namespaces": [{"Name": "default"}], "TotalCount": 2`), "listing namespaces"},
		{"ListFunctions", answer("UnauthorizedOperation.CAM"), `the functions in namespace "default"`},
		{"ListFunctions", answer("InternalError.System"), `the functions in namespace "default"`},
		{"ListFunctions", document(`, "Functions": [null]`), `the functions in namespace "default"`},
		{"ListVersionByFunction", answer("ResourceNotFound"), `the versions of function "default/web"`},
		{"ListVersionByFunction", document(`, "FunctionVersion": [null], "TotalCount": 1`), `the versions of function "default/web"`},
		{"GetFunction", answer("UnauthorizedOperation.CodeSecret"), `the layers of function "default/web:$LATEST"`},
		{"GetFunction", answer("ResourceNotFound.Layer"), `the layers of function "default/web:$LATEST"`},
		{"GetFunction", document(""), `the layers of function "default/web:$LATEST"`},
		{"GetFunction", document(`, "FunctionName": "web", "Layers": [null]`), `the layers of function "default/web:$LATEST"`},
		{"GetFunction", document(`, "FunctionName": "web", "Layers": [{"LayerName": "web"}]`), `the layers of function "default/web:$LATEST"`},
	}
	c, _, _ := inUse(t)
	for _, test := range tests {
		wrap := func(next http.RoundTripper) http.RoundTripper {
			return &faults.Transport{Next: next, Script: func(_ int, r *http.Request) faults.Fault {
				if action(r) == test.action {
					return test.fault
				}
				return faults.Fault{}
			}}
		}
		got, err := c.open(t, secret, wrap).Usage(t.Context(), "web")
		if err == nil || got != nil || !strings.Contains(err.Error(), test.text) {
			t.Errorf("%s %s: usage is %v, error %v, want one with %q", test.action, test.fault.Name, got, err, test.text)
		}
	}
}

// TestUsageOnTheWire compares what is sent with the vendor's pages.
func TestUsageOnTheWire(t *testing.T) {
	t.Parallel()
	c, _, _ := inUse(t)
	var list []sent
	if _, err := c.open(t, secret, noting(&list)).Usage(t.Context(), "web"); err != nil {
		t.Fatal(err)
	}
	of := func(version string) map[string]any {
		return map[string]any{"Namespace": "default", "FunctionName": "web", "Qualifier": version, "ShowCode": "FALSE"}
	}
	want := []struct {
		action string
		body   map[string]any
	}{
		{"ListNamespaces", map[string]any{"Limit": 100.0, "Offset": 0.0}},
		{"ListFunctions", map[string]any{"Namespace": "default", "Limit": 100.0, "Offset": 0.0}},
		{"ListVersionByFunction", map[string]any{"Namespace": "default", "FunctionName": "web", "Limit": 100.0, "Offset": 0.0}},
		{"GetFunction", of("$LATEST")},
		{"GetFunction", of("1")},
	}
	if len(list) != len(want) {
		t.Fatalf("%d requests were made, want %d", len(list), len(want))
	}
	for i, w := range want {
		if got := list[i].header.Get("X-TC-Action"); got != w.action {
			t.Errorf("request %d is %s, want %s", i+1, got, w.action)
		}
		if diff := cmp.Diff(w.body, list[i].body); diff != "" {
			t.Errorf("%s (-want +got):\n%s", w.action, diff)
		}
	}
}

// TestVersionsInEveryState: only what functions can use is a version.
func TestVersionsInEveryState(t *testing.T) {
	crowd := crowd{versions: 5, describe: func(int64) string { return "" }, sum: func(int64) string { return "" }, status: func(n int64) string {
		return []string{"", "Active", "Publishing", "PublishFailed", "Deleting", "Active"}[n]
	}}
	p := crowd.open(t)
	list, err := p.Versions(t.Context(), "web")
	if err != nil || len(list) != 2 || list[0].Number != 5 || list[1].Number != 1 {
		t.Errorf("versions are %+v, error %v, want 5 and 1", list, err)
	}
	for n := range int64(5) {
		_, err := p.Get(t.Context(), "web", n+1)
		if usable := n == 0 || n == 4; usable != (err == nil) || !usable && !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("version %d: error is %v", n+1, err)
		}
	}
}

// TestPace: each request waits for its turn, and none goes out without one.
func TestPace(t *testing.T) {
	c, _, _ := inUse(t)
	c.asked()
	stop, turns := errors.New("no more turns"), 0
	o := c.options()
	o.Pace = func(context.Context) error {
		if turns++; turns > 4 {
			return stop
		}
		return nil
	}
	if _, err := opened(t, o).Usage(t.Context(), "web"); !errors.Is(err, stop) {
		t.Errorf("error is %v, want the one of the pace", err)
	}
	if sent := len(c.asked()); sent != 4 || turns != 5 {
		t.Errorf("%d requests went out at %d turns, want 4 at 5", sent, turns)
	}
}
