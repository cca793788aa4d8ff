package lambda_test

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awslambda "github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/layerbuild/layerbuild/internal/awscloud"
	"github.com/layerbuild/layerbuild/internal/faults"
	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/publisher"
	"github.com/layerbuild/layerbuild/publisher/lambda"
	"github.com/layerbuild/layerbuild/publisher/publishertest"
	"github.com/layerbuild/layerbuild/runtimes"
	"github.com/layerbuild/layerbuild/sandbox/awssig"
	"github.com/layerbuild/layerbuild/sandbox/disk"
	"github.com/layerbuild/layerbuild/sandbox/function"
	sandboxlambda "github.com/layerbuild/layerbuild/sandbox/lambda"
	"github.com/layerbuild/layerbuild/sandbox/record"
)

const role = "arn:aws:iam::123456789012:role/smoke"

func TestTrials(t *testing.T) {
	publishertest.RunTrials(t, func(t testing.TB) publishertest.TrialHarness { return startStage(t).trials() })
}

// A stage is the sandbox's Lambda beside a store in a folder. Its functions
// only pretend to run.
type stage struct {
	server
	// late is how far its clock is behind.
	late time.Duration
}

func startStage(t testing.TB, disabledRegions ...string) *stage {
	t.Helper()
	folder, err := disk.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	s := &stage{server: server{key: awscloud.Credentials{AccessKeyID: "AKIDTRIAL", SecretAccessKey: "secret"}}}
	service, err := sandboxlambda.New(sandboxlambda.Options{
		Folder: folder, Objects: store(t.TempDir()), Catalogue: catalogue(t),
		Refusal: func(err error) (string, string, bool) { return "NoSuchKey", "gone", errors.Is(err, fs.ErrNotExist) },
		Clock:   func() time.Time { return time.Now().Add(-s.late) },
		Find: func(key string) (awssig.Credential, bool) {
			return awssig.Credential{Key: key, Secret: "secret", Account: "123456789012"}, key == s.key.AccessKeyID
		},
		DisabledRegions: disabledRegions,
		Own:             awssig.Credential{Key: "OWN", Secret: "own", Account: "210987654321"},
		Log:             func(record.Record) {},
		Run: func(_ context.Context, f function.Function, event []byte) (function.Result, error) {
			output, failed := publishertest.Play(f.Layers, event)
			return function.Result{Output: output, Failed: failed, Log: "played"}, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	at := httptest.NewServer(service)
	t.Cleanup(at.Close)
	s.endpoint = at.URL
	return s
}

// A store is a folder of buckets, whose objects are named as in an address.
type store string

func (s store) path(bucket, key string) string {
	return filepath.Join(string(s), bucket, url.PathEscape(key))
}

func (s store) Fetch(_, _, bucket, key string) (*os.File, error) { return os.Open(s.path(bucket, key)) }

func (s store) Deposit(_, _, bucket, key string, from io.Reader) error {
	content, err := io.ReadAll(from)
	if err == nil {
		err = os.MkdirAll(filepath.Join(string(s), bucket), 0o700)
	}
	if err == nil {
		err = os.WriteFile(s.path(bucket, key), content, 0o600)
	}
	return err
}

func (s store) Discard(bucket, key string) error { return os.Remove(s.path(bucket, key)) }

func (s *stage) open(t testing.TB, wrap publishertest.Wrap) *lambda.Publisher {
	t.Helper()
	p, err := lambda.New(lambda.Options{
		Config: s.config(t, s.key, wrap), Endpoint: s.endpoint,
		Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (s *stage) trials() publishertest.TrialHarness {
	return publishertest.TrialHarness{
		Open: func(t testing.TB, wrap publishertest.Wrap) publisher.Trier { return s.open(t, wrap) },
		Layer: func(t testing.TB, name, content string) layer.Version {
			v, err := s.open(t, nil).Publish(t.Context(), publisher.Request{
				Name: name, Runtimes: []string{"python3.12"}, Artifact: zipped(t, content),
			})
			if err != nil {
				t.Fatal(err)
			}
			return v
		},
		Functions: s.functions,
		Leave:     s.leave,
		Invokes:   func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/invocations") },
		Trial:     publisher.Trial{Runtime: "python3.12", Architecture: "x86_64", Handler: "index.handler", Role: role, Memory: 1, Timeout: time.Second},
		Faults:    transient(),
	}
}

func (s *stage) functions(t testing.TB) (names []string) {
	t.Helper()
	out, err := s.client(t).ListFunctions(t.Context(), &awslambda.ListFunctionsInput{})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range out.Functions {
		names = append(names, *f.FunctionName)
	}
	return names
}

func (s *stage) leave(t testing.TB, name string, ago time.Duration) {
	t.Helper()
	s.late = ago
	defer func() { s.late = 0 }()
	zip, err := os.ReadFile(zipped(t, "code").Path)
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.client(t).CreateFunction(t.Context(), &awslambda.CreateFunctionInput{
		FunctionName: &name, Role: aws.String(role), Runtime: "python3.12", Handler: aws.String("index.handler"),
		Code: &lambdatypes.FunctionCode{ZipFile: zip},
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestTrialNeedsARole: nothing is asked of Lambda without one.
func TestTrialNeedsARole(t *testing.T) {
	count := &faults.Transport{}
	s := startStage(t)
	wrap := func(http.RoundTripper) http.RoundTripper { return count }
	_, err := s.open(t, wrap).Try(t.Context(), publisher.Trial{Name: publisher.TrialPrefix + "a"})
	var f *layer.Fault
	if !errors.As(err, &f) || !strings.Contains(f.Hint, "target.smoke.role") || count.Count() > 0 {
		t.Errorf("error is %v after %d requests, want one with a hint", err, count.Count())
	}
}

// TestTrialRefused has the wordings of the service.
func TestTrialRefused(t *testing.T) {
	tests := []struct{ role, code, message, hint string }{
		{"arn:aws:iam::123456789012:role/missing-smoke", "", "", "lambda.amazonaws.com"},
		{role, "AccessDeniedException", "User: u is not authorized to perform: lambda:CreateFunction", "iam:PassRole"},
	}
	for _, test := range tests {
		s := startStage(t)
		wrap := func(next http.RoundTripper) http.RoundTripper {
			script := func(int, *http.Request) faults.Fault { return faults.Fault{} }
			if test.code != "" {
				script = faults.At(1, faults.Answer("", 403, `{"Message": "`+test.message+`"}`, "X-Amzn-Errortype", test.code))
			}
			return &faults.Transport{Next: next, Script: script}
		}
		trial := s.trials().Trial
		trial.Name, trial.Role, trial.Code = publisher.TrialPrefix+"a", test.role, []byte("zip")
		_, err := s.open(t, wrap).Try(t.Context(), trial)
		var f *layer.Fault
		if !errors.As(err, &f) || !strings.Contains(f.Hint, test.hint) || strings.Contains(err.Error(), "removing") {
			t.Errorf("error is %v with hint %q, want one with %q", err, f.Hint, test.hint)
		}
	}
}

// TestTrialStarts: a function takes its time.
func TestTrialStarts(t *testing.T) {
	state := func(state string) faults.Fault {
		return faults.Answer(state, 200, `{"FunctionName": "f", "State": "`+state+`", "StateReason": "no room"}`)
	}
	tests := []struct {
		name   string
		states []faults.Fault
		text   string
	}{
		{"later", append(slices.Repeat([]faults.Fault{state("Pending")}, 9), faults.Fault{}), ""},
		{"failed", []faults.Fault{state("Pending"), state("Failed")}, "failed to start: no room"},
		{"never", []faults.Fault{state("Pending")}, "did not start within 2m0s"},
		{"gone", []faults.Fault{answer(404, "ResourceNotFoundException")}, "ResourceNotFoundException"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := startStage(t)
			asked := 0
			wrap := func(next http.RoundTripper) http.RoundTripper {
				return &faults.Transport{Next: next, Script: func(_ int, r *http.Request) faults.Fault {
					if !strings.HasSuffix(r.URL.Path, "/configuration") {
						return faults.Fault{}
					}
					asked++
					return test.states[min(asked, len(test.states))-1]
				}}
			}
			zip, err := os.ReadFile(zipped(t, "code").Path)
			if err != nil {
				t.Fatal(err)
			}
			h := s.trials()
			trial := h.Trial
			trial.Name, trial.Code, trial.Event = publisher.TrialPrefix+"a", zip, []byte(`{"read": "python/a.txt"}`)
			trial.Layers = []layer.Version{h.Layer(t, "a", "a")}
			report, err := s.open(t, wrap).Try(t.Context(), trial)
			if test.text == "" && (err != nil || string(report.Output) != `"a"`) || test.text != "" && (err == nil || !strings.Contains(err.Error(), test.text)) {
				t.Errorf("report is %+v, error %v, want one with %q", report, err, test.text)
			}
			if left := s.functions(t); len(left) > 0 {
				t.Errorf("left behind: %q", left)
			}
		})
	}
}

// load reads the catalogue once for all tests.
var load = sync.OnceValues(runtimes.Load)

// catalogue returns a copy whose limits can be changed.
func catalogue(t testing.TB) *runtimes.Catalogue {
	t.Helper()
	c, err := load()
	if err != nil {
		t.Fatal(err)
	}
	own := *c
	own.Services = slices.Clone(c.Services)
	return &own
}
