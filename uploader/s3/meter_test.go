package s3

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

// told is what a meter says, in order.
type told []int64

func (l *told) add(n int64) { *l = append(*l, n) }

func (l *told) sum() (n int64) {
	for _, one := range *l {
		n += one
	}
	return n
}

func put(t *testing.T, query, body string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPut, "http://127.0.0.1/b/k"+query, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestMeterTakesBack(t *testing.T) {
	var l told
	m := newMeter(l.add)
	first := m.begin(put(t, "", "0123456789"))
	first.add(4)
	first.end(false)
	first.add(3) // the transport reads on for a while
	if l.sum() != 4 {
		t.Errorf("after the first attempt %d were counted, want 4", l.sum())
	}
	second := m.begin(put(t, "", "0123456789"))
	if l.sum() != 0 {
		t.Errorf("before the second attempt %d are left, want 0", l.sum())
	}
	second.add(6)
	second.end(true) // the rest had gone out unseen
	second.add(1)
	if l.sum() != 10 {
		t.Errorf("the numbers %v sum to %d, want 10", l, l.sum())
	}
	// An answer that was good and is asked for again all the same.
	m.begin(put(t, "", "0123456789")).end(true)
	if l.sum() != 10 {
		t.Errorf("the numbers %v sum to %d, want 10", l, l.sum())
	}
}

func TestMeterKeepsPartsApart(t *testing.T) {
	var l told
	m := newMeter(l.add)
	for _, query := range []string{"?partNumber=1&uploadId=u", "?partNumber=2&uploadId=u", "?partNumber=1&uploadId=u"} {
		m.begin(put(t, query, "0123456789")).end(true)
	}
	if l.sum() != 20 {
		t.Errorf("the numbers %v sum to %d, want 20", l, l.sum())
	}
}

// TestMeterLeavesFramingOut has a body with the chunks and the trailer of a
// checksum that is sent behind.
func TestMeterLeavesFramingOut(t *testing.T) {
	var l told
	m := newMeter(l.add)
	r := put(t, "", "a\r\n0123456789\r\n0\r\nx-amz-checksum-crc64nvme:AAAAAAAAAAA=\r\n\r\n")
	r.Header.Set("X-Amz-Decoded-Content-Length", "10")
	client := metered{client(func(r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) }), m}
	_, _ = client.Do(r)
	if l.sum() != 10 {
		t.Errorf("the numbers %v sum to %d, want 10", l, l.sum())
	}
}

func TestMeterCountsOnlyUploads(t *testing.T) {
	var l told
	c := metered{client(func(r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) }), newMeter(l.add)}
	r := put(t, "?uploadId=u", "<CompleteMultipartUpload/>")
	r.Method = http.MethodPost
	_, _ = c.Do(r)
	if len(l) != 0 {
		t.Errorf("the numbers are %v, want none", l)
	}
}
