package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/layerbuild/layerbuild/internal/remotezip"
	"github.com/layerbuild/layerbuild/internal/wire"
	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/manifest"
	"github.com/layerbuild/layerbuild/pipeline"
	"github.com/layerbuild/layerbuild/publisher"
	registry "github.com/layerbuild/layerbuild/publisher/local"
	"github.com/layerbuild/layerbuild/runtimes"
)

const (
	// largestZip is what a version's zip may have: SCF takes 500 MB, and no
	// other service takes more.
	largestZip = 512 << 20
	// lookupTimeout bounds finding and fetching a version for which no target
	// says how long it may take.
	lookupTimeout = 5 * time.Minute
	// defaultRegistry is target.path where there is no manifest.
	defaultRegistry = stateDir + "/registry"
)

// lookupFlags say how to reach versions that are published.
type lookupFlags struct {
	manifest, account, profile, api string
	sandboxChoice
}

func (f *lookupFlags) flags(fs *pflag.FlagSet) {
	fs.StringVar(&f.manifest, "manifest", "", "take account, profile and endpoints of published versions from the target of this manifest or folder (default: layer.toml here, if there is one)")
	fs.StringVar(&f.account, "account", "", "account of published versions, where a cloud has to be told")
	fs.StringVar(&f.profile, "profile", "", "profile of the credentials")
	fs.StringVar(&f.api, "api", "", `API of Function Compute: "2.0" or "3.0"`)
	f.sandboxChoice.flags(fs)
}

// A lookup finds published versions and fetches their zips.
type lookup struct {
	connect   connector
	catalogue *runtimes.Catalogue
	flags     lookupFlags
	// project has targets that say how to reach a region; may be nil.
	project *project
	tell    *teller
}

// newLookup returns a lookup, and what ends it.
func newLookup(ctx context.Context, w world, o *options, f lookupFlags) (*lookup, func() error, error) {
	l := &lookup{flags: f, tell: newTeller(w, o)}
	var err error
	if l.catalogue, err = runtimes.Load(); err != nil {
		return nil, nil, err
	}
	path := f.manifest
	if _, missing := os.Stat(manifestName); path == "" && missing == nil {
		path = manifestName
	}
	if path != "" {
		projects, err := loadProjects([]string{path}, o)
		if err != nil {
			return nil, nil, err
		}
		l.project = projects[0]
	}
	connect, done, err := f.connector(ctx, w)
	if err != nil {
		return nil, nil, err
	}
	if l.connect = connect; l.project != nil {
		l.connect.dir = l.project.dir
	}
	return l, done, nil
}

// item is what the connector needs to know to reach the reference: what the
// target says that publishes the layer, or another one in the same region.
func (l *lookup) item(r reference) (pipeline.Item, error) {
	i := pipeline.Item{Target: manifest.Target{Cloud: r.cloud, Layout: "aws", Path: defaultRegistry, API: l.flags.api}, Region: r.region}
	found := false
	layerName := r.name[strings.LastIndexByte(r.name, ':')+1:]
	if l.project != nil {
		for _, known := range l.project.plan.Items {
			if known.Target.Cloud != r.cloud || known.Region != r.region {
				continue
			}
			if same := l.project.plan.Products[known.Product].Name == layerName; same || !found {
				i.Target, found = known.Target, true
				if same {
					break
				}
			}
		}
	}
	i.Target.Account = cmp.Or(l.flags.account, r.account, i.Target.Account)
	i.Target.Profile = cmp.Or(l.flags.profile, i.Target.Profile)
	i.Target.API = cmp.Or(l.flags.api, i.Target.API)
	service, ok := pipeline.ServiceOf(l.catalogue, i.Target)
	if !ok {
		return i, &usageError{fmt.Errorf("%s: there is no service of cloud %q with api %q", r, r.cloud, i.Target.API)}
	}
	i.Service = service
	if r.cloud == pipeline.LocalRegion {
		return i, nil
	}
	if _, err := service.SelectRegions([]string{r.region}, nil); err != nil {
		return i, &usageError{fmt.Errorf("%s: %w", r, err)}
	}
	return i, nil
}

// fetch returns the version, and the path of its zip, which is good until done
// is called.
func (l *lookup) fetch(ctx context.Context, r reference) (v layer.Version, path string, done func(), err error) {
	i, err := l.item(r)
	if err != nil {
		return v, "", nil, err
	}
	limit := cmp.Or(i.Target.Timeout, lookupTimeout)
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("no answer within %s", limit))
	defer cancel()
	cloud, err := l.connect.cloud(ctx, i)
	if err == nil {
		v, err = l.version(ctx, cloud.Publisher, r)
	}
	if err == nil {
		if folder, ok := cloud.Publisher.(*registry.Publisher); ok {
			return v, folder.Zip(v), func() {}, nil
		}
		path, done, err = l.zip(ctx, r, v)
	}
	if err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		err = fmt.Errorf("%w: %w", context.Cause(ctx), err)
	}
	if err != nil {
		return v, "", nil, fmt.Errorf("fetching %s: %w", r, err)
	}
	return v, path, done, nil
}

// version asks for the version with its checksum and address.
func (l *lookup) version(ctx context.Context, p publisher.Publisher, r reference) (v layer.Version, err error) {
	getter, ok := p.(publisher.Getter)
	if !ok {
		return v, errors.New("this cloud cannot describe a version by its number")
	}
	if r.number == 0 {
		if r.number, err = l.latest(ctx, p, r); err != nil {
			return v, err
		}
	}
	err = l.retry(ctx, r, func() (err error) {
		v, err = getter.Get(ctx, r.name, r.number)
		return err
	})
	if err == nil && r.arn != "" && v.ARN != "" && v.ARN != r.arn {
		return v, fmt.Errorf("the credentials belong to the account of %s: %w", v.ARN, fs.ErrPermission)
	}
	return v, err
}

// latest returns the number of the newest version.
func (l *lookup) latest(ctx context.Context, p publisher.Publisher, r reference) (int64, error) {
	lister, ok := p.(publisher.Lister)
	if !ok {
		return 0, errors.New("this cloud cannot list versions")
	}
	var list []layer.Version
	err := l.retry(ctx, r, func() (err error) {
		list, err = lister.Versions(ctx, r.name)
		return err
	})
	if err != nil {
		return 0, err
	}
	if len(list) == 0 {
		return 0, fmt.Errorf("layer %q has no version: %w", r.name, fs.ErrNotExist)
	}
	return list[0].Number, nil
}

func (l *lookup) retry(ctx context.Context, r reference, do func() error) error {
	return publisher.Retry(ctx, publisher.Options{Tell: func(text string) { l.tell.step(r.String(), "fetching", text) }}, do)
}

// zip brings the version's zip to this machine.
func (l *lookup) zip(ctx context.Context, r reference, v layer.Version) (path string, done func(), err error) {
	if v.Location == "" {
		return "", nil, errors.New("the service does not tell where the zip is")
	}
	l.tell.step(r.String(), "fetching", fmt.Sprintf("version %d, %d bytes", v.Number, v.Size))
	do := wire.Transport().RoundTrip
	err = l.retry(ctx, r, func() (err error) {
		path, err = remotezip.Fetch(ctx, do, v, largestZip)
		return err
	})
	return path, func() { os.Remove(path) }, err
}
