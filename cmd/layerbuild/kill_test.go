package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/layerbuild/layerbuild/runtimes"
	"github.com/layerbuild/layerbuild/sandbox"
	"github.com/layerbuild/layerbuild/sandbox/sandboxtest"
)

// killsVariable says at how many points the run for each cloud is killed: a
// few if it is not set.
const killsVariable = "LAYERBUILD_TEST_KILLS"

// killTimeout is the time limit of runs that are killed, and of those that
// finish what they left. Five seconds after it a killed publish request is
// settled.
const killTimeout = 4 * time.Second

// killLate is how long a request outlives the process that made it: less than
// the journal allows, and long enough for the next run to be there first.
const killLate = 2 * time.Second

const killManifest = `schema = 1
[layer]
name     = "web"
runtimes = ["python3.10"]
[[source]]
files = "src"
into  = "packages"
[[target]]
timeout = "%.0fs"
%s
`

// TestKill kills real processes of publish with SIGKILL at many points, has
// the sandbox finish what they had asked for, and publishes again until that
// is done: there must be one version in each region and one of each object.
func TestKill(t *testing.T) {
	t.Parallel()
	var wg sync.WaitGroup
	slots := make(chan struct{}, 12) // most of them only wait
	start := time.Now()
	var points, kills, runs atomic.Int64
	for cloud, target := range map[string]string{
		"aws":     "cloud = \"aws\"\nregions = [\"us-east-1\", \"eu-west-1\"]\nbucket = \"layers-{region}\"\nshare = [\"210987654321\"]",
		"aliyun":  "cloud = \"aliyun\"\nregions = [\"cn-hangzhou\", \"cn-shanghai\"]\nbucket = \"layers-{region}\"",
		"tencent": "cloud = \"tencent\"\nregions = [\"ap-guangzhou\", \"ap-beijing\"]\nbucket = \"layers-{region}-1250000000\"",
	} {
		s := newSite(t, fmt.Sprintf(killManifest, plenty.Seconds(), target))
		for _, p := range killPoints(t, s) {
			points.Add(1)
			slots <- struct{}{}
			wg.Go(func() {
				defer func() { <-slots }()
				k := &killer{point: p}
				n, err := killAt(t, s, k)
				if err != nil {
					t.Errorf("%s: %s: %v", cloud, p, err)
				}
				if k.killed {
					kills.Add(1)
				}
				runs.Add(int64(n))
			})
		}
	}
	wg.Wait()
	t.Logf("%d of %d killed, %d runs to finish what they left, in %s",
		kills.Load(), points.Load(), runs.Load(), time.Since(start).Round(time.Second))
	// A run can end just before it would be killed.
	if kills.Load() < points.Load()/2 {
		t.Error("too few were killed")
	}
}

// killPoints chooses among the requests of a run that nobody kills: those that
// publish, the last, and more at random.
func killPoints(t *testing.T, s site) []killPoint {
	t.Helper()
	var log sandboxtest.Log
	box := sandboxtest.Start(t, sandbox.Options{Log: log.Add})
	s, err := s.against(box, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if r := s.run("publish"); r.code != exitOK {
		t.Fatalf("publishing: %s", r)
	}
	requests := len(log.Records())
	points := []killPoint{
		{how: lost, n: 1, publish: true}, {how: late, n: 1, publish: true}, {how: late, n: 2, publish: true},
		{how: acted, n: 2, publish: true}, {how: acted, n: requests},
	}
	count := len(points)
	if text := os.Getenv(killsVariable); text != "" {
		if count, err = strconv.Atoi(text); err != nil {
			t.Fatalf("%s: %v", killsVariable, err)
		}
	}
	random := rand.New(rand.NewPCG(1, 0))
	for len(points) < count {
		how := []death{lost, late, acted, between}[random.IntN(4)]
		points = append(points, killPoint{how: how, n: 1 + random.IntN(requests)})
	}
	return points
}

// killAt kills one process, publishes to the end, and counts.
func killAt(t *testing.T, s site, k *killer) (runs int, err error) {
	catalogue, err := runtimes.Load()
	if err != nil {
		return 0, err
	}
	box, err := sandbox.New(sandbox.Options{Clock: time.Now, Catalogue: catalogue, Fault: k.fault, Log: k.record})
	if err != nil {
		return 0, err
	}
	defer box.Close()
	if err := box.Start(t.Context(), ""); err != nil {
		return 0, err
	}
	if s, err = s.against(box, t.TempDir()); err != nil {
		return 0, err
	}
	if err := s.patient(killTimeout); err != nil {
		return 0, err
	}
	if err := k.sacrifice(s.command("publish")); err != nil {
		return 0, err
	}
	// What waits for a killed request can take longer than a run may.
	var last *result
	for end := time.Now().Add(2 * time.Minute); last == nil || last.code != exitOK; runs++ {
		if time.Now().After(end) {
			return runs, fmt.Errorf("%d runs did not publish: %s", runs, last)
		}
		last = s.run("publish")
	}
	if err := k.settled(); err != nil {
		return runs, err
	}
	if err := once(k.log.Records()); err != nil {
		return runs, err
	}
	// Nothing is left to do.
	if err := s.patient(plenty); err != nil {
		return runs, err
	}
	if last = s.run("publish"); strings.Count(last.stdout.String(), "unchanged  ") != 2 || last.code != exitOK {
		return runs, fmt.Errorf("afterwards: %s", last)
	}
	return runs, once(k.log.Records())
}

// once wants a version in each of two regions, and an object for each.
func once(records []sandbox.Record) error {
	versions, objects := made(records)
	for _, counts := range []map[string]int{versions, objects} {
		if len(counts) != 2 {
			return fmt.Errorf("made were %v and %v, want two of each", versions, objects)
		}
		for what, n := range counts {
			if n != 1 {
				return fmt.Errorf("%s was made %d times", what, n)
			}
		}
	}
	return nil
}
