package fc

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/layerbuild/layerbuild/sandbox/acs3"
)

// skew is how far a client's clock may be off: fifteen minutes, as the page on
// the signature of RESTful requests has it.
const skew = 15 * time.Minute

// authenticate finds out who sent the request, and for which account.
func (s *Service) authenticate(x *exchange) error {
	claim, err := acs3.Parse(x.r)
	if err != nil {
		return authFailure(err)
	}
	v := acs3.Verifier{Skew: skew, Clock: s.o.Clock, Find: s.o.Find}
	credential, err := v.Verify(x.r, claim, x.body)
	if err != nil {
		return authFailure(err)
	}
	x.account = credential.Account
	for _, named := range []string{x.r.Header.Get("X-Fc-Account-Id"), hostOf(x.r).account} {
		if named != "" && named != x.account {
			x.account = named
			return s.denied(x)
		}
	}
	return nil
}

// authFailure words a refused signature: with the codes of "Error codes" in
// the developer reference, and its messages where it has them.
func authFailure(err error) error {
	r, ok := errors.AsType[*acs3.Refusal](err)
	if !ok {
		return err
	}
	mismatch := "The request signature we calculated does not match the signature you provided. Check your access key and signing method."
	refuse := func(code, format string, args ...any) error {
		return &failure{status: http.StatusForbidden, code: code, message: fmt.Sprintf(format, args...)}
	}
	missing := func(header string) error {
		return &failure{status: http.StatusBadRequest, code: "MissingRequiredHeader",
			message: fmt.Sprintf("required HTTP header %s was not specified", header)}
	}
	switch r.Reason {
	case acs3.Missing:
		return missing("Authorization")
	case acs3.NoHeader:
		return missing(r.Detail)
	case acs3.UnknownKey:
		return refuse("InvalidAccessKeyID", "invalid access key ID '%s'", r.Detail)
	case acs3.WrongToken:
		return refuse("InvalidSecurityToken", "the security token is invalid")
	case acs3.Skewed:
		return refuse("AccessDenied", "The difference between the request time %s and the current time %s is too large.",
			r.Time.Format(acs3.TimeFormat), r.Server.Format(acs3.TimeFormat))
	}
	return refuse("SignatureNotMatch", "%s", mismatch)
}

// host is what the host of an endpoint says.
type host struct{ account, region string }

// The endpoints, see the maps of the two SDKs: 2.0 has the account in its
// host, and some regions of 3.0 have hosts of the older form without it.
var (
	hostV2 = regexp.MustCompile(`^(?:(\d+)\.)?([a-z0-9-]+?)(?:-internal)?\.fc\.aliyuncs\.com$`)
	hostV3 = regexp.MustCompile(`^fcv3(?:-vpc)?\.([a-z0-9-]+)\.aliyuncs\.com$`)
)

func hostOf(r *http.Request) host {
	name := strings.ToLower(r.Host)
	if bare, _, err := net.SplitHostPort(name); err == nil {
		name = bare
	}
	if m := hostV2.FindStringSubmatch(name); m != nil {
		return host{m[1], m[2]}
	}
	if m := hostV3.FindStringSubmatch(name); m != nil {
		return host{"", m[1]}
	}
	return host{}
}

// regionOf returns the region that a request is for. Nothing in it says so
// when the endpoint is an address: then it is x-acs-region-id, which some of
// the vendor's clients send, or the service's default.
func (s *Service) regionOf(r *http.Request) string {
	if region := hostOf(r).region; region != "" {
		return region
	}
	if region := r.Header.Get("X-Acs-Region-Id"); region != "" {
		return region
	}
	return s.o.Region
}

// forbidden says whether the request is about something that the caller may
// not touch.
func (x *exchange) forbidden() bool {
	for _, part := range x.parts {
		if strings.HasPrefix(part, "denied-") {
			return true
		}
	}
	return false
}

// denied words a missing permission the way the service does.
func (s *Service) denied(x *exchange) *failure {
	resource := "*"
	switch {
	case x.parts["layer"] != "":
		resource = "layers/" + x.parts["layer"]
	case x.parts["service"] != "" && x.parts["function"] != "":
		resource = "services/" + x.parts["service"] + "/functions/" + x.parts["function"]
	case x.parts["service"] != "":
		resource = "services/" + x.parts["service"]
	case x.parts["function"] != "":
		resource = "functions/" + x.parts["function"]
	}
	return &failure{status: http.StatusForbidden, code: "AccessDenied", message: fmt.Sprintf(
		"the caller is not authorized to perform 'fc:%s' on resource 'acs:fc:%s:%s:%s'", x.record.Action, x.region, x.account, resource)}
}
