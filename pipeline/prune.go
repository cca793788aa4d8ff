package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/publisher"
)

// What prune did with a version, beside "planned" and "failed".
const (
	Kept    = "kept"
	Deleted = "deleted"
)

// A Pruned is what became of one version.
type Pruned struct {
	Cloud   string  `json:"cloud"`
	Region  string  `json:"region"`
	Name    string  `json:"name"`
	Version int64   `json:"version"`
	ARN     *string `json:"arn"`
	Created string  `json:"created"`
	// Status is "kept", "planned" (it would be deleted), "deleted" or
	// "failed". A region that could not be looked at is one failed element
	// with version 0: nothing is deleted there.
	Status string `json:"status"`
	Reason string `json:"reason"`
	// UsedBy are the functions that use it.
	UsedBy []string `json:"used_by"`
	Error  string   `json:"error"`
	Err    error    `json:"-"`
}

// Where names the target as messages do.
func (v Pruned) Where() string { return where(v.Cloud, v.Region) }

// Pruning is how old versions are removed.
type Pruning struct {
	// Connect makes the clients of one item's region.
	Connect func(ctx context.Context, i Item) (Cloud, error)
	// Digests are what each product's zip was when it was locked: such a
	// version is never removed. The error wraps fs.ErrNotExist when the
	// product is not locked.
	Digests func(p Product) (layer.Digests, error)
	// Keep is how many of the newest versions stay, in place of the target's
	// own number if it is not 0.
	Keep int
	// OlderThan, if not 0, lets younger versions stay.
	OlderThan time.Duration
	// Shared also removes versions that are, or were, shared with others.
	Shared bool
	// WasShared reports whether an earlier run shared a version.
	WasShared func(i Item, name string, version int64) bool
	// Yes deletes; otherwise it is only said what would be.
	Yes bool
	Now func() time.Time
}

// Prune decides about every version of every layer of the plan, and deletes
// what nobody can need, if how.Yes says so. A version stays if it is among the
// newest, younger than asked for, the locked one, used by a function, shared,
// or if any of that could not be found out. Of the results, those of an item
// are sorted by version, the newest first.
func Prune(ctx context.Context, p *Plan, how Pruning) []Pruned {
	results := make([][]Pruned, len(p.Items))
	p.each(ctx, how.Connect, nil, func(ctx context.Context, cloud Cloud, i int, err error) {
		item, name := p.Items[i], p.Products[p.Items[i].Product].Name
		var list []Pruned
		if err == nil {
			list, err = how.item(ctx, cloud.Publisher, item, p.Products[item.Product])
		}
		if err = withCause(ctx, err); err != nil {
			list = append(list, Pruned{
				Cloud: item.Target.Cloud, Region: item.Region, Name: name,
				Status: Failed, Reason: "nothing is deleted here", UsedBy: []string{}, Error: err.Error(), Err: err,
			})
		}
		results[i] = list
	})
	return slices.Concat(results...)
}

func (how Pruning) item(ctx context.Context, p publisher.Publisher, item Item, product Product) ([]Pruned, error) {
	lister, ok := p.(publisher.Lister)
	if !ok {
		return nil, errors.New("this cloud cannot list versions")
	}
	versions, err := retried(ctx, func() ([]layer.Version, error) { return lister.Versions(ctx, product.Name) })
	if err != nil {
		return nil, fmt.Errorf("listing versions: %w", err)
	}
	list := make([]Pruned, len(versions))
	for i, v := range versions {
		list[i] = Pruned{
			Cloud: item.Target.Cloud, Region: item.Region, Name: product.Name,
			Version: v.Number, Created: inUTC(v.Created), Status: Kept, UsedBy: []string{},
		}
		if v.ARN != "" {
			list[i].ARN = &v.ARN
		}
		list[i].Reason = how.tooNew(item, i, v)
	}
	if !slices.ContainsFunc(list, candidate) {
		return list, nil
	}
	// Only now, since it takes many requests.
	if err := how.protect(ctx, p, item, product, versions, list); err != nil {
		return nil, err
	}
	return list, how.remove(ctx, p, versions, list)
}

