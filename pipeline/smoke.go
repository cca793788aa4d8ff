package pipeline

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/publisher"
	"github.com/layerbuild/layerbuild/runtimes"
)

// ErrTrial: a function did not load what is in the layer.
var ErrTrial = errors.New("trial failed")

// ErrNotRun: there is nothing that a function could be run with.
var ErrNotRun = errors.New("not run")

// Passed is what came of a trial that did what it should.
const Passed = "passed"

// leftOver is how old a throw-away function has to be until it is certain
// that no run is at it any more.
const leftOver = time.Hour

// Smoking is how published versions are tried.
type Smoking struct {
	// Connect makes the clients of one item's region.
	Connect func(ctx context.Context, i Item) (Cloud, error)
	// Probe writes a function that imports modules and reports on them. An
	// error that wraps errors.ErrUnsupported says that there is none.
	Probe func(service, language string, imports []string) (Probe, error)
	// Digests are what each product's zip was when it was locked.
	Digests func(p Product) (layer.Digests, error)
	// With are further layers, "name:version", that are mounted after the
	// item's own and win over it.
	With []string
	Now  func() time.Time
	// Tell is told what is being done, from any goroutine; may be nil.
	Tell func(Event)
}

// A Probe is a function's code.
type Probe struct {
	Zip     []byte
	Handler string
	// Read returns which modules were loaded, with their versions, and which
	// were not, and why, from what the function returned. An error that wraps
	// ErrNotRun says that it was never called.
	Read func(output []byte) (imports, failed map[string]string, err error)
}

// A Trial is one runtime of one item, tried in the cloud.
type Trial struct {
	Cloud   string `json:"cloud"`
	Region  string `json:"region"`
	Name    string `json:"name"`
	Version int64  `json:"version"`
	Runtime string `json:"runtime"`
	Arch    string `json:"arch"`
	// Status is "passed", "failed" or "skipped", Reason why it was skipped.
	Status string `json:"status"`
	Reason string `json:"reason"`
	// Imports are the versions of the modules that were loaded, "" for one
	// that does not tell its version; Failed are those that were not, and why.
	Imports map[string]string `json:"imports"`
	Failed  map[string]string `json:"failed"`
	// Layers are as the cloud was given them; Wins says which of two with the
	// same file a function sees, the "first" or the "last".
	Layers []string `json:"layers"`
	Wins   string   `json:"wins"`
	Log    string   `json:"log"`
	Error  string   `json:"error"`
	Err    error    `json:"-"`
}

// Where names the target as messages do.
func (t Trial) Where() string { return where(t.Cloud, t.Region) }

// Smoke makes a throw-away function for each runtime and architecture that an
// item's version is declared for, lets it import the manifest's modules, and
// removes it. What ended runs left behind is removed first.
func Smoke(ctx context.Context, p *Plan, how Smoking) []Trial {
	trials := make([][]Trial, len(p.Items))
	p.each(ctx, how.Connect, nil, func(ctx context.Context, cloud Cloud, i int, err error) {
		trials[i] = how.item(ctx, p, cloud, p.Items[i], err)
	})
	var list []Trial
	for _, t := range trials {
		list = append(list, t...)
	}
	return list
}

func (how Smoking) item(ctx context.Context, p *Plan, cloud Cloud, item Item, err error) []Trial {
	product := p.Products[item.Product]
	var v layer.Version
	var trier publisher.Trier
	var with []layer.Version
	if err == nil {
		trier, v, err = how.prepare(ctx, cloud, item, product)
	}
	if err == nil {
		with, err = how.with(ctx, cloud.Publisher)
	}
	var list []Trial
	for _, cell := range item.group.cells {
		for _, arch := range item.group.archs {
			t := Trial{
				Cloud: item.Target.Cloud, Region: item.Region, Name: product.Name, Version: v.Number,
				Runtime: cell.Runtime, Arch: arch, Status: Passed, Imports: map[string]string{}, Failed: map[string]string{}, Layers: []string{},
			}
			tryErr := err
			if err == nil {
				tryErr = withCause(ctx, how.try(ctx, p, trier, item, product, append([]layer.Version{v}, with...), cell, &t))
			}
			switch {
			case errors.Is(tryErr, ErrNotRun), errors.Is(tryErr, errors.ErrUnsupported):
				t.Status, t.Reason = Skipped, tryErr.Error()
			case tryErr != nil:
				t.Status, t.Err, t.Error = Failed, tryErr, tryErr.Error()
			}
			list = append(list, t)
		}
	}
	return list
}

