package publisher

import (
	"context"
	"errors"
	"io/fs"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/layerbuild/layerbuild/layer"
)

// noUpload fails the test when it is called.
func noUpload(t *testing.T) func(context.Context) (layer.Object, error) {
	return func(context.Context) (layer.Object, error) {
		t.Error("uploaded")
		return layer.Object{}, nil
	}
}

func TestPublishOrder(t *testing.T) {
	f := full{&fake{version: good}}
	out, err := Publish(t.Context(), f, request, func(context.Context) (layer.Object, error) {
		f.note("upload")
		return layer.Object{Key: "k"}, nil
	}, Options{
		Sharing: Sharing{Public: true},
		Before: func(within time.Duration) error {
			f.note("before %s", within)
			return nil
		},
	})
	if err != nil || out.Status != Created || !reflect.DeepEqual(out.Version, good) {
		t.Errorf("outcome is %+v, error %v", out, err)
	}
	want := []string{"find", "upload", "before 2m5s", "publish", "share"}
	if !slices.Equal(f.log, want) {
		t.Errorf("did %q, want %q", f.log, want)
	}
}

func TestPublishWhatIsThere(t *testing.T) {
	repacked := good
	repacked.Repacked, repacked.SHA256 = true, "other"
	tests := []struct {
		name    string
		version layer.Version
		sharing Sharing
		status  Status
		reason  string
	}{
		{"same", good, Sharing{}, Unchanged, "a version has these bytes"},
		{"repacked", repacked, Sharing{}, Unchanged, "packed differently"},
		{"same, shared", good, Sharing{Public: true}, Updated, "only sharing changed"},
		{"same, private as before", good, Sharing{Private: true}, Unchanged, "a version has these bytes"},
	}
	for _, test := range tests {
		f := full{&fake{version: test.version, appears: 1}}
		out, err := Publish(t.Context(), f, request, noUpload(t), Options{Sharing: test.sharing})
		if err != nil || out.Status != test.status || out.Reason != test.reason || !reflect.DeepEqual(out.Version, test.version) {
			t.Errorf("%s: outcome is %+v, error %v", test.name, out, err)
		}
		if f.count("publish") != 0 || f.count("delete") != 0 {
			t.Errorf("%s: did %q", test.name, f.log)
		}
	}
}

func TestPublishMismatch(t *testing.T) {
	tests := map[string]layer.Version{
		"sha256":    {Number: 7, SHA256: "00"},
		"crc64":     {Number: 7, CRC64: "2"},
		"one of":    {Number: 7, SHA256: good.SHA256, CRC64: "2"},
		"the other": {Number: 7, SHA256: "00", CRC64: "1"},
		"none":      {Number: 7},
	}
	for name, version := range tests {
		t.Run(name, func(t *testing.T) {
			f := full{&fake{version: version}}
			out, err := Publish(t.Context(), f, request, nil, Options{Sharing: Sharing{Public: true}})
			if !errors.Is(err, layer.ErrDigest) || !reflect.DeepEqual(out, Outcome{}) {
				t.Errorf("outcome is %+v, error %v, want none and layer.ErrDigest", out, err)
			}
			if want := []string{"find", "publish", "delete"}; !slices.Equal(f.log, want) {
				t.Errorf("did %q, want %q", f.log, want)
			}
		})
	}
	t.Run("cannot delete", func(t *testing.T) {
		f := full{&fake{version: tests["none"], deletes: []error{errors.New("no")}}}
		_, err := Publish(t.Context(), f, request, nil, Options{})
		if !errors.Is(err, layer.ErrDigest) || !strings.Contains(err.Error(), "deleting it: no") {
			t.Errorf("error is %v", err)
		}
	})
	t.Run("no way to delete", func(t *testing.T) {
		_, err := Publish(t.Context(), &fake{version: tests["none"]}, request, nil, Options{})
		if !errors.Is(err, layer.ErrDigest) || !strings.Contains(err.Error(), "cannot be deleted") {
			t.Errorf("error is %v", err)
		}
	})
	t.Run("deleted although interrupted", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		f := full{&fake{version: tests["none"]}}
		_, err := Publish(ctx, f, request, nil, Options{Before: func(time.Duration) error { cancel(); return nil }})
		if !errors.Is(err, layer.ErrDigest) || !strings.Contains(err.Error(), "it was deleted") {
			t.Errorf("error is %v", err)
		}
	})
}

func TestPublishSharingFails(t *testing.T) {
	refused := &layer.Fault{Status: 403, Cause: fs.ErrPermission}
	f := full{&fake{version: good, shares: []error{refused}}}
	out, err := Publish(t.Context(), f, request, nil, Options{Sharing: Sharing{Public: true}})
	if !errors.Is(err, fs.ErrPermission) || !reflect.DeepEqual(out.Version, good) || out.Status != Created {
		t.Errorf("outcome is %+v, error %v, want the version next to the error", out, err)
	}
	// What a failed attempt did counts.
	f = full{&fake{version: good, appears: 1, shares: []error{lost}}}
	out, err = Publish(t.Context(), f, request, nil, Options{Sharing: Sharing{Private: true}, Sleep: new(timer).sleep})
	if err != nil || out.Status != Updated {
		t.Errorf("outcome is %+v, error %v, want updated", out, err)
	}
	if _, err = Publish(t.Context(), &fake{version: good}, request, nil, Options{Sharing: Sharing{Public: true}}); err == nil {
		t.Error("sharing where there is none: no error")
	}
}

func TestPublishUploadFails(t *testing.T) {
	f := &fake{version: good}
	_, err := Publish(t.Context(), f, request, func(context.Context) (layer.Object, error) {
		return layer.Object{}, layer.ErrDigest
	}, Options{})
	if !errors.Is(err, layer.ErrDigest) || f.count("publish") != 0 {
		t.Errorf("error is %v, did %q", err, f.log)
	}
}
