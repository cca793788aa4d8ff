package fc_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/layerbuild/layerbuild/internal/faults"
	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/publisher"
	"github.com/layerbuild/layerbuild/publisher/fc"
	"github.com/layerbuild/layerbuild/publisher/publishertest"
)

// A sent request is what went over the wire.
type sent struct {
	target string
	header http.Header
	body   map[string]any
}

// noting keeps requests.
func noting(list *[]sent) publishertest.Wrap {
	return func(next http.RoundTripper) http.RoundTripper {
		return roundTripper(func(r *http.Request) (*http.Response, error) {
			one := sent{target: r.Method + " " + r.URL.RequestURI(), header: r.Header}
			if r.Body != nil {
				text, err := io.ReadAll(r.Body)
				if err != nil {
					return nil, err
				}
				_ = json.Unmarshal(text, &one.body) // not all are documents
				r.Body = io.NopCloser(bytes.NewReader(text))
			}
			*list = append(*list, one)
			return next.RoundTrip(r)
		})
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func request(a layer.Artifact) publisher.Request {
	return publisher.Request{
		Name: "web", Description: "of the test", License: "MIT",
		Runtimes: []string{"python3.10", "python3.9"}, Artifact: a,
	}
}

// TestCreateOnTheWire: 2.0 says "Code" and knows neither checksum nor license.
func TestCreateOnTheWire(t *testing.T) {
	a := zipped(t, "a")
	prefix := map[string]string{fc.V2: "/2021-04-06", fc.V3: "/2023-03-30"}
	both := []any{"python3.10", "python3.9"}
	from := map[string]any{"ossBucketName": bucket, "ossObjectName": "k/a+b.zip"}
	fromChecked := map[string]any{"ossBucketName": bucket, "ossObjectName": "k/a+b.zip", "checksum": a.Digests.CRC64Text()}
	want := map[string]map[string]any{
		fc.V2: {"Code": from, "compatibleRuntime": both, "description": "of the test"},
		fc.V3: {"code": fromChecked, "compatibleRuntime": both, "description": "of the test", "license": "MIT"},
	}
	each(t, func(t *testing.T, api string) {
		var list []sent
		r := request(a)
		r.Object = layer.Object{Bucket: bucket, Key: "k/a+b.zip"}
		refused := &faults.Transport{Script: faults.At(1, answer(400, "InvalidArgument"))}
		wrap := func(http.RoundTripper) http.RoundTripper { return noting(&list)(refused) }
		_, _ = start(t, api, nil).open(t, secret, wrap).Publish(t.Context(), r)
		if len(list) != 1 || list[0].target != "POST "+prefix[api]+"/layers/web/versions" {
			t.Fatalf("sent %+v", list)
		}
		if diff := cmp.Diff(want[api], list[0].body); diff != "" {
			t.Errorf("body (-want +got):\n%s", diff)
		}
		if got := list[0].header["X-Fc-Code-Checksum"]; got != nil {
			t.Errorf("a header that belongs to functions is sent: %q", got)
		}
	})
}

// TestVersionsAreTheSame: what either API says of a version is the same, ARN
// included.
func TestVersionsAreTheSame(t *testing.T) {
	each(t, func(t *testing.T, api string) {
		c := start(t, api, nil)
		p := c.open(t, secret, nil)
		made, err := p.Publish(t.Context(), request(zipped(t, "a")))
		if err != nil {
			t.Fatal(err)
		}
		if want := "acs:fc:cn-hangzhou:" + account + ":layers/web/versions/1"; made.ARN != want {
			t.Errorf("ARN is %q, want %q", made.ARN, want)
		}
		for _, p := range []*fc.Publisher{p, c.openAPI(t, otherThan(api), secret, nil)} {
			got, err := p.Get(t.Context(), "web", 1)
			got.Location, made.Location = "", ""
			if err != nil || !reflect.DeepEqual(got, made) {
				t.Errorf("got %+v, error %v, want %+v", got, err, made)
			}
			list, err := p.Versions(t.Context(), "web")
			if err != nil || len(list) != 1 || list[0].ARN != made.ARN || list[0].Size != made.Size {
				t.Errorf("list is %+v, error %v", list, err)
			}
		}
	})
}

// TestRequests counts what publishing takes.
func TestRequests(t *testing.T) {
	each(t, func(t *testing.T, api string) {
		c := start(t, api, nil)
		steps := []struct {
			name    string
			sharing publisher.Sharing
			want    []string
		}{
			{"publish", publisher.Sharing{}, []string{"ListLayerVersions", "CreateLayerVersion"}},
			{"unchanged", publisher.Sharing{}, []string{"ListLayerVersions"}},
			{"public", publisher.Sharing{Public: true}, []string{"ListLayerVersions", "ListLayerVersions", "GetLayerVersion", "PutLayerACL"}},
			{"public, unchanged", publisher.Sharing{Public: true}, []string{"ListLayerVersions", "ListLayerVersions", "GetLayerVersion"}},
			{"private", publisher.Sharing{Private: true}, []string{"ListLayerVersions", "GetLayerVersion", "PutLayerACL"}},
		}
		for _, step := range steps {
			c.requests = nil
			_, err := publisher.Publish(t.Context(), c.open(t, secret, nil), request(zipped(t, "a")), nil, publisher.Options{Sharing: step.sharing})
			if err != nil || !slices.Equal(c.requests, step.want) {
				t.Errorf("%s: asked for %q, error %v, want %q", step.name, c.requests, err, step.want)
			}
		}
	})
}

// TestTrialOnTheWire: the layer that is to win comes first, and the checksum of
// the code goes where each API has a place for it.
func TestTrialOnTheWire(t *testing.T) {
	each(t, func(t *testing.T, api string) {
		c := start(t, api, nil)
		h := c.trials()
		var list []sent
		trial := publisher.Trial{
			Name: publisher.TrialPrefix + "a", Runtime: "python3.10", Handler: "index.handler", Role: "acs:ram::1:role/smoke",
			Layers: []layer.Version{h.Layer(t, "first", "1"), h.Layer(t, "second", "2")},
			Code:   []byte("123456789"), Event: []byte("{}"),
		}
		_, _ = c.open(t, secret, noting(&list)).Try(t.Context(), trial)
		i := slices.IndexFunc(list, func(s sent) bool { return strings.HasSuffix(s.target, "/functions") })
		if i < 0 {
			t.Fatalf("sent %+v", list)
		}
		layers := []any{
			"acs:fc:cn-hangzhou:" + account + ":layers/second/versions/1",
			"acs:fc:cn-hangzhou:" + account + ":layers/first/versions/1",
		}
		if diff := cmp.Diff(layers, list[i].body["layers"]); diff != "" {
			t.Errorf("layers (-want +got):\n%s", diff)
		}
		// The check value of CRC-64/XZ is of just these bytes.
		const crc = "11051210869376104954"
		code, _ := list[i].body["code"].(map[string]any)
		if api == fc.V2 {
			if got := list[i].header["X-Fc-Code-Checksum"]; len(got) != 1 || got[0] != crc {
				t.Errorf("X-Fc-Code-Checksum is %q, want %q", got, crc)
			}
			if role := list[0].body["role"]; list[0].target != "POST /2021-04-06/services" || role != trial.Role {
				t.Errorf("the service is made by %s with role %v", list[0].target, role)
			}
		} else if code["checksum"] != crc || list[i].body["role"] != trial.Role {
			t.Errorf("checksum is %v, role %v", code["checksum"], list[i].body["role"])
		}
	})
}
