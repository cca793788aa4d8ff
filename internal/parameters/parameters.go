// Package parameters keeps what was published on AWS in Parameter Store, where
// CloudFormation, CDK and whoever else deploys functions look it up.
package parameters

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/layerbuild/layerbuild/internal/outputs"
	"github.com/layerbuild/layerbuild/internal/poll"
)

// Options are where parameters are written, and how.
type Options struct {
	// Config returns the configuration that reaches a region with a profile's
	// credentials, "" for the default ones.
	Config func(ctx context.Context, region, profile string) (aws.Config, error)
	// Endpoint is an address other than Amazon's, unless the environment or
	// the profile names one.
	Endpoint string
	// Prefix begins the name of every parameter, see [CheckPrefix].
	Prefix string
	// Timeout is how long one region may take, 0 for five minutes.
	Timeout time.Duration
	// Sleep waits for d or returns the context's error, nil for a timer.
	Sleep func(ctx context.Context, d time.Duration) error
}

// A Parameter is one that was written.
type Parameter struct{ Region, Name, Value string }

// Write makes the parameters of every published item on AWS, in the item's own
// region: <prefix>/<name>/version, /sha256 and /arn, the ARN last, so that
// whoever sees a new one finds the others. A parameter that has its value
// already is not written. Nothing is sent when the prefix or the items are
// wrong.
//
// Regions are written side by side. Those that fail do not stop the others: the
// error is then a [RegionErrors]. What was written is returned in any case,
// sorted by region, and once each also where an answer was lost.
func Write(ctx context.Context, o Options, items []outputs.Item) ([]Parameter, error) {
	if err := CheckPrefix(o.Prefix); err != nil {
		return nil, err
	}
	regions, err := split(items, o.Prefix)
	if err != nil {
		return nil, err
	}
	o.Timeout = cmp.Or(o.Timeout, 5*time.Minute)
	if o.Sleep == nil {
		o.Sleep = poll.Sleep
	}
	errs := make([]error, len(regions))
	var all sync.WaitGroup
	for n := range regions {
		all.Go(func() { errs[n] = regions[n].write(ctx, o) })
	}
	all.Wait()
	var written []Parameter
	for _, r := range regions {
		written = append(written, r.written...)
	}
	if errs = slices.DeleteFunc(errs, func(err error) bool { return err == nil }); len(errs) > 0 {
		return written, RegionErrors(errs)
	}
	return written, nil
}

// RegionErrors are what went wrong, one error for each region that failed, in
// the order of the regions.
type RegionErrors []error

func (e RegionErrors) Error() string { return errors.Join(e...).Error() }

// Unwrap makes errors.Is look at all of them.
func (e RegionErrors) Unwrap() []error { return e }

// A region is one region of one account: what it is to have, and what of it
// was written.
type region struct {
	name, profile string
	wanted        []Parameter
	// pending is what was not there when it was looked for.
	pending map[string]bool
	written []Parameter
}

// split sorts what is published on AWS by regions.
func split(items []outputs.Item, prefix string) ([]*region, error) {
	byPlace := map[[2]string][]outputs.Item{}
	for _, i := range items {
		if i.Cloud == "aws" {
			place := [2]string{i.Region, i.Profile}
			byPlace[place] = append(byPlace[place], i)
		}
	}
	var regions []*region
	for place, list := range byPlace {
		list, err := outputs.Published(list)
		if err != nil {
			return nil, err
		}
		r := &region{name: place[0], profile: place[1], pending: map[string]bool{}}
		for _, i := range list {
			under := prefix + "/" + i.Name
			r.wanted = append(r.wanted,
				Parameter{i.Region, under + "/version", strconv.FormatInt(i.Version, 10)},
				Parameter{i.Region, under + "/sha256", i.SHA256},
				Parameter{i.Region, under + "/arn", i.ARN})
		}
		if len(r.wanted) > 0 {
			regions = append(regions, r)
		}
	}
	slices.SortFunc(regions, func(a, b *region) int {
		return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.profile, b.profile))
	})
	return regions, nil
}

// write looks and writes until everything is as wanted. After an error that
// may pass it looks again before it writes: a write whose answer was lost is
// not repeated.
func (r *region) write(ctx context.Context, o Options) error {
	ctx, cancel := context.WithTimeoutCause(ctx, o.Timeout, fmt.Errorf("not done after %v", o.Timeout))
	defer cancel()
	err := func() error {
		cfg, err := o.Config(ctx, r.name, r.profile)
		if err != nil {
			return err
		}
		s, err := newStore(cfg, o.Endpoint)
		if err != nil {
			return err
		}
		pace := poll.Pace{First: 500 * time.Millisecond, Longest: 5 * time.Second, Patience: time.Minute, Sleep: o.Sleep}
		_, err = poll.Until(ctx, pace, func() (bool, error) { err := r.pass(ctx, s, o.Prefix); return err == nil, err })
		return err
	}()
	if err == nil {
		return nil
	}
	if cause := context.Cause(ctx); cause != nil {
		err = fmt.Errorf("%w (%w)", cause, err)
	}
	return fmt.Errorf("aws/%s: %w", r.name, err)
}

// pass looks at everything, and writes what is not as wanted.
func (r *region) pass(ctx context.Context, s store, prefix string) error {
	there, err := s.read(ctx, r.wanted)
	if err != nil {
		return fmt.Errorf("reading the parameters below %q: %w", prefix, err)
	}
	for _, p := range r.wanted {
		if there[p.Name] != p.Value {
			r.pending[p.Name] = true
			if err := s.write(ctx, p); err != nil {
				return fmt.Errorf("writing the parameter %q: %w", p.Name, err)
			}
		}
		if r.pending[p.Name] {
			delete(r.pending, p.Name)
			r.written = append(r.written, p)
		}
	}
	return nil
}
