package scf_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"

	"github.com/layerbuild/layerbuild/internal/faults"
	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/publisher"
	"github.com/layerbuild/layerbuild/publisher/publishertest"
	"github.com/layerbuild/layerbuild/publisher/scf"
)

// A sent request is what went over the wire.
type sent struct {
	host   string
	header http.Header
	body   map[string]any
}

// noting keeps requests.
func noting(list *[]sent) publishertest.Wrap {
	return func(next http.RoundTripper) http.RoundTripper {
		return roundTripper(func(r *http.Request) (*http.Response, error) {
			text, err := io.ReadAll(r.Body)
			if err != nil {
				return nil, err
			}
			r.Body = io.NopCloser(bytes.NewReader(text))
			one := sent{host: r.URL.Scheme + "://" + r.URL.Host, header: r.Header}
			if err := json.Unmarshal(text, &one.body); err != nil {
				return nil, err
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
		Runtimes: []string{"Python3.10", "Python3.9"}, Artifact: a,
	}
}

// TestPublishOnTheWire compares what is sent with the vendor's page.
func TestPublishOnTheWire(t *testing.T) {
	a := zipped(t, "a")
	zip, err := os.ReadFile(a.Path)
	if err != nil {
		t.Fatal(err)
	}
	object := layer.Object{Bucket: "acme-2020-1250000000", Key: "k/a+b.zip"}
	tests := []struct {
		name   string
		object layer.Object
		short  bool
		want   map[string]any
	}{
		{"inline", layer.Object{}, false, map[string]any{"ZipFile": base64.StdEncoding.EncodeToString(zip)}},
		{"from COS", object, false, map[string]any{"CosBucketName": "acme-2020-1250000000", "CosObjectName": "/k/a+b.zip", "CosBucketRegion": region}},
		{"by the short name", object, true, map[string]any{"CosBucketName": "acme-2020", "CosObjectName": "/k/a+b.zip", "CosBucketRegion": region}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var list []sent
			refused := &faults.Transport{Script: faults.At(1, answer("InvalidParameterValue.Content"))}
			p, err := scf.New(scf.Options{
				Region: region, Credential: common.NewTokenCredential(id, secret, "token"), ShortBucket: test.short,
				Transport: noting(&list)(refused), Now: time.Now,
			})
			if err != nil {
				t.Fatal(err)
			}
			r := request(a)
			r.Object = test.object
			_, _ = p.Publish(t.Context(), r)
			if len(list) != 1 {
				t.Fatalf("%d requests were made, want 1", len(list))
			}
			want := map[string]any{
				"LayerName": "web", "CompatibleRuntimes": []any{"Python3.10", "Python3.9"}, "Content": test.want,
				"Description": "of the test", "LicenseInfo": "MIT",
			}
			if diff := cmp.Diff(want, list[0].body); diff != "" {
				t.Errorf("body (-want +got):\n%s", diff)
			}
			if list[0].host != "https://scf.tencentcloudapi.com" {
				t.Errorf("sent to %s", list[0].host)
			}
			for name, want := range map[string]string{
				"X-TC-Action": "PublishLayerVersion", "X-TC-Version": "2018-04-16", "X-TC-Region": region,
				"X-TC-Language": "en-US", "X-TC-Token": "token",
			} {
				if got := list[0].header.Get(name); got != want {
					t.Errorf("%s is %q, want %q", name, got, want)
				}
			}
		})
	}
}

// TestRequests counts what publishing takes.
func TestRequests(t *testing.T) {
	c := start(t, nil)
	steps := []struct {
		name string
		want []string
	}{
		{"publish", []string{"ListLayerVersions", "PublishLayerVersion", "GetLayerVersion", "GetLayerVersion"}},
		{"unchanged", []string{"ListLayerVersions", "GetLayerVersion"}},
	}
	for _, step := range steps {
		_, err := publisher.Publish(t.Context(), c.open(t, secret, nil), request(zipped(t, "a")), nil, publisher.Options{})
		if got := c.asked(); err != nil || !slices.Equal(got, step.want) {
			t.Errorf("%s: asked for %q, error %v, want %q", step.name, got, err, step.want)
		}
	}
}

func TestNew(t *testing.T) {
	key := common.NewCredential(id, secret)
	tests := map[string]struct {
		o  scf.Options
		ok bool
	}{
		"usual":            {scf.Options{Region: region, Credential: key, Now: time.Now}, true},
		"elsewhere":        {scf.Options{Region: region, Credential: key, Now: time.Now, Endpoint: "https://scf.intl.tencentcloudapi.com"}, true},
		"plain elsewhere":  {scf.Options{Region: region, Credential: key, Now: time.Now, Endpoint: "http://scf.example.com"}, false},
		"no credentials":   {scf.Options{Region: region, Now: time.Now}, false},
		"without a clock":  {scf.Options{Region: region, Credential: key}, false},
		"an address of it": {scf.Options{Region: region, Credential: key, Now: time.Now, Endpoint: "https://h/path"}, false},
	}
	for name, test := range tests {
		if _, err := scf.New(test.o); (err == nil) != test.ok {
			t.Errorf("%s: error %v", name, err)
		}
	}
}
