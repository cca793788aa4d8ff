package cos_test

import (
	"context"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/layerbuild/layerbuild/sandbox/cossig"
	"github.com/layerbuild/layerbuild/uploader"
	"github.com/layerbuild/layerbuild/uploader/cos"
	"github.com/layerbuild/layerbuild/uploader/uploadertest"
)

func TestMain(m *testing.M) {
	uploadertest.Child(func(j uploadertest.Job, wrap uploadertest.Wrap) (uploader.Uploader, error) {
		s := &server{url: j.Endpoint, key: cossig.Credential{Key: "AKIDexample", Secret: j.Secret}}
		return cos.New(s.options(j.Bucket, wrap))
	})
	os.Exit(m.Run())
}

func TestKilled(t *testing.T) {
	s := start(t)
	h := s.harness(t)
	uploadertest.Killed(t, h, uploadertest.Job{Endpoint: s.url, Bucket: s.last(), Secret: s.key.Secret})
}

// TestLeftovers checks which unfinished uploads a multipart upload removes
// first.
func TestLeftovers(t *testing.T) {
	const now, later = 0, 2 * time.Hour
	other := strings.Repeat("0", 64) + ".zip"
	tests := []struct {
		name, key string
		age       time.Duration
		aborted   bool
	}{
		{"ours", "layers/web/" + other, later, true},
		{"young", "layers/web/" + other, now, false},
		{"foreign", "layers/web/database.zip", later, false},
		{"deeper", "layers/web/old/" + other, later, false},
		{"other-layer", "layers/web-2/" + other, later, false},
	}
	s := start(t)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			h, bucket := s.harness(t), s.last()
			client := s.client(t, bucket)
			left, _, err := client.Object.InitiateMultipartUpload(t.Context(), test.key, nil)
			if err != nil {
				t.Fatal(err)
			}
			o := s.options(bucket, nil)
			s.ahead.Store(int64(test.age))
			o.Now = s.clock
			a := uploadertest.Artifact(t, h.Large)
			if _, _, err := uploader.Upload(context.Background(), open(t, o), uploader.Key("layers/", "web", a.Digests), a, nil); err != nil {
				t.Fatal(err)
			}
			s.ahead.Store(0)
			want := []string{left.UploadID}
			if test.aborted {
				want = nil
			}
			if got := unfinished(t, client); !slices.Equal(got, want) {
				t.Errorf("unfinished uploads are %q, want %q", got, want)
			}
		})
	}
}
