package pipeline

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/pipeline/journal"
	"github.com/layerbuild/layerbuild/publisher"
)

func steps(t *testing.T, path string) (list []journal.Step) {
	t.Helper()
	lines, err := journal.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range lines {
		list = append(list, l.Step)
	}
	return list
}

func TestJournalTellsEachStepOnce(t *testing.T) {
	p, built := one(t, `["us-east-1"]`, `share = "public"`)
	w := world{"us-east-1": {}}
	path := filepath.Join(t.TempDir(), "journal")
	for run := range 3 {
		how := Publication{Connect: w.connect, Until: ToShare, Now: at, Journal: open(t, path)}
		r := Publish(t.Context(), p, built, how)[0]
		if want := []string{Created, Unchanged, Unchanged}[run]; r.Err != nil || r.Status != want || r.Version != 1 {
			t.Fatalf("run %d: %+v", run, r)
		}
		want := []journal.Step{journal.Publishing, journal.Published, journal.Shared, journal.Done}
		if got := steps(t, path); !slices.Equal(got, want) {
			t.Errorf("run %d: journal has %q, want %q", run, got, want)
		}
	}
	// The known version is asked for, nothing is listed again.
	if r := w["us-east-1"]; r.count("find") != 1 || r.count("get") != 2 || r.count("publish") != 1 {
		t.Errorf("did %q", r.log)
	}
}

func TestRefusedIsNotPending(t *testing.T) {
	p, built := one(t, `["us-east-1"]`, "")
	path := filepath.Join(t.TempDir(), "journal")
	for name, test := range map[string]struct {
		err  error
		last journal.Step
	}{
		"refused": {&layer.Fault{Status: 400}, journal.Refused},
		"lost":    {&layer.Fault{Unknown: true}, journal.Publishing},
	} {
		j := open(t, path+name)
		ctx, cancel := context.WithCancel(t.Context())
		w := world{"us-east-1": {fail: map[string]error{"publish": test.err}}}
		tell := func(e Event) {
			if strings.Contains(e.Text, "nobody knows what came") {
				cancel() // the user gives up
			}
		}
		r := Publish(ctx, p, built, Publication{Connect: w.connect, Until: ToShare, Now: at, Journal: j, Tell: tell})[0]
		cancel()
		if got := steps(t, path+name); r.Err == nil || got[len(got)-1] != test.last {
			t.Errorf("%s: error is %v, journal has %q, want %q last", name, r.Err, got, test.last)
		}
		if pending := j.State(keyOf(p.Items[0], built[0], nil)).Pending; (pending > 0) != (test.last == journal.Publishing) {
			t.Errorf("%s: pending for %s", name, pending)
		}
	}
}

// A version that an interrupted run asked for is waited for and not made again.
func TestPendingIsSettledFirst(t *testing.T) {
	p, built := one(t, `["us-east-1"]`, "")
	j := open(t, filepath.Join(t.TempDir(), "journal"))
	if err := j.Note(journal.Line{Key: keyOf(p.Items[0], built[0], nil), Step: journal.Publishing, Within: time.Minute}); err != nil {
		t.Fatal(err)
	}
	r := &region{}
	go func() {
		for r.count("find") < 2 {
			time.Sleep(time.Millisecond)
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.versions = append(r.versions, published(1))
	}()
	got := Publish(t.Context(), p, built, Publication{Connect: world{"us-east-1": r}.connect, Until: ToShare, Now: at, Journal: j})[0]
	if got.Err != nil || got.Status != Unchanged || got.Version != 1 || r.count("publish") != 0 {
		t.Errorf("%+v, did %q", got, r.log)
	}
}

func TestOnlyMissing(t *testing.T) {
	p, built := one(t, `["us-east-1", "eu-west-1"]`, "")
	w := world{"us-east-1": {}, "eu-west-1": {fail: map[string]error{"publish": &layer.Fault{Status: 400}}}}
	how := Publication{Connect: w.connect, Until: ToShare, Now: at, OnlyMissing: true, Journal: open(t, filepath.Join(t.TempDir(), "journal"))}
	var recorded []string
	how.Record = func(r Receipt) error { recorded = append(recorded, r.Region); return nil }
	Publish(t.Context(), p, built, how)
	w["eu-west-1"].fail = nil
	asked := len(w["us-east-1"].log)
	got := Publish(t.Context(), p, built, how)
	if got[0].Status != Skipped || got[0].Version != 1 || got[0].ARN == nil || len(w["us-east-1"].log) != asked {
		t.Errorf("finished region: %+v, did %q", got[0], w["us-east-1"].log)
	}
	if got[1].Status != Created {
		t.Errorf("missing region: %+v", got[1])
	}
	if want := []string{"us-east-1", "eu-west-1"}; !slices.Equal(recorded, want) {
		t.Errorf("receipts of %q, want %q", recorded, want)
	}
}

func TestFailFast(t *testing.T) {
	p, built := one(t, `["us-east-1", "eu-west-1"]`, "")
	w := world{"us-east-1": {fail: map[string]error{"find": fs.ErrPermission}}, "eu-west-1": {hang: true}}
	got := Publish(t.Context(), p, built, Publication{Connect: w.connect, Until: ToShare, Now: at, FailFast: true})
	if !errors.Is(got[0].Err, fs.ErrPermission) {
		t.Errorf("first: %+v", got[0])
	}
	if got[1].Err != nil || got[1].Status != Skipped || !strings.Contains(got[1].Reason, "failure of aws/us-east-1") {
		t.Errorf("stopped: %+v", got[1])
	}
}

func TestHangingRegionAlone(t *testing.T) {
	p, built := one(t, `["us-east-1", "eu-west-1"]`, "")
	for i := range p.Items {
		p.Items[i].Target.Timeout = 50 * time.Millisecond
	}
	w := world{"us-east-1": {hang: true}, "eu-west-1": {}}
	got := Publish(t.Context(), p, built, Publication{Connect: w.connect, Until: ToShare, Now: at})
	var limit *TimeoutError
	if !errors.As(got[0].Err, &limit) || got[1].Status != Created {
		t.Errorf("%+v", got)
	}
}

func TestRegionNotEnabled(t *testing.T) {
	refused := &layer.Fault{Status: 403, Cause: fs.ErrPermission, Region: true}
	tests := []struct {
		name          string
		optIn, others bool
		fault         error
		status        string
	}{
		{"not enabled", true, true, refused, Skipped},
		{"named by itself", false, true, refused, Failed},
		{"refused everywhere", true, false, refused, Failed},
		{"another reason", true, true, fs.ErrPermission, Failed},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p, built := one(t, `["us-east-1", "eu-west-1"]`, "")
			p.Items[1].OptIn = test.optIn
			w := world{"us-east-1": {}, "eu-west-1": {fail: map[string]error{"find": test.fault, "versions": test.fault}}}
			if !test.others {
				w["us-east-1"].fail = map[string]error{"find": refused, "versions": refused}
			}
			how := Publication{Connect: w.connect, Until: ToShare, Now: at}
			if got := PreviewAll(t.Context(), p, built, how)[1]; got.Status != test.status || (got.Err == nil) != (test.status == Skipped) {
				t.Errorf("preview: %+v", got)
			}
			if got := Survey(t.Context(), p, Surveying{Connect: w.connect, Digests: locked})[1]; got.State != test.status {
				t.Errorf("survey: %+v", got)
			}
			if got := Publish(t.Context(), p, built, how)[1]; got.Status != test.status || (got.Err == nil) != (test.status == Skipped) {
				t.Errorf("publish: %+v", got)
			}
		})
	}
}

