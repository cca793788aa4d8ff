package fc_test

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

	fc3 "github.com/alibabacloud-go/fc-20230330/v4/client"
	fc2 "github.com/alibabacloud-go/fc-open-20210406/v2/client"
	"github.com/alibabacloud-go/tea/tea"

	"github.com/layerbuild/layerbuild/internal/faults"
	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/publisher"
	"github.com/layerbuild/layerbuild/publisher/fc"
	"github.com/layerbuild/layerbuild/publisher/publishertest"
	"github.com/layerbuild/layerbuild/sandbox/function"
)

func TestTrials(t *testing.T) {
	each(t, func(t *testing.T, api string) {
		publishertest.RunTrials(t, func(t testing.TB) publishertest.TrialHarness { return start(t, api, nil).trials() })
	})
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
				Name: name, Runtimes: []string{"python3.10"}, Artifact: zipped(t, content),
			})
			if err != nil {
				t.Fatal(err)
			}
			return v
		},
		Functions: c.functions,
		Leave: func(t testing.TB, name string, ago time.Duration) {
			c.late = ago
			defer func() { c.late = 0 }()
			c.leave(t, name)
		},
		Invokes: func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/invocations") },
		Trial:   publisher.Trial{Runtime: "python3.10", Handler: "index.handler", Memory: 128 << 20, Timeout: time.Second},
		Faults:  transient(),
	}
}

func (c *cloud) clientV2(t testing.TB) *fc2.Client {
	t.Helper()
	client, err := fc2.NewClient(c.config())
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// functions lists services too.
func (c *cloud) functions(t testing.TB) (names []string) {
	t.Helper()
	out3, err := c.client(t).ListFunctions(&fc3.ListFunctionsRequest{})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range out3.Body.Functions {
		names = append(names, *f.FunctionName)
	}
	out2, err := c.clientV2(t).ListServices(&fc2.ListServicesRequest{})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range out2.Body.Services {
		names = append(names, *s.ServiceName)
	}
	return names
}

// leave makes a function with its service, or in 2.0 just the service.
func (c *cloud) leave(t testing.TB, name string) {
	t.Helper()
	if c.api == fc.V2 {
		if _, err := c.clientV2(t).CreateService(&fc2.CreateServiceRequest{ServiceName: &name}); err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, "young") {
			return
		}
		if _, err := c.clientV2(t).CreateFunction(&name, &fc2.CreateFunctionRequest{
			FunctionName: &name, Runtime: tea.String("python3.10"), Handler: tea.String("index.handler"), Code: &fc2.Code{ZipFile: tea.String(base64.StdEncoding.EncodeToString(code(t)))},
		}); err != nil {
			t.Fatal(err)
		}
		return
	}
	if _, err := c.client(t).CreateFunction(&fc3.CreateFunctionRequest{Body: &fc3.CreateFunctionInput{
		FunctionName: &name, Runtime: tea.String("python3.10"), Handler: tea.String("index.handler"), Code: &fc3.InputCodeLocation{ZipFile: tea.String(base64.StdEncoding.EncodeToString(code(t)))},
	}}); err != nil {
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

// TestTrialStarts: a function of 3.0 may take its time.
func TestTrialStarts(t *testing.T) {
	state := func(name, state string) faults.Fault {
		return faults.Answer(name, 200, `{"functionName": "f", "state": "`+state+`", "stateReason": "no room"}`, "Content-Type", "application/json")
	}
	tests := []struct {
		name   string
		states []faults.Fault
		text   string
	}{
		{"at once", []faults.Fault{state("", "Active")}, ""},
		{"later", []faults.Fault{state("", "Pending"), answer(500, "InternalServerError"), state("", "Pending"), {}}, ""},
		{"unsaid", []faults.Fault{state("", "")}, ""},
		{"failed", []faults.Fault{state("", "Pending"), state("", "Failed")}, "failed to start: no room"},
		{"never", slices.Repeat([]faults.Fault{state("", "Pending")}, 100), "did not start within 2m0s"},
		{"refused", []faults.Fault{answer(403, "AccessDenied")}, "fc:GetFunction"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := start(t, fc.V3, nil)
			h := c.trials()
			asked := 0
			p := c.open(t, secret, func(next http.RoundTripper) http.RoundTripper {
				return &faults.Transport{Next: next, Script: func(_ int, r *http.Request) faults.Fault {
					if r.Method != http.MethodGet {
						return faults.Fault{}
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
