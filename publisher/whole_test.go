package publisher

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/layerbuild/layerbuild/layer"
)

// A whole fake shares layers with all their versions.
type whole struct {
	full
	others []int64
	widens []error
}

func (w *whole) Widens(context.Context, layer.Version, Sharing) ([]int64, error) {
	w.note("widens")
	return w.others, next(&w.widens)
}

func TestPublishSharesWholeLayer(t *testing.T) {
	public := Sharing{Public: true}
	tests := []struct {
		name   string
		others []int64
		widens []error
		o      Options
		done   []string
		text   string
	}{
		{"first version", nil, nil, Options{Sharing: public}, []string{"find", "publish", "widens", "share"}, ""},
		{"agreed", []int64{1}, nil, Options{Sharing: public, Yes: true}, []string{"find", "publish", "share"}, ""},
		{"one other", []int64{1}, nil, Options{Sharing: public}, []string{"find", "publish", "widens"}, "version 1 would be shared"},
		{"two others", []int64{2, 1}, nil, Options{Sharing: public}, []string{"find", "publish", "widens"}, "versions 1 and 2 would be"},
		{"many others", []int64{1, 2, 3, 4, 5, 6, 7}, nil, Options{Sharing: public}, []string{"find", "publish", "widens"}, "versions 1, 2, 3, 4, 5 and 2 more would be"},
		{"nothing to share", []int64{1}, nil, Options{}, []string{"find", "publish"}, ""},
		{"lost once", nil, []error{lost}, Options{Sharing: public}, []string{"find", "publish", "widens", "widens", "share"}, ""},
		{"not to be known", nil, []error{errors.New("no")}, Options{Sharing: public}, []string{"find", "publish", "widens"}, "no"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := &whole{full: full{&fake{version: good}}, others: test.others, widens: test.widens}
			test.o.Sleep = new(timer).sleep
			out, err := Publish(t.Context(), w, request, nil, test.o)
			if (err == nil) != (test.text == "") || err != nil && !strings.Contains(err.Error(), test.text) {
				t.Errorf("error is %v, want one with %q", err, test.text)
			}
			if !reflect.DeepEqual(out.Version, good) || out.Status != Created {
				t.Errorf("outcome is %+v, want the version also next to an error", out)
			}
			if !slices.Equal(w.log, test.done) {
				t.Errorf("did %q, want %q", w.log, test.done)
			}
			var f *layer.Fault
			if len(test.others) > 0 && err != nil && (!errors.As(err, &f) || !strings.Contains(f.Hint, "--yes")) {
				t.Errorf("error is %v, want one with a hint", err)
			}
		})
	}
}
