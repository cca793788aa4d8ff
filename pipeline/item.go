package pipeline

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/manifest"
	"github.com/layerbuild/layerbuild/pipeline/journal"
	"github.com/layerbuild/layerbuild/publisher"
	"github.com/layerbuild/layerbuild/uploader"
)

// item brings one item to its region.
func (how Publication) item(ctx context.Context, cloud Cloud, item Item, b Built, l manifest.Layer, r *Receipt) error {
	log := record{journal: how.Journal, key: keyOf(item, b, how.Endpoint)}
	known := log.state()
	if how.OnlyMissing && known.Done {
		r.known(known)
		return nil
	}
	if how.Until == ToUpload {
		return how.upload(ctx, cloud, item, b, r)
	}
	var upload func(context.Context) (layer.Object, error)
	if cloud.Uploader != nil {
		upload = func(ctx context.Context) (layer.Object, error) {
			err := how.upload(ctx, cloud, item, b, r)
			if err == nil {
				err = log.note(journal.Line{Step: journal.Uploaded})
			}
			return r.object(), err
		}
	}
	wanted := sharing(item.Target)
	out, err := publisher.Publish(ctx, cloud.Publisher, request(item, b, l), upload, publisher.Options{
		Sharing: wanted, Yes: how.Yes, Republish: how.Republish,
		Known: known.Version, Pending: known.Pending,
		Before:  log.publishing,
		Settled: log.settled,
		Tell: func(text string) {
			how.tell(Event{Step: "publishing", Product: b.Product.String(), Where: item.Where(), Text: text})
		},
	})
	r.version(out)
	return errors.Join(err, log.finish(out, wanted, err))
}

// request is what an item's version is made from; the object is missing.
func request(item Item, b Built, l manifest.Layer) publisher.Request {
	r := publisher.Request{
		Name: b.Product.Name, Description: l.Description, License: l.License,
		Runtimes: item.Runtimes, Architectures: item.Architectures, Artifact: b.Artifact,
	}
	if item.Target.Marker {
		r.Description = publisher.Describe(l.Description, b.Artifact.Digests)
	}
	if b.Product.Service.Limits.NoLicense {
		r.License = ""
	}
	return r
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

func (how Publication) tell(e Event) {
	if how.Tell != nil {
		how.Tell(e)
	}
}

func keyOf(item Item, b Built, endpoint func(Item) string) journal.Key {
	k := journal.Key{
		Target: item.Where(), Account: cmp.Or(item.Target.Account, item.Target.Profile, item.Target.Path),
		Name: b.Product.Name, SHA256: b.Artifact.Digests.SHA256,
	}
	if endpoint != nil {
		k.Endpoint = endpoint(item)
	}
	return k
}

// A record is one item's part of the journal, or of none.
type record struct {
	journal *journal.Journal
	key     journal.Key
	// before is what the journal said when the item was begun.
	before journal.State
	// asked says that a publish request was announced.
	asked bool
}

func (l *record) state() journal.State {
	if l.journal != nil {
		l.before = l.journal.State(l.key)
	}
	return l.before
}

func (l *record) note(line journal.Line) error {
	if l.journal == nil {
		return nil
	}
	line.Key = l.key
	return l.journal.Note(line)
}

// publishing announces a request.
func (l *record) publishing(within time.Duration) error {
	l.asked = true
	return l.note(journal.Line{Step: journal.Publishing, Within: within})
}

// settled notes a version that is certain, if that is news.
func (l *record) settled(v layer.Version) error {
	news := l.asked || l.before.Pending > 0 || l.before.Version != v.Number
	if !news {
		return nil
	}
	return l.note(journal.Line{Step: journal.Published, Version: v.Number, ARN: v.ARN})
}

// finish notes how the item ended.
func (l *record) finish(out publisher.Outcome, wanted publisher.Sharing, err error) error {
	if err != nil {
		var f *layer.Fault
		if unknown := errors.As(err, &f) && f.Unknown; l.asked && !unknown && out.Version.Number == 0 {
			return l.note(journal.Line{Step: journal.Refused})
		}
		return nil
	}
	line := journal.Line{Version: out.Version.Number, ARN: out.Version.ARN}
	if len(wanted.Wanted()) > 0 && out.Status != publisher.Unchanged {
		line.Step = journal.Shared
		if err := l.note(line); err != nil {
			return err
		}
	}
	if l.before.Done && !l.asked && l.before.Version == out.Version.Number {
		return nil
	}
	line.Step = journal.Done
	return l.note(line)
}

// known fills in what the journal says was finished.
func (r *Receipt) known(s journal.State) {
	r.Version = s.Version
	if s.ARN != "" {
		r.ARN = &s.ARN
	}
	r.Status, r.Reason = Skipped, fmt.Sprintf("version %d was finished by an earlier run (--only-missing)", s.Version)
}

const reasonNotEnabled = "the region is not enabled for the account"

// skipNotEnabled makes failures of regions that a pattern brought in, and that
// answered as one does that the account has not enabled, into skipped items,
// if the same credentials were accepted in another region.
func skipNotEnabled(p *Plan, receipts []Receipt) {
	accepted := func(j int) bool { return receipts[j].Err == nil && receipts[j].Status != Skipped }
	for i := range receipts {
		if r := &receipts[i]; notEnabled(p.Items[i], r.Err) && p.acceptedElsewhere(i, accepted) {
			r.Err, r.Error, r.Status, r.Reason = nil, "", Skipped, reasonNotEnabled
		}
	}
}

// acceptedElsewhere reports whether the credentials of item i were accepted for
// another one.
func (p *Plan) acceptedElsewhere(i int, accepted func(j int) bool) bool {
	t := p.Items[i].Target
	for j, other := range p.Items {
		if other.Target.Cloud == t.Cloud && other.Target.Profile == t.Profile && accepted(j) {
			return true
		}
	}
	return false
}

func notEnabled(item Item, err error) bool {
	var f *layer.Fault
	return item.OptIn && errors.As(err, &f) && f.Region
}
