package lambda_test

import (
	"testing"

	"github.com/layerbuild/layerbuild/internal/awscloud"
	"github.com/layerbuild/layerbuild/publisher/publishertest"
	"github.com/layerbuild/layerbuild/sandbox"
	sandboxlambda "github.com/layerbuild/layerbuild/sandbox/lambda"
	"github.com/layerbuild/layerbuild/sandbox/sandboxtest"
)

func TestConformanceInline(t *testing.T) {
	publishertest.Run(t, func(t testing.TB) publishertest.Harness {
		const most = 100_000
		s := start(t, sandbox.Options{Lambda: sandboxlambda.Limits{Request: most}})
		h := s.harness(t)
		h.TooLarge = most
		return h
	})
}

func TestConformanceFromS3(t *testing.T) {
	publishertest.Run(t, func(t testing.TB) publishertest.Harness {
		const most = 100_000
		s := start(t, sandbox.Options{Lambda: sandboxlambda.Limits{Unzipped: most}})
		h := s.harness(t)
		h.TooLarge, h.Upload = most, s.upload(t)
		return h
	})
}

func start(t testing.TB, o sandbox.Options) server {
	s := sandboxtest.Start(t, o)
	return server{
		endpoint: s.URL(),
		key:      awscloud.Credentials{AccessKeyID: s.Credential().Key, SecretAccessKey: s.Credential().Secret},
	}
}
