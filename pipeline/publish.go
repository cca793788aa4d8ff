package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"sync"
	"time"

	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/manifest"
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
	// ToFind only looks, and changes nothing.
	ToFind Until = "find"
)

// Publication is how a plan is published.
type Publication struct {
	// Connect makes the clients of one item's region.
	Connect func(ctx context.Context, i Item) (Cloud, error)
	Until   Until
	// Yes shares also where that opens older versions.
	Yes bool
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
func Publish(ctx context.Context, p *Plan, built []Built, how Publication) []Receipt {
	receipts := make([]Receipt, len(p.Items))
	var record sync.Mutex
	p.each(ctx, how.Connect, func(ctx context.Context, cloud Cloud, i int, err error) {
		item, b := p.Items[i], built[p.Items[i].Product]
		r := newReceipt(item, b, p.Manifest.Layer)
		if err == nil {
			err = withCause(ctx, how.item(ctx, cloud, item, b, p.Manifest.Layer, &r))
		}
		r.fail(err)
		r.At = how.Now().UTC().Format(time.RFC3339)
		record.Lock()
		defer record.Unlock()
		if how.Record != nil && r.Err == nil && how.Until != ToFind {
			r.fail(how.Record(r))
		}
		receipts[i] = r
	})
	return receipts
}

// each calls work for every item, the items of a region one after the other,
// regions side by side and each within its target's time limit. An error is
// why there is no connection.
func (p *Plan) each(ctx context.Context, connect func(context.Context, Item) (Cloud, error), work func(ctx context.Context, c Cloud, i int, err error)) {
	slots := make(chan struct{}, parallelRegions)
	var wg sync.WaitGroup
	for _, items := range p.byRegion() {
		wg.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			first := p.Items[items[0]]
			ctx := ctx
			if t := first.Target.Timeout; t > 0 {
				var cancel context.CancelFunc
				ctx, cancel = context.WithTimeoutCause(ctx, t, &TimeoutError{Limit: t})
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

func (how Publication) item(ctx context.Context, cloud Cloud, item Item, b Built, l manifest.Layer, r *Receipt) error {
	a := b.Artifact
	switch how.Until {
	case ToFind:
		return find(ctx, cloud, b, r)
	case ToUpload:
		return how.upload(ctx, cloud, item, b, r)
	}
	request := publisher.Request{
		Name: b.Product.Name, Description: l.Description, License: l.License,
		Runtimes: item.Runtimes, Architectures: item.Architectures, Artifact: a,
	}
	if item.Target.Marker {
		request.Description = publisher.Describe(l.Description, a.Digests)
	}
	if b.Product.Service.Limits.NoLicense {
		request.License = ""
	}
	var upload func(context.Context) (layer.Object, error)
	if cloud.Uploader != nil {
		upload = func(ctx context.Context) (layer.Object, error) {
			err := how.upload(ctx, cloud, item, b, r)
			return r.object(), err
		}
	}
	outcome, err := publisher.Publish(ctx, cloud.Publisher, request, upload, publisher.Options{
		Sharing: sharing(item.Target), Yes: how.Yes,
		Tell: func(text string) {
			how.tell(Event{Step: "publishing", Product: b.Product.String(), Where: item.Where(), Text: text})
		},
	})
	r.version(outcome)
	return err
}

func (how Publication) upload(ctx context.Context, cloud Cloud, item Item, b Built, r *Receipt) error {
	if cloud.Uploader == nil {
		r.Status, r.Reason = Skipped, "no bucket: the zip goes in the publish request"
		return nil
	}
	key := uploader.Key(item.Prefix, b.Product.Name, b.Artifact.Digests)
	how.tell(Event{Step: "uploading", Product: b.Product.String(), Where: item.Where(), Text: key})
	object, uploaded, err := uploader.Upload(ctx, cloud.Uploader, key, b.Artifact, nil)
	if err != nil {
		return err
	}
	r.Object = &object
	r.Status, r.Reason = Uploaded, ""
	if !uploaded {
		r.Status, r.Reason = Unchanged, "the object is there with the same digest"
	}
	return nil
}

func find(ctx context.Context, cloud Cloud, b Built, r *Receipt) error {
	v, err := cloud.Publisher.Find(ctx, b.Product.Name, b.Artifact.Digests)
	if errors.Is(err, fs.ErrNotExist) {
		r.Status, r.Reason = Planned, "no version has these bytes"
		return nil
	}
	if err != nil {
		return err
	}
	r.version(publisher.Outcome{Version: v, Status: publisher.Unchanged, Reason: "a version has these bytes"})
	return nil
}

func (how Publication) tell(e Event) {
	if how.Tell != nil {
		how.Tell(e)
	}
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
