package sandbox

import (
	"net/http"
	"strings"

	"github.com/layerbuild/layerbuild/sandbox/awssig"
	"github.com/layerbuild/layerbuild/sandbox/lambda"
	"github.com/layerbuild/layerbuild/sandbox/ssm"
)

// A service is one of the emulated services.
type service interface {
	http.Handler
	// Fail answers with an error of the service instead of acting.
	Fail(w http.ResponseWriter, r *http.Request, status int, code, message string)
}

// pick returns the service that a request is meant for: the one that its
// signature names, else the one whose paths or headers it has.
func (s *Sandbox) pick(r *http.Request) service {
	authorization, query := r.Header.Get("Authorization"), r.URL.Query()
	signed := func(scheme, parameter string) bool {
		return strings.HasPrefix(authorization, scheme) || query.Has(parameter)
	}
	switch {
	case signed("OSS", "x-oss-signature-version"):
		return s.oss
	case signed("q-sign-algorithm", "q-sign-algorithm"), strings.Contains(r.Host, ".cos."):
		return s.cos
	case strings.HasPrefix(authorization, "ACS3-"), strings.HasPrefix(r.URL.Path, "/2021-04-06/"), strings.HasPrefix(r.URL.Path, "/2023-03-30/"):
		return s.fc
	case strings.HasPrefix(authorization, "TC3-"), r.Header.Get("X-TC-Action") != "":
		return s.scf
	}
	return s.amazonService(r)
}

func (s *Sandbox) amazonService(r *http.Request) service {
	claim, _ := awssig.Parse(r) // what cannot be read names no service
	switch claim.Service {
	case "s3":
		return s.s3
	case "lambda":
		return s.lambda
	case "ssm":
		return s.ssm
	}
	switch {
	case strings.HasPrefix(r.URL.Path, lambda.Prefix), strings.HasPrefix(r.URL.Path, lambda.FunctionPrefix):
		return s.lambda
	case strings.HasPrefix(r.Header.Get(ssm.TargetHeader), ssm.Target):
		return s.ssm
	}
	return s.s3
}

// ServeHTTP implements [http.Handler].
func (s *Sandbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.open.RLock()
	defer s.open.RUnlock()
	if s.closed {
		cut(w)
		return
	}
	if r.Header.Get("Expect") != "" && r.ContentLength == 0 {
		// net/http says 100 Continue when the body is read, and never when
		// there is none. S3 always does, and botocore relies on it: it hangs
		// on the next request of the connection otherwise.
		w.WriteHeader(http.StatusContinue)
	}
	s.o.Fault(r).serve(s.pick(r), s.closing, w, r)
}
