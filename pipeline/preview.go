package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/manifest"
	"github.com/layerbuild/layerbuild/publisher"
	"github.com/layerbuild/layerbuild/uploader"
)

// What a [Preview] says that [Publish] would do.
const (
	ActUpload  = "upload"
	ActPublish = "publish"
	ActShare   = "share"
)

// A Preview is what publishing an item would do.
type Preview struct {
	Cloud  string `json:"cloud"`
	Region string `json:"region"`
	Name   string `json:"name"`
	// Version is the one that has the content, 0 if there is none.
	Version int64     `json:"version"`
	ARN     *string   `json:"arn"`
	SHA256  string    `json:"sha256"`
	CRC64   string    `json:"crc64"`
	Size    int64     `json:"size"`
	Tree    layer.Sum `json:"tree"`
	// Status is "planned" where there is something to do, else "unchanged",
	// "skipped" or "failed".
	Status string `json:"status"`
	// Actions are what would be done, in order: "upload", "publish", "share".
	Actions []string `json:"actions"`
	Reason  string   `json:"reason"`
	// Key is where the zip is or would be uploaded to, "" when it goes inline.
	Key string `json:"key,omitempty"`
	// Grant and Revoke are whom sharing would change; Widens are older
	// versions that would be opened, too: publish then wants --yes.
	Grant  []string `json:"grant"`
	Revoke []string `json:"revoke"`
	Widens []int64  `json:"widens"`
	// Outdated is what the version declares otherwise than the manifest does:
	// it takes --republish.
	Outdated []string `json:"outdated"`
	Error    string   `json:"error"`
	Err      error    `json:"-"`
}

// Where names the target as messages do.
func (v Preview) Where() string { return where(v.Cloud, v.Region) }

// PreviewAll says for every item, in the order of the plan, what [Publish]
// would do with the same settings. It changes nothing.
func PreviewAll(ctx context.Context, p *Plan, built []Built, how Publication) []Preview {
	list := make([]Preview, len(p.Items))
	p.each(ctx, how.Connect, nil, func(ctx context.Context, cloud Cloud, i int, err error) {
		item, b := p.Items[i], built[p.Items[i].Product]
		v := newPreview(item, b)
		if err == nil {
			err = how.preview(ctx, cloud, item, b, p.Manifest.Layer, &v)
		}
		if err = withCause(ctx, err); err != nil {
			v.Err, v.Error, v.Status, v.Actions = err, err.Error(), Failed, []string{}
		}
		list[i] = v
	})
	skipNotEnabledPreviews(p, list)
	return list
}

func newPreview(item Item, b Built) Preview {
	d := b.Artifact.Digests
	return Preview{
		Cloud: item.Target.Cloud, Region: item.Region, Name: b.Product.Name,
		SHA256: d.SHA256.String(), CRC64: d.CRC64Text(), Size: d.Size, Tree: d.Tree,
		Status: Unchanged, Actions: []string{},
		Grant: []string{}, Revoke: []string{}, Widens: []int64{}, Outdated: []string{},
	}
}

func (how Publication) preview(ctx context.Context, cloud Cloud, item Item, b Built, l manifest.Layer, v *Preview) error {
	log := record{journal: how.Journal, key: keyOf(item, b, how.Endpoint)}
	known := log.state()
	if how.OnlyMissing && known.Done {
		var r Receipt
		r.known(known)
		v.Version, v.ARN, v.Status, v.Reason = r.Version, r.ARN, r.Status, r.Reason
		return nil
	}
	out, err := publisher.Look(ctx, cloud.Publisher, request(item, b, l), publisher.Options{
		Republish: how.Republish, Known: known.Version,
	})
	v.Outdated = append(v.Outdated, out.Outdated...)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if err := how.previewNew(ctx, cloud, item, b, v); err != nil {
			return err
		}
		if known.Pending > 0 {
			v.Reason += "; a request of an interrupted run may still make it"
		}
	case err != nil:
		return err
	default:
		v.version(out)
	}
	if err := previewSharing(ctx, cloud.Publisher, sharing(item.Target), v); err != nil {
		return err
	}
	if len(v.Actions) > 0 {
		v.Status = Planned
	}
	return nil
}

