package fc_test

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	fc3 "github.com/alibabacloud-go/fc-20230330/v4/client"
	fc2 "github.com/alibabacloud-go/fc-open-20210406/v2/client"
	"github.com/alibabacloud-go/tea/tea"

	"github.com/layerbuild/layerbuild/runtimes"
	"github.com/layerbuild/layerbuild/sandbox/disk"
	"github.com/layerbuild/layerbuild/sandbox/fc"
)

// TestRestart: everything is there again.
func TestRestart(t *testing.T) {
	c := start(t, nil)
	v2, v3 := c.v2(t), c.v3(t)
	zip := makeZip(t, "a", "1")
	publish(t, v3, "layer", zip)
	publish(t, v3, "layer", zip)
	if _, err := v3.PutLayerACL(tea.String("layer"), &fc3.PutLayerACLRequest{Acl: tea.String("1")}); err != nil {
		t.Fatal(err)
	}
	if _, err := v3.DeleteLayerVersion(tea.String("layer"), tea.String("2")); err != nil {
		t.Fatal(err)
	}
	newService(t, v2, "svc")
	if _, err := v2.CreateFunction(tea.String("svc"), newFunction2("fn", zip, arn("layer", 1))); err != nil {
		t.Fatal(err)
	}
	if _, err := createFunction3(v3, newFunction3("fn", zip, arn("layer", 1))); err != nil {
		t.Fatal(err)
	}
	if _, err := v2.PublishServiceVersion(tea.String("svc"), &fc2.PublishServiceVersionRequest{Description: tea.String("d")}); err != nil {
		t.Fatal(err)
	}
	if _, err := v3.PublishFunctionVersion(tea.String("fn"), &fc3.PublishFunctionVersionRequest{}); err != nil {
		t.Fatal(err)
	}
	before := snapshot(t, v2, v3)
	c.restart(t, nil)
	if after := snapshot(t, v2, v3); after != before {
		t.Errorf("before %s\nafter %s", before, after)
	}
	if n := publish(t, v3, "layer", zip); n != 3 {
		t.Errorf("version is %d, want 3", n)
	}
}

// snapshot describes what TestRestart made.
func snapshot(t *testing.T, v2 *fc2.Client, v3 *fc3.Client) string {
	t.Helper()
	layers, err := v3.ListLayerVersions(tea.String("layer"), &fc3.ListLayerVersionsRequest{})
	if err != nil {
		t.Fatal(err)
	}
	service, err := v2.GetService(tea.String("svc"), &fc2.GetServiceRequest{})
	if err != nil {
		t.Fatal(err)
	}
	old, err := v2.GetFunction(tea.String("svc"), tea.String("fn"), &fc2.GetFunctionRequest{Qualifier: tea.String("1")})
	if err != nil {
		t.Fatal(err)
	}
	current, err := v3.GetFunction(tea.String("fn"), &fc3.GetFunctionRequest{})
	if err != nil {
		t.Fatal(err)
	}
	versions, err := v3.ListFunctionVersions(tea.String("fn"), &fc3.ListFunctionVersionsRequest{})
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(layers.Body, service.Body, old.Body, current.Body, versions.Body)
}

func TestStateOfNoUse(t *testing.T) {
	for _, name := range []string{"layers", "services", "functions"} {
		c := start(t, nil)
		if err := os.MkdirAll(filepath.Join(c.folder, name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(c.folder, name, "x.json"), []byte("{"), 0o600); err != nil {
			t.Fatal(err)
		}
		folder, err := disk.Open(c.folder)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := fc.New(fc.Options{Folder: folder, Catalogue: catalogue(t)}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := fc.New(fc.Options{Catalogue: &runtimes.Catalogue{}}); err == nil {
		t.Error("no error without the services in the catalogue")
	}
}

// TestAtOnce: numbers are given out once, whoever asks. The SDK's client is
// not safe to be used at once.
func TestAtOnce(t *testing.T) {
	c := start(t, nil)
	body := fmt.Sprintf(`{"code":{"zipFile":"%s"}}`, *inline3(makeZip(t, "a", "1")).Code.ZipFile)
	var wg sync.WaitGroup
	replies := make([]reply, 16)
	for i := range replies {
		wg.Go(func() {
			replies[i] = request{method: "POST", path: "/2023-03-30/layers/layer/versions", body: body}.do(t, c)
		})
	}
	wg.Wait()
	seen := map[any]bool{}
	for _, a := range replies {
		n := object(t, a.body)["version"]
		if a.status != 200 || seen[n] {
			t.Fatalf("%d %s", a.status, a.body)
		}
		seen[n] = true
	}
}
