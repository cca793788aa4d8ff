// Package endpoint reads addresses of services that a user has set.
package endpoint

import (
	"fmt"
	"net"
	"net/url"
)

// Parse reads an address such as "https://storage.example.com". Requests to it
// are encrypted or stay on this machine; everything else is an error.
func Parse(address string) (*url.URL, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("endpoint %q is not an address", address)
	}
	switch {
	case u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https":
		return nil, fmt.Errorf("endpoint %q is not an http or https address", u.Redacted())
	case u.User != nil || u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.Fragment != "":
		return nil, fmt.Errorf("endpoint %q has more than a host and a port", u.Redacted())
	case !Safe(u):
		return nil, fmt.Errorf("endpoint %q is plain http and not on the loopback", u.Redacted())
	}
	return &url.URL{Scheme: u.Scheme, Host: u.Host}, nil
}

// Safe reports whether requests to u are encrypted or stay on this machine.
func Safe(u *url.URL) bool {
	return u.Scheme == "https" || u.Scheme == "http" && (u.Hostname() == "localhost" || net.ParseIP(u.Hostname()).IsLoopback())
}

// Named reports whether the host of u is a name that can have names below it,
// as stores give them to their buckets, and not an address or "localhost".
func Named(u *url.URL) bool {
	return u.Hostname() != "localhost" && net.ParseIP(u.Hostname()) == nil
}
