package awscloud

import (
	"fmt"
	"net"
	"net/url"
)

// Endpoint decides where a service is reached: what the environment or the
// profile says (configured) goes before what the target says. It returns nil
// for the service's own address, and an error for an address without TLS that
// is not on the loopback.
func Endpoint(configured *string, target string) (*string, error) {
	if configured == nil && target != "" {
		configured = &target
	}
	if configured == nil {
		return nil, nil
	}
	u, err := url.Parse(*configured)
	if err != nil {
		return nil, fmt.Errorf("endpoint %q is not an address", *configured)
	}
	if u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("endpoint %q is not an http or https address", u.Redacted())
	}
	if !Safe(u) {
		return nil, fmt.Errorf("endpoint %q is plain http and not on the loopback", u.Redacted())
	}
	return configured, nil
}

// Safe reports whether requests to u are encrypted or stay on this machine.
func Safe(u *url.URL) bool {
	if u.Scheme == "https" {
		return true
	}
	host := u.Hostname()
	return u.Scheme == "http" && (host == "localhost" || net.ParseIP(host).IsLoopback())
}
