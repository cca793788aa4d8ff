package scf_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"

	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/publisher"
	"github.com/layerbuild/layerbuild/publisher/scf"
)

// A crowd is an SCF with many versions of one layer.
type crowd struct {
	versions int
	// describe returns the description of a version, sum its checksum, and
	// status its state; without them nothing special.
	describe, sum, status func(n int64) string
	// gone are versions that are listed and not there any more.
	gone []int64

	lists, downloads int
	gets             []int64
}

func (c *crowd) open(t *testing.T) *scf.Publisher {
	t.Helper()
	var at string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in struct{ LayerVersion int64 }
		_ = json.NewDecoder(r.Body).Decode(&in)
		answer := map[string]any{"RequestId": "R1"}
		switch action(r) {
		case "":
			c.downloads++
			_, _ = w.Write([]byte("no zip"))
			return
		case "ListLayerVersions":
			c.lists++
			var list []any
			for n := range int64(c.versions) {
				list = append(list, c.version(n+1))
			}
			answer["LayerVersions"] = list
		case "GetLayerVersion":
			c.gets = append(c.gets, in.LayerVersion)
			if slices.Contains(c.gone, in.LayerVersion) {
				answer["Error"] = map[string]string{"Code": "ResourceNotFound.LayerVersion", "Message": "gone"}
				break
			}
			for k, v := range c.version(in.LayerVersion) {
				answer[k] = v
			}
			answer["CodeSha256"] = c.sum(in.LayerVersion)
			answer["Location"] = fmt.Sprint(at, "/zip/", in.LayerVersion, "?sign=secret")
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"Response": answer})
	}))
	t.Cleanup(s.Close)
	at = s.URL
	now := time.Now()
	p, err := scf.New(scf.Options{
		Region: region, Credential: common.NewCredential(id, secret), Endpoint: s.URL,
		Now: func() time.Time { now = now.Add(time.Second); return now },
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (c *crowd) version(n int64) map[string]any {
	status := "Active"
	if c.status != nil {
		status = c.status(n)
	}
	return map[string]any{"LayerName": "web", "LayerVersion": n, "Description": c.describe(n), "Status": status}
}

// TestFind: whatever others write into descriptions, only so many requests are
// made and bytes are read, and only active versions count.
func TestFind(t *testing.T) {
	d := layer.Digests{Tree: layer.Sum{1}, SHA256: layer.Sum{2}}
	marked := func(int64) string { return publisher.Describe("", d) }
	plain := func(int64) string { return "by hand" }
	foreign := func(int64) string { return publisher.Describe("", layer.Digests{Tree: layer.Sum{3}}) }
	one := func(n int64) string {
		if n == 2 {
			return publisher.Describe("", d)
		}
		return "by hand"
	}
	other := func(int64) string { return layer.Sum{9}.String() }
	only := func(numbers ...int64) func(int64) string {
		return func(n int64) string {
			if slices.Contains(numbers, n) {
				return d.SHA256.String()
			}
			return layer.Sum{9}.String()
		}
	}
	state := func(status string) func(int64) string { return func(int64) string { return status } }
	tests := []struct {
		name            string
		crowd           crowd
		found           int64
		gets, downloads int
	}{
		{"an old one with the marker", crowd{versions: 100, describe: one, sum: only(2)}, 2, 11, 0},
		{"the highest, with a marker or without", crowd{versions: 9, describe: one, sum: only(2, 1, 7)}, 7, 3, 0},
		{"one of the newest without a marker", crowd{versions: 100, describe: plain, sum: only(91)}, 91, 10, 0},
		{"too old without a marker", crowd{versions: 100, describe: plain, sum: only(90)}, 0, 10, 0},
		{"all marked", crowd{versions: 100, describe: marked, sum: other}, 0, 10, 3},
		{"marked for others", crowd{versions: 100, describe: foreign, sum: other}, 0, 0, 0},
		{"failed ones", crowd{versions: 9, describe: marked, sum: only(1), status: state("PublishFailed")}, 0, 0, 0},
		{"being deleted", crowd{versions: 9, describe: marked, sum: only(1), status: state("Deleting")}, 0, 0, 0},
		{"a state that is not said", crowd{versions: 1, describe: marked, sum: only(1), status: state("")}, 0, 1, 0},
		{"gone meanwhile", crowd{versions: 3, describe: plain, sum: only(1, 3), gone: []int64{3, 2}}, 1, 3, 0},
		{"none", crowd{}, 0, 0, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := test.crowd
			v, err := c.open(t).Find(t.Context(), "web", d)
			if v.Number != test.found || (err == nil) != (test.found > 0) || err != nil && !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("found version %d, error %v, want %d", v.Number, err, test.found)
			}
			if c.lists != 1 || len(c.gets) != test.gets || c.downloads != test.downloads {
				t.Errorf("%d lists, gets of %v, %d downloads, want 1, %d, %d", c.lists, c.gets, c.downloads, test.gets, test.downloads)
			}
		})
	}
}

// TestListThatIsNone: an answer that cannot be understood does not mean that
// there are no versions.
func TestListThatIsNone(t *testing.T) {
	for _, body := range []string{"", "null", "{}", `{"Response": {}}`, `{"Response": {"RequestId": "R1", "LayerVersions": [{}]}}`} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(body)) }))
		p, err := scf.New(scf.Options{Region: region, Credential: common.NewCredential(id, secret), Endpoint: s.URL, Now: time.Now})
		if err != nil {
			t.Fatal(err)
		}
		_, err = p.Find(t.Context(), "web", layer.Digests{})
		var f *layer.Fault
		if errors.Is(err, fs.ErrNotExist) || !errors.As(err, &f) || !f.Unknown {
			t.Errorf("%q: error is %v, want one to be repeated", body, err)
		}
		s.Close()
	}
}

func TestGetAndVersions(t *testing.T) {
	c := start(t, nil)
	p := c.open(t, secret, nil)
	if list, err := p.Versions(t.Context(), "web"); err != nil || len(list) > 0 {
		t.Errorf("before: list is %+v, error %v", list, err)
	}
	for _, content := range []string{"a", "b"} {
		if _, err := p.Publish(t.Context(), request(zipped(t, content))); err != nil {
			t.Fatal(err)
		}
	}
	list, err := p.Versions(t.Context(), "web")
	if err != nil || len(list) != 2 || list[0].Number != 2 || list[1].Number != 1 || list[1].Description != "of the test" || list[1].Created == "" {
		t.Errorf("list is %+v, error %v", list, err)
	}
	v, err := p.Get(t.Context(), "web", 2)
	if err != nil || v.SHA256 != zipped(t, "b").Digests.SHA256.String() || !strings.HasPrefix(v.Location, "http") || v.ARN != "" {
		t.Errorf("version is %+v, error %v", v, err)
	}
	if _, err := p.Get(t.Context(), "web", 3); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error is %v, want one that wraps fs.ErrNotExist", err)
	}
}
