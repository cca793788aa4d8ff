package fc

import (
	"encoding/base64"
	"os"
	"slices"
	"time"

	"github.com/layerbuild/layerbuild/sandbox/function"
	"github.com/layerbuild/layerbuild/sandbox/invoke"
)

// invoke runs a function and answers with what it returned. That it ended with
// an error is no error of the request but stands in a header.
func (s *Service) invoke(x *exchange) (any, error) {
	h := x.r.Header
	if kind := h.Get("X-Fc-Invocation-Type"); kind != "" && kind != "Sync" {
		return nil, invalid("the sandbox knows no invocation type but Sync, not '%s'", kind)
	}
	var zips invoke.Zips
	defer zips.Close()
	run, err := s.prepare(x, &zips)
	if err != nil {
		return nil, err
	}
	result, err := invoke.Run(x.r.Context(), s.o.Run, run, x.body)
	if err != nil {
		return nil, err
	}
	if result.Failed {
		x.w.Header().Set("X-Fc-Error-Type", "UnhandledInvocationError")
	}
	if h.Get("X-Fc-Log-Type") == "Tail" {
		x.w.Header().Set("X-Fc-Log-Result", base64.StdEncoding.EncodeToString([]byte(invoke.Tail(result))))
	}
	x.w.Header().Set("Content-Type", "application/octet-stream")
	return raw(result.Output), nil
}

// prepare opens what a function is made of.
func (s *Service) prepare(x *exchange, zips *invoke.Zips) (function.Function, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, err := s.qualified(x)
	if err != nil {
		return function.Function{}, err
	}
	run := function.Function{
		Service: string(x.api), Code: zips.Path(s.open(f.Region, f.Code.Object)), Handler: f.Handler, Env: f.Env,
		Timeout: time.Duration(f.Timeout) * time.Second, Memory: f.Memory << 20, Name: f.Name, RequestID: x.record.RequestID,
	}
	run.Cell, _ = cellOf(s.cloud(x.api), f.Runtime) // checked when it was created
	for _, m := range slices.Backward(f.Layers) {   // the first wins here, the last with the runner
		run.Layers = append(run.Layers, zips.Path(s.open(f.Region, m.Object)))
	}
	return run, zips.Err()
}

// open opens a zip that the service keeps.
func (s *Service) open(region, object string) (*os.File, error) {
	return s.o.Objects.Fetch(s.o.Account, region, ownBucket(region), object)
}
