// Package rate keeps all requests of a run below what each service takes from
// an account in a region, however much of the run's work goes on at once.
package rate

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/layerbuild/layerbuild/internal/poll"
)

// A Key is what a service counts requests by.
type Key struct{ Service, Account, Region string }

// Buckets are the token buckets of one run. The zero value is ready, and safe
// for concurrent use.
type Buckets struct {
	mu  sync.Mutex
	all map[Key]*Bucket
}

// Of returns the bucket of a key, the same each time. The first caller says how
// fast it is: perSecond requests a second in the long run, 0 for any number,
// and within no second more than most, which is the service's own limit and
// above perSecond. The difference, or one where there is none, may go out at
// once after a pause.
func (b *Buckets) Of(k Key, perSecond, most int) *Bucket {
	b.mu.Lock()
	defer b.mu.Unlock()
	bucket := b.all[k]
	if bucket == nil {
		bucket = newBucket(perSecond, most)
		if b.all == nil {
			b.all = map[Key]*Bucket{}
		}
		b.all[k] = bucket
	}
	return bucket
}

// A Use is what went through one bucket.
type Use struct {
	Key
	// Requests is how many went out, Waits how many of them had to wait, and
	// Waited the sum of their waits, of which many pass at the same time.
	Requests, Waits int
	Waited          time.Duration
}

// Uses returns what went through each bucket so far, sorted by the keys.
func (b *Buckets) Uses() []Use {
	b.mu.Lock()
	defer b.mu.Unlock()
	var list []Use
	for _, k := range slices.SortedFunc(maps.Keys(b.all), compare) {
		use := b.all[k].used()
		use.Key = k
		list = append(list, use)
	}
	return list
}

func compare(a, b Key) int {
	return cmp.Or(
		cmp.Compare(a.Service, b.Service), cmp.Compare(a.Account, b.Account), cmp.Compare(a.Region, b.Region),
	)
}

// A Bucket says when requests may go out. It is safe for concurrent use.
type Bucket struct {
	mu      sync.Mutex
	limiter *rate.Limiter
	use     Use
}

func newBucket(perSecond, most int) *Bucket {
	if perSecond == 0 {
		return &Bucket{limiter: rate.NewLimiter(rate.Inf, 0)}
	}
	// A full bucket gives burst requests at once and, before a second is
	// over, up to perSecond that came in meanwhile.
	burst := max(1, most-perSecond)
	return &Bucket{limiter: rate.NewLimiter(rate.Limit(perSecond), burst)}
}

// Wait returns when a request may go out, to those who wait in the order in
// which they came, or with the context's error.
func (b *Bucket) Wait(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	turn, delay := b.reserve()
	if delay > 0 {
		if err := poll.Sleep(ctx, delay); err != nil {
			b.giveBack(turn)
			return err
		}
	}
	b.count(delay)
	return nil
}

// reserve takes the next turn. The limiter reads the clock before it takes its
// own lock: with two callers its time could run backwards, and the same moment
// fill the bucket twice.
func (b *Bucket) reserve() (turn *rate.Reservation, delay time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	turn = b.limiter.Reserve()
	return turn, turn.Delay()
}

func (b *Bucket) giveBack(turn *rate.Reservation) {
	b.mu.Lock()
	defer b.mu.Unlock()
	turn.Cancel()
}

func (b *Bucket) count(delay time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.use.Requests++
	if delay > 0 {
		b.use.Waits++
		b.use.Waited += delay
	}
}

func (b *Bucket) used() Use {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.use
}
