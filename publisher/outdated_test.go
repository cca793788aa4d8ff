package publisher

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/layerbuild/layerbuild/layer"
)

func TestOutdated(t *testing.T) {
	v := layer.Version{
		Description: Describe("words", digests), License: "MIT",
		Runtimes: []string{"b", "a"}, Architectures: []string{"x86_64"},
	}
	same := Request{Description: "words", License: "MIT", Runtimes: []string{"a", "b"}, Architectures: []string{"x86_64"}}
	tests := []struct {
		name   string
		change func(*Request)
		want   []string
	}{
		{"same", func(*Request) {}, nil},
		{"marked", func(r *Request) { r.Description = Describe("words", layer.Digests{Tree: layer.Sum{9}}) }, nil},
		{"description", func(r *Request) { r.Description = "other" }, []string{`description is "words", now "other"`}},
		{"no description", func(r *Request) { r.Description = "" }, []string{`description is "words", now ""`}},
		{"license", func(r *Request) { r.License = "Apache-2.0" }, []string{`license is "MIT", now "Apache-2.0"`}},
		{"no license said", func(r *Request) { r.License = "" }, nil},
		{"more runtimes", func(r *Request) { r.Runtimes = []string{"c", "a", "b"} }, []string{`runtimes is "a, b", now "a, b, c"`}},
		{"no architectures there", func(r *Request) { r.Architectures = nil }, nil},
		{"two", func(r *Request) { r.License, r.Architectures = "x", []string{"arm64"} }, []string{`license is "MIT", now "x"`, `architectures is "x86_64", now "arm64"`}},
	}
	for _, test := range tests {
		r := same
		test.change(&r)
		if got := Outdated(v, r); !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
	if got := Outdated(layer.Version{Description: Describe("", digests)}, Request{}); got != nil {
		t.Errorf("only a marker: %q", got)
	}
}

func TestRepublish(t *testing.T) {
	r := request
	r.Description = "new words"
	old := good
	old.Description = "old words"

	f := &fake{version: old, appears: 1}
	out, err := Publish(t.Context(), f, r, noUpload(t), Options{})
	if err != nil || out.Status != Unchanged || len(out.Outdated) != 1 {
		t.Errorf("without: outcome is %+v, error %v, want the difference told", out, err)
	}

	f = &fake{version: old, appears: 1}
	out, err = Publish(t.Context(), f, r, nil, Options{Republish: true})
	if err != nil || out.Status != Created || !strings.Contains(out.Reason, `republished: description is "old words"`) || f.count("publish") != 1 {
		t.Errorf("with: outcome is %+v, error %v, did %q", out, err, f.log)
	}

	old.Description = "new words"
	f = &fake{version: old, appears: 1}
	out, err = Publish(t.Context(), f, r, noUpload(t), Options{Republish: true})
	if err != nil || out.Status != Unchanged || f.count("publish") != 0 {
		t.Errorf("nothing to do: outcome is %+v, error %v, did %q", out, err, f.log)
	}
}

// After a lost answer the old version with the same bytes is not the new one.
func TestRepublishSettles(t *testing.T) {
	r := request
	r.Description = "new words"
	f := &renewing{fake: &fake{version: good, publish: []error{lost}}, after: 4}
	out, err := Publish(t.Context(), f, r, nil, Options{Republish: true, Sleep: new(timer).sleep})
	if err != nil || out.Status != Created || out.Version.Number != 8 || f.count("publish") != 1 {
		t.Errorf("outcome is %+v, error %v, did %q", out, err, f.log)
	}
}

// A renewing fake shows a version with new words from some Find on.
type renewing struct {
	*fake
	after int
}

func (f *renewing) Find(context.Context, string, layer.Digests) (layer.Version, error) {
	f.note("find")
	v := f.version
	if f.count("find") > f.after {
		v.Number, v.Description = 8, "new words"
	}
	return v, nil
}

func TestKnown(t *testing.T) {
	other := good
	other.SHA256 = "00"
	throttled := &layer.Fault{Status: 429, Retry: true}
	tests := []struct {
		name    string
		version layer.Version
		gets    []error
		o       Options
		done    []string
		err     error
	}{
		{"there", good, nil, Options{Known: 7}, []string{"get 7"}, nil},
		{"deleted", good, nil, Options{Known: 6}, []string{"get 6", "find", "publish"}, nil},
		{"asked again", good, []error{throttled}, Options{Known: 7}, []string{"get 7", "get 7"}, nil},
		{"refused", good, []error{&layer.Fault{Status: 403}}, Options{Known: 7}, []string{"get 7"}, &layer.Fault{}},
		{"other content", other, nil, Options{Known: 7}, []string{"get 7", "find", "publish", "delete"}, layer.ErrDigest},
		{"unknown outcome first", good, nil, Options{Known: 7, Pending: time.Second}, []string{"find", "find", "find", "publish"}, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := full{&fake{version: test.version, gets: test.gets}}
			test.o.Sleep = new(timer).sleep
			_, err := Publish(t.Context(), f, request, nil, test.o)
			var refused *layer.Fault
			if (err == nil) != (test.err == nil) || err != nil && !errors.Is(err, test.err) && !errors.As(err, &refused) {
				t.Errorf("error is %v, want %v", err, test.err)
			}
			if !slices.Equal(f.log, test.done) {
				t.Errorf("did %q, want %q", f.log, test.done)
			}
		})
	}
}