func TestPreview(t *testing.T) {
	old := published(1)
	old.Description = "other words"
	tests := []struct {
		name    string
		region  *region
		how     Publication
		share   string
		status  string
		actions []string
		reason  string
	}{
		{"nothing there", &region{}, Publication{}, "", Planned, []string{ActPublish}, "no version has these bytes"},
		{"to be shared", &region{}, Publication{}, `share = "public"`, Planned, []string{ActPublish, ActShare}, "no version"},
		{"there", &region{versions: []layer.Version{published(1)}}, Publication{}, "", Unchanged, nil, "a version has these bytes"},
		{"there, not shared", &region{versions: []layer.Version{published(1)}}, Publication{}, `share = "public"`, Planned, []string{ActShare}, "a version has these bytes"},
		{
			"there, shared", &region{versions: []layer.Version{published(1)}, grants: map[int64][]publisher.Grant{1: {{To: "public", Ours: true}}}},
			Publication{}, `share = "public"`, Unchanged, nil, "a version has these bytes",
		},
		{"outdated", &region{versions: []layer.Version{old}}, Publication{}, "", Unchanged, nil, `but description is "other words", now "words" (--republish makes a new one)`},
		{"to be republished", &region{versions: []layer.Version{old}}, Publication{Republish: true}, "", Planned, []string{ActPublish}, `description is "other words", now "words"`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p, built := one(t, `["us-east-1"]`, test.share)
			test.how.Connect = world{"us-east-1": test.region}.connect
			test.how.Now = at
			got := PreviewAll(t.Context(), p, built, test.how)[0]
			if got.Err != nil || got.Status != test.status || !slices.Equal(got.Actions, test.actions) || !strings.Contains(got.Reason, test.reason) {
				t.Errorf("%+v", got)
			}
			for _, operation := range []string{"publish", "share", "delete"} {
				if test.region.count(operation) != 0 {
					t.Errorf("it did %q", operation)
				}
			}
			// Publishing does what was said, and then there is nothing to do.
			test.how.Until = ToShare
			r := Publish(t.Context(), p, built, test.how)[0]
			did := []string{}
			for _, act := range []string{ActPublish, ActShare} {
				if test.region.count(act) > 0 && (act == ActPublish || r.Status != Unchanged) {
					did = append(did, act)
				}
			}
			if !slices.Equal(did, got.Actions) {
				t.Errorf("publish did %q, the preview said %q", did, got.Actions)
			}
			if again := PreviewAll(t.Context(), p, built, test.how)[0]; len(again.Actions) != 0 {
				t.Errorf("afterwards there is still %q to do", again.Actions)
			}
		})
	}
}

// The limit of a region begins when there is nothing left to wait for.
func TestPendingIsNotHeldAgainstTheRegion(t *testing.T) {
	p, built := one(t, `["us-east-1"]`, "")
	p.Items[0].Target.Timeout = 100 * time.Millisecond
	j := open(t, filepath.Join(t.TempDir(), "journal"))
	if err := j.Note(journal.Line{Key: keyOf(p.Items[0], built[0], nil), Step: journal.Publishing, Within: 2 * time.Second}); err != nil {
		t.Fatal(err)
	}
	got := Publish(t.Context(), p, built, Publication{Connect: world{"us-east-1": {}}.connect, Until: ToShare, Now: at, Journal: j})[0]
	if got.Err != nil || got.Status != Created {
		t.Errorf("%+v", got)
	}
}
