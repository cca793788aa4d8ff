package oss_test

import (
	"context"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	sdk "github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss"

	"github.com/layerbuild/layerbuild/sandbox/osssig"
	"github.com/layerbuild/layerbuild/uploader"
	"github.com/layerbuild/layerbuild/uploader/oss"
	"github.com/layerbuild/layerbuild/uploader/uploadertest"
)

func TestMain(m *testing.M) {
	uploadertest.Child(func(j uploadertest.Job, wrap uploadertest.Wrap) (uploader.Uploader, error) {
		s := &server{url: j.Endpoint, key: osssig.Credential{Key: "LTAIexample", Secret: j.Secret}}
		return oss.New(s.options(j.Bucket, wrap))
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
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := start(t)
			h, client, bucket := s.harness(t), s.client(), s.last()
			left, err := client.InitiateMultipartUpload(t.Context(), &sdk.InitiateMultipartUploadRequest{Bucket: &bucket, Key: &test.key})
			if err != nil {
				t.Fatal(err)
			}
			o := s.options(bucket, nil)
			o.Now = func() time.Time { return time.Now().Add(test.age) }
			a := uploadertest.Artifact(t, h.Large)
			if _, _, err := uploader.Upload(context.Background(), open(t, o), uploader.Key("layers/", "web", a.Digests), a, nil); err != nil {
				t.Fatal(err)
			}
			want := []string{*left.UploadId}
			if test.aborted {
				want = nil
			}
			if got := unfinished(t, client, bucket); !slices.Equal(got, want) {
				t.Errorf("unfinished uploads are %q, want %q", got, want)
			}
		})
	}
}
