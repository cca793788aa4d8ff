package main

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/layerbuild/layerbuild/sandbox"
	"github.com/layerbuild/layerbuild/sandbox/sandboxtest"
	"github.com/layerbuild/layerbuild/sandbox/weather"
)

// hangingRegion is the one that does not answer, hangingLimit its time limit.
const (
	hangingRegion = "eu-south-2"
	hangingLimit  = 10 * time.Second
)

const thirtyManifest = `schema = 1
[layer]
name          = "web-{arch}"
runtimes      = ["python3.12"]
architectures = ["x86_64", "arm64"]
[[source]]
files = "src"
into  = "packages"
[[target]]
cloud   = "aws"
regions = ["%s"]
bucket  = "layers-{region}"
[[target]]
cloud   = "aws"
regions = ["%s"]
bucket  = "layers-{region}"
timeout = "%.0fs"
`

// answering are the twenty-nine others.
const answering = `us-east-1 us-east-2 us-west-1 us-west-2 af-south-1 ap-east-1 ap-northeast-1 ap-northeast-2 ap-northeast-3
ap-south-1 ap-south-2 ap-southeast-1 ap-southeast-2 ap-southeast-3 ap-southeast-4 ca-central-1 ca-west-1 eu-central-1
eu-central-2 eu-north-1 eu-south-1 eu-west-1 eu-west-2 eu-west-3 il-central-1 me-central-1 me-south-1 mx-central-1 sa-east-1`

// TestThirtyRegions publishes for two architectures to thirty regions, one of
// which hangs, while one request in twenty goes wrong: the others are done
// without waiting for it, a second run does what is missing, and there are
// sixty versions.
func TestThirtyRegions(t *testing.T) {
	t.Parallel()
	s := newSite(t, fmt.Sprintf(thirtyManifest, strings.Join(strings.Fields(answering), `", "`), hangingRegion, plenty.Seconds()))
	// With the first seed a publish request is throttled, and the answer to
	// another is lost. With the second, others are answered 500 and 503 and
	// cut: what may come of those is waited for, for two minutes.
	seeds := []uint64{77}
	if os.Getenv(killsVariable) != "" {
		seeds = append(seeds, 387)
	}
	for _, seed := range seeds {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			thirtyRegions(t, s, weather.Forecast{Latency: 50 * time.Millisecond, Fail: 0.05, Seed: seed})
		})
	}
}

func thirtyRegions(t *testing.T, s site, bad weather.Forecast) {
	undisturbed := newSky(t, s, bad).publish(t, exitOK)

	worse := bad
	worse.Hang = []string{hangingRegion}
	under := newSky(t, s, worse)
	if err := under.patient(hangingLimit); err != nil {
		t.Fatal(err)
	}
	first := under.publish(t, exitMixed)
	if first.status["created"] != 58 || first.status["failed"] != 2 {
		t.Errorf("the first run: %v", first.status)
	}
	for _, arch := range []string{"x86_64", "arm64"} {
		want := fmt.Sprintf("aws/%s: web-%s: time limit of %s reached", hangingRegion, arch, hangingLimit)
		if !strings.Contains(first.stderr.String(), want) {
			t.Errorf("want %q in %s", want, &first.stderr)
		}
	}
	if slower := first.others - undisturbed.others; slower >= hangingLimit {
		t.Errorf("the others took %s, %s longer than without the region that hangs", first.others, slower)
	}

	under.fault.Store(bad.Fault())
	if err := under.patient(plenty); err != nil {
		t.Fatal(err)
	}
	second := under.publish(t, exitOK)
	if second.status["created"] != 2 || second.status["unchanged"] != 58 {
		t.Errorf("the second run: %v", second.status)
	}
	versions, objects := made(under.log.Records())
	for what, n := range versions {
		if n != 1 {
			t.Errorf("%s was made %d times", what, n)
		}
	}
	if len(versions) != 60 || len(objects) != 60 {
		t.Errorf("%d versions and %d objects, want 60", len(versions), len(objects))
	}
	t.Logf("no region hangs: %s\none hangs: %s\nsecond run: %s\n%d versions", undisturbed, first, second, len(versions))
}

// A sky is a copy of a site under a sandbox whose weather can change.
type sky struct {
	site
	log   sandboxtest.Log
	fault atomic.Value
}

func newSky(t *testing.T, s site, f weather.Forecast) *sky {
	t.Helper()
	var k sky
	k.fault.Store(f.Fault())
	box := sandboxtest.Start(t, sandbox.Options{Log: k.log.Add, Fault: func(r *http.Request) sandbox.Fault {
		return k.fault.Load().(func(*http.Request) sandbox.Fault)(r)
	}})
	var err error
	if k.site, err = s.against(box, t.TempDir()); err != nil {
		t.Fatal(err)
	}
	return &k
}

// A publication is a run with what the sandbox saw of it.
type publication struct {
	*result
	status         map[string]int
	requests, kept int
	// others is how long the regions took that answer.
	others time.Duration
}

func (p publication) String() string {
	return fmt.Sprintf("%s, %s until the last answer of another region, %d requests, %d of them kept from the service, %v",
		p.took.Round(time.Millisecond), p.others.Round(time.Millisecond), p.requests, p.kept, p.status)
}

func (k *sky) publish(t *testing.T, code int) publication {
	t.Helper()
	before := len(k.log.Records())
	start := time.Now()
	p := publication{result: k.run("publish", "--json"), status: map[string]int{}}
	if p.code != code {
		t.Fatalf("want exit code %d: %s", code, p.result)
	}
	for _, i := range p.items(t) {
		p.status[i.Status]++
	}
	for _, r := range k.log.Records()[before:] {
		p.requests++
		if r.Faulty {
			p.kept++
		}
		if r.Region != hangingRegion {
			p.others = max(p.others, r.Time.Sub(start))
		}
	}
	return p
}
