package scf_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	tencent "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/scf/v20180416"

	"github.com/layerbuild/layerbuild/sandbox/disk"
	"github.com/layerbuild/layerbuild/sandbox/scf"
)

// TestPolls: a version is ready after it was asked for so many times, over
// restarts, too; asking for lists does not count.
func TestPolls(t *testing.T) {
	wait := func(o *scf.Options) { o.Wait = scf.Wait{Polls: 3} }
	c := start(t, wait)
	api := c.client(t, "ap-guangzhou")
	publish(t, api, inline("good", makeZip(t, "a", "1")))
	publish(t, api, inline("bad", []byte("no zip")))
	list := tencent.NewListLayersRequest()
	for i, want := range []struct{ good, bad string }{
		{"Publishing", "Publishing"}, {"Publishing", "Publishing"}, {"Publishing", "Publishing"}, {"Active", "PublishFailed"}, {"Active", "PublishFailed"},
	} {
		listed, err := api.ListLayers(list)
		if err != nil {
			t.Fatal(err)
		}
		if bad, good := *listed.Response.Layers[0].Status, *listed.Response.Layers[1].Status; good != want.good || bad != want.bad {
			t.Errorf("list %d: %s, %s", i, good, bad)
		}
		if good, bad := *get(t, api, "good", 1).Status, *get(t, api, "bad", 1).Status; good != want.good || bad != want.bad {
			t.Errorf("poll %d: %s, %s", i, good, bad)
		}
		if i%2 == 0 {
			c.restart(t, wait)
		}
	}
}

// TestWaitDefault: one poll is the default.
func TestWaitDefault(t *testing.T) {
	c := start(t, func(o *scf.Options) { o.Wait = scf.Wait{} })
	api := c.client(t, "ap-guangzhou")
	publish(t, api, inline("layer", makeZip(t, "a", "1")))
	if first, second := *get(t, api, "layer", 1).Status, *get(t, api, "layer", 1).Status; first != "Publishing" || second != "Active" {
		t.Errorf("%s, then %s", first, second)
	}
}

func TestTimePasses(t *testing.T) {
	c := start(t, func(o *scf.Options) { o.Wait = scf.Wait{Polls: -1, Time: time.Minute} })
	api := c.client(t, "ap-guangzhou")
	publish(t, api, inline("layer", makeZip(t, "a", "1")))
	for _, want := range []string{"Publishing", "Publishing", "Active"} {
		if got := *get(t, api, "layer", 1).Status; got != want {
			t.Errorf("status is %s, want %s", got, want)
		}
		c.now = c.now.Add(30 * time.Second)
	}
}

// TestRestart: everything is there again.
func TestRestart(t *testing.T) {
	c := start(t, nil)
	api := c.client(t, "ap-guangzhou")
	zip := makeZip(t, "a", "1")
	publish(t, api, inline("layer", zip))
	publish(t, api, inline("layer", zip))
	if err := remove(api, "layer", 2); err != nil {
		t.Fatal(err)
	}
	space := tencent.NewCreateNamespaceRequest()
	space.Namespace = common.StringPtr("other")
	if _, err := api.CreateNamespace(space); err != nil {
		t.Fatal(err)
	}
	create(t, api, newFunction("fn", "other", zip, "layer", 1))
	c.restart(t, nil)
	if got := get(t, api, "layer", 1); *got.CodeSha256 != sum(zip) || *got.Status != "Active" {
		t.Errorf("%+v", got)
	}
	if out := getFunction(t, api, "fn", "other"); *out.Layers[0].LayerVersion != 1 || *out.CodeSize != int64(len(zip)) {
		t.Errorf("%+v", out)
	}
	if n := publish(t, api, inline("layer", zip)); n != 3 {
		t.Errorf("version is %d, want 3", n)
	}
}

func TestStateOfNoUse(t *testing.T) {
	for _, name := range []string{"layers", "functions", "namespaces"} {
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
		if _, err := scf.New(scf.Options{Folder: folder, Catalogue: catalogue(t)}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
