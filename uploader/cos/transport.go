package cos

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	"github.com/tencentyun/cos-go-sdk-v5"

	"github.com/layerbuild/layerbuild/internal/endpoint"
	"github.com/layerbuild/layerbuild/internal/wire"
)

// route returns the address of the bucket and the way to it. COS knows a bucket
// by the name of the host only, and the SDK drops a path, so for an endpoint
// without a name of its own requests keep the vendor's host and connections are
// led astray.
func route(o Options) (*url.URL, http.RoundTripper, error) {
	at := &url.URL{Scheme: "https", Host: "cos." + o.Region + ".myqcloud.com"}
	transport := wire.Transport()
	if o.Endpoint != "" {
		given, err := endpoint.Parse(o.Endpoint)
		if err != nil {
			return nil, nil, err
		}
		if endpoint.Named(given) {
			at = given
		} else {
			at.Scheme = given.Scheme
			lead(transport, given)
		}
	}
	at.Host = o.Bucket + "." + at.Host
	return at, transport, nil
}

// lead has every connection go to one address. A proxy would be asked for the
// host that the request names.
func lead(t *http.Transport, to *url.URL) {
	port := to.Port()
	if port == "" {
		port = to.Scheme // a name that package net knows
	}
	address, dial := net.JoinHostPort(to.Hostname(), port), t.DialContext
	t.Proxy = nil
	t.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return dial(ctx, network, address)
	}
}

// lifetime is how long a signature holds, as in the SDK.
const lifetime = time.Hour

// signing stands in for the SDK's transports, which take the parts of an access
// key one by one, also while it is being renewed.
type signing struct {
	next        http.RoundTripper
	credentials common.CredentialIface
	now         func() time.Time
}

// RoundTrip implements [http.RoundTripper].
func (s *signing) RoundTrip(r *http.Request) (*http.Response, error) {
	id, key, token := s.credentials.GetCredential()
	begin := s.now()
	end := begin.Add(lifetime)
	r = r.Clone(r.Context())
	cos.AddAuthorizationHeader(id, key, token, r, &cos.AuthTime{
		SignStartTime: begin, SignEndTime: end, KeyStartTime: begin, KeyEndTime: end,
	})
	return s.next.RoundTrip(r)
}
