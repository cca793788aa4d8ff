package scf

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"

	"github.com/layerbuild/layerbuild/internal/exchange"
)

// do makes one request by the SDK, which repeats none, and says what came of
// it.
func (p *Publisher) do(ctx context.Context, action string, send func(context.Context) error) error {
	if p.o.Pace != nil {
		if err := p.o.Pace(ctx); err != nil {
			return err
		}
	}
	x := &exchange.Exchange{}
	if err := send(context.WithValue(ctx, exchangeKey{}, x)); err != nil {
		return fault(x, action, err)
	}
	return nil
}

// exchangeKey is what the exchange of a request has in its context, past the
// SDK.
type exchangeKey struct{}

// noting is a transport that notes what comes of each request.
type noting struct{ next http.RoundTripper }

func (n noting) RoundTrip(r *http.Request) (*http.Response, error) {
	x, ok := r.Context().Value(exchangeKey{}).(*exchange.Exchange)
	if !ok {
		return n.next.RoundTrip(r)
	}
	answer, err := x.Send(n.next, r)
	if err == nil {
		answer.Body = &document{ReadCloser: answer.Body}
	}
	return answer, err
}

// A document is a body that is a JSON object: the SDK panics on "null".
type document struct {
	io.ReadCloser
	begun bool
}

func (d *document) Read(p []byte) (int, error) {
	n, err := d.ReadCloser.Read(p)
	if text := bytes.TrimSpace(p[:n]); !d.begun && len(text) > 0 {
		d.begun = true
		if text[0] != '{' {
			return 0, errors.New("the answer is no document")
		}
	}
	return n, err
}

// value is what a pointer of the SDK points to, or nothing.
func value[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

// given is nil for nothing.
func given(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