// candidate reports whether there is no reason to keep a version yet.
func candidate(v Pruned) bool { return v.Status == Kept && v.Reason == "" }

// tooNew is why a version stays whoever uses it, "" if it need not. Versions
// are counted from the newest, 0.
func (how Pruning) tooNew(item Item, i int, v layer.Version) string {
	keep := item.Target.Keep
	if how.Keep > 0 {
		keep = how.Keep
	}
	switch {
	case i == 0:
		return "the newest version"
	case keep > 0 && i < keep:
		return fmt.Sprintf("among the newest %d", keep)
	case keep == 0 && how.OlderThan == 0:
		return "neither target.keep nor --keep nor --older-than says that it may go"
	}
	if how.OlderThan == 0 {
		return ""
	}
	created, err := createdAt(v.Created)
	if err != nil {
		return fmt.Sprintf("its time of creation %q cannot be read", v.Created)
	}
	if how.Now().Sub(created) < how.OlderThan {
		return "not old enough"
	}
	return ""
}

// protect gives candidates that somebody needs a reason to stay. An error
// says that this cannot be known: then all of them stay.
func (how Pruning) protect(ctx context.Context, p publisher.Publisher, item Item, product Product, versions []layer.Version, list []Pruned) error {
	users, ok := p.(publisher.UsageReader)
	if !ok {
		return errors.New("this cloud does not tell which functions use a version")
	}
	locked, err := Surveying{Digests: how.Digests}.locked(ctx, p, product)
	if err != nil && !errors.Is(err, errUnlocked) && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("looking for the locked version: %w", err)
	}
	usage, err := retried(ctx, func() (map[int64][]string, error) { return users.Usage(ctx, product.Name) })
	if err != nil {
		return fmt.Errorf("asking which functions use the layer: %w", err)
	}
	for i := range list {
		v := &list[i]
		v.UsedBy = append(v.UsedBy, usage[v.Version]...)
		if !candidate(*v) {
			continue
		}
		switch {
		case v.Version == locked.Number:
			v.Reason = "it has the locked content"
		case len(v.UsedBy) > 0:
			v.Reason = "used by " + some(v.UsedBy)
		case how.Shared:
		default:
			if v.Reason, err = how.shared(ctx, p, item, versions[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

func (how Pruning) shared(ctx context.Context, p publisher.Publisher, item Item, v layer.Version) (string, error) {
	grants, err := grantsOf(ctx, p, v)
	if err != nil {
		return "", err
	}
	var to []string
	for _, g := range grants {
		to = append(to, g.To)
	}
	switch {
	case len(to) > 0:
		return "shared with " + some(to) + " (--shared)", nil
	case how.WasShared != nil && how.WasShared(item, v.Name, v.Number):
		return "it was shared once (--shared)", nil
	}
	return "", nil
}

// some names the first few of a list.
func some(names []string) string {
	const most = 3
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}

// remove deletes the candidates, the oldest first.
func (how Pruning) remove(ctx context.Context, p publisher.Publisher, versions []layer.Version, list []Pruned) error {
	d, ok := p.(publisher.Deleter)
	if !ok {
		return errors.New("this cloud cannot delete versions")
	}
	for i := range slices.Backward(list) {
		v := &list[i]
		if !candidate(*v) {
			continue
		}
		v.Reason = "nobody uses it"
		if !how.Yes {
			v.Status = Planned
			continue
		}
		err := publisher.Retry(ctx, publisher.Options{}, func() error { return d.Delete(ctx, versions[i]) })
		if err = withCause(ctx, err); err != nil {
			v.Status, v.Err, v.Error, v.Reason = Failed, err, err.Error(), ""
			continue
		}
		v.Status = Deleted
	}
	return nil
}
