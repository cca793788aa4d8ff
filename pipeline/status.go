package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/publisher"
)

// How a region stands to what was locked.
const (
	// Current: the newest version has the locked content.
	Current = "current"
	// Superseded: a version has it, but a newer one has other content.
	Superseded = "superseded"
	// Outdated: there are versions, and none has it.
	Outdated = "outdated"
	// Missing: there is no version at all.
	Missing = "missing"
	// Unlocked: nothing is locked that versions could be compared with.
	Unlocked = "unlocked"
)

// A Standing is what one region has of a layer.
type Standing struct {
	Cloud  string `json:"cloud"`
	Region string `json:"region"`
	Name   string `json:"name"`
	// State is one of the words above, "skipped" or "failed".
	State string `json:"state"`
	// Version is the one with the locked content, else the newest, 0 if there
	// is none; ARN, SHA256, CRC64 and Size are its own, as the cloud tells
	// them, and Created is when it was made, RFC 3339 in UTC.
	Version int64   `json:"version"`
	ARN     *string `json:"arn"`
	SHA256  string  `json:"sha256"`
	CRC64   string  `json:"crc64"`
	Size    int64   `json:"size"`
	Created string  `json:"created"`
	// Latest is the newest version's number, Versions how many there are.
	Latest   int64 `json:"latest"`
	Versions int   `json:"versions"`
	// Grants are who besides the owner may use the version.
	Grants []publisher.Grant `json:"grants"`
	// Drift is what of the version is not as the manifest says: grants that
	// are missing or too many, and what it declares.
	Drift []string `json:"drift"`
	Error string   `json:"error"`
	Err   error    `json:"-"`
}

// Where names the target as messages do.
func (s Standing) Where() string { return where(s.Cloud, s.Region) }

// Surveying is how regions are looked at.
type Surveying struct {
	// Connect makes the clients of one item's region.
	Connect func(ctx context.Context, i Item) (Cloud, error)
	// Digests are what each product's zip was when it was locked. The error
	// wraps fs.ErrNotExist when it is not locked.
	Digests func(p Product) (layer.Digests, error)
}

// Survey says for every item, in the order of the plan, what its region has.
// It changes nothing.
func Survey(ctx context.Context, p *Plan, how Surveying) []Standing {
	list := make([]Standing, len(p.Items))
	p.each(ctx, how.Connect, nil, func(ctx context.Context, cloud Cloud, i int, err error) {
		item, product := p.Items[i], p.Products[p.Items[i].Product]
		s := Standing{
			Cloud: item.Target.Cloud, Region: item.Region, Name: product.Name,
			Grants: []publisher.Grant{}, Drift: []string{},
		}
		if err == nil {
			err = how.survey(ctx, cloud.Publisher, p, item, &s)
		}
		if err = withCause(ctx, err); err != nil {
			s.Err, s.Error, s.State = err, err.Error(), Failed
		}
		list[i] = s
	})
	accepted := func(j int) bool { return list[j].Err == nil && list[j].State != Skipped }
	for i := range list {
		if s := &list[i]; notEnabled(p.Items[i], s.Err) && p.acceptedElsewhere(i, accepted) {
			s.Err, s.Error, s.State = nil, "", Skipped
			s.Drift = append(s.Drift, reasonNotEnabled)
		}
	}
	return list
}

func (how Surveying) survey(ctx context.Context, p publisher.Publisher, plan *Plan, item Item, s *Standing) error {
	lister, ok := p.(publisher.Lister)
	if !ok {
		return errors.New("this cloud cannot list versions")
	}
	product := plan.Products[item.Product]
	versions, err := retried(ctx, func() ([]layer.Version, error) { return lister.Versions(ctx, product.Name) })
	if err != nil {
		return fmt.Errorf("listing versions: %w", err)
	}
	s.Versions = len(versions)
	if len(versions) == 0 {
		s.State = Missing
		return nil
	}
	s.Latest = versions[0].Number
	v, err := how.locked(ctx, p, product)
	switch {
	case err == nil && v.Number == s.Latest:
		s.State = Current
	case err == nil:
		s.State = Superseded
	case errors.Is(err, errUnlocked):
		s.State, v, err = Unlocked, versions[0], nil
	case errors.Is(err, fs.ErrNotExist):
		s.State, v, err = Outdated, versions[0], nil
	}
	if err != nil {
		return err
	}
	if v, err = described(ctx, p, v); err != nil {
		return err
	}
	s.version(v)
	if s.Grants, err = grantsOf(ctx, p, v); err != nil {
		return err
	}
	s.Grants = append([]publisher.Grant{}, s.Grants...)
	s.compare(v, item, request(item, Built{Product: product}, plan.Manifest.Layer))
	return nil
}

var errUnlocked = errors.New("not locked")

// locked returns the version with the locked content.
func (how Surveying) locked(ctx context.Context, p publisher.Publisher, product Product) (layer.Version, error) {
	d, err := how.Digests(product)
	if errors.Is(err, fs.ErrNotExist) {
		return layer.Version{}, errUnlocked
	}
	if err != nil {
		return layer.Version{}, err
	}
	return retried(ctx, func() (layer.Version, error) { return p.Find(ctx, product.Name, d) })
}

// described asks for a version's checksum where its listing had none.
func described(ctx context.Context, p publisher.Publisher, v layer.Version) (layer.Version, error) {
	g, ok := p.(publisher.Getter)
	if v.SHA256 != "" || v.CRC64 != "" || !ok {
		return v, nil
	}
	full, err := retried(ctx, func() (layer.Version, error) { return g.Get(ctx, v.Name, v.Number) })
	if err != nil {
		return v, fmt.Errorf("asking for version %d: %w", v.Number, err)
	}
	return full, nil
}

func (s *Standing) version(v layer.Version) {
	s.Version, s.SHA256, s.CRC64, s.Size, s.Created = v.Number, v.SHA256, v.CRC64, v.Size, inUTC(v.Created)
	if v.ARN != "" {
		s.ARN = &v.ARN
	}
}

// compare notes what of a version is not as the manifest has it.
func (s *Standing) compare(v layer.Version, item Item, wanted publisher.Request) {
	grant, revoke := sharing(item.Target).Changes(s.Grants)
	for _, to := range grant {
		s.Drift = append(s.Drift, "not shared with "+to)
	}
	for _, to := range revoke {
		s.Drift = append(s.Drift, "still shared with "+to)
	}
	s.Drift = append(s.Drift, publisher.Outdated(v, wanted)...)
}
