// Package wire says what it means when a request over HTTP goes wrong, for
// services that say no more themselves.
package wire

import (
	"crypto/tls"
	"errors"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/layerbuild/layerbuild/layer"
)

// Unanswered is the fault of a request that got no answer, or not all of it.
// The service may have acted, unless no connection came about. The address is
// left out of the text, since it may hold a signature.
func Unanswered(err error) *layer.Fault {
	f := &layer.Fault{Err: err}
	var sent *url.Error
	if errors.As(err, &sent) {
		f.Err = sent.Err
	}
	var op *net.OpError
	var certificate *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	switch {
	case errors.As(err, &op) && op.Op == "dial":
		f.Retry = true
	case errors.As(err, &certificate):
		f.Hint = "if a proxy of your own re-encrypts, add its certificates to those of this machine"
	case errors.As(err, &record):
	default:
		f.Unknown = true
	}
	return f
}

// Classify fills in what the status of an answer means by itself.
func Classify(f *layer.Fault) {
	switch {
	case f.Status == http.StatusTooManyRequests:
		f.Retry = true
	case f.Status == http.StatusUnauthorized, f.Status == http.StatusForbidden:
		f.Cause = fs.ErrPermission
	case f.Status == http.StatusRequestEntityTooLarge:
		f.Cause = layer.ErrLimit
	case f.Status >= 500, f.Status < 300:
		f.Unknown = true
	}
}

// RetryAfter reads seconds, or a date against the answer's own date, as RFC
// 9110 section 10.2.3 has them.
func RetryAfter(h http.Header) time.Duration {
	text := strings.TrimSpace(h.Get("Retry-After"))
	if n, err := strconv.ParseUint(text, 10, 31); err == nil {
		return time.Duration(n) * time.Second
	}
	until, err := http.ParseTime(text)
	if err != nil {
		return 0
	}
	now, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return 0
	}
	return max(0, until.Sub(now))
}

// Transport is the machine's way out, by the proxies of its environment, with
// room for a few connections to one host.
func Transport() *http.Transport {
	dialer := net.Dialer{Timeout: 30 * time.Second, KeepAlive: 30 * time.Second}
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           dialer.DialContext,
		TLSHandshakeTimeout:   10 * time.Second,
		ExpectContinueTimeout: time.Second,
		IdleConnTimeout:       90 * time.Second,
		MaxIdleConnsPerHost:   16,
	}
}
