package publisher

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/layerbuild/layerbuild/layer"
)

// A Status says what [Publish] did.
type Status string

// What Publish did.
const (
	// Created: a new version was made.
	Created Status = "created"
	// Unchanged: a version with the same content was there.
	Unchanged Status = "unchanged"
	// Updated: a version with the same content was there, and who may use it
	// was changed.
	Updated Status = "updated"
)

// An Outcome is what came of [Publish]. Next to an error it says how far things
// got: a version that is known to exist is in it.
type Outcome struct {
	Version layer.Version
	Status  Status
	// Reason says why the status is what it is.
	Reason string
	// Outdated says what of the version is not as the request has it, though
	// its content is: see [Outdated].
	Outdated []string
}

// Options are how to publish. The zero value leaves sharing alone, waits in
// real time and has the defaults named below.
type Options struct {
	Sharing Sharing
	// Yes agrees to share more than the version, where the cloud shares whole
	// layers. See [WholeSharer].
	Yes bool
	// Republish makes a new version where one with the same content has
	// another description, licence, runtimes or architectures, which no
	// service can change.
	Republish bool
	// Known is the number of a version that an earlier run published with this
	// content, 0 if none is known. It is asked for before all versions are
	// listed, where the service is a [Getter].
	Known int64
	// Attempts bounds how often one request is made, 5 by default.
	Attempts int
	// Timeout bounds one publish request: 2 minutes by default, and a second
	// more for every 100 kB that go in the request; never longer than what is
	// left of the context. An answer that did not come may have been lost on
	// the way back.
	Timeout time.Duration
	// Settle is how long after a lost answer a version may still appear, 5
	// seconds more than Timeout, or than 2 minutes, by default. After an
	// answer of the service itself that it failed, it is 5 seconds at most.
	Settle time.Duration
	// Pending is how long a version of an earlier run, of which no outcome is
	// known, may still appear. It is waited for before a new one is made.
	Pending time.Duration
	// Before is called before each publish request with the time, counted
	// from now, after which its version will have appeared if it ever does.
	// An error stops the request. It may be nil.
	Before func(within time.Duration) error
	// Settled is called with the version that has the content, found or made,
	// before it is shared. An error stops. It may be nil.
	Settled func(v layer.Version) error
	// Tell is told what is being waited for. It may be nil.
	Tell func(text string)
	// Sleep waits for d or returns the context's error, nil for a timer.
	Sleep func(ctx context.Context, d time.Duration) error
}

// Publish brings a layer's content into the cloud exactly once.
//
// A version with the same content is used if there is one, however it was
// made; with Republish only if it was declared as r says, too. Otherwise upload
// is called (nil when the zip goes in the request itself) and a version is
// published, and its checksum is compared with the artifact's. A version with
// another checksum is not shared, it is deleted, and the error wraps
// layer.ErrDigest. Last, sharing is made what o says.
//
// After a publish request whose answer was lost the version is looked for
// until o.Settle has passed, and only then published again. What the service
// did not do is retried with growing pauses, what it refused is not.
func Publish(ctx context.Context, p Publisher, r Request, upload func(context.Context) (layer.Object, error), o Options) (Outcome, error) {
	o = o.withDefaults()
	s := search{o: o, p: p, r: r}
	out, err := s.look(ctx)
	switch {
	case err == nil:
		return o.finish(ctx, p, out)
	case !errors.Is(err, fs.ErrNotExist):
		return Outcome{}, err
	}
	if upload != nil {
		if r.Object, err = upload(ctx); err != nil {
			return Outcome{}, err
		}
	}
	if out, err = o.create(ctx, &s, r); err != nil {
		return Outcome{}, fmt.Errorf("publishing layer %q: %w", r.Name, err)
	}
	return o.finish(ctx, p, out)
}

// Look returns what [Publish] would find before it makes anything, and changes
// nothing. The error wraps fs.ErrNotExist when Publish would make a version;
// then the outcome's Outdated is why one with the content will not do.
func Look(ctx context.Context, p Publisher, r Request, o Options) (Outcome, error) {
	s := search{o: o.withDefaults(), p: p, r: r}
	return s.look(ctx)
}

func (o Options) finish(ctx context.Context, p Publisher, out Outcome) (Outcome, error) {
	if o.Settled != nil {
		if err := o.Settled(out.Version); err != nil {
			return out, err
		}
	}
	return o.share(ctx, p, out)
}

func found(v layer.Version, r Request) Outcome {
	reason := "a version has these bytes"
	if v.Repacked {
		reason = "packed differently"
	}
	return Outcome{Version: v, Status: Unchanged, Reason: reason, Outdated: Outdated(v, r)}
}

// match compares the cloud's checksums with the artifact's.
func match(v layer.Version, d layer.Digests) error {
	switch {
	case v.SHA256 == "" && v.CRC64 == "":
		return fmt.Errorf("version %d has no checksum: %w", v.Number, layer.ErrDigest)
	case v.SHA256 != "" && v.SHA256 != d.SHA256.String():
		return fmt.Errorf("version %d has sha256 %s, sent was %s: %w", v.Number, v.SHA256, d.SHA256, layer.ErrDigest)
	case v.CRC64 != "" && v.CRC64 != d.CRC64Text():
		return fmt.Errorf("version %d has crc64 %s, sent was %s: %w", v.Number, v.CRC64, d.CRC64Text(), layer.ErrDigest)
	}
	return nil
}

// withdraw removes a version that must not be used, even when the run is being
// interrupted, and returns the cause with what else went wrong.
func withdraw(ctx context.Context, p Publisher, v layer.Version, cause error) error {
	const patience = 30 * time.Second
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	d, ok := p.(Deleter)
	if !ok {
		return fmt.Errorf("%w; it cannot be deleted here", cause)
	}
	if err := d.Delete(ctx, v); err != nil {
		return fmt.Errorf("%w; deleting it: %w", cause, err)
	}
	return fmt.Errorf("%w; it was deleted", cause)
}

func (o Options) share(ctx context.Context, p Publisher, out Outcome) (Outcome, error) {
	if o.Sharing.IsZero() {
		return out, nil
	}
	s, ok := p.(Sharer)
	if !ok {
		return out, fmt.Errorf("sharing layer %q: this cloud has no sharing", out.Version.Name)
	}
	changed := false
	err := o.consent(ctx, p, out)
	if err == nil {
		err = o.retry(ctx, func() error {
			again, err := s.Share(ctx, out.Version, o.Sharing)
			changed = changed || again // an attempt that failed may have done a part
			return err
		})
	}
	if err != nil {
		return out, fmt.Errorf("sharing version %d of layer %q: %w", out.Version.Number, out.Version.Name, err)
	}
	if changed && out.Status == Unchanged {
		out.Status, out.Reason = Updated, "only sharing changed"
	}
	return out, nil
}
