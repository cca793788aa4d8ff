package sandbox_test

import (
	"io"
	"net"
	"strings"
	"testing"

	"github.com/layerbuild/layerbuild/sandbox"
	"github.com/layerbuild/layerbuild/sandbox/sandboxtest"
)

// raw sends a call over a connection of its own and returns the bytes that
// came back, before anybody tidied them up.
func (c call) raw(t *testing.T, sb *sandbox.Sandbox) string {
	t.Helper()
	r := c.request(t, sb)
	r.Close = true
	if c.body != "" {
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader(c.body)), int64(len(c.body))
	}
	conn, err := net.Dial("tcp", strings.TrimPrefix(sb.URL(), "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := r.Write(conn); err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(conn)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestMetadataSpelling: botocore keeps the spelling of header names, so that
// it matters.
func TestMetadataSpelling(t *testing.T) {
	sb := sandboxtest.Start(t, sandbox.Options{})
	call{method: "PUT", path: "/bucket/k", header: map[string]string{"X-Amz-Meta-Tree": "abc"}}.do(t, sb)
	if got := (call{method: "HEAD", path: "/bucket/k"}).raw(t, sb); !strings.Contains(got, "\r\nx-amz-meta-tree: abc\r\n") {
		t.Errorf("answer is %q", got)
	}
}

// TestContinue: who asks whether to go on is told so, even when there is
// nothing to go on with.
func TestContinue(t *testing.T) {
	sb := sandboxtest.Start(t, sandbox.Options{})
	expect := call{method: "PUT", path: "/bucket/k", header: map[string]string{"Expect": "100-continue"}}
	if got := expect.raw(t, sb); !strings.HasPrefix(got, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n") {
		t.Errorf("answer is %q", got)
	}
}

// TestBucketLikeAPath: the signature says what a request is for, not a path
// that a bucket may have too.
func TestBucketLikeAPath(t *testing.T) {
	sb := sandboxtest.Start(t, sandbox.Options{})
	if a := (call{method: "PUT", path: "/2018-10-31/layers", body: "v"}).do(t, sb); a.status != 200 {
		t.Errorf("%d, %s", a.status, a.body)
	}
	if a := (call{method: "GET", path: "/2018-10-31/layers"}).do(t, sb); a.body != "v" {
		t.Errorf("%d, %s", a.status, a.body)
	}
	if a := (call{method: "GET", path: "/2018-10-31/layers", service: "lambda"}).do(t, sb); a.body != `{"Layers":[]}` {
		t.Errorf("%d, %s", a.status, a.body)
	}
}

// TestRefusedWhileSending: a client that is still sending must come to see
// why it is refused, not a broken connection.
func TestRefusedWhileSending(t *testing.T) {
	sb := sandboxtest.Start(t, sandbox.Options{})
	wrong := sb.Credential()
	wrong.Secret += "x"
	refused := call{method: "PUT", path: "/bucket/k", body: string(noise(16 << 20)), as: &wrong}
	if got := refused.raw(t, sb); !strings.HasPrefix(got, "HTTP/1.1 403 Forbidden\r\n") {
		t.Errorf("answer is %q", got)
	}
}
