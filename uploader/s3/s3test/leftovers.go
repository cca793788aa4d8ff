package s3test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/layerbuild/layerbuild/internal/digest"
	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/uploader"
	"github.com/layerbuild/layerbuild/uploader/s3"
)

// Leftovers checks which unfinished uploads a multipart upload removes first.
func Leftovers(t *testing.T, server *Server) {
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
			bucket, client := server.Bucket(t), server.Client(t)
			left, err := client.CreateMultipartUpload(t.Context(), &awss3.CreateMultipartUploadInput{Bucket: &bucket, Key: &test.key})
			if err != nil {
				t.Fatal(err)
			}
			u, err := s3.New(s3.Options{
				Config: server.Config(t, server.Key, nil), Bucket: bucket, Endpoint: server.Endpoint,
				Single: Part, PartSize: Part,
				Now: func() time.Time { return server.Now().Add(test.age) },
			})
			if err != nil {
				t.Fatal(err)
			}
			a := zeros(t, Part+1)
			if _, _, err := uploader.Upload(context.Background(), u, uploader.Key("layers/", "web", a.Digests), a, nil); err != nil {
				t.Fatal(err)
			}
			want := []string{*left.UploadId}
			if test.aborted {
				want = nil
			}
			if got := Uploads(t, client, bucket); !slices.Equal(got, want) {
				t.Errorf("unfinished uploads are %q, want %q", got, want)
			}
			if got := Keys(t, client, bucket); len(got) != 1 {
				t.Errorf("objects are %q, want the one that was uploaded", got)
			}
		})
	}
}

func zeros(t testing.TB, size int) layer.Artifact {
	t.Helper()
	content := make([]byte, size)
	h := digest.New()
	_, _ = h.Write(content)
	a := layer.Artifact{Path: filepath.Join(t.TempDir(), "layer.zip"), Digests: h.Digests()}
	if err := os.WriteFile(a.Path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return a
}
