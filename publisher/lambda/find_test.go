package lambda_test

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/layerbuild/layerbuild/internal/awscloud"
	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/publisher"
)

// A crowd is a Lambda with many versions of one layer. None of them has the
// zip that is looked for.
type crowd struct {
	versions int
	// describe returns the description of a version.
	describe func(n int) string
	// location returns where its zip is; the rest of the paths serve it.
	location func(url string, n int) string
	zip      []byte
	status   int

	lists, gets, downloads int
}

func (c *crowd) start(t *testing.T) server {
	t.Helper()
	var at string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rest, isLayer := strings.CutPrefix(r.URL.Path, "/2018-10-31/layers/web/versions")
		var n int
		switch {
		case !isLayer:
			c.downloads++
			w.WriteHeader(c.status)
			_, _ = w.Write(c.zip)
			return
		case rest == "":
			c.lists++
			c.list(w, r)
			return
		}
		c.gets++
		_, _ = fmt.Sscanf(rest, "/%d", &n)
		other := base64.StdEncoding.EncodeToString(make([]byte, 32))
		_ = json.NewEncoder(w).Encode(map[string]any{
			"Version": n, "Content": map[string]any{"CodeSha256": other, "Location": c.location(at, n)},
		})
	}))
	t.Cleanup(s.Close)
	at = s.URL
	return server{endpoint: s.URL, key: awscloud.Credentials{AccessKeyID: "a", SecretAccessKey: "b"}}
}

// list has pages of 50, the oldest first.
func (c *crowd) list(w http.ResponseWriter, r *http.Request) {
	from := 1
	_, _ = fmt.Sscan(r.URL.Query().Get("Marker"), &from)
	var page []map[string]any
	n := from
	for ; n <= c.versions && len(page) < 50; n++ {
		page = append(page, map[string]any{"Version": n, "Description": c.describe(n)})
	}
	answer := map[string]any{"LayerVersions": page}
	if n <= c.versions {
		answer["NextMarker"] = fmt.Sprint(n)
	}
	_ = json.NewEncoder(w).Encode(answer)
}

// bomb is a zip that says it unpacks to more than a layer can have.
func bomb(t *testing.T) []byte {
	t.Helper()
	var buf bytes.Buffer
	w := zip.NewWriter(&buf)
	_, err := w.CreateRaw(&zip.FileHeader{Name: "zeros", Method: zip.Deflate, UncompressedSize64: 400 << 20})
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// TestFindIsBounded: whatever others write into descriptions, only so many
// requests are made and bytes are read.
func TestFindIsBounded(t *testing.T) {
	d := layer.Digests{Tree: layer.Sum{1}, SHA256: layer.Sum{2}}
	marked := func(int) string { return publisher.Describe("", d) }
	plain := func(int) string { return "by hand" }
	other := func(int) string { return publisher.Describe("", layer.Digests{Tree: layer.Sum{3}}) }
	here := func(url string, n int) string { return fmt.Sprint(url, "/zip/", n, "?X-Amz-Signature=secret") }
	tests := []struct {
		name                   string
		crowd                  crowd
		lists, gets, downloads int
		cause                  error
	}{
		{"all marked", crowd{versions: 120, describe: marked, location: here, zip: []byte("no zip"), status: 200}, 3, 10, 3, fs.ErrNotExist},
		{"bombs", crowd{versions: 1, describe: marked, location: here, zip: bomb(t), status: 200}, 1, 1, 1, fs.ErrNotExist},
		{"none marked", crowd{versions: 120, describe: plain}, 3, 10, 0, fs.ErrNotExist},
		{"marked for others", crowd{versions: 120, describe: other}, 3, 0, 0, fs.ErrNotExist},
		{"expired", crowd{versions: 1, describe: marked, location: here, status: 403}, 1, 1, 1, nil},
		{"plain http elsewhere", crowd{versions: 1, describe: marked, location: func(string, int) string { return "http://203.0.113.1/?X-Amz-Signature=secret" }}, 1, 1, 0, nil},
		{"no http at all", crowd{versions: 1, describe: marked, location: func(string, int) string { return "file:///etc/secret" }}, 1, 1, 0, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := &test.crowd
			if c.location == nil {
				c.location = here
			}
			s := c.start(t)
			v, err := s.open(t, s.key, nil).Find(t.Context(), "web", d)
			if err == nil || errors.Is(err, fs.ErrNotExist) != (test.cause != nil) {
				t.Errorf("found %+v, error %v, want %v", v.Number, err, test.cause)
			}
			if err != nil && strings.Contains(err.Error(), "secret") {
				t.Errorf("the error shows a signature: %v", err)
			}
			if c.lists != test.lists || c.gets != test.gets || c.downloads != test.downloads {
				t.Errorf("%d lists, %d gets, %d downloads, want %d, %d, %d", c.lists, c.gets, c.downloads, test.lists, test.gets, test.downloads)
			}
		})
	}
}

