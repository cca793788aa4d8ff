// Package weather makes the sandbox as unreliable as the real clouds are on a
// bad day, and the same every time: slow, with requests that go wrong, with
// regions that hang.
package weather

import (
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/layerbuild/layerbuild/sandbox"
)

// A Forecast says what the weather is like. The zero value is fair.
type Forecast struct {
	// Latency is what every request takes longer.
	Latency time.Duration
	// Fail is the share of requests that go wrong, from 0 to 1. As many of
	// them are throttled, with a Retry-After of a second, as are answered 500,
	// answered 503, cut before the service acts, and cut after it has acted,
	// so that the answer is lost.
	Fail float64
	// Hang are regions whose requests get no answer. See [Region] for what a
	// request's region is.
	Hang []string
	// Late is how long requests that publish a layer version wait, once they
	// have arrived whole, before they are acted on, even if the client is gone
	// by then.
	Late time.Duration
	// Seed chooses which requests go wrong, and how.
	Seed uint64
}

// Check says what is wrong with a forecast.
func (f Forecast) Check() error {
	switch {
	case f.Latency < 0:
		return fmt.Errorf("latency %s is negative", f.Latency)
	case f.Late < 0:
		return fmt.Errorf("lateness %s is negative", f.Late)
	case !(f.Fail >= 0 && f.Fail <= 1): // NaN is neither
		return fmt.Errorf("share %g of requests that fail: want 0 to 1", f.Fail)
	case slices.Contains(f.Hang, ""):
		return errors.New("a hanging region has no name")
	}
	return nil
}

// Fault returns a sandbox.Options.Fault. What happens to a request depends on
// the seed and on how many requests of its method, operation, path and region
// came before it: not on what else goes on in other regions at the same time.
func (f Forecast) Fault() func(*http.Request) sandbox.Fault {
	var t turns
	return func(r *http.Request) sandbox.Fault {
		fault := sandbox.Fault{Delay: f.Latency}
		region := Region(r)
		if region != "" && slices.Contains(f.Hang, region) {
			fault.Hang = true
			return fault
		}
		if Publishes(r) {
			fault.Late = f.Late
		}
		if f.Fail == 0 {
			return fault
		}
		chance := rand.New(rand.NewPCG(f.Seed, t.next(region+" "+r.Method+" "+r.URL.Path+" "+r.Header.Get("X-Tc-Action"))))
		if chance.Float64() >= f.Fail {
			return fault
		}
		switch chance.IntN(5) {
		case 0:
			fault.Status, fault.RetryAfter = http.StatusTooManyRequests, time.Second
		case 1:
			fault.Status = http.StatusInternalServerError
		case 2:
			fault.Status = http.StatusServiceUnavailable
		case 3:
			fault.Cut = sandbox.CutBefore
		case 4:
			fault.Cut = sandbox.CutAfter
		}
		return fault
	}
}

// turns counts requests that are alike.
type turns struct {
	mu   sync.Mutex
	seen map[string]int
}

// next returns a number of its own for each request like this one.
func (t *turns) next(like string) uint64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.seen == nil {
		t.seen = map[string]int{}
	}
	t.seen[like]++
	h := fnv.New64a()
	h.Write([]byte(like + " " + strconv.Itoa(t.seen[like])))
	return h.Sum64()
}

// Publishes says whether a request makes a layer version, in any of the clouds.
func Publishes(r *http.Request) bool {
	if action := r.Header.Get("X-Tc-Action"); action != "" {
		return action == "PublishLayerVersion"
	}
	// POST /2018-10-31/layers/NAME/versions, and the same behind the dates of
	// Function Compute.
	part := strings.Split(r.URL.Path, "/")
	return r.Method == http.MethodPost && len(part) == 5 && part[2] == "layers" && part[4] == "versions"
}
