package scf

import (
	"encoding/json"
	"os"
	"time"

	"github.com/layerbuild/layerbuild/sandbox/function"
	"github.com/layerbuild/layerbuild/sandbox/invoke"
)

// invoke runs a function. That it ended with an error is no error of the
// request but stands in the result.
func (s *Service) invoke(x *exchange) (answer, error) {
	in := struct{ InvocationType, ClientContext, LogType string }{ClientContext: "{}"}
	if err := x.decode(&in); err != nil {
		return nil, err
	}
	if in.InvocationType != "" && in.InvocationType != "RequestResponse" {
		return nil, fail("InvalidParameterValue.InvokeType") // asynchronous ones are not emulated
	}
	if !json.Valid([]byte(in.ClientContext)) {
		return nil, fail("InvalidParameterValue.Param")
	}
	var zips invoke.Zips
	defer zips.Close()
	run, err := s.prepare(x, &zips)
	if err != nil {
		return nil, err
	}
	begun := s.o.Clock()
	result, err := invoke.Run(x.r.Context(), s.o.Run, run, []byte(in.ClientContext))
	if err != nil {
		return nil, err
	}
	took := s.o.Clock().Sub(begun)
	doc := answer{
		"MemUsage": 0, "Duration": float64(took.Microseconds()) / 1000, "BillDuration": took.Milliseconds(),
		"FunctionRequestId": x.record.RequestID, "RetMsg": string(result.Output), "ErrMsg": "", "InvokeResult": 0, "Log": "",
	}
	if result.Failed {
		doc["RetMsg"], doc["ErrMsg"], doc["InvokeResult"] = "", string(result.Output), -1
	}
	if in.LogType == "Tail" {
		doc["Log"] = invoke.Tail(result)
	}
	return answer{"Result": doc}, nil
}

// prepare opens what a function is made of.
func (s *Service) prepare(x *exchange, zips *invoke.Zips) (function.Function, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, r, err := s.revision(x)
	if err != nil {
		return function.Function{}, err
	}
	if !r.over(s.o.Clock()) {
		return function.Function{}, fail("FailedOperation.FunctionStatusError")
	}
	run := function.Function{
		Service: "scf", Code: zips.Path(s.open(f.Region, r.Code.Object)), Handler: r.Handler, Env: r.Env,
		Timeout: time.Duration(r.Timeout) * time.Second, Memory: r.Memory << 20, Name: f.Name, RequestID: x.record.RequestID,
	}
	run.Cell, _ = s.cell(r.Runtime) // checked when it was created
	for _, m := range r.Layers {    // the last wins, here and with the runner
		_, v, err := s.find(layerID{f.Account, f.Region, m.LayerName}, m.LayerVersion)
		if err != nil {
			return function.Function{}, err
		}
		run.Layers = append(run.Layers, zips.Path(s.open(f.Region, v.Object)))
	}
	return run, zips.Err()
}

// open opens a zip that the service keeps.
func (s *Service) open(region, object string) (*os.File, error) {
	return s.o.Objects.Fetch(s.o.Account, region, s.ownBucket(region), object)
}
