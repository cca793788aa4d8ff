package exchange

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/layerbuild/layerbuild/internal/faults"
	"github.com/layerbuild/layerbuild/layer"
)

// answers is a transport with one fault in front of one answer.
func answers(f faults.Fault) http.RoundTripper {
	good := &faults.Transport{Script: faults.At(1, faults.Answer("", 200, `{"a": "whole document"}`))}
	return &faults.Transport{Next: good, Script: faults.At(1, f)}
}

func TestFault(t *testing.T) {
	sdk := errors.New("the SDK's own text")
	long := strings.Repeat("x", problemLimit+1)
	// A cut of an answer that is not one of success takes two transports.
	refusedAndCut := &faults.Transport{
		Next:   &faults.Transport{Script: faults.At(1, faults.Answer("", 409, `{"Code": "Busy"}`))},
		Script: faults.At(1, faults.Cut(4)),
	}
	deniedAndCut := &faults.Transport{
		Next:   &faults.Transport{Script: faults.At(1, faults.Answer("", 403, `{"Code": "Denied"}`))},
		Script: faults.At(1, faults.Cut(4)),
	}
	tests := []struct {
		name           string
		over           http.RoundTripper
		problem        string
		status         int
		cause          error
		retry, unknown bool
	}{
		{"success that is none", answers(faults.Fault{}), "", 200, sdk, false, true},
		{"success that is cut", answers(faults.Cut(3)), "", 200, io.ErrUnexpectedEOF, false, true},
		{"refused", answers(faults.Answer("", 404, "gone")), "gone", 404, nil, false, false},
		{"throttled", answers(faults.Answer("", 429, "", "Retry-After", "7")), "", 429, nil, true, false},
		{"denied", answers(faults.Answer("", 403, "no")), "no", 403, fs.ErrPermission, false, false},
		{"failed inside", answers(faults.Answer("", 502, "<html>")), "<html>", 502, nil, false, true},
		{"redirected", answers(faults.Answer("", 302, "")), "", 302, nil, false, false},
		{"long", answers(faults.Answer("", 400, long)), long[:problemLimit], 400, nil, false, false},
		{"refused and cut", refusedAndCut, `{"Co`, 409, io.ErrUnexpectedEOF, false, true},
		{"denied and cut", deniedAndCut, `{"Co`, 403, fs.ErrPermission, false, false},
		{"no connection", answers(faults.Refused()), "", 0, syscall.ECONNREFUSED, true, false},
		{"lost", answers(faults.Lost()), "", 0, syscall.ECONNRESET, false, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			x := &Exchange{}
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://example.invalid/", strings.NewReader("body"))
			if err != nil {
				t.Fatal(err)
			}
			answer, err := x.Send(test.over, r)
			if err == nil {
				body, err := io.ReadAll(answer.Body)
				if len(test.problem) > 0 && !bytes.Equal(body, []byte(test.problem)) {
					t.Errorf("body is %.40q, error %v, want %.40q", body, err, test.problem)
				}
			}
			if string(x.Problem) != test.problem {
				t.Errorf("the problem is %.40q, want %.40q", x.Problem, test.problem)
			}
			f := x.Fault(sdk)
			if f.Status != test.status || f.Retry != test.retry || f.Unknown != test.unknown || test.cause != nil && !errors.Is(f, test.cause) {
				t.Errorf("fault is %+v", *f)
			}
			if test.name == "throttled" && f.After != 7*time.Second {
				t.Errorf("patience is %s", f.After)
			}
		})
	}
}

// TestNothingSent: what the SDK refuses by itself is over.
func TestNothingSent(t *testing.T) {
	sdk := errors.New("no such region")
	f := new(Exchange).Fault(sdk)
	if !errors.Is(f, sdk) || f.Retry || f.Unknown || f.Error() != "no such region" {
		t.Errorf("fault is %+v", *f)
	}
}

func TestInterrupted(t *testing.T) {
	x := &Exchange{}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://127.0.0.1:1/", nil)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { return nil, ctx.Err() }}
	if _, err := x.Send(transport, r); err == nil {
		t.Fatal("no error")
	}
	if f := x.Fault(nil); !errors.Is(f, context.Canceled) {
		t.Errorf("fault is %+v, want context.Canceled", *f)
	}
	var f *layer.Fault
	if !errors.As(error(x.Fault(nil)), &f) {
		t.Error("no fault")
	}
}