func (v *Preview) version(out publisher.Outcome) {
	v.Version = out.Version.Number
	if out.Version.ARN != "" {
		v.ARN = &out.Version.ARN
	}
	v.Reason = reasonOf(out)
}

// reasonOf is an outcome's reason, with what of the version is outdated.
func reasonOf(out publisher.Outcome) string {
	if len(out.Outdated) == 0 {
		return out.Reason
	}
	return out.Reason + ", but " + strings.Join(out.Outdated, "; ") + " (--republish makes a new one)"
}

// previewNew says what making a version takes.
func (how Publication) previewNew(ctx context.Context, cloud Cloud, item Item, b Built, v *Preview) error {
	v.Reason = "no version has these bytes"
	if len(v.Outdated) > 0 {
		v.Reason = strings.Join(v.Outdated, "; ")
	}
	if cloud.Uploader != nil {
		v.Key = uploader.Key(item.Prefix, b.Product.Name, b.Artifact.Digests)
		_, err := retried(ctx, func() (layer.Object, error) { return cloud.Uploader.Stat(ctx, v.Key) })
		switch {
		case err == nil:
			v.Reason += "; the object is there"
		case errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrPermission):
			v.Actions = append(v.Actions, ActUpload)
		default:
			return fmt.Errorf("looking for the object: %w", err)
		}
	}
	v.Actions = append(v.Actions, ActPublish)
	return nil
}

func previewSharing(ctx context.Context, p publisher.Publisher, s publisher.Sharing, v *Preview) error {
	if s.IsZero() {
		return nil
	}
	version := layer.Version{Name: v.Name, Number: v.Version}
	grant, revoke, err := shareChanges(ctx, p, version, s)
	if err != nil {
		return err
	}
	v.Grant, v.Revoke = append(v.Grant, grant...), append(v.Revoke, revoke...)
	if w, ok := p.(publisher.WholeSharer); ok && len(grant) > 0 {
		others, err := retried(ctx, func() ([]int64, error) { return w.Widens(ctx, version, s) })
		if err != nil {
			return fmt.Errorf("looking which versions sharing would open: %w", err)
		}
		v.Widens = append(v.Widens, others...)
	}
	if len(v.Grant)+len(v.Revoke) > 0 {
		v.Actions = append(v.Actions, ActShare)
	}
	return nil
}

// shareChanges returns what sharing a version would change. A version of
// number 0 is one that is not made yet.
func shareChanges(ctx context.Context, p publisher.Publisher, v layer.Version, s publisher.Sharing) (grant, revoke []string, err error) {
	if s.IsZero() {
		return nil, nil, nil
	}
	var now []publisher.Grant
	if v.Number > 0 {
		if now, err = grantsOf(ctx, p, v); err != nil {
			return nil, nil, err
		}
	}
	grant, revoke = s.Changes(now)
	return grant, revoke, nil
}

// grantsOf returns who may use a version, nobody where a cloud has no sharing.
func grantsOf(ctx context.Context, p publisher.Publisher, v layer.Version) ([]publisher.Grant, error) {
	g, ok := p.(publisher.GrantReader)
	if !ok {
		return nil, nil
	}
	grants, err := retried(ctx, func() ([]publisher.Grant, error) { return g.Grants(ctx, v) })
	if err != nil {
		return nil, fmt.Errorf("reading who may use version %d: %w", v.Number, err)
	}
	return grants, nil
}

func skipNotEnabledPreviews(p *Plan, list []Preview) {
	accepted := func(j int) bool { return list[j].Err == nil && list[j].Status != Skipped }
	for i := range list {
		if notEnabled(p.Items[i], list[i].Err) && p.acceptedElsewhere(i, accepted) {
			list[i].Err, list[i].Error, list[i].Status, list[i].Reason = nil, "", Skipped, reasonNotEnabled
		}
	}
}

// retried asks for something that may be asked for again.
func retried[T any](ctx context.Context, ask func() (T, error)) (T, error) {
	var answer T
	err := publisher.Retry(ctx, publisher.Options{}, func() (err error) {
		answer, err = ask()
		return err
	})
	return answer, err
}
