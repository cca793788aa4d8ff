package uploader

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/layerbuild/layerbuild/layer"
)

// A fake answers with what is written down; when that is used up, Stat finds
// nothing and Put succeeds.
type fake struct {
	stats []answer
	puts  []answer
	log   []string
}

type answer struct {
	object layer.Object
	err    error
}

func (f *fake) Stat(context.Context, string) (layer.Object, error) {
	f.log = append(f.log, "stat")
	if len(f.stats) == 0 {
		return layer.Object{}, fs.ErrNotExist
	}
	a := f.stats[0]
	f.stats = f.stats[1:]
	return a.object, a.err
}

func (f *fake) Put(_ context.Context, key string, a layer.Artifact, sent func(int64)) (layer.Object, error) {
	f.log = append(f.log, "put")
	if len(f.puts) == 0 {
		sent(a.Digests.Size)
		return layer.Object{Key: key, Size: a.Digests.Size}, nil
	}
	sent(a.Digests.Size / 2)
	p := f.puts[0]
	f.puts = f.puts[1:]
	return p.object, p.err
}

func TestUpload(t *testing.T) {
	digests := layer.Digests{SHA256: layer.Sum{1}, CRC64: 64, CRC64NVME: 65, Size: 10}
	same := layer.Object{Size: 10, SHA256: digests.SHA256.String()}
	var (
		taken   = fmt.Errorf("taken: %w", fs.ErrExist)
		refused = fmt.Errorf("refused: %w", fs.ErrPermission)
		missing = fmt.Errorf("missing: %w", fs.ErrNotExist)
		lost    = &layer.Fault{Unknown: true}
		broken  = errors.New("broken")
	)
	tests := []struct {
		name     string
		fake     fake
		log      string
		uploaded bool
		err      error
		sent     int64
	}{
		{"there", fake{stats: []answer{{same, nil}}}, "stat", false, nil, 0},
		{"there by crc64", fake{stats: []answer{{layer.Object{Size: 10, CRC64: "64"}, nil}}}, "stat", false, nil, 0},
		{"there by crc64nvme", fake{stats: []answer{{layer.Object{Size: 10, CRC64NVME: "65"}, nil}}}, "stat", false, nil, 0},
		{"other size", fake{stats: []answer{{layer.Object{Size: 9, SHA256: same.SHA256}, nil}}}, "stat", false, layer.ErrDigest, 0},
		{"other sha256", fake{stats: []answer{{layer.Object{Size: 10, SHA256: "00", CRC64: "64"}, nil}}}, "stat", false, layer.ErrDigest, 0},
		{"other crc64", fake{stats: []answer{{layer.Object{Size: 10, CRC64: "65", CRC64NVME: "65"}, nil}}}, "stat", false, layer.ErrDigest, 0},
		{"other crc64nvme", fake{stats: []answer{{layer.Object{Size: 10, CRC64NVME: "64"}, nil}}}, "stat", false, layer.ErrDigest, 0},
		{"no digest", fake{stats: []answer{{layer.Object{Size: 10}, nil}}}, "stat", false, layer.ErrDigest, 0},
		{"not there", fake{}, "stat put", true, nil, 10},
		{"may not look", fake{stats: []answer{{err: refused}}}, "stat put", true, nil, 10},
		{"may neither", fake{stats: []answer{{err: refused}}, puts: []answer{{err: refused}}}, "stat put", false, fs.ErrPermission, 5},
		{"cannot look", fake{stats: []answer{{err: broken}}}, "stat", false, broken, 0},
		{"cannot put", fake{puts: []answer{{err: broken}}}, "stat put", false, broken, 5},
		{"another was faster", fake{stats: []answer{{err: missing}, {same, nil}}, puts: []answer{{err: taken}}}, "stat put stat", false, nil, 0},
		{"another was faster with other bytes", fake{stats: []answer{{err: missing}, {layer.Object{Size: 9}, nil}}, puts: []answer{{err: taken}}}, "stat put stat", false, layer.ErrDigest, 0},
		{"another was faster, may not look", fake{stats: []answer{{err: refused}, {err: refused}}, puts: []answer{{err: taken}}}, "stat put stat", false, fs.ErrExist, 0},
		{"another gave up", fake{puts: []answer{{err: taken}}}, "stat put stat put", true, nil, 10},
		{"lost but there", fake{stats: []answer{{err: missing}, {same, nil}}, puts: []answer{{err: lost}}}, "stat put stat", true, nil, 10},
		{"lost and not there", fake{puts: []answer{{err: lost}}}, "stat put stat put", true, nil, 10},
		{"always lost", fake{puts: []answer{{err: lost}, {err: lost}, {err: lost}}}, "stat put stat put stat put stat", false, lost, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var sent int64
			a := layer.Artifact{Digests: digests}
			o, uploaded, err := Upload(t.Context(), &test.fake, "k", a, func(n int64) { sent += n })
			if uploaded != test.uploaded && test.err == nil || !errors.Is(err, test.err) {
				t.Errorf("uploaded %v, error %v, want %v, error %v", uploaded, err, test.uploaded, test.err)
			}
			if err == nil && o.Size != digests.Size {
				t.Errorf("object is %+v", o)
			}
			if got := strings.Join(test.fake.log, " "); got != test.log {
				t.Errorf("did %q, want %q", got, test.log)
			}
			if sent != test.sent {
				t.Errorf("progress sums to %d, want %d", sent, test.sent)
			}
		})
	}
}

func TestUploadHints(t *testing.T) {
	f := &fake{stats: []answer{{layer.Object{Key: "k", Size: 1, SHA256: "00"}, nil}}}
	_, _, err := Upload(t.Context(), f, "k", layer.Artifact{}, nil)
	var fault *layer.Fault
	if !errors.As(err, &fault) || fault.Hint == "" || !strings.Contains(err.Error(), `under key "k"`) {
		t.Errorf("error is %v, want the key and a hint", err)
	}
}

func TestUploadInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	f := &fake{puts: []answer{{err: &layer.Fault{Unknown: true, Err: ctx.Err()}}}}
	_, _, err := Upload(ctx, f, "k", layer.Artifact{}, nil)
	if !errors.Is(err, context.Canceled) || !slices.Equal(f.log, []string{"stat", "put"}) {
		t.Errorf("error is %v, did %q", err, f.log)
	}
}

func TestKey(t *testing.T) {
	d := layer.Digests{SHA256: layer.Sum{0xab}}
	const sum = "ab00000000000000000000000000000000000000000000000000000000000000"
	if got, want := Key("layers/", "web", d), "layers/web/"+sum+".zip"; got != want {
		t.Errorf("key is %q, want %q", got, want)
	}
	if got, want := Key("", "web", d), "web/"+sum+".zip"; got != want {
		t.Errorf("key is %q, want %q", got, want)
	}
}