// prepare finds the version that the lock describes and sweeps the region.
func (how Smoking) prepare(ctx context.Context, cloud Cloud, item Item, product Product) (publisher.Trier, layer.Version, error) {
	trier, ok := cloud.Publisher.(publisher.Trier)
	if !ok {
		return nil, layer.Version{}, fmt.Errorf("%s has no functions", item.Target.Cloud)
	}
	d, err := how.Digests(product)
	if err != nil {
		return nil, layer.Version{}, err
	}
	v, err := cloud.Publisher.Find(ctx, product.Name, d)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, v, fmt.Errorf("layer %q is not published with the bytes of the lock: %w", product.Name, err)
	}
	if err != nil {
		return nil, v, err
	}
	removed, err := trier.Sweep(ctx, how.Now().Add(-leftOver))
	for _, name := range removed {
		how.tell(item, "removed a left-over function "+name)
	}
	return trier, v, err
}

// with looks the further layers up.
func (how Smoking) with(ctx context.Context, p publisher.Publisher) ([]layer.Version, error) {
	var list []layer.Version
	for _, text := range how.With {
		name, number, _ := strings.Cut(text, ":")
		n, err := strconv.ParseInt(number, 10, 64)
		if err != nil || name == "" {
			return nil, fmt.Errorf("layer %q: want name:version", text)
		}
		getter, ok := p.(publisher.Getter)
		if !ok {
			return nil, fmt.Errorf("layer %q: versions cannot be looked up by number here", text)
		}
		v, err := getter.Get(ctx, name, n)
		if err != nil {
			return nil, fmt.Errorf("looking for version %d of layer %q: %w", n, name, err)
		}
		list = append(list, v)
	}
	return list, nil
}

func (how Smoking) try(ctx context.Context, p *Plan, trier publisher.Trier, item Item, product Product, layers []layer.Version, cell runtimes.Cell, t *Trial) error {
	probe, err := how.Probe(product.Service.ID, cell.Language, p.Manifest.Imports)
	if err != nil {
		return err
	}
	trial := publisher.Trial{
		Name:    publisher.TrialPrefix + strings.ToLower(rand.Text()[:12]),
		Runtime: cell.Identifier, Architecture: t.Arch,
		Layers: layers, Code: probe.Zip, Handler: probe.Handler,
		Role: item.Target.Smoke.Role, Memory: item.Target.Smoke.Memory, Timeout: item.Target.Smoke.Timeout,
		Event: []byte("{}"),
	}
	how.tell(item, fmt.Sprintf("trying version %d of %s on %s %s in function %s", layers[0].Number, product.Name, cell.Runtime, t.Arch, trial.Name))
	report, err := trier.Try(ctx, trial)
	if err != nil {
		return err
	}
	t.Layers, t.Wins, t.Log = report.Order, report.Wins, report.Log
	if t.Imports, t.Failed, err = probe.Read(report.Output); err != nil {
		return fmt.Errorf("%w: %w", ErrTrial, err)
	}
	if len(t.Failed) == 0 {
		return nil
	}
	var failed []string
	for _, name := range slices.Sorted(maps.Keys(t.Failed)) {
		failed = append(failed, fmt.Sprintf("importing %q: %s", name, t.Failed[name]))
	}
	return fmt.Errorf("%w: %s", ErrTrial, strings.Join(failed, "; "))
}

func (how Smoking) tell(item Item, text string) {
	if how.Tell != nil {
		how.Tell(Event{Step: "smoke", Where: item.Where(), Text: text})
	}
}
