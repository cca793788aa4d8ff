package lambda

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/layerbuild/layerbuild/runtimes"
	"github.com/layerbuild/layerbuild/sandbox/function"
	"github.com/layerbuild/layerbuild/sandbox/invoke"
)

// payload is an answer that is sent as it is.
type payload []byte

// maxPayload is the size in bytes of the largest event: Invoke in the API
// reference.
const maxPayload = 6291456

func (s *Service) invoke(x *exchange) (any, error) {
	d, err := s.ready(x)
	if err != nil {
		return nil, err
	}
	if len(x.body) > maxPayload {
		return nil, &failure{status: http.StatusRequestEntityTooLarge, code: "RequestTooLargeException",
			message: fmt.Sprintf("Request must be smaller than %d bytes for the InvokeFunction operation", maxPayload)}
	}
	event := x.body
	if len(event) == 0 {
		event = []byte("{}")
	}
	if !json.Valid(event) {
		return nil, &failure{status: http.StatusBadRequest, code: "InvalidRequestContentException",
			message: "Could not parse request body into json: Could not parse payload into json"}
	}
	if kind := x.r.Header.Get("X-Amz-Invocation-Type"); kind != "" && kind != "RequestResponse" {
		return nil, invalidParameter("The sandbox knows no InvocationType but RequestResponse.")
	}
	start := s.o.Clock()
	result, err := s.run(x, d, event)
	if err != nil {
		return nil, err
	}
	h := x.w.Header()
	h.Set("X-Amz-Executed-Version", d.version())
	if result.Failed {
		h.Set("X-Amz-Function-Error", "Unhandled")
	}
	if x.r.Header.Get("X-Amz-Log-Type") == "Tail" {
		result.Log = d.log(x.record.RequestID, result.Log, s.o.Clock().Sub(start))
		h.Set("X-Amz-Log-Result", base64.StdEncoding.EncodeToString([]byte(invoke.Tail(result))))
	}
	return payload(result.Output), nil
}

// ready returns the function that is to be called.
func (s *Service) ready(x *exchange) (*deployment, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d, err := s.deployed(x)
	if err != nil {
		return nil, err
	}
	if now := s.look(d); now == creating {
		return nil, now.conflict(d)
	}
	return d, nil
}

// run calls the function. An error is about its zips: S3 has them, and they
// cannot be unpacked.
func (s *Service) run(x *exchange, d *deployment, event []byte) (function.Result, error) {
	var zips invoke.Zips
	defer zips.Close()
	f := function.Function{
		Service: "lambda", Cell: s.cell(d.Runtime), Architecture: d.Architectures[0], Code: zips.Path(s.open(d, d.Object)), Handler: d.Handler,
		Env: d.environment(), Timeout: time.Duration(d.Timeout) * time.Second, Memory: int64(d.Memory) << 20,
		Name: d.Name, RequestID: x.record.RequestID,
	}
	for _, l := range d.Layers {
		f.Layers = append(f.Layers, zips.Path(s.open(d, l.Object)))
	}
	if err := zips.Err(); err != nil {
		return function.Result{}, err
	}
	ctx := x.r.Context()
	r, err := invoke.Run(ctx, s.o.Run, f, event)
	if ctx.Err() != nil {
		return r, ctx.Err() // nobody is there to be answered
	}
	if err != nil {
		return r, &failure{status: http.StatusBadGateway, code: "InvalidZipFileException",
			message: "Lambda could not unzip the deployment package: " + err.Error()}
	}
	if r.Failed && r.Error.Type != "" {
		r.Output, err = wordError(r.Error, f.Cell.Language, x.record.RequestID)
	}
	return r, err
}

// open opens a zip that the service keeps.
func (s *Service) open(d *deployment, key string) (*os.File, error) {
	return s.o.Objects.Fetch(s.o.Own.Account, d.Region, ownBucket(d.Region), key)
}

// cell is the catalogue's entry of a runtime, which may lack one that the
// service takes.
func (s *Service) cell(identifier string) runtimes.Cell {
	cloud, _ := s.o.Catalogue.Service("lambda") // New has made sure of it
	i := slices.IndexFunc(cloud.Cells, func(c runtimes.Cell) bool { return c.Identifier == identifier })
	if i < 0 {
		return runtimes.Cell{Runtime: identifier, Identifier: identifier}
	}
	return cloud.Cells[i]
}

// environment is what the function sees besides what all functions do. There
// are no credentials.
func (d *deployment) environment() map[string]string {
	env := map[string]string{}
	if d.Variables != nil {
		env = maps.Clone(*d.Variables)
	}
	maps.Copy(env, map[string]string{
		"_HANDLER": d.Handler, "AWS_REGION": d.Region, "AWS_DEFAULT_REGION": d.Region, "AWS_EXECUTION_ENV": "AWS_Lambda_" + d.Runtime,
		"AWS_LAMBDA_FUNCTION_NAME": d.Name, "AWS_LAMBDA_FUNCTION_VERSION": d.version(), "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": fmt.Sprint(d.Memory),
		"AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand", "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/" + d.Name,
		"AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": os.DevNull, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull,
	})
	return env
}

// wordError spells an error as the runtimes of the language do, which LocalStack
// recorded (test_uncaught_exception_invoke, TestLambdaErrors).
func wordError(e function.Error, language, request string) ([]byte, error) {
	switch {
	case e.Type == function.TimedOut || e.Type == function.Exited:
		return json.Marshal(struct {
			Type    string `json:"errorType"`
			Message string `json:"errorMessage"`
		}{e.Type, "RequestId: " + request + " Error: " + e.Message})
	case language == "nodejs":
		return json.Marshal(struct {
			Type    string   `json:"errorType"`
			Message string   `json:"errorMessage"`
			Trace   []string `json:"trace"`
		}{e.Type, e.Message, e.Trace})
	case language == "python":
		return json.Marshal(struct {
			Message string   `json:"errorMessage"`
			Type    string   `json:"errorType"`
			Request string   `json:"requestId"`
			Trace   []string `json:"stackTrace"`
		}{e.Message, e.Type, request, e.Trace})
	}
	return json.Marshal(e)
}

// log is what CloudWatch Logs would have of the call.
func (d *deployment) log(request, printed string, took time.Duration) string {
	if printed != "" && !strings.HasSuffix(printed, "\n") {
		printed += "\n"
	}
	ms := float64(took.Microseconds()) / 1000
	return fmt.Sprintf("START RequestId: %s Version: %s\n%sEND RequestId: %s\n"+
		"REPORT RequestId: %s\tDuration: %.2f ms\tBilled Duration: %d ms\tMemory Size: %d MB\t\n",
		request, d.version(), printed, request, request, ms, int(ms)+1, d.Memory)
}