// TestLostDownload: what could not be compared is no reason to publish again.
func TestLostDownload(t *testing.T) {
	d := layer.Digests{Tree: layer.Sum{1}, SHA256: layer.Sum{2}}
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	c := &crowd{
		versions: 1,
		describe: func(int) string { return publisher.Describe("", d) },
		location: func(string, int) string { return gone.URL + "/?X-Amz-Signature=secret" },
	}
	s := c.start(t)
	_, err := s.open(t, s.key, nil).Find(t.Context(), "web", d)
	var f *layer.Fault
	if !errors.As(err, &f) || !f.Retry || errors.Is(err, fs.ErrNotExist) || strings.Contains(err.Error(), "secret") {
		t.Errorf("error is %v, want one to be retried, without the signature", err)
	}
}

// TestPublishRefused has the wordings of the service.
func TestPublishRefused(t *testing.T) {
	tests := []struct {
		status        int
		code, message string
		cause         error
		hint          string
	}{
		{400, "InvalidParameterValueException", "Unzipped size must be smaller than 262144000 bytes", layer.ErrLimit, ""},
		{400, "InvalidParameterValueException", "Could not unzip uploaded file. Please check your file, then try to upload again.", nil, ""},
		{400, "InvalidParameterValueException", "Error occurred while GetObject. S3 Error Code: PermanentRedirect. S3 Error Message: The bucket is in this region: us-east-1. Please use this region to retry the request", nil, "in the region of the layer"},
		{403, "AccessDeniedException", "Your access has been denied by S3, please make sure your request credentials have permission to GetObject for b/k. S3 Error Code: AccessDenied. S3 Error Message: Access Denied", fs.ErrPermission, "s3:GetObject"},
		{403, "AccessDeniedException", "User: u is not authorized to perform: lambda:PublishLayerVersion", fs.ErrPermission, "lambda:PublishLayerVersion"},
		{400, "CodeStorageExceededException", "Code storage limit exceeded.", layer.ErrLimit, ""},
	}
	for _, test := range tests {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Amzn-Errortype", test.code)
			w.Header().Set("X-Amzn-Requestid", "R1")
			w.WriteHeader(test.status)
			_ = json.NewEncoder(w).Encode(map[string]string{"message": test.message})
		}))
		p := server{endpoint: s.URL, key: awscloud.Credentials{AccessKeyID: "a", SecretAccessKey: "b"}}
		_, err := p.open(t, p.key, nil).Publish(t.Context(), publisher.Request{Name: "web", Object: layer.Object{Bucket: "b", Key: "k"}})
		s.Close()
		var f *layer.Fault
		if !errors.As(err, &f) || f.Code != test.code || f.Message != test.message || f.RequestID != "R1" || f.Unknown || f.Retry {
			t.Errorf("%s: fault is %+v", test.message, f)
			continue
		}
		if f.Cause != test.cause || !strings.Contains(f.Hint, test.hint) {
			t.Errorf("%s: cause is %v, hint is %q, want %v and %q", test.message, f.Cause, f.Hint, test.cause, test.hint)
		}
	}
}
