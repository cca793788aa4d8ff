package fc

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	openapi "github.com/alibabacloud-go/darabonba-openapi/v2/client"
	"github.com/alibabacloud-go/tea/dara"
	"github.com/aliyun/credentials-go/credentials"

	"github.com/layerbuild/layerbuild/internal/exchange"
	"github.com/layerbuild/layerbuild/internal/poll"
)

// A sender is what the two APIs have in common: how a request goes out.
type sender struct{ o Options }

// config is the SDKs' configuration. Nothing is retried unless RuntimeOptions
// say so.
func (s sender) config(host *url.URL) *openapi.Config {
	c := &openapi.Config{
		Credential: s.o.Credential, RegionId: &s.o.Region,
		Endpoint: &host.Host, Protocol: &host.Scheme,
		UserAgent: dara.String("layerbuild"),
	}
	if !strings.Contains(host.Host, s.o.Region) { // an address does not say the region
		c.GlobalParameters = &openapi.GlobalParameters{Headers: map[string]*string{"x-acs-region-id": &s.o.Region}}
	}
	return c
}

// A call is one request. The SDKs' methods have no context: it comes in where
// they want an HTTP client. As their credential, the call notes when there is
// none, which their errors do not tell from other failures.
type call struct {
	credentials.Credential
	exchange.Exchange
	ctx       context.Context
	transport http.RoundTripper
	refused   error
}

// Call implements dara.HttpClient.
func (c *call) Call(r *http.Request, _ *http.Transport) (*http.Response, error) {
	return c.Send(c.transport, r.WithContext(c.ctx))
}

// GetCredential is what the SDKs ask for before each request.
func (c *call) GetCredential() (*credentials.CredentialModel, error) {
	m, err := c.Credential.GetCredential()
	c.refused = err
	return m, err
}

// do makes one request by the SDK and says what came of it. The SDK takes a
// redirection for a success.
func (s sender) do(ctx context.Context, action string, send func(*call) error) error {
	if s.o.Pace != nil {
		if err := s.o.Pace(ctx); err != nil {
			return err
		}
	}
	c := &call{ctx: ctx, transport: s.o.Transport, Credential: s.o.Credential}
	err := send(c)
	if err == nil && c.Success() {
		return nil
	}
	return s.fault(c, action, err)
}

// ask is do for one of very many requests that change nothing: what may pass is
// tried again, lest it make all the others useless.
func (s sender) ask(ctx context.Context, action string, send func(*call) error) error {
	pace := poll.Pace{First: 500 * time.Millisecond, Longest: 5 * time.Second, Patience: 20 * time.Second, Sleep: s.o.Sleep}
	_, err := poll.Until(ctx, pace, func() (bool, error) {
		err := s.do(ctx, action, send)
		return err == nil, err
	})
	return err
}
