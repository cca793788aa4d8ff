package s3

import (
	"io"
	"net/http"
	"strconv"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// A meter counts the bytes of an upload where they go out. The SDK reads a
// body more often than it sends it, to sign it and to sum it up, and what it
// sends may have the framing of a trailing checksum around it.
type meter struct {
	sent func(int64)
	mu   sync.Mutex
	// parts has what the last attempt of each request counted, by part
	// number, "" for a single request.
	parts map[string]*attempt
}

func newMeter(sent func(int64)) *meter {
	return &meter{sent: sent, parts: map[string]*attempt{}}
}

// watch is an option of a request.
func (m *meter) watch(o *s3.Options) {
	if m.sent != nil {
		o.HTTPClient = metered{o.HTTPClient, m}
	}
}

type metered struct {
	aws.HTTPClient
	meter *meter
}

func (c metered) Do(r *http.Request) (*http.Response, error) {
	if r.Method != http.MethodPut || r.Body == nil {
		return c.HTTPClient.Do(r)
	}
	a := c.meter.begin(r)
	r.Body = counted{r.Body, a}
	answer, err := c.HTTPClient.Do(r)
	a.end(err == nil && answer.StatusCode < 300)
	return answer, err
}

func (m *meter) begin(r *http.Request) *attempt {
	size := r.ContentLength
	if n, err := strconv.ParseInt(r.Header.Get("X-Amz-Decoded-Content-Length"), 10, 64); err == nil {
		size = n
	}
	a := &attempt{size: size, sent: m.sent}
	part := r.URL.Query().Get("partNumber")
	m.mu.Lock()
	before := m.parts[part]
	m.parts[part] = a
	m.mu.Unlock()
	if before != nil {
		before.takeBack()
	}
	return a
}

// An attempt is one request of an upload.
type attempt struct {
	size int64
	sent func(int64)

	mu    sync.Mutex
	count int64
	over  bool
}

func (a *attempt) add(n int64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	// The transport may go on reading after the answer has come.
	if n = min(n, a.size-a.count); !a.over && n > 0 {
		a.count += n
		a.sent(n)
	}
}

func (a *attempt) end(ok bool) {
	if ok {
		a.add(a.size)
	}
	a.mu.Lock()
	a.over = true
	a.mu.Unlock()
}

func (a *attempt) takeBack() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.count > 0 {
		a.sent(-a.count)
		a.count = 0
	}
}

type counted struct {
	io.ReadCloser
	attempt *attempt
}

func (c counted) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	c.attempt.add(int64(n))
	return n, err
}
