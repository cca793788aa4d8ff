package scf

import (
	"context"
	"sync"
	"time"
)

const (
	// perSecond is the lasting rate and burst how many requests may come at
	// once: together no second has more than the 20 that the service takes of
	// each action.
	perSecond = 15
	burst     = 5
)

// A pace is a token bucket.
type pace struct {
	now   func() time.Time
	sleep func(context.Context, time.Duration) error

	mu sync.Mutex
	// due is when a request could go out if the bucket held no more than one.
	due time.Time
}

// wait returns when a request may go out.
func (p *pace) wait(ctx context.Context) error {
	const interval = time.Second / perSecond
	p.mu.Lock()
	now := p.now()
	if p.due.Before(now) {
		p.due = now
	}
	delay := p.due.Sub(now) - (burst-1)*interval
	p.due = p.due.Add(interval)
	p.mu.Unlock()
	if delay <= 0 {
		return ctx.Err()
	}
	return p.sleep(ctx, delay)
}
