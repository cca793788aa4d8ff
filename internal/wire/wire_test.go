package wire

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/layerbuild/layerbuild/layer"
)

func TestUnanswered(t *testing.T) {
	tests := []struct {
		name           string
		err            error
		retry, unknown bool
		hint           string
	}{
		{"refused", &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}, true, false, ""},
		{"no such host", &net.OpError{Op: "dial", Err: &net.DNSError{IsNotFound: true}}, true, false, ""},
		{"reset", &net.OpError{Op: "read", Err: syscall.ECONNRESET}, false, true, ""},
		{"broken pipe", &net.OpError{Op: "write", Err: syscall.EPIPE}, false, true, ""},
		{"cut", io.ErrUnexpectedEOF, false, true, ""},
		{"canceled", context.Canceled, false, true, ""},
		{"certificate", &tls.CertificateVerificationError{Err: errors.New("unknown authority")}, false, false, "certificates"},
		{"no tls", tls.RecordHeaderError{Msg: "first record does not look like a TLS handshake"}, false, false, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := Unanswered(&url.Error{Op: "Put", URL: "https://b.example.com/k?signature=secret", Err: test.err})
			if f.Retry != test.retry || f.Unknown != test.unknown || !strings.Contains(f.Hint, test.hint) {
				t.Errorf("fault is %+v", *f)
			}
			if !errors.Is(f, test.err) {
				t.Errorf("the error underneath is %v, want %v", f.Err, test.err)
			}
			if strings.Contains(f.Error(), "example.com") {
				t.Errorf("text is %q", f)
			}
		})
	}
}

func TestClassify(t *testing.T) {
	tests := []struct {
		status         int
		cause          error
		retry, unknown bool
	}{
		{200, nil, false, true},
		{301, nil, false, false},
		{400, nil, false, false},
		{401, fs.ErrPermission, false, false},
		{403, fs.ErrPermission, false, false},
		{404, nil, false, false},
		{413, layer.ErrLimit, false, false},
		{429, nil, true, false},
		{500, nil, false, true},
		{503, nil, false, true},
	}
	for _, test := range tests {
		f := &layer.Fault{Status: test.status}
		Classify(f)
		if f.Cause != test.cause || f.Retry != test.retry || f.Unknown != test.unknown {
			t.Errorf("%d is %+v", test.status, *f)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	const date = "Sun, 22 Nov 2026 10:00:00 GMT"
	tests := map[string]time.Duration{
		"":                              0,
		"7":                             7 * time.Second,
		" 7 ":                           7 * time.Second,
		"-7":                            0,
		"soon":                          0,
		"99999999999999999999":          0,
		"Sun, 22 Nov 2026 10:00:09 GMT": 9 * time.Second,
		"Sun, 22 Nov 2026 09:00:00 GMT": 0,
	}
	for text, want := range tests {
		h := http.Header{"Retry-After": {text}, "Date": {date}}
		if got := RetryAfter(h); got != want {
			t.Errorf("%q is %s, want %s", text, got, want)
		}
	}
	if got := RetryAfter(http.Header{"Retry-After": {date}}); got != 0 {
		t.Errorf("a date without one to compare is %s, want 0", got)
	}
}
