package pipeline

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/manifest"
	"github.com/layerbuild/layerbuild/pipeline/journal"
	"github.com/layerbuild/layerbuild/publisher"
	"github.com/layerbuild/layerbuild/uploader"
)

// parallelRegions bounds how many regions are worked on at once. They wait for
// the network and not for each other; the bound is for open connections.
const parallelRegions = 64

// A Cloud is one account in one region, as an item needs it.
type Cloud struct {
	// Uploader is nil when zips go inline.
	Uploader  uploader.Uploader
	Publisher publisher.Publisher
}

// Until says how far a run goes.
type Until string

// How far a run goes.
const (
	// ToShare is a whole run.
	ToShare Until = "share"
	// ToUpload stops when the objects are uploaded.
	ToUpload Until = "upload"
)

// Publication is how a plan is published.
type Publication struct {
	// Connect makes the clients of one item's region.
	Connect func(ctx context.Context, i Item) (Cloud, error)
	Until   Until
	// Yes shares also where that opens older versions.
	Yes bool
	// Republish makes new versions where the content is published already
	// and only what a version declares has changed.
	Republish bool
	// OnlyMissing leaves out, without a request, what the journal says was
	// finished.
	OnlyMissing bool
	// FailFast ends the run at the first failure. What was begun is settled
	// by the next run.
	FailFast bool
	// Journal remembers what was done. May be nil: then an interrupted run's
	// requests are unknown to the next.
	Journal *journal.Journal
	// Endpoint names the address that an item's functions are at, "" for the
	// vendor's: the same region elsewhere is another one in the journal. May
	// be nil.
	Endpoint func(i Item) string
	// Now is the clock of receipts.
	Now func() time.Time
	// Record is called with each finished item, from one goroutine at a
	// time, before the run goes on; may be nil.
	Record func(Receipt) error
	// Tell is told what is being done, from any goroutine; may be nil.
	Tell func(Event)
}

// Publish brings every item to its region and returns a receipt for each, in
// the order of the plan. Regions run side by side: one that fails or hangs
// fails its own items only, within its target's time limit. Failures are in
// the receipts, see [Receipt.Err].
//
// A region that was named by a pattern only, and whose answer is that of one
// that the account has not enabled, is skipped if the same credentials work
// elsewhere.
func Publish(ctx context.Context, p *Plan, built []Built, how Publication) []Receipt {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	receipts := make([]Receipt, len(p.Items))
	var recording sync.Mutex
	// What an interrupted run left to wait for is not held against a region.
	pending := func(i int) time.Duration {
		log := record{journal: how.Journal, key: keyOf(p.Items[i], built[p.Items[i].Product], how.Endpoint)}
		return log.state().Pending
	}
	p.each(ctx, how.Connect, pending, func(ctx context.Context, cloud Cloud, i int, err error) {
		item, b := p.Items[i], built[p.Items[i].Product]
		r := newReceipt(item, b, p.Manifest.Layer)
		if err == nil {
			err = ctx.Err()
		}
		if err == nil {
			err = how.item(ctx, cloud, item, b, p.Manifest.Layer, &r)
		}
		r.fail(withCause(ctx, err))
		r.At = how.Now().UTC().Format(time.RFC3339)
		recording.Lock()
		defer recording.Unlock()
		if how.Record != nil && r.Err == nil && r.Status != Skipped {
			r.fail(how.Record(r))
		}
		r.skipStopped()
		if how.FailFast && r.Err != nil && !notEnabled(item, r.Err) {
			stop(&stoppedError{first: r.Where()})
		}
		receipts[i] = r
	})
	skipNotEnabled(p, receipts)
	return receipts
}

// A stoppedError ends what is still to do after a failure.
type stoppedError struct{ first string }

func (e *stoppedError) Error() string {
	return fmt.Sprintf("stopped after the failure of %s (--fail-fast)", e.first)
}

// skipStopped makes an item that was only stopped one that was skipped, unless
// a version may have come of it.
func (r *Receipt) skipStopped() {
	var stopped *stoppedError
	var f *layer.Fault
	if !errors.As(r.Err, &stopped) || errors.As(r.Err, &f) && f.Unknown {
		return
	}
	r.Err, r.Error = nil, ""
	r.Status, r.Reason = Skipped, stopped.Error()
}

// each calls work for every item, the items of a region one after the other,
// regions side by side and each within its target's time limit, after what
// waiting (which may be nil) grants on top of it. An error is why there is no
// connection.
func (p *Plan) each(ctx context.Context, connect func(context.Context, Item) (Cloud, error), waiting func(i int) time.Duration, work func(ctx context.Context, c Cloud, i int, err error)) {
	slots := make(chan struct{}, parallelRegions)
	var wg sync.WaitGroup
	for _, items := range p.byRegion() {
		wg.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			first := p.Items[items[0]]
			ctx := ctx
			if t := first.Target.Timeout; t > 0 {
				limit := t
				for _, i := range items {
					if waiting != nil {
						limit += waiting(i)
					}
				}
				var cancel context.CancelFunc
				ctx, cancel = context.WithTimeoutCause(ctx, limit, &TimeoutError{Limit: t})
				defer cancel()
			}
			cloud, err := connect(ctx, first)
			if err != nil {
				err = fmt.Errorf("connecting: %w", err)
			}
			for _, i := range items {
				work(ctx, cloud, i, err)
			}
		})
	}
	wg.Wait()
}

// byRegion groups the indexes of items that share a target and region.
func (p *Plan) byRegion() [][]int {
	type key struct {
		where, account, profile, bucket, path string
	}
	var order []key
	groups := map[key][]int{}
	for i, item := range p.Items {
		k := key{item.Where(), item.Target.Account, item.Target.Profile, item.Bucket, item.Target.Path}
		if _, ok := groups[k]; !ok {
			order = append(order, k)
		}
		groups[k] = append(groups[k], i)
	}
	list := make([][]int, len(order))
	for i, k := range order {
		list[i] = groups[k]
	}
	return list
}

// withCause makes an error that only says "canceled" say why.
func withCause(ctx context.Context, err error) error {
	if err == nil || ctx.Err() == nil || errors.Is(err, context.Cause(ctx)) {
		return err
	}
	return fmt.Errorf("%w (%w)", context.Cause(ctx), err)
}

func sharing(t manifest.Target) publisher.Sharing {
	return publisher.Sharing{
		Private: t.Share.Private, Public: t.Share.Public,
		Accounts: t.Share.Accounts, Organization: t.Share.Organization,
	}
}

// A TimeoutError says that a region did not finish within its target's limit.
type TimeoutError struct{ Limit time.Duration }

func (e *TimeoutError) Error() string {
	return fmt.Sprintf("time limit of %s reached (target.timeout)", e.Limit)
}
