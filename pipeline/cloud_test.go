package pipeline

import (
	"context"
	"fmt"
	"io/fs"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/pipeline/journal"
	"github.com/layerbuild/layerbuild/publisher"
)

// A region is a function service in memory.
type region struct {
	mu       sync.Mutex
	versions []layer.Version // by number
	grants   map[int64][]publisher.Grant
	usage    map[int64][]string
	// fail is the error of each operation, by its name.
	fail map[string]error
	// hang makes every operation wait for its context.
	hang bool
	log  []string
}

func (r *region) begin(ctx context.Context, operation string) error {
	if r.hang {
		<-ctx.Done()
		return ctx.Err()
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	r.log = append(r.log, operation)
	return r.fail[operation]
}

func (r *region) count(operation string) (n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, line := range r.log {
		if line == operation {
			n++
		}
	}
	return n
}

func (r *region) Find(ctx context.Context, name string, d layer.Digests) (layer.Version, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.begin(ctx, "find"); err != nil {
		return layer.Version{}, err
	}
	for _, v := range slices.Backward(r.versions) {
		if v.Name == name && v.SHA256 == d.SHA256.String() {
			return v, nil
		}
	}
	return layer.Version{}, fs.ErrNotExist
}

func (r *region) Publish(ctx context.Context, q publisher.Request) (layer.Version, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.begin(ctx, "publish"); err != nil {
		return layer.Version{}, err
	}
	v := layer.Version{
		Name: q.Name, Number: int64(len(r.versions) + 1), SHA256: q.Artifact.Digests.SHA256.String(), ARN: fmt.Sprintf("arn:%s:%d", q.Name, len(r.versions)+1),
		Description: q.Description, License: q.License, Runtimes: q.Runtimes, Architectures: q.Architectures,
		Created: "2026-01-01T00:00:00Z",
	}
	r.versions = append(r.versions, v)
	return v, nil
}

func (r *region) Get(ctx context.Context, name string, number int64) (layer.Version, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.begin(ctx, "get"); err != nil {
		return layer.Version{}, err
	}
	for _, v := range r.versions {
		if v.Name == name && v.Number == number {
			return v, nil
		}
	}
	return layer.Version{}, fs.ErrNotExist
}

func (r *region) Versions(ctx context.Context, name string) ([]layer.Version, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.begin(ctx, "versions"); err != nil {
		return nil, err
	}
	var list []layer.Version
	for _, v := range slices.Backward(r.versions) {
		if v.Name == name {
			v.SHA256 = "" // as Lambda's listing
			list = append(list, v)
		}
	}
	return list, nil
}

func (r *region) Grants(ctx context.Context, v layer.Version) ([]publisher.Grant, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.grants[v.Number], r.begin(ctx, "grants")
}

func (r *region) Share(ctx context.Context, v layer.Version, s publisher.Sharing) (bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.begin(ctx, "share"); err != nil {
		return false, err
	}
	grant, revoke := s.Changes(r.grants[v.Number])
	if r.grants == nil {
		r.grants = map[int64][]publisher.Grant{}
	}
	r.grants[v.Number] = nil
	for _, to := range s.Wanted() {
		r.grants[v.Number] = append(r.grants[v.Number], publisher.Grant{To: to, Ours: true})
	}
	return len(grant)+len(revoke) > 0, nil
}

func (r *region) Usage(ctx context.Context, _ string) (map[int64][]string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.usage, r.begin(ctx, "usage")
}

func (r *region) Delete(ctx context.Context, v layer.Version) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.begin(ctx, "delete"); err != nil {
		return err
	}
	r.versions = slices.DeleteFunc(r.versions, func(o layer.Version) bool { return o.Number == v.Number })
	return nil
}

// A world is regions by name, made when they are first asked for.
type world map[string]*region

func (w world) connect(_ context.Context, i Item) (Cloud, error) {
	r, ok := w[i.Region]
	if !ok {
		return Cloud{}, fmt.Errorf("no region %q", i.Region)
	}
	return Cloud{Publisher: r}, nil
}

var digests = layer.Digests{SHA256: layer.Sum{1}, CRC64: 1, Size: 10}

// one is a plan of one layer in the given regions of AWS, and what was built.
func one(t *testing.T, regions, more string) (*Plan, []Built) {
	t.Helper()
	p := plan(t, header+`
[layer]
name = "web"
description = "words"
runtimes = ["python3.12"]
[[target]]
cloud = "aws"
marker = false
regions = `+regions+"\n"+more)
	return p, []Built{{Product: p.Products[0], Artifact: layer.Artifact{Path: "web.zip", Digests: digests}}}
}

var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

func at() time.Time { return noon }

func open(t *testing.T, path string) *journal.Journal {
	t.Helper()
	j, err := journal.Open(path, at)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { j.Close() })
	return j
}

// published is a version that holds what one builds.
func published(number int64) layer.Version {
	return layer.Version{
		Name: "web", Number: number, SHA256: digests.SHA256.String(), Description: "words",
		Runtimes: []string{"python3.12"}, Architectures: []string{"x86_64"}, Created: "2026-01-01T00:00:00Z",
	}
}

// foreign is a version that holds something else.
func foreign(number int64) layer.Version {
	v := published(number)
	v.SHA256 = layer.Sum{byte(number), 99}.String()
	return v
}
