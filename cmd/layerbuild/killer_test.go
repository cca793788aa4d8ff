package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os/exec"
	"sync"
	"time"

	"github.com/layerbuild/layerbuild/sandbox"
	"github.com/layerbuild/layerbuild/sandbox/sandboxtest"
	"github.com/layerbuild/layerbuild/sandbox/weather"
)

// A death is how a process dies at a request.
type death string

const (
	// lost: before the service acts, which never gets the request.
	lost death = "lost"
	// late: while the request is under way. The service acts on it later.
	late death = "late"
	// acted: after the service has acted, before it answers.
	acted death = "acted"
	// between: some time after the request came in.
	between death = "between"
)

// A killPoint is when a process dies: at its n-th request, or at the n-th that
// publishes.
type killPoint struct {
	how     death
	n       int
	publish bool
}

func (p killPoint) String() string {
	what := "request"
	if p.publish {
		what = "publish request"
	}
	return fmt.Sprintf("%s at %s %d", p.how, what, p.n)
}

// A killer watches a sandbox's requests come and, by the records, what was
// acted on but not answered yet.
type killer struct {
	point killPoint
	log   sandboxtest.Log

	mu   sync.Mutex
	kill func() bool // nil when there is nobody to kill
	// killed says that the process did not end by itself.
	killed bool
	// came and acted count requests, those before and after the service.
	came, acted tally
}

// A tally counts all requests and those that publish.
type tally struct{ all, publishing int }

func (c *tally) add(publishes bool) {
	c.all++
	if publishes {
		c.publishing++
	}
}

// reached says whether the request that was just added is the one.
func (p killPoint) reached(c tally, publishes bool) bool {
	if p.publish {
		return publishes && c.publishing == p.n
	}
	return c.all == p.n
}

func (k *killer) fault(r *http.Request) sandbox.Fault {
	k.mu.Lock()
	defer k.mu.Unlock()
	publishes := weather.Publishes(r)
	k.came.add(publishes)
	if k.kill == nil || !k.point.reached(k.came, publishes) {
		return sandbox.Fault{}
	}
	switch k.point.how {
	case lost:
		k.die()
		return sandbox.Fault{Cut: sandbox.CutBefore}
	case late:
		k.die()
		return sandbox.Fault{Late: killLate}
	case between:
		time.AfterFunc(rand.N(20*time.Millisecond), func() {
			k.mu.Lock()
			defer k.mu.Unlock()
			k.die()
		})
	case acted:
	}
	return sandbox.Fault{}
}

func (k *killer) record(r sandbox.Record) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.log.Add(r)
	publishes := r.Action == "PublishLayerVersion" || r.Action == "CreateLayerVersion"
	k.acted.add(publishes)
	if k.point.how == acted && k.point.reached(k.acted, publishes) {
		k.die()
	}
}

// die kills the process, if that was not done, and returns when it is gone.
func (k *killer) die() {
	if k.kill != nil {
		k.killed = k.kill()
		k.kill = nil
	}
}

// sacrifice runs a process until it is killed or ends.
func (k *killer) sacrifice(cmd *exec.Cmd) error {
	gone := make(chan struct{})
	k.mu.Lock()
	err := cmd.Start()
	if err == nil {
		k.kill = func() bool {
			err := cmd.Process.Kill()
			<-gone
			return err == nil // it has not ended by itself meanwhile
		}
	}
	k.mu.Unlock()
	if err != nil {
		return err
	}
	cmd.Wait() // how it ended is in its state
	close(gone)
	k.mu.Lock()
	defer k.mu.Unlock()
	k.kill = nil
	return nil
}

// settled waits until every request that came was acted on or given up.
func (k *killer) settled() error {
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		k.mu.Lock()
		done := k.came.all == k.acted.all
		k.mu.Unlock()
		if done {
			return nil
		}
	}
	return errors.New("a request never ends")
}
