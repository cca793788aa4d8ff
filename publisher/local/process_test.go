package local

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/publisher"
)

// TestProcesses has several processes publish at once, one of which is killed:
// no number is taken twice, and what has a document is whole.
func TestProcesses(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "registry")
	const processes, each = 4, 12
	var wg sync.WaitGroup
	var sums []string
	for i := range processes {
		r := request(t, strings.Repeat(fmt.Sprint("process ", i, " "), 1<<12))
		sums = append(sums, r.Artifact.Digests.SHA256.String())
		program := exec.Command(os.Args[0], "-test.run=^TestPublishProcess$")
		program.Env = append(os.Environ(), "REGISTRY="+folder, "ARTIFACT="+r.Artifact.Path, fmt.Sprint("TIMES=", each))
		if err := program.Start(); err != nil {
			t.Fatal(err)
		}
		wg.Go(func() {
			if i == 0 { // in the middle of its work
				waitFor(t, filepath.Join(folder, "layers", "web", "9.json"))
				_ = program.Process.Kill()
				_ = program.Wait()
			} else if err := program.Wait(); err != nil {
				t.Errorf("process %d: %v", i, err)
			}
		})
	}
	wg.Wait()
	p := New(folder)
	list, err := p.Versions(t.Context(), "web")
	if err != nil || len(list) < (processes-1)*each || len(list) > processes*each {
		t.Fatalf("there are %d versions, error %v", len(list), err)
	}
	made := map[string]int{}
	for i, v := range list {
		got, err := p.Get(t.Context(), "web", v.Number)
		if err != nil || !reflect.DeepEqual(got, v) {
			t.Errorf("version %d is %+v, error %v", v.Number, got, err)
		}
		if i > 0 && v.Number >= list[i-1].Number {
			t.Errorf("version %d comes after version %d", v.Number, list[i-1].Number)
		}
		made[v.SHA256]++
	}
	for i, sum := range sums {
		if n := made[sum]; n > each || i > 0 && n < each {
			t.Errorf("process %d made %d versions, want %d", i, n, each)
		}
	}
}

// waitFor waits until a file is there.
func waitFor(t *testing.T, path string) {
	t.Helper()
	for range 1000 {
		if _, err := os.Stat(path); err == nil {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("%q does not come into being", path)
}

// TestPublishProcess is one of the processes.
func TestPublishProcess(t *testing.T) {
	folder, times := os.Getenv("REGISTRY"), 0
	if folder == "" {
		t.Skip("this is a part of another test")
	}
	if _, err := fmt.Sscan(os.Getenv("TIMES"), &times); err != nil {
		t.Fatal(err)
	}
	r := publisher.Request{Name: "web", Artifact: layer.Artifact{Path: os.Getenv("ARTIFACT")}}
	for range times {
		publish(t, New(folder), r)
	}
}
