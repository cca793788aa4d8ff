package scf_test

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	sdk "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/scf/v20180416"

	"github.com/layerbuild/layerbuild/internal/faults"
	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/publisher"
	"github.com/layerbuild/layerbuild/publisher/publishertest"
	"github.com/layerbuild/layerbuild/sandbox/function"
)

func TestTrials(t *testing.T) {
	t.Parallel()
	publishertest.RunTrials(t, func(t testing.TB) publishertest.TrialHarness { return start(t, nil).trials() })
}

// play stands in for an interpreter.
func play(_ context.Context, f function.Function, event []byte) (function.Result, error) {
	output, failed := publishertest.Play(f.Layers, event)
	return function.Result{Output: output, Failed: failed, Log: "played"}, nil
}

func (c *cloud) trials() publishertest.TrialHarness {
	return publishertest.TrialHarness{
		Open: func(t testing.TB, wrap publishertest.Wrap) publisher.Trier { return c.open(t, secret, wrap) },
		Layer: func(t testing.TB, name, content string) layer.Version {
			v, err := c.open(t, secret, nil).Publish(t.Context(), publisher.Request{
				Name: name, Runtimes: []string{"Python3.10"}, Artifact: zipped(t, content),
			})
			if err != nil {
				t.Fatal(err)
			}
			return v
		},
		Functions: c.functions,
		Leave:     c.leave,
		Invokes:   func(r *http.Request) bool { return action(r) == "Invoke" },
		Trial:     publisher.Trial{Runtime: "Python3.10", Handler: "index.handler", Memory: 128 << 20, Timeout: time.Second},
		Faults:    transient(),
	}
}

func (c *cloud) functions(t testing.TB) (names []string) {
	t.Helper()
	out, err := c.client(t).ListFunctions(sdk.NewListFunctionsRequest())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range out.Response.Functions {
		names = append(names, *f.FunctionName)
	}
	return names
}

// leave makes a function as an earlier run does, whose description says when.
func (c *cloud) leave(t testing.TB, name string, ago time.Duration) {
	t.Helper()
	request := sdk.NewCreateFunctionRequest()
	request.FunctionName, request.Runtime, request.Handler = &name, common.StringPtr("Python3.10"), common.StringPtr("index.handler")
	request.Code = &sdk.Code{ZipFile: common.StringPtr(base64.StdEncoding.EncodeToString(code(t)))}
	request.Description = common.StringPtr("made by layerbuild at " + time.Now().Add(-ago).UTC().Format("20060102T150405Z"))
	if _, err := c.client(t).CreateFunction(request); err != nil {
		t.Fatal(err)
	}
}

func code(t testing.TB) []byte {
	t.Helper()
	zip, err := os.ReadFile(zipped(t, "code").Path)
	if err != nil {
		t.Fatal(err)
	}
	return zip
}

// TestTrialStarts: a function takes its time.
func TestTrialStarts(t *testing.T) {
	state := func(status string) faults.Fault {
		return faults.Answer(status, 200, `{"Response": {"RequestId": "R1", "Status": "`+status+`", "StatusReasons": [{"ErrorCode": "E1", "ErrorMessage": "no room"}]}}`)
	}
	none := faults.Fault{}
	tests := []struct {
		name   string
		states []faults.Fault
		text   string
	}{
		{"later", []faults.Fault{state("Creating"), answer("InternalError"), state("Creating"), none}, ""},
		{"failed", []faults.Fault{state("Creating"), state("CreateFailed"), none}, `its state is "CreateFailed": E1 no room`},
		{"never", append(slices.Repeat([]faults.Fault{state("Creating")}, 30), none), "did not start within 2m0s"},
		{"refused", []faults.Fault{answer("UnauthorizedOperation.CAM"), none}, "scf:GetFunction"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := start(t, nil)
			h := c.trials()
			asked := 0
			p := c.open(t, secret, func(next http.RoundTripper) http.RoundTripper {
				return &faults.Transport{Next: next, Script: func(_ int, r *http.Request) faults.Fault {
					if action(r) != "GetFunction" {
						return none
					}
					asked++
					return test.states[min(asked, len(test.states))-1]
				}}
			})
			trial := h.Trial
			trial.Name, trial.Event, trial.Layers = publisher.TrialPrefix+"a", []byte(`{"read": "python/a.txt"}`), []layer.Version{h.Layer(t, "a", "a")}
			trial.Code = code(t)
			report, err := p.Try(t.Context(), trial)
			var f *layer.Fault
			switch {
			case test.text == "" && (err != nil || string(report.Output) != `"a"`):
				t.Errorf("report is %+v, error %v", report, err)
			case test.text == "" || err != nil && strings.Contains(err.Error(), test.text):
			case !errors.As(err, &f) || !strings.Contains(f.Hint, test.text):
				t.Errorf("error is %v, want one with %q", err, test.text)
			}
			if left := c.functions(t); len(left) > 0 {
				t.Errorf("left behind: %q", left)
			}
		})
	}
}

// TestTrialOnTheWire: the layer that is to win comes last.
func TestTrialOnTheWire(t *testing.T) {
	c := start(t, nil)
	h := c.trials()
	var list []sent
	trial := publisher.Trial{
		Name: publisher.TrialPrefix + "a", Runtime: "Python3.10", Handler: "index.handler", Role: "smoke",
		Layers: []layer.Version{h.Layer(t, "first", "1"), h.Layer(t, "second", "2")},
		Memory: 129 << 20, Timeout: 1500 * time.Millisecond, Code: code(t), Event: []byte(`{"a": 1}`),
	}
	_, err := c.open(t, secret, noting(&list)).Try(t.Context(), trial)
	if err != nil {
		t.Fatal(err)
	}
	created := list[0].body
	delete(created, "Code")
	description, _ := created["Description"].(string)
	if strings.Trim(description, "abcdefghijklmnopqrstuvwxyz0123456789TZ ") != "" {
		t.Errorf("description is %q: SCF takes letters, digits and spaces", description)
	}
	delete(created, "Description")
	want := map[string]any{
		"FunctionName": trial.Name, "Runtime": "Python3.10", "Handler": "index.handler", "Role": "smoke", "Type": "Event",
		"MemorySize": 256.0, "Timeout": 2.0,
		"Layers": []any{
			map[string]any{"LayerName": "first", "LayerVersion": 1.0},
			map[string]any{"LayerName": "second", "LayerVersion": 1.0},
		},
	}
	if diff := cmp.Diff(want, created); diff != "" {
		t.Errorf("function (-want +got):\n%s", diff)
	}
	invoked := list[slices.IndexFunc(list, func(s sent) bool { return s.header.Get("X-TC-Action") == "Invoke" })].body
	want = map[string]any{
		"FunctionName": trial.Name, "InvocationType": "RequestResponse", "LogType": "Tail", "ClientContext": `{"a": 1}`,
	}
	if diff := cmp.Diff(want, invoked); diff != "" {
		t.Errorf("invocation (-want +got):\n%s", diff)
	}
}
